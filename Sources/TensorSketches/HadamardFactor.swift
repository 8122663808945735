// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// One factor of a product of subsampled randomized Hadamard transforms.

import LinearAlgebra
import Randomness
import Sketches
import Transforms

/// Some rows of the matrices H Σ of one or more blocks, Σ a diagonal of random signs.
///
/// H is the ±1 Walsh-Hadamard matrix of order L, so every row of H Σ is a vector of random signs.
/// Real signs are ±1, complex ones 1, i, −1, −i: at each place just one of two parts is not zero.
struct HadamardFactor: Sendable {
  /// The signs of a block: real parts, then imaginary parts if there are any, `dimension` each.
  struct Block: Sendable {
    let signs: [Int8]
  }

  /// The entries of a point, to be padded to L by zeros.
  let dimension: Int
  let isComplex: Bool
  /// One block for all outputs, or one for every L of them.
  let blocks: [Block]
  /// The row of its block that each output takes.
  let rows: [Int32]

  /// L.
  var length: Int { WalshHadamard.paddedLength(dimension) }

  init(dimension: Int, isComplex: Bool, blocks: [Block], rows: [Int32]) {
    self.dimension = dimension
    self.isComplex = isComplex
    self.blocks = blocks
    self.rows = rows
  }

  /// Draws signs and rows for `count` outputs.
  ///
  /// Shared: one block, whose rows are the first of a random permutation of ⌈count/L⌉ copies of all.
  /// Independent: ⌈count/L⌉ blocks, each with its own permutation of its rows.
  init(
    key: RandomKey, dimension: Int, count: Int, blocks: TensorSRHT.Blocks, isComplex: Bool
  ) throws {
    let length = WalshHadamard.paddedLength(dimension)
    let copies = (count + length - 1) / length
    let blockCount = blocks == .shared ? 1 : copies
    self.init(
      dimension: dimension, isComplex: isComplex,
      blocks: (0..<blockCount).map {
        Block(key: key.child("block", $0), dimension: dimension, isComplex: isComplex)
      },
      rows: try (0..<blockCount).flatMap { block in
        let population = blocks == .shared ? copies * length : length
        let wanted = min(population, count - block * length)
        let stream = key.child("block", block).child("row").stream
        return try stream.sampleWithoutReplacement(wanted, from: population).map {
          Int32($0 & (length - 1))
        }
      })
  }

  /// The outputs that a block serves.
  func outputs(ofBlock block: Int) -> Range<Int> {
    block * length..<(block + 1 == blocks.count ? rows.count : (block + 1) * length)
  }

  /// Writes H Σ x for the point x and a block: L numbers, then L imaginary parts if it is complex.
  ///
  /// - Parameters:
  ///   - tail: entry number `count` of the point; entries after it are zero.
  ///   - images: multiples of Σ m to take off x, for the blocks from `firstImage` on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func transform<Scalar: RealScalar>(
    row i: Int, of points: RowBlock<Scalar>, scale: Scalar, tail: Scalar, block: Int,
    minus multiple: (images: LeafImages, first: Int, factor: Double)?,
    into scratch: UnsafeMutablePointer<Scalar>
  ) {
    let (length, parts) = (length, isComplex ? 2 : 1)
    blocks[block].signs.withUnsafeBufferPointer { signs in
      for part in 0..<parts {
        let (signs, target) = (signs.baseAddress! + part * dimension, scratch + part * length)
        if case .dense(let base, let stride) = points.entries, points.columnCount == dimension,
          multiple == nil
        {
          WalshHadamard.transform(
            signs: signs, base + i * stride, times: scale, count: dimension, into: target,
            length: length)
          continue
        }
        switch points.entries {
        case .dense(let base, let stride):
          let x = base + i * stride
          for j in 0..<points.columnCount { target[j] = Scalar(signs[j]) * (scale * x[j]) }
          (target + points.columnCount).update(
            repeating: 0, count: length - points.columnCount)
        case .sparse(let view):
          target.update(repeating: 0, count: length)
          for position in view.positions(ofRow: i) {
            let j = Int(view.columns[position])
            target[j] = Scalar(signs[j]) * (scale * view.values[position])
          }
        }
        if points.columnCount < dimension {
          target[points.columnCount] = Scalar(signs[points.columnCount]) * tail
        }
        if let multiple {
          multiple.images.subtract(
            multiple.factor, leaf: (multiple.first + block) * parts + part, from: target)
        }
        WalshHadamard.transform(target, rowCount: 1, length: length)
      }
    }
  }

  /// Writes scale times the outputs that a block serves, from its transform; for real signs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func gather<Scalar: RealScalar>(
    _ transform: UnsafePointer<Scalar>, block: Int, scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    rows.withUnsafeBufferPointer { rows in
      let rows = rows.baseAddress!
      for k in outputs(ofBlock: block) { output[k] = scale * transform[Int(rows[k])] }
    }
  }

  /// Σ m of every block, real parts before imaginary ones.
  func signed(_ m: [Double]) -> [Double] {
    blocks.flatMap { block in
      block.signs.enumerated().map { j, sign in
        j % dimension < m.count ? Double(sign) * m[j % dimension] : 0
      }
    }
  }
}

extension HadamardFactor.Block {
  fileprivate init(key: RandomKey, dimension: Int, isComplex: Bool) {
    let signs = key.child("sign").stream.signs(count: dimension)
    guard isComplex else {
      self.init(signs: signs)
      return
    }
    let axes = key.child("axis").stream.signs(count: dimension)
    self.init(
      signs: zip(signs, axes).map { $1 > 0 ? $0 : 0 } + zip(signs, axes).map { $1 > 0 ? 0 : $0 })
  }
}
