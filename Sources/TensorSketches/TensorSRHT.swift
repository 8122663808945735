// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// TensorSRHT: entrywise products of subsampled randomized Hadamard transforms.

import LinearAlgebra
import Randomness
import Sketches
import Transforms
import Validation

/// The parameters of a `TensorSRHT`.
public struct TensorSRHTParameters: PolynomialParameters, Codable, Hashable, Sendable {
  public var polynomial: PolynomialSketchParameters
  public var blocks: TensorSRHT.Blocks
  /// Whether it is the Complex-to-Real form.
  public var isComplex: Bool

  public init(
    _ polynomial: PolynomialSketchParameters, blocks: TensorSRHT.Blocks = .shared,
    isComplex: Bool = false
  ) {
    self.polynomial = polynomial
    self.blocks = blocks
    self.isComplex = isComplex
  }

  public var leastOutputDimension: Int { isComplex ? 2 : 1 }

  /// K: how many columns of products there are; pairs of real features in the Complex-to-Real form.
  var columnCount: Int { polynomial.outputDimension / (isComplex ? 2 : 1) }

  func validate() throws {
    try polynomial.validate()
    try Check.dimension(polynomial.inputDimension, "input dimension", upTo: (1 << 26) - 1)
    if isComplex { try polynomial.requirePairs() }
  }
}

/// TensorSRHT, or ProductSRHT: z_k(x) = ∏_t (H Σ_t x⁺)[p_t(k)] / √K with independent random signs Σ_t
/// and lists of rows p_t for t = 1, …, q, where x⁺ = (√γ x, √r, 0, …, 0) ∈ ℝᴸ, L a power of two.
///
/// E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q. Its columns are those of a Rademacher `ProductSketch` but depend on
/// each other, mostly to its good. In terms of x⁺ and y⁺ let k be their inner product, N the product
/// of their squared norms, s the sum of their squared entrywise products; a = k², b = N − s,
/// c = k² − s. With π ordered pairs of columns that depend on each other and weight w,
///
///     real:             [(a+b+c)^q − a^q]/K + π [(a − w(b+c))^q − a^q]/K²,                 K = m
///     Complex-to-Real:  [(a+b)^q + (a+c)^q − 2a^q]/2K
///                       + π [(a − wb)^q + (a − wc)^q − 2a^q]/2K²,                          K = ⌊m/2⌋.
///
/// Shared signs: π = K(K − 1), w = 1/(L⌈K/L⌉ − 1). Independent blocks of L columns: π counts pairs
/// within a block, w = 1/(L − 1). Up to K = L the two are the same. Beyond it shared signs need one
/// transform per factor where independent ones need ⌈K/L⌉, and for q ≥ 2 are mostly the better, too;
/// for q = 1 they only repeat rows.
///
/// The Complex-to-Real form has signs 1, i, −1, −i and features (Re z, Im z); an odd last feature is
/// zero. On data with large or nonnegative inner products its variance grows as 2^q, not 3^q.
///
/// Every row is computed alone, and zeros change nothing: equal bits for dense and sparse rows and for
/// any batch. For q > 4 prefer `PolySketch`.
///
/// - Complexity: O(q (⌈K/L⌉ L log L + m)) per row (shared: O(q (L log L + m))), or O(q m nonzeros) where
///   that is less. L + m numbers of scratch (m, if all rows are that sparse), O(q (d + m)) bytes of tables.
/// - Source: Ahle et al., SODA 2020; Wacker, Kanagawa, Filippone, "Improved random features for dot
///   product kernels", 2022; Wacker, Ohana, Filippone, "Complex-to-real sketches for tensor products
///   with applications to the polynomial kernel", 2022.
public struct TensorSRHT: PolynomialSketch {
  public static let law = "tensorSRHT"
  public let parameters: TensorSRHTParameters
  private let input: Homogenization
  private let factors: [HadamardFactor]

  /// Which columns share their signs.
  public enum Blocks: String, Codable, Hashable, Sendable {
    /// All columns: one transform per factor.
    case shared
    /// Each L columns have signs of their own.
    case independent
  }

  /// - Throws: `InvalidInput` if a parameter is out of the range told at
  ///   `PolynomialSketchParameters`, d ≥ 2²⁶, or the Complex-to-Real form has less than 2 features.
  public init(_ parameters: TensorSRHTParameters) throws {
    try parameters.validate()
    let key = RandomKey(seed: parameters.polynomial.seed).child("TensorSRHT")
    let dimension = Homogenization(parameters.polynomial).dimension
    let factors = try (0..<parameters.polynomial.degree).map {
      try HadamardFactor(
        key: key.child("factor", $0), dimension: dimension, count: parameters.columnCount,
        blocks: parameters.blocks, isComplex: parameters.isComplex)
    }
    self.init(parameters, factors: factors)
  }

  /// The sketch with the given factors.
  init(_ parameters: TensorSRHTParameters, factors: [HadamardFactor]) {
    self.parameters = parameters
    self.factors = factors
    input = Homogenization(parameters.polynomial)
  }

  public var passesOnNonfinite: Bool { true }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    map(rows, minus: nil, into: output, workspace: workspace)
  }

  /// What `map` takes off rows that are to be sketched less multiples of m, a row of d entries.
  package func leafImages(of m: RowBlock<Double>) -> LeafImages {
    LeafImages(
      factors.flatMap { $0.image(of: m) }, count: columnCount * (parameters.isComplex ? 2 : 1))
  }

  /// Writes the images of the rows less multiples of one vector.
  package func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, minus multiples: Multiples?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    let count = columnCount * (parameters.isComplex ? 2 : 1)
    workspace.withScratch(Scalar.self, count) { scratch in
      for i in 0..<rows.rowCount {
        let exponent = input.exponent(ofRow: i, of: rows)
        let scale = Scalar.powerOfTwo(-exponent)
        let tail = Scalar(input.extra * Double(sign: .plus, exponent: -exponent, significand: 1))
        let target = output.row(i)
        for (t, factor) in factors.enumerated() {
          factor.write(
            row: i, of: rows, scale: scale, tail: tail,
            minus: multiples.map { ($0.images, t, Double(scale) * $0.factors[i]) },
            into: t == 0 ? target : scratch, workspace: workspace)
          if t > 0 { multiply(target, by: scratch) }
        }
        finish(
          target,
          factor: input.factor(ofPower: degree, exponent: exponent)
            / Scalar(Double(columnCount).squareRoot()))
      }
    }
  }

  /// K.
  private var columnCount: Int { parameters.columnCount }

  /// Multiplies columns by those of another factor: real parts and then, if complex, imaginary ones.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func multiply<Scalar: RealScalar>(
    _ output: UnsafeMutablePointer<Scalar>, by other: UnsafePointer<Scalar>
  ) {
    let count = columnCount
    guard parameters.isComplex else {
      for k in 0..<count { output[k] *= other[k] }
      return
    }
    let (re, im, otherIm) = (output, output + count, other + count)
    for k in 0..<count {
      let (a, b) = (re[k], im[k])
      re[k] = a * other[k] - b * otherIm[k]
      im[k] = a * otherIm[k] + b * other[k]
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func finish<Scalar: RealScalar>(
    _ output: UnsafeMutablePointer<Scalar>, factor: Scalar
  ) {
    let count = parameters.isComplex ? 2 * columnCount : columnCount
    for k in 0..<count { output[k] *= factor }
    if count < outputDimension { output[count] = 0 }
  }

  /// The formula above.
  public static func variance(
    _ x: [Double], _ y: [Double], parameters: TensorSRHTParameters
  ) throws -> Double {
    try parameters.validate()
    return variance(
      try Homogenization(parameters.polynomial).moments(x, y), parameters: parameters)
  }

  /// The formula above for a pair of points of which only the moments are known.
  package static func variance(
    _ moments: PairMoments, parameters: TensorSRHTParameters
  ) -> Double {
    let (q, columns) = (parameters.polynomial.degree, parameters.columnCount)
    let length = WalshHadamard.paddedLength(Homogenization(parameters.polynomial).dimension)
    let (pairs, reach): (Double, Int)
    switch parameters.blocks {
    case .shared:
      pairs = Double(columns) * Double(columns - 1)
      reach = (columns + length - 1) / length * length
    case .independent:
      let rest = Double(columns % length)
      pairs = Double(columns / length * length) * Double(length - 1) + rest * (rest - 1)
      reach = length
    }
    let weight = reach > 1 ? 1 / Double(reach - 1) : 0
    let a = moments.product * moments.product
    let (b, c) = (moments.norms - moments.diagonal, a - moments.diagonal)
    let count = Double(columns)
    // For q = 1 what the pairs take off is all or a fraction of the rest: taken as such, it is exact.
    let kept = q == 1 ? count - pairs * weight : 0
    func share(_ delta: Double) -> Double {
      q == 1
        ? delta * kept / (count * count)
        : powerChange(a, by: delta, q) / count
          + pairs * powerChange(a, by: -weight * delta, q) / (count * count)
    }
    return max(0, parameters.isComplex ? (share(b) + share(c)) / 2 : share(b + c))
  }
}

extension PolynomialSketch where Parameters == TensorSRHTParameters {
  /// The sketch of (γ⟨x, y⟩ + r)^q with γ = `scale` and r = `offset`, drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` as `init(_:)` does.
  public init(
    inputDimension: Int, degree: Int, outputDimension: Int, seed: UInt64, scale: Double = 1,
    offset: Double = 0, blocks: TensorSRHT.Blocks = .shared, isComplex: Bool = false
  ) throws {
    try self.init(
      TensorSRHTParameters(
        PolynomialSketchParameters(
          inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
          seed: seed, scale: scale, offset: offset),
        blocks: blocks, isComplex: isComplex))
  }
}
