// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The SRHT of one point: by the whole transform, or entry by entry where there are few nonzeros.

import CInnerLoops
import LinearAlgebra
import Transforms

extension SRHT {
  /// Writes scale · P H Σ x for row `i` of a block, whose column 0 is coordinate `offset` of x; the
  /// coordinates outside of the block are zero.
  func transform<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, row i: Int, at offset: Int, scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    switch rows.entries {
    case .dense(let base, let stride):
      transform(base + i * stride, rows.columnCount, at: offset, scale, output, workspace)
    case .sparse(let view):
      transform(view, view.positions(ofRow: i), at: offset, scale, output, workspace)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func transform<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ count: Int, at offset: Int, _ scale: Scalar,
    _ output: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    workspace.withScratch(Scalar.self, paddedDimension) { scratch in
      var target = output
      for block in blocks {
        block.signs.withUnsafeBufferPointer { signs in
          if offset == 0 {
            block.rows.transform(
              signs: signs.baseAddress!, x, count: count, scale: scale, into: target,
              scratch: scratch)
          } else {
            hadamard(signs.baseAddress!, x, count, at: offset, paddedDimension, into: scratch)
            block.rows.pick(from: scratch, scale: scale, into: target)
          }
        }
        target += block.rows.indices.count
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func transform<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ positions: Range<Int>, at offset: Int, _ scale: Scalar,
    _ output: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    // An entry of a pruned transform costs as much as about 16 butterflies of the whole one.
    let whole = paddedDimension * paddedDimension.trailingZeroBitCount * blocks.count
    var target = output
    if 16 * positions.count * outputDimension < whole {
      pruned(x, positions, at: offset, scale, into: target, workspace)
      return
    }
    workspace.withScratch(Scalar.self, paddedDimension) { scratch in
      for block in blocks {
        scratch.update(repeating: 0, count: paddedDimension)
        scatter(x, positions, at: offset, block.signs, into: scratch)
        WalshHadamard.transform(scratch, rowCount: 1, length: paddedDimension)
        block.rows.pick(from: scratch, scale: scale, into: target)
        target += block.rows.indices.count
      }
    }
  }

  /// The entries that are kept, each from the nonzeros alone.
  ///
  /// The whole transform adds along a binary tree over the coordinates, in which zeros change nothing.
  /// Nonzeros j and j′ that follow each other are in different halves of the subtree of as many
  /// levels as j ⊕ j′ has bits: this is when the sums before it close.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func pruned<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ positions: Range<Int>, at offset: Int, _ scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    let count = positions.count
    workspace.withScratch(Int32.self, count) { columns in
      workspace.withScratch(UInt8.self, count) { merges in
        workspace.withScratch(Scalar.self, count) { values in
          var open = 0 as UInt64
          for (k, position) in positions.enumerated() {
            let column = offset + Int(x.columns[position])
            columns[k] = Int32(column)
            guard k + 1 < count else {
              merges[k] = UInt8(open.nonzeroBitCount)
              break
            }
            // Bit l of `open` stands for a left half of 2ˡ coordinates that awaits its right half.
            let next = offset + Int(x.columns[position + 1])
            let level = 63 - UInt64(column ^ next).leadingZeroBitCount
            let closed = open & ((1 << UInt64(level)) - 1)
            merges[k] = UInt8(closed.nonzeroBitCount)
            open = open & ~closed | 1 << UInt64(level)
          }
          var target = output
          for block in blocks {
            for (k, position) in positions.enumerated() {
              values[k] = Scalar(block.signs[Int(columns[k])]) * x.values[position]
            }
            block.rows.indices.withUnsafeBufferPointer {
              entries(count, columns, values, merges, $0, scale, into: target)
            }
            target += block.rows.indices.count
          }
        }
      }
    }
  }
}

/// Writes the signed nonzeros at their places.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scatter<Scalar: RealScalar>(
  _ x: SparseRowPointers<Scalar>, _ positions: Range<Int>, at offset: Int, _ signs: [Int8],
  into scratch: UnsafeMutablePointer<Scalar>
) {
  for position in positions {
    let j = offset + Int(x.columns[position])
    scratch[j] = Scalar(signs[j]) * x.values[position]
  }
}

/// Writes H Σ x for x of `count` coordinates from `offset` > 0 on, the others being zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func hadamard<Scalar: RealScalar>(
  _ signs: UnsafePointer<Int8>, _ x: UnsafePointer<Scalar>, _ count: Int, at offset: Int,
  _ length: Int, into output: UnsafeMutablePointer<Scalar>
) {
  output.update(repeating: 0, count: length)
  for j in 0..<count { output[offset + j] = Scalar(signs[offset + j]) * x[j] }
  WalshHadamard.transform(output, rowCount: 1, length: length)
}

private func entries<Scalar: RealScalar>(
  _ count: Int, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Scalar>,
  _ merges: UnsafePointer<UInt8>, _ rows: UnsafeBufferPointer<Int32>, _ scale: Scalar,
  into output: UnsafeMutablePointer<Scalar>
) {
  let vectors = sketching_widest_vectors()
  switch Scalar.precision {
  case .single:
    sketching_sparse_hadamard_float(
      count, columns, values.cast(to: Float.self), merges, rows.count, rows.baseAddress!,
      Float(scale), output.cast(to: Float.self), vectors)
  case .double:
    sketching_sparse_hadamard_double(
      count, columns, values.cast(to: Double.self), merges, rows.count, rows.baseAddress!,
      Double(scale), output.cast(to: Double.self), vectors)
  }
}
