// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of a sparse matrix with dense ones.

import Validation

extension SparseMatrix {
  /// A B for a dense B. Cost: 2 · nonzeroCount · `other.columnCount` operations.
  ///
  /// Each entry is summed in rising order of columns of A.
  ///
  /// - Throws: `InvalidInput` if the shapes do not fit; `CancellationError`.
  public func multiplied(
    by other: Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(other.rowCount, columnCount, "rows of the right factor")
    let width = other.columnCount
    _ = try Check.count([rowCount, width], "shape of the product")
    return try Matrix(rowCount: rowCount, columnCount: width) { base in
      nonisolated(unsafe) let output = base
      try Parallel.forEachBlock(of: rowCount, size: 64, on: execution) { range, _ in
        withUnsafePointers { a in
          other.withUnsafePointer { b in
            SparseMatrix.multiply(a, rows: range, b, width, into: output)
          }
        }
      }
    }
  }

  /// Aᵀ B for a dense B. Cost: 2 · nonzeroCount · `other.columnCount` operations, and a transposed
  /// copy of A.
  ///
  /// - Throws: `InvalidInput` if the numbers of rows differ; `CancellationError`.
  public func transposeMultiplied(
    by other: Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(other.rowCount, rowCount, "rows of the right factor")
    return try transposed().multiplied(by: other, on: execution)
  }

  /// A Bᵀ for a sparse B, as a dense matrix. Cost: about rowCount · `other.nonzeroCount` operations.
  ///
  /// - Throws: `InvalidInput` if the numbers of columns differ; `CancellationError`.
  public func multiplied(
    byTransposeOf other: SparseMatrix, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Rows.sparse(self).multiplied(byTransposeOf: .sparse(other), on: execution)
  }

  /// The transpose. Cost: O(nonzeroCount + rowCount + columnCount).
  ///
  /// - Throws: `InvalidInput` if there are more than 2³¹ − 1 rows.
  public func transposed() throws -> SparseMatrix {
    _ = try Check.count([rowCount], "rows of the sparse matrix", upTo: Check.largestDimension)
    return withUnsafePointers { view in
      var offsets = [Int](repeating: 0, count: columnCount + 1)
      for position in 0..<nonzeroCount { offsets[Int(view.columns[position]) + 1] += 1 }
      for column in 0..<columnCount { offsets[column + 1] += offsets[column] }
      var next = offsets
      var rowIndices = [Int32](repeating: 0, count: nonzeroCount)
      var entries = [Scalar](repeating: 0, count: nonzeroCount)
      for row in 0..<rowCount {
        for position in view.positions(ofRow: row) {
          let column = Int(view.columns[position])
          rowIndices[next[column]] = Int32(row)
          entries[next[column]] = view.values[position]
          next[column] += 1
        }
      }
      return SparseMatrix(
        columnCount: rowCount, offsets: offsets[...], columns: rowIndices[...],
        values: entries[...])
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func multiply(
    _ a: SparseRowPointers<Scalar>, rows: Range<Int>, _ b: UnsafePointer<Scalar>, _ width: Int,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    for i in rows {
      let sum = output + i * width
      sum.update(repeating: 0, count: width)
      for position in a.positions(ofRow: i) {
        let value = a.values[position]
        let row = b + Int(a.columns[position]) * width
        for j in 0..<width { sum[j] += value * row[j] }
      }
    }
  }
}
