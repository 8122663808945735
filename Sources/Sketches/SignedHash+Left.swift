// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse sketches from the left: whole rows of a matrix added into the rows of its sketch.

import LinearAlgebra

extension SignedHash {
  /// Adds T A's part for the rows `offset..<offset + rows.rowCount` of A: each row, with its signs, to
  /// s rows of `sum`, in order.
  ///
  /// Each thread owns some of the sums, so each keeps the order of the rows, however many threads
  /// there are.
  ///
  /// - Complexity: s additions per entry (nonzero, where sparse) of the rows.
  func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let sum = sum
    let threads = max(1, execution.threads)
    switch rows {
    case .dense(let dense):
      let width = max(64, (dense.columnCount / threads + 15) & ~15)
      try Parallel.forEachBlock(of: dense.columnCount, size: width, on: execution) { columns, _ in
        dense.withUnsafePointer {
          add(
            $0 + columns.lowerBound, stride: dense.columnCount, rowCount: dense.rowCount,
            at: offset, into: sum.dropping(columns.lowerBound), count: columns.count)
        }
      }
    case .sparse(let sparse):
      let height = (bucketCount + threads - 1) / threads
      try Parallel.forEachBlock(of: bucketCount, size: height, on: execution) { buckets, _ in
        sparse.withUnsafePointers {
          add($0, rowCount: sparse.rowCount, at: offset, into: sum, buckets: buckets)
        }
      }
    }
  }

  /// Adds `count` columns of dense rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add<Scalar: RealScalar>(
    _ matrix: UnsafePointer<Scalar>, stride: Int, rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, count: Int
  ) {
    forEachStretch(of: offset..<offset + rowCount) { range, entries in
      for j in range {
        let source = matrix + (j - offset) * stride
        let entries = entries + (j - range.lowerBound) * nonzeros
        for b in 0..<nonzeros {
          let entry = entries[b]
          let target = sum.row(Int(entry ^ (entry >> 31)))
          let sign = signed(1 as Scalar, by: entry)
          for k in 0..<count { target[k] += sign * source[k] }
        }
      }
    }
  }

  /// Adds what falls into some rows of the sum; empty rows cost a look at their length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add<Scalar: RealScalar>(
    _ matrix: SparseRowPointers<Scalar>, rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, buckets: Range<Int>
  ) {
    withReader { reader in
      for i in 0..<rowCount {
        let positions = matrix.positions(ofRow: i)
        guard !positions.isEmpty else { continue }
        let entries = reader.entries(ofColumn: offset + i)
        for b in 0..<nonzeros {
          let entry = entries[b]
          let bucket = Int(entry ^ (entry >> 31))
          guard buckets.contains(bucket) else { continue }
          let target = sum.row(bucket)
          for position in positions {
            target[Int(matrix.columns[position])] += signed(matrix.values[position], by: entry)
          }
        }
      }
    }
  }
}
