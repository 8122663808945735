// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Complex-to-Real TensorSketch: signs 1, i, −1 and −i, and real and imaginary parts as features.

import LinearAlgebra
import Randomness
import Sketches
import Transforms
import Validation

/// The parameters of a `ComplexTensorSketch`.
public struct ComplexTensorSketchParameters: PolynomialParameters, Codable, Hashable, Sendable {
  public var polynomial: PolynomialSketchParameters

  public init(_ polynomial: PolynomialSketchParameters) { self.polynomial = polynomial }

  public var leastOutputDimension: Int { 2 }

  /// C, the number of complex buckets.
  var length: Int { polynomial.outputDimension / 2 }

  func validate() throws {
    try polynomial.validate()
    try polynomial.requirePairs()
  }
}

/// TensorSketch with complex signs: the circular convolution z of q complex CountSketches of one point into
/// C = ⌊m/2⌋ buckets, as the features (Re z, Im z); an odd last feature is zero.
///
/// E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q, with the variance of the Complex-to-Real Rademacher `ProductSketch`,
/// [(a+b)^q + (a+c)^q − 2a^q]/2C: that of `TensorSketch` without its term in 1/m², at twice its cost. It
/// pays where q is large and m small.
///
/// In single precision the error of the Fourier transforms is relative to the largest product of spectra:
/// use double precision for degrees from 8 on.
///
/// - Complexity: O(q (nonzeros + m log m)) per row; tables of 4qd bytes (none beyond 4 MB).
/// - Source: Pham, Pagh, "Fast and scalable polynomial kernels via explicit feature maps", KDD 2013;
///   Wacker, Ohana, Filippone, "Complex-to-real sketches for tensor products with applications to the
///   polynomial kernel", 2022.
public struct ComplexTensorSketch: PolynomialSketch {
  public static let law = "complexTensorSketch"
  public let parameters: ComplexTensorSketchParameters
  private let input: Homogenization
  private let transform: FourierTransform
  /// Into 2C buckets: bucket b + C with a sign is bucket b with i times the sign.
  private let hashes: [SignedHash]

  /// - Throws: `InvalidInput` if a parameter is out of the range told at `PolynomialSketchParameters`, or
  ///   there are less than 2 features.
  public init(_ parameters: ComplexTensorSketchParameters) throws {
    try parameters.validate()
    let polynomial = parameters.polynomial
    try self.init(
      parameters,
      hashes: TensorSketch.hashes(
        dimensions: Array(
          repeating: Homogenization(polynomial).dimension, count: polynomial.degree),
        outputDimension: 2 * parameters.length, seed: polynomial.seed, name: "ComplexTensorSketch"))
  }

  /// The sketch with the given hashes into 2C buckets, one per factor.
  init(_ parameters: ComplexTensorSketchParameters, hashes: [SignedHash]) throws {
    self.parameters = parameters
    self.hashes = hashes
    input = Homogenization(parameters.polynomial)
    transform = try FourierTransform(length: parameters.length)
  }

  public var passesOnNonfinite: Bool { true }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let count = parameters.length
    let convolution = ComplexConvolution<Scalar>(transform, factorCount: degree)
    convolution.withScratch(workspace) { scratch in
      for i in 0..<rows.rowCount {
        let exponent = input.exponent(ofRow: i, of: rows)
        convolution.write(output.row(i), scratch) { t, sketch in
          input.add(row: i, of: rows, exponent: exponent, by: hashes[t], to: sketch)
        } factor: {
          input.factor(ofPower: degree, exponent: exponent)
        }
        if outputDimension > 2 * count { output.row(i)[2 * count] = 0 }
      }
    }
  }

  /// The formula above.
  public static func variance(
    _ x: [Double], _ y: [Double], parameters: ComplexTensorSketchParameters
  ) throws -> Double {
    try ProductSketch.variance(
      x, y,
      parameters: ProductSketchParameters(
        parameters.polynomial, weights: .rademacher, isComplex: true))
  }
}
