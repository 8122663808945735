// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Product sketches: every feature a product of random projections.

import LinearAlgebra
import Randomness
import Sketches
import Validation

/// The parameters of a `ProductSketch`.
public struct ProductSketchParameters: PolynomialParameters, Codable, Hashable, Sendable {
  public var polynomial: PolynomialSketchParameters
  public var weights: ProductSketch.Weights
  /// Whether it is the Complex-to-Real form.
  public var isComplex: Bool

  public init(
    _ polynomial: PolynomialSketchParameters, weights: ProductSketch.Weights,
    isComplex: Bool = false
  ) {
    self.polynomial = polynomial
    self.weights = weights
    self.isComplex = isComplex
  }

  public var leastOutputDimension: Int { isComplex ? 2 : 1 }

  /// K: how many columns of products there are; pairs of real features in the Complex-to-Real form.
  var columnCount: Int { polynomial.outputDimension / (isComplex ? 2 : 1) }

  func validate() throws {
    try polynomial.validate()
    if isComplex { try polynomial.requirePairs() }
  }
}

/// The product or random Maclaurin sketch: z_k(x) = ∏_t ⟨w_tk, x⁺⟩ / √K with x⁺ = (√γ x, √r) and
/// independent weights for each factor t = 1, …, q and column k.
///
/// E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q. In terms of x⁺ and y⁺ let k be their inner product, N the product of
/// their squared norms, s the sum of their squared entrywise products; a = k², b = N − s, c = k² − s.
///
/// | variance | real, K = m | Complex-to-Real, K = ⌊m/2⌋ |
/// |---|---|---|
/// | Gaussian | [(N+2a)^q − a^q]/K | [(N+a)^q + (2a)^q − 2a^q]/2K |
/// | Rademacher | [(a+b+c)^q − a^q]/K | [(a+b)^q + (a+c)^q − 2a^q]/2K |
///
/// The Complex-to-Real form has complex weights and features (Re z, Im z); an odd last feature is
/// zero. `TensorSRHT` is as good as the Rademacher forms or better, at a fraction of the cost on dense
/// rows. For q > 4 prefer `PolySketch`.
///
/// Weights are a table while there are at most 2²¹ of them; beyond that, tiles are drawn from their
/// counters once per block of 1024 rows, with the same values. Sparse rows give the same bits in any
/// batch; dense ones pass through a matrix product, whose bits repeat for equal blocks only.
///
/// - Complexity: 2qm operations per entry of a dense row or nonzero of a sparse one; without a table
///   qdm random numbers per block (for sparse rows, qm for each column that occurs in it). A table of
///   16 MB at most and about 9 MB of scratch per thread.
/// - Source: Kar, Karnick, "Random feature maps for dot product kernels", AISTATS 2012; Wacker, Ohana,
///   Filippone, "Complex-to-real sketches for tensor products with applications to the polynomial
///   kernel", 2022.
public struct ProductSketch: PolynomialSketch {
  public static let law = "productSketch"
  public let parameters: ProductSketchParameters
  private let input: Homogenization
  let drawnWeights: ProductWeights

  /// The law of the weights.
  public enum Weights: String, Codable, Hashable, Sendable {
    /// Standard normal; complex: independent normal parts of variance ½.
    case gaussian
    /// ±1; complex: 1, i, −1 or −i.
    case rademacher
  }

  /// - Throws: `InvalidInput` if a parameter is out of the range told at
  ///   `PolynomialSketchParameters`, or the Complex-to-Real form has less than 2 features.
  public init(_ parameters: ProductSketchParameters) throws {
    try parameters.validate()
    self.init(
      parameters,
      weights: ProductWeights(
        key: RandomKey(seed: parameters.polynomial.seed).child("ProductSketch"),
        law: parameters.weights, isComplex: parameters.isComplex,
        dimension: Homogenization(parameters.polynomial).dimension,
        columnCount: parameters.columnCount, degree: parameters.polynomial.degree))
  }

  /// The sketch with the given weights.
  init(_ parameters: ProductSketchParameters, weights: ProductWeights) {
    self.parameters = parameters
    drawnWeights = weights
    input = Homogenization(parameters.polynomial)
  }

  public var blockRowCount: Int { 1024 }
  public var passesOnNonfinite: Bool { true }

  /// How many columns are computed at once, at most; a multiple of 128.
  private static let stripWidth = 512

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let columns = parameters.columnCount
    workspace.withScratch(Int.self, rows.rowCount) { exponents in
      for i in 0..<rows.rowCount { exponents[i] = input.exponent(ofRow: i, of: rows) }
      for start in stride(from: 0, to: columns, by: ProductSketch.stripWidth) {
        let strip = start..<min(columns, start + ProductSketch.stripWidth)
        map(rows, exponents, strip, into: output, workspace: workspace)
      }
    }
    if outputDimension % 2 == 1, parameters.isComplex {
      for i in 0..<rows.rowCount { output.row(i)[outputDimension - 1] = 0 }
    }
  }

  /// Writes the columns in `strip`.
  private func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, _ exponents: UnsafePointer<Int>, _ strip: Range<Int>,
    into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let product = DrawnProduct(
      weights: drawnWeights, strip: strip, width: strip.count * (parameters.isComplex ? 2 : 1),
      extra: Scalar(input.extra))
    let normalization = Scalar(1 / Double(parameters.columnCount).squareRoot())
    workspace.withScratch(Scalar.self, rows.rowCount * product.width) { projections in
      for t in 0..<degree {
        product.write(rows, factor: t, into: projections, workspace: workspace)
        for i in 0..<rows.rowCount {
          multiply(
            projections + i * product.width,
            scale: .powerOfTwo(-exponents[i]) * Scalar(drawnWeights.scale), strip,
            isFirst: t == 0, into: output.row(i))
        }
      }
      for i in 0..<rows.rowCount {
        let factor: Scalar = input.factor(ofPower: degree, exponent: exponents[i])
        scale(output.row(i), strip, by: factor * normalization)
      }
    }
  }

  /// Multiplies the features of a strip by scale times the projections of a factor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func multiply<Scalar: RealScalar>(
    _ projections: UnsafePointer<Scalar>, scale: Scalar, _ strip: Range<Int>, isFirst: Bool,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    let (re, im) = (
      output + strip.lowerBound, output + strip.lowerBound + parameters.columnCount
    )
    let imaginary = projections + strip.count
    switch (parameters.isComplex, isFirst) {
    case (false, true):
      for k in 0..<strip.count { re[k] = scale * projections[k] }
    case (false, false):
      for k in 0..<strip.count { re[k] *= scale * projections[k] }
    case (true, true):
      for k in 0..<strip.count {
        re[k] = scale * projections[k]
        im[k] = scale * imaginary[k]
      }
    case (true, false):
      for k in 0..<strip.count {
        let (a, b) = (scale * re[k], scale * im[k])
        re[k] = a * projections[k] - b * imaginary[k]
        im[k] = a * imaginary[k] + b * projections[k]
      }
    }
  }

  private func scale<Scalar: RealScalar>(
    _ output: UnsafeMutablePointer<Scalar>, _ strip: Range<Int>, by factor: Scalar
  ) {
    for part in 0..<(parameters.isComplex ? 2 : 1) {
      let target = output + part * parameters.columnCount + strip.lowerBound
      Entrywise.scale(target, by: factor, into: target, count: strip.count)
    }
  }

  /// The formula above.
  public static func variance(
    _ x: [Double], _ y: [Double], parameters: ProductSketchParameters
  ) throws -> Double {
    try parameters.validate()
    let moments = try Homogenization(parameters.polynomial).moments(x, y)
    let (q, count) = (parameters.polynomial.degree, Double(parameters.columnCount))
    let (a, norms) = (moments.product * moments.product, moments.norms)
    // What the two second moments of a factor, |w x|² and (w x)², have beyond a.
    let (plain, pseudo): (Double, Double)
    switch parameters.weights {
    case .gaussian: (plain, pseudo) = (norms, a)
    case .rademacher: (plain, pseudo) = (norms - moments.diagonal, a - moments.diagonal)
    }
    return parameters.isComplex
      ? (powerChange(a, by: plain, q) + powerChange(a, by: pseudo, q)) / (2 * count)
      : powerChange(a, by: plain + pseudo, q) / count
  }
}

extension PolynomialSketch where Parameters == ProductSketchParameters {
  /// The sketch of (γ⟨x, y⟩ + r)^q with γ = `scale` and r = `offset`, drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` as `init(_:)` does.
  public init(
    weights: ProductSketch.Weights, inputDimension: Int, degree: Int, outputDimension: Int,
    seed: UInt64, scale: Double = 1, offset: Double = 0, isComplex: Bool = false
  ) throws {
    try self.init(
      ProductSketchParameters(
        PolynomialSketchParameters(
          inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
          seed: seed, scale: scale, offset: offset),
        weights: weights, isComplex: isComplex))
  }
}
