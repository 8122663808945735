// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The SRHT from the left: the transform of columns, a few at a time.

import LinearAlgebra
import Validation

/// How many columns are transposed at once: a cache line of floats.
private let columnTile = 16

extension SRHT {
  /// - Complexity: a transform per column, however few rows there are (or m per nonzero, if that is
  ///   less); per thread, 16 columns of the rows and D + m numbers of scratch, and a copy of the
  ///   nonzeros where sparse.
  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let sum = sum
    let transposed: SparseMatrix<Scalar>? =
      if case .sparse(let sparse) = rows, rows.rowCount > 0 { try sparse.transposed() } else { nil }
    try Parallel.forEachBlock(of: rows.columnCount, size: columnTile, on: execution) {
      columns, workspace in
      if let transposed {
        Rows.sparse(transposed.rows(columns)).withUnsafeBlock {
          add($0, at: offset, to: sum.dropping(columns.lowerBound), workspace)
        }
      } else if case .dense(let dense) = rows {
        workspace.withScratch(Scalar.self, columns.count * dense.rowCount) { tile in
          dense.withUnsafePointer {
            transpose(
              $0 + columns.lowerBound, stride: dense.columnCount, dense.rowCount, columns.count,
              into: tile)
          }
          let block = RowBlock(
            rowCount: columns.count, columnCount: dense.rowCount,
            entries: .dense(base: UnsafePointer(tile), stride: dense.rowCount))
          add(block, at: offset, to: sum.dropping(columns.lowerBound), workspace)
        }
      }
    }
  }

  /// Adds the unscaled image of every row of a block to a column of the sum.
  private func add<Scalar: RealScalar>(
    _ block: RowBlock<Scalar>, at offset: Int, to sum: RowOutput<Scalar>, _ workspace: Workspace
  ) {
    workspace.withScratch(Scalar.self, outputDimension) { image in
      for i in 0..<block.rowCount {
        transform(block, row: i, at: offset, scale: 1, into: image, workspace: workspace)
        addColumn(image, outputDimension, to: sum.dropping(i))
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func transpose<Scalar: RealScalar>(
  _ input: UnsafePointer<Scalar>, stride: Int, _ rowCount: Int, _ columnCount: Int,
  into output: UnsafeMutablePointer<Scalar>
) {
  for i in 0..<rowCount {
    for j in 0..<columnCount { output[j * rowCount + i] = input[i * stride + j] }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addColumn<Scalar: RealScalar>(
  _ column: UnsafePointer<Scalar>, _ count: Int, to sum: RowOutput<Scalar>
) {
  for k in 0..<count { sum.row(k).pointee += column[k] }
}
