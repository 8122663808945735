// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The linear sketches at the leaves of a PolySketch.

import LinearAlgebra
import Randomness
import Sketches

/// A linear sketch of x⁺ from its dimension to m.
enum TreeLeaf: Sendable {
  /// CountSketches to consecutive stretches of the output, one over the square root of their number.
  case hashes([SignedHash])
  /// A subsampled randomized Hadamard transform.
  case hadamard(HadamardFactor)

  init(
    _ law: PolySketch.Leaf, key: RandomKey, inputDimension: Int, outputDimension m: Int,
    tabulated: Bool
  ) throws {
    switch law {
    case .countSketch:
      self = .hashes([
        SignedHash(
          key: key, inputDimension: inputDimension, bucketCount: m, tabulated: tabulated)
      ])
    case .sparseSign(let nonzeros):
      self = .hashes(
        TreeLeaf.blockSizes(nonzeros, of: m).enumerated().map { block, size in
          SignedHash(
            key: key.child("block", block), inputDimension: inputDimension, bucketCount: size,
            tabulated: tabulated)
        })
    case .srht:
      self = .hadamard(
        try HadamardFactor(
          key: key, dimension: inputDimension, count: m, blocks: .independent, isComplex: false))
    }
  }

  /// m split into `count` parts, as equal as can be.
  static func blockSizes(_ count: Int, of m: Int) -> [Int] {
    (0..<count).map { ($0 + 1) * m / count - $0 * m / count }
  }

  /// The numbers of scratch that it needs.
  var scratchCount: Int {
    switch self {
    case .hashes: 0
    case .hadamard(let factor): factor.length
    }
  }

  /// Writes the sketch of 2⁻ᵉ x⁺ for row `i`, m numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write<Scalar: RealScalar>(
    row i: Int, of rows: RowBlock<Scalar>, exponent: Int, by input: Homogenization,
    to output: UnsafeMutablePointer<Scalar>, count m: Int, scratch: UnsafeMutablePointer<Scalar>
  ) {
    switch self {
    case .hashes(let hashes):
      output.update(repeating: 0, count: m)
      var part = output
      for hash in hashes {
        input.add(row: i, of: rows, exponent: exponent, by: hash, to: part)
        part += hash.bucketCount
      }
      if hashes.count > 1 {
        let scale = Scalar(1 / Double(hashes.count).squareRoot())
        Entrywise.scale(output, by: scale, into: output, count: m)
      }
    case .hadamard(let factor):
      let power = Double(sign: .plus, exponent: -exponent, significand: 1)
      let scale = Scalar(1 / Double(m).squareRoot())
      for block in factor.blocks.indices {
        factor.transform(
          row: i, of: rows, scale: Scalar(power), tail: Scalar(input.extra * power), block: block,
          minus: nil, into: scratch)
        factor.gather(scratch, block: block, scale: scale, into: output)
      }
    }
  }

  /// The sketch of (m, 0).
  func image(of m: [Double], under input: Homogenization) -> [Double] {
    var plain = input
    plain.extra = 0
    var image = [Double](repeating: 0, count: outputDimension)
    let workspace = Workspace()
    workspace.withScratch(Double.self, scratchCount) { scratch in
      m.withUnsafeBufferPointer { m in
        let row = RowBlock(
          rowCount: 1, columnCount: m.count,
          entries: .dense(base: m.baseAddress!, stride: m.count))
        let count = image.count
        image.withUnsafeMutableBufferPointer {
          write(
            row: 0, of: row, exponent: 0, by: plain, to: $0.baseAddress!, count: count,
            scratch: scratch)
        }
      }
    }
    return image
  }

  private var outputDimension: Int {
    switch self {
    case .hashes(let hashes): hashes.reduce(0) { $0 + $1.bucketCount }
    case .hadamard(let factor): factor.rows.count
    }
  }
}
