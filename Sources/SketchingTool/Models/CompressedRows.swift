// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse matrices as three NumPy files.

import Sketching

/// The CSR arrays of a sparse matrix, stored as NAME-offsets.npy, NAME-columns.npy, NAME-values.npy.
struct CompressedRows {
  var columnCount: Int
  var offsets: [Int]
  var columns: [Int]
  var values: [Double]

  init(_ matrix: SparseMatrix<Double>) {
    columnCount = matrix.columnCount
    (offsets, columns, values) = matrix.withUnsafePointers { rows in
      let starts = (0..<matrix.rowCount).map { rows.positions(ofRow: $0).lowerBound }
      let positions = 0..<matrix.nonzeroCount
      return (
        starts + [positions.upperBound], positions.map { Int(rows.columns[$0]) },
        positions.map { rows.values[$0] }
      )
    }
  }

  /// Writes the files of a matrix that has entries.
  func write(to name: String) throws {
    try NumPyWriter.write(offsets, to: name + "-offsets.npy")
    try NumPyWriter.write(columns, to: name + "-columns.npy")
    let entries = try Matrix(rowCount: values.count, columnCount: 1, elements: values)
    try NumPyWriter.write(entries, to: name + "-values.npy")
  }

  /// - Throws: `FileError` if a file cannot be read or does not hold what it should.
  init(path name: String, columnCount: Int) throws {
    func wholes(_ path: String) throws -> [Int] {
      try NumPyFile(path: path).matrix(as: Double.self).elements.map { value in
        guard let number = Int(exactly: value) else {
          throw FileError(path, found: "\(value)", expected: "whole numbers")
        }
        return number
      }
    }
    self.columnCount = columnCount
    offsets = try wholes(name + "-offsets.npy")
    columns = try wholes(name + "-columns.npy")
    values = try Array(NumPyFile(path: name + "-values.npy").matrix(as: Double.self).elements)
  }

  /// - Throws: `InvalidInput` if the arrays are not those of a sparse matrix.
  func matrix() throws -> SparseMatrix<Double> {
    let indices = try columns.map { column in
      guard let index = Int32(exactly: column) else {
        throw InvalidInput("column index", found: "\(column)", expected: "below \(columnCount)")
      }
      return index
    }
    return try SparseMatrix(
      columnCount: columnCount, rowOffsets: offsets, columnIndices: indices, values: values)
  }
}
