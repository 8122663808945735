// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The linear sketches at the leaves of a PolySketch.

import LinearAlgebra
import Randomness
import Sketches

/// A linear sketch of x⁺ from its dimension to m.
enum TreeLeaf: Sendable {
  /// A CountSketch to each of a few blocks of the output, over the square root of their number.
  case hash(SignedHash)
  /// A subsampled randomized Hadamard transform.
  case hadamard(HadamardFactor)

  init(
    _ law: PolySketch.Leaf, key: RandomKey, inputDimension: Int, outputDimension m: Int,
    tabulated: Bool
  ) throws {
    func hash(_ nonzeros: Int) -> SignedHash {
      SignedHash(
        key: key, inputDimension: inputDimension, bucketCount: m, nonzeros: nonzeros,
        tabulated: tabulated)
    }
    switch law {
    case .countSketch: self = .hash(hash(1))
    case .sparseSign(let nonzeros): self = .hash(hash(nonzeros))
    case .srht:
      self = .hadamard(
        try HadamardFactor(
          key: key, dimension: inputDimension, count: m, blocks: .independent, isComplex: false))
    }
  }

  /// Writes the sketch of 2⁻ᵉ x⁺ for row `i`, m numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write<Scalar: RealScalar>(
    row i: Int, of rows: RowBlock<Scalar>, exponent: Int, by input: Homogenization,
    to output: UnsafeMutablePointer<Scalar>, count m: Int, workspace: Workspace
  ) {
    switch self {
    case .hash(let hash):
      output.update(repeating: 0, count: m)
      input.add(row: i, of: rows, exponent: exponent, by: hash, to: output)
      if hash.nonzeros > 1 {
        let scale = Scalar(1 / Double(hash.nonzeros).squareRoot())
        Entrywise.scale(output, by: scale, into: output, count: m)
      }
    case .hadamard(let factor):
      let power = Double(sign: .plus, exponent: -exponent, significand: 1)
      let scale = Scalar(1 / Double(m).squareRoot())
      factor.write(
        row: i, of: rows, scale: Scalar(power), tail: Scalar(input.extra * power), into: output,
        workspace: workspace)
      Entrywise.scale(output, by: scale, into: output, count: m)
    }
  }

  /// The sketch of (m, 0).
  func image(of m: RowBlock<Double>, under input: Homogenization) -> [Double] {
    var plain = input
    plain.extra = 0
    var image = [Double](repeating: 0, count: outputDimension)
    let count = image.count
    image.withUnsafeMutableBufferPointer {
      write(
        row: 0, of: m, exponent: 0, by: plain, to: $0.baseAddress!, count: count,
        workspace: Workspace())
    }
    return image
  }

  private var outputDimension: Int {
    switch self {
    case .hash(let hash): hash.bucketCount
    case .hadamard(let factor): factor.rows.count
    }
  }
}
