// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dense matrices, row-major.

import Validation

/// A dense `rowCount × columnCount` matrix, row-major: rows are points, as in NumPy.
///
/// A value with shared storage: copies and `rows(_:)` are O(1), and the first change to a shared
/// matrix copies it. A block of rows keeps the whole matrix's memory alive.
public struct Matrix<Scalar: RealScalar>: Sendable {
  public let rowCount: Int
  public let columnCount: Int
  /// The entries, row after row; its indices start where the block starts in its matrix.
  public private(set) var elements: ArraySlice<Scalar>

  /// The matrix with the given entries, row after row.
  ///
  /// - Throws: `InvalidInput` if `elements.count ≠ rowCount · columnCount`.
  public init(rowCount: Int, columnCount: Int, elements: [Scalar]) throws {
    let count = try Check.count([rowCount, columnCount], "matrix shape")
    try Check.equal(elements.count, count, "number of matrix elements")
    self.init(rowCount: rowCount, columnCount: columnCount, slice: elements[...])
  }

  /// The matrix whose rows are the given arrays.
  ///
  /// - Throws: `InvalidInput` if they differ in length.
  public init(rows: [[Scalar]]) throws {
    let columnCount = rows.first?.count ?? 0
    for (index, row) in rows.enumerated() {
      try Check.equal(row.count, columnCount, "length of row \(index)")
    }
    self.init(rowCount: rows.count, columnCount: columnCount) { output in
      for (i, row) in rows.enumerated() {
        row.withUnsafeBufferPointer { Matrix.copy($0, to: output + i * columnCount) }
      }
    }
  }

  private static func copy(
    _ source: UnsafeBufferPointer<Scalar>, to output: UnsafeMutablePointer<Scalar>
  ) {
    if let base = source.baseAddress { output.update(from: base, count: source.count) }
  }

  /// A matrix with all entries `value`. The shape must have been checked.
  public init(repeating value: Scalar = 0, rowCount: Int, columnCount: Int) {
    self.init(
      rowCount: rowCount, columnCount: columnCount,
      slice: Array(repeating: value, count: rowCount * columnCount)[...])
  }

  /// A matrix whose entries `body` writes, all of them, before it returns.
  public init(
    rowCount: Int, columnCount: Int,
    initializingWith body: (UnsafeMutablePointer<Scalar>) throws -> Void
  ) rethrows {
    let count = rowCount * columnCount
    let elements = try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.preferLargePages()
      if count > 0 { try body(buffer.baseAddress!) }
      initialized = count
    }
    self.init(rowCount: rowCount, columnCount: columnCount, slice: elements[...])
  }

  /// The identity matrix of size `n`.
  public static func identity(_ n: Int) -> Matrix {
    var result = Matrix(rowCount: n, columnCount: n)
    for i in 0..<n { result[i, i] = 1 }
    return result
  }

  init(rowCount: Int, columnCount: Int, slice: ArraySlice<Scalar>) {
    precondition(slice.count == rowCount * columnCount)
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.elements = slice
  }

  /// The entry in row `i`, column `j`.
  @inlinable
  public subscript(i: Int, j: Int) -> Scalar {
    get { elements[position(i, j)] }
    set { setElement(newValue, at: position(i, j)) }
  }

  @usableFromInline
  func position(_ i: Int, _ j: Int) -> Int {
    precondition(0 <= i && i < rowCount && 0 <= j && j < columnCount, "index out of range")
    return elements.startIndex + i * columnCount + j
  }

  @usableFromInline
  mutating func setElement(_ value: Scalar, at position: Int) {
    elements[position] = value
  }

  /// The rows in `range`, sharing this matrix's storage. Cost: O(1).
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows out of range")
    let start = elements.startIndex
    return Matrix(
      rowCount: range.count, columnCount: columnCount,
      slice: elements[
        start + range.lowerBound * columnCount..<start + range.upperBound * columnCount])
  }

  /// Row `i`, sharing this matrix's storage.
  public func row(_ i: Int) -> ArraySlice<Scalar> { rows(i..<i + 1).elements }

  /// The transpose. Cost: O(rowCount · columnCount).
  public var transposed: Matrix {
    Matrix(rowCount: columnCount, columnCount: rowCount) { output in
      withUnsafePointer { Transposition.copy(m: rowCount, n: columnCount, $0, into: output) }
    }
  }

  /// The same numbers in another precision, rounded to nearest. O(1) where the type is the same.
  public func converted<Other: RealScalar>(to type: Other.Type) -> Matrix<Other> {
    if let same = self as? Matrix<Other> { return same }
    return Matrix<Other>(rowCount: rowCount, columnCount: columnCount) { output in
      withUnsafePointer { Entries.convert(elements.count, $0, to: output) }
    }
  }

  /// The matrices one below the other. Cost: O(entries copied); O(1) for a single one.
  ///
  /// - Throws: `InvalidInput` if their numbers of columns differ.
  public static func stacked(_ parts: [Matrix]) throws -> Matrix {
    let columnCount = parts.first?.columnCount ?? 0
    for part in parts { try Check.equal(part.columnCount, columnCount, "columns") }
    if parts.count == 1 { return parts[0] }
    return Matrix(
      rowCount: parts.reduce(0) { $0 + $1.rowCount }, columnCount: columnCount
    ) { output in
      var position = output
      for part in parts {
        part.elements.withUnsafeBufferPointer { copy($0, to: position) }
        position += part.elements.count
      }
    }
  }
}

extension Matrix {
  /// Reads the entries through a pointer, valid only inside `body`.
  public func withUnsafePointer<Result>(
    _ body: (UnsafePointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeBufferPointer { buffer in
      try body(buffer.baseAddress ?? Matrix.emptyPlace)
    }
  }

  /// Changes the entries through a pointer, valid only inside `body`.
  public mutating func withUnsafeMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeMutableBufferPointer { buffer in
      try body(buffer.baseAddress ?? UnsafeMutablePointer(mutating: Matrix.emptyPlace))
    }
  }

  /// Somewhere for the pointer of an empty matrix to point; never read.
  private static var emptyPlace: UnsafePointer<Scalar> {
    UnsafePointer(bitPattern: MemoryLayout<Scalar>.alignment)!
  }

  /// Whether no entry is NaN or infinite.
  public var isFinite: Bool { firstNonfinite == nil }

  /// The row and column of the first NaN or infinity, if any. Cost: O(entries).
  public var firstNonfinite: (row: Int, column: Int)? {
    withUnsafePointer { Entries.firstNonfinite(elements.count, $0) }
      .map { ($0 / columnCount, $0 % columnCount) }
  }

  /// Throws `InvalidInput`, with the place, unless every entry is finite. Cost: O(entries).
  public func validateFinite(_ name: String) throws {
    if let place = firstNonfinite {
      throw InvalidInput(
        "\(name), row \(place.row), column \(place.column)",
        found: "\(self[place.row, place.column])", expected: "a finite number")
    }
  }
}

extension Matrix: Equatable {
  /// Equal shapes and equal entries (so a NaN equals nothing).
  public static func == (a: Matrix, b: Matrix) -> Bool {
    guard a.rowCount == b.rowCount, a.columnCount == b.columnCount else { return false }
    let count = a.elements.count
    return a.withUnsafePointer { a in
      b.withUnsafePointer { b in Entries.areEqual(count, a, b) }
    }
  }
}
