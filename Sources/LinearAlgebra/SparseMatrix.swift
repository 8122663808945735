// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse matrices in compressed sparse rows (CSR).

import Validation

/// A sparse `rowCount × columnCount` matrix in CSR form: per row, its columns in rising order and
/// the values there; everything else is zero.
///
/// A value with shared storage, like `Matrix`: copies and `rows(_:)` are O(1).
public struct SparseMatrix<Scalar: RealScalar>: Sendable, Equatable {
  public let columnCount: Int
  /// `rowCount + 1` positions; row i holds the positions `offsets[i]..<offsets[i + 1]`, counted from
  /// `offsets.first`.
  let offsets: ArraySlice<Int>
  let columns: ArraySlice<Int32>
  let values: ArraySlice<Scalar>

  public var rowCount: Int { offsets.count - 1 }

  /// The number of stored entries.
  public var nonzeroCount: Int { values.count }

  /// The matrix with the given CSR arrays.
  ///
  /// - Parameters:
  ///   - rowOffsets: `rowCount + 1` numbers from 0 to the number of entries, never falling.
  ///   - columnIndices: per entry its column; rising without repetition inside a row.
  ///   - values: per entry its value.
  /// - Throws: `InvalidInput` where one of these rules is broken. Cost: O(rows + nonzeros).
  public init(
    columnCount: Int, rowOffsets: [Int], columnIndices: [Int32], values: [Scalar]
  ) throws {
    try Check.dimension(columnCount, "columns of the sparse matrix")
    guard rowOffsets.first == 0, rowOffsets.last == values.count else {
      throw InvalidInput(
        "row offsets",
        found: "\(rowOffsets.first ?? -1) first, \(rowOffsets.last ?? -1) last",
        expected: "0 first and the number of values, \(values.count), last")
    }
    try Check.equal(columnIndices.count, values.count, "number of column indices")
    for row in 0..<rowOffsets.count - 1 {
      let (start, end) = (rowOffsets[row], rowOffsets[row + 1])
      guard start <= end, end <= values.count else {
        throw InvalidInput(
          "row offset \(row + 1)", found: "\(end)", expected: "\(start) to \(values.count)")
      }
      var previous = -1
      for position in start..<end {
        let column = Int(columnIndices[position])
        guard column > previous, column < columnCount else {
          throw InvalidInput(
            "column index in row \(row)", found: "\(column)",
            expected: "above \(previous) and below \(columnCount)")
        }
        previous = column
      }
    }
    self.init(
      columnCount: columnCount, offsets: rowOffsets[...], columns: columnIndices[...],
      values: values[...])
  }

  /// The nonzeros of a dense matrix. Cost: O(rowCount · columnCount).
  public init(_ dense: Matrix<Scalar>) {
    let (rowCount, columnCount) = (dense.rowCount, dense.columnCount)
    self = dense.withUnsafePointer { input in
      var offsets = [Int](repeating: 0, count: rowCount + 1)
      for i in 0..<rowCount {
        offsets[i + 1] =
          offsets[i] + Entries.nonzeroCount(columnCount, input + i * columnCount)
      }
      let total = offsets[rowCount]
      var columns = [Int32](repeating: 0, count: total)
      var values = [Scalar](repeating: 0, count: total)
      columns.withUnsafeMutableBufferPointer { columns in
        values.withUnsafeMutableBufferPointer { values in
          guard let columns = columns.baseAddress, let values = values.baseAddress else { return }
          for i in 0..<rowCount {
            Entries.copyNonzeros(
              columnCount, input + i * columnCount, positions: columns + offsets[i],
              values: values + offsets[i])
          }
        }
      }
      return SparseMatrix(
        columnCount: columnCount, offsets: offsets[...], columns: columns[...],
        values: values[...])
    }
  }

  init(
    columnCount: Int, offsets: ArraySlice<Int>, columns: ArraySlice<Int32>,
    values: ArraySlice<Scalar>
  ) {
    self.columnCount = columnCount
    self.offsets = offsets
    self.columns = columns
    self.values = values
  }

  /// The rows in `range`, sharing this matrix's storage. Cost: O(1).
  public func rows(_ range: Range<Int>) -> SparseMatrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows out of range")
    let first = offsets.startIndex
    let slice = offsets[first + range.lowerBound...first + range.upperBound]
    let base = offsets[first]
    let entries = slice.first! - base..<slice.last! - base
    return SparseMatrix(
      columnCount: columnCount, offsets: slice,
      columns: columns[
        columns.startIndex + entries.lowerBound..<columns.startIndex + entries.upperBound],
      values: values[
        values.startIndex + entries.lowerBound..<values.startIndex + entries.upperBound])
  }

  /// The dense form. Cost: O(rowCount · columnCount) memory.
  public var dense: Matrix<Scalar> {
    var result = Matrix<Scalar>(rowCount: rowCount, columnCount: columnCount)
    result.withUnsafeMutablePointer { output in
      withUnsafePointers { view in
        for row in 0..<rowCount {
          let positions = view.positions(ofRow: row)
          Entries.scatter(
            positions.count, positions: view.columns + positions.lowerBound,
            values: view.values + positions.lowerBound, into: output + row * columnCount)
        }
      }
    }
    return result
  }

  /// The same numbers in another precision. O(1) where the type is the same.
  public func converted<Other: RealScalar>(to type: Other.Type) -> SparseMatrix<Other> {
    if let same = self as? SparseMatrix<Other> { return same }
    let converted = [Other](unsafeUninitializedCapacity: nonzeroCount) { output, initialized in
      values.withUnsafeBufferPointer { input in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        Entries.convert(nonzeroCount, input, to: output)
      }
      initialized = nonzeroCount
    }
    return SparseMatrix<Other>(
      columnCount: columnCount, offsets: offsets, columns: columns, values: converted[...])
  }

  /// Whether no stored value is NaN or infinite.
  public var isFinite: Bool {
    withUnsafePointers { Entries.firstNonfinite(nonzeroCount, $0.values) == nil }
  }

  /// Equal shapes and equal stored entries.
  public static func == (a: SparseMatrix, b: SparseMatrix) -> Bool {
    let (baseA, baseB) = (a.offsets.first!, b.offsets.first!)
    return a.columnCount == b.columnCount && a.columns == b.columns && a.values == b.values
      && a.offsets.lazy.map { $0 - baseA }.elementsEqual(b.offsets.lazy.map { $0 - baseB })
  }
}

/// The CSR arrays of a block of rows as pointers, for inner loops.
public struct SparseRowPointers<Scalar: RealScalar> {
  @usableFromInline package let offsets: UnsafePointer<Int>
  public let columns: UnsafePointer<Int32>
  public let values: UnsafePointer<Scalar>

  /// - Parameter offsets: one more than there are rows, rising, from any first value: row i holds
  ///   the entries from `offsets[i] − offsets[0]` to `offsets[i + 1] − offsets[0]`.
  @inlinable
  public init(
    offsets: UnsafePointer<Int>, columns: UnsafePointer<Int32>, values: UnsafePointer<Scalar>
  ) {
    self.offsets = offsets
    self.columns = columns
    self.values = values
  }

  /// Where row `i`'s entries lie in `columns` and `values`.
  @inlinable
  public func positions(ofRow i: Int) -> Range<Int> {
    Range(uncheckedBounds: (offsets[i] - offsets[0], offsets[i + 1] - offsets[0]))
  }

  /// The rows from `row` on.
  func dropping(_ row: Int) -> SparseRowPointers {
    let start = offsets[row] - offsets[0]
    return SparseRowPointers(
      offsets: offsets + row, columns: columns + start, values: values + start)
  }
}

extension SparseMatrix {
  /// Reads the CSR arrays through pointers, valid only inside `body`.
  public func withUnsafePointers<Result>(
    _ body: (SparseRowPointers<Scalar>) throws -> Result
  ) rethrows -> Result {
    try offsets.withUnsafeBufferPointer { offsets in
      try columns.withUnsafeBufferPointer { columns in
        try values.withUnsafeBufferPointer { values in
          // Never read when there are no entries, so any nonnull address will do.
          try body(
            SparseRowPointers(
              offsets: offsets.baseAddress!,
              columns: columns.baseAddress ?? UnsafePointer(bitPattern: 8)!,
              values: values.baseAddress ?? UnsafePointer(bitPattern: 8)!))
        }
      }
    }
  }
}
