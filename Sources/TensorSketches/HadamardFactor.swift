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

  /// Writes the entries of H Σ x that the outputs take, for scale times a point x: a number for each
  /// output, then the imaginary parts if it is complex.
  ///
  /// - Parameters:
  ///   - tail: entry number `count` of scale · x; entries after it are zero.
  ///   - multiple: of an image to be taken off.
  /// - Complexity: O(L log L) for each block and part, or O(nonzeros · outputs) where that is less.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write<Scalar: RealScalar>(
    row i: Int, of points: RowBlock<Scalar>, scale: Scalar, tail: Scalar,
    minus multiple: (images: LeafImages, index: Int, factor: Double)? = nil,
    into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    if case .sparse(let view) = points.entries,
      case let positions = view.positions(ofRow: i),
      SparseHadamard.isCheaper(
        nonzeros: positions.count + 1, count: rows.count, length: length,
        transforms: blocks.count)
    {
      prune(view, positions, scale: scale, tail: tail, into: output, workspace)
    } else {
      workspace.withScratch(Scalar.self, length) { scratch in
        for block in blocks.indices {
          for part in 0..<partCount {
            transform(
              row: i, of: points, scale: scale, tail: tail, block: block, part: part, into: scratch)
            gather(scratch, block: block, into: output + part * rows.count)
          }
        }
      }
    }
    guard let (images, index, factor) = multiple else { return }
    images.subtract(factor, leaf: index, from: output)
  }

  private var partCount: Int { isComplex ? 2 : 1 }

  /// Writes H Σ x, L numbers, for one block and part.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func transform<Scalar: RealScalar>(
    row i: Int, of points: RowBlock<Scalar>, scale: Scalar, tail: Scalar, block: Int, part: Int = 0,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    let length = length
    blocks[block].signs.withUnsafeBufferPointer { signs in
      let signs = signs.baseAddress! + part * dimension
      switch points.entries {
      case .dense(let base, let stride):
        let x = base + i * stride
        guard points.columnCount < dimension else {
          WalshHadamard.transform(
            signs: signs, x, times: scale, count: dimension, into: target, length: length)
          return
        }
        for j in 0..<points.columnCount { target[j] = Scalar(signs[j]) * (scale * x[j]) }
        (target + points.columnCount).update(repeating: 0, count: length - points.columnCount)
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
      WalshHadamard.transform(target, rowCount: 1, length: length)
    }
  }

  /// Writes the outputs that a block serves, from its transform.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func gather<Scalar: RealScalar>(
    _ transform: UnsafePointer<Scalar>, block: Int, into output: UnsafeMutablePointer<Scalar>
  ) {
    rows.withUnsafeBufferPointer { rows in
      let rows = rows.baseAddress!
      for k in outputs(ofBlock: block) { output[k] = transform[Int(rows[k])] }
    }
  }

  /// Writes all outputs, each from the nonzeros alone.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func prune<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ positions: Range<Int>, scale: Scalar, tail: Scalar,
    into output: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    workspace.withScratch(Scalar.self, positions.count + 1) { values in
      workspace.withScratch(Int32.self, positions.count + 1) { columns in
        workspace.withScratch(UInt8.self, positions.count + 1) { merges in
          for block in blocks.indices {
            let range = outputs(ofBlock: block)
            for part in 0..<partCount {
              var count = 0
              blocks[block].signs.withUnsafeBufferPointer { signs in
                let signs = signs.baseAddress! + part * dimension
                for position in positions {
                  let column = x.columns[position]
                  guard signs[Int(column)] != 0 else { continue }
                  columns[count] = column
                  values[count] = Scalar(signs[Int(column)]) * (scale * x.values[position])
                  count += 1
                }
                if tail != 0, signs[dimension - 1] != 0 {
                  columns[count] = Int32(dimension - 1)
                  values[count] = Scalar(signs[dimension - 1]) * tail
                  count += 1
                }
              }
              SparseHadamard.findMerges(count, columns, into: merges)
              rows.withUnsafeBufferPointer {
                SparseHadamard.entries(
                  count, columns, values, merges: merges,
                  rows: UnsafeBufferPointer(rebasing: $0[range]), scale: 1,
                  into: output + part * rows.count + range.lowerBound)
              }
            }
          }
        }
      }
    }
  }

  /// What `write` makes of m, with zeros behind it.
  func image(of m: RowBlock<Double>) -> [Double] {
    var result = [Double](repeating: 0, count: partCount * rows.count)
    result.withUnsafeMutableBufferPointer {
      write(row: 0, of: m, scale: 1, tail: 0, into: $0.baseAddress!, workspace: Workspace())
    }
    return result
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
