// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// TensorSketch: the CountSketch of a tensor power by convolution.

import LinearAlgebra
import Randomness
import Sketches
import Transforms
import Validation

/// TensorSketch: the circular convolution of q independent CountSketches of one point.
///
/// It equals the CountSketch of the q-fold tensor power with bucket h₁(i₁) + … + h_q(i_q) mod m and
/// sign s₁(i₁) ⋯ s_q(i_q), so E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q. In terms of (√γ x, √r) and (√γ y, √r) let
/// k be their inner product, N the product of their squared norms, s the sum of their squared
/// entrywise products; a = k², b = N − s, c = k² − s; κ = 2 for even m and 1 for odd. Then
///
///     Var⟨Sx, Sy⟩ = [(a+b)^q + (a+c)^q − 2a^q]/m + κ[(a+b+c)^q − (a+b)^q − (a+c)^q + a^q]/m²
///
/// which grows as 2^q at first and as 3^q where m is small: for q > 4 prefer `PolySketch`.
///
/// Every row is computed alone, so its bits are the same for any batch and tile. In single precision
/// the error of the Fourier transforms is relative to the largest product of spectra: use double
/// precision for degrees from 8 on. The fastest m are even with no prime factor above 7
/// (`FourierTransform.fastLength`). For q = 1 it is a CountSketch, to the bit.
///
/// - Complexity: O(q (nonzeros + m log m)) per row; tables of 4qd bytes (none beyond 4 MB).
/// - Source: Pham, Pagh, "Fast and scalable polynomial kernels via explicit feature maps", KDD 2013.
public struct TensorSketch: PolynomialSketch {
  public static let law = "tensorSketch"
  public let parameters: PolynomialSketchParameters
  private let input: Homogenization
  private let transform: FourierTransform
  private let hashes: [SignedHash]

  public init(_ parameters: PolynomialSketchParameters) throws {
    try parameters.validate()
    try self.init(
      parameters,
      hashes: TensorSketch.hashes(
        dimensions: Array(
          repeating: Homogenization(parameters).dimension, count: parameters.degree),
        outputDimension: parameters.outputDimension, seed: parameters.seed))
  }

  /// The hashes that a seed gives to factors of the given dimensions.
  static func hashes(
    dimensions: [Int], outputDimension: Int, seed: UInt64, name: StaticString = "TensorSketch"
  ) -> [SignedHash] {
    let key = RandomKey(seed: seed).child(name)
    let tabulated = dimensions.reduce(0, +) <= SignedHash.sharedTableLimit
    return dimensions.enumerated().map { t, dimension in
      SignedHash(
        key: key.child("factor", t), inputDimension: dimension, bucketCount: outputDimension,
        tabulated: tabulated)
    }
  }

  /// The sketch with the given hashes, one per factor.
  init(_ parameters: PolynomialSketchParameters, hashes: [SignedHash]) throws {
    self.parameters = parameters
    self.hashes = hashes
    input = Homogenization(parameters)
    transform = try FourierTransform(length: parameters.outputDimension)
  }

  public var passesOnNonfinite: Bool { true }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    map(rows, minus: nil, into: output, workspace: workspace)
  }

  /// What `map` takes off rows that are to be sketched less multiples of m, a row of d entries.
  package func leafImages(of m: RowBlock<Double>) -> LeafImages {
    LeafImages(of: m, by: hashes, bucketCount: outputDimension)
  }

  /// Writes the images of the rows less multiples of one vector.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, minus multiples: Multiples?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    let convolution = Convolution<Scalar>(transform, factorCount: degree)
    convolution.withScratch(workspace) { scratch in
      for i in 0..<rows.rowCount {
        let exponent = input.exponent(ofRow: i, of: rows)
        convolution.write(output.row(i), scratch) { t, sketch in
          input.add(row: i, of: rows, exponent: exponent, by: hashes[t], to: sketch)
          multiples?.subtract(row: i, exponent: exponent, leaf: t, from: sketch)
        } factor: {
          input.factor(ofPower: degree, exponent: exponent)
        }
      }
    }
  }

  /// The formula above.
  public static func variance(
    _ x: [Double], _ y: [Double], parameters: PolynomialSketchParameters
  ) throws -> Double {
    variance(
      try Homogenization(validated: parameters).moments(x, y), degree: parameters.degree,
      outputDimension: parameters.outputDimension)
  }

  /// The formula above for a pair of points of which only the moments are known.
  package static func variance(
    _ moments: PairMoments, degree: Int, outputDimension: Int
  ) -> Double {
    TensorProductSketch.variance(
      repeatElement(moments, count: degree), outputDimension: outputDimension)
  }
}
