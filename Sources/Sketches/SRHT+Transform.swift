// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The SRHT of one point: by the whole transform, or entry by entry where there are few nonzeros.

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
    var target = output
    if SparseHadamard.isCheaper(
      nonzeros: positions.count, count: outputDimension, length: paddedDimension,
      transforms: blocks.count)
    {
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
          for (k, position) in positions.enumerated() {
            columns[k] = Int32(offset) + x.columns[position]
          }
          SparseHadamard.findMerges(count, columns, into: merges)
          var target = output
          for block in blocks {
            for (k, position) in positions.enumerated() {
              values[k] = Scalar(block.signs[Int(columns[k])]) * x.values[position]
            }
            block.rows.indices.withUnsafeBufferPointer {
              SparseHadamard.entries(
                count, columns, values, merges: merges, rows: $0, scale: scale, into: target)
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
