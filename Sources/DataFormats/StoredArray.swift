// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// An array of numbers packed in C order somewhere in a file, read by rows.

import LinearAlgebra
import Validation

/// An n-dimensional array in C order: row i is the entry i of the first dimension, flattened.
struct StoredArray: Sendable {
  let path: String
  let source: any ByteSource
  /// Where the first element lies in `source`.
  let offset: Int
  let element: ElementType
  /// The extents, all at least 1. A number alone has none.
  let shape: [Int]

  var rowCount: Int { shape.first ?? 1 }
  var columnCount: Int { shape.dropFirst().reduce(1, *) }

  /// The bytes of an array of `shape`.
  ///
  /// - Throws: `FileError` if it has no entries, more columns than a matrix may have or more bytes
  ///   than can be counted.
  static func byteCount(_ shape: [Int], _ element: ElementType, path: String) throws -> Int {
    func refusal(_ expected: String) -> FileError {
      FileError(path, found: "the shape \(describe(shape))", expected: expected)
    }
    guard shape.allSatisfy({ $0 >= 1 }) else { throw refusal("at least one entry") }
    var product = element.size
    for (axis, extent) in shape.enumerated().reversed() {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow, next <= Int.max / 16 else { throw refusal("as many entries as the file") }
      guard axis == 0 || next / element.size <= Check.largestDimension else {
        throw refusal("at most \(Check.largestDimension) entries in a row")
      }
      product = next
    }
    return product
  }

  static func describe(_ shape: [Int]) -> String {
    shape.isEmpty ? "()" : shape.map(String.init).joined(separator: " × ")
  }

  /// The rows in `range`.
  ///
  /// - Throws: `FileError` if they cannot be read or hold NaN, infinity or a number too large for
  ///   `Scalar`.
  func rows<Scalar: RealScalar>(_ range: Range<Int>, as type: Scalar.Type) throws -> Matrix<Scalar>
  {
    precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows out of range")
    let first = range.lowerBound * columnCount
    let matrix = try Matrix<Scalar>(rowCount: range.count, columnCount: columnCount) { output in
      try read(first..<first + range.count * columnCount, into: output)
    }
    if let (row, column) = matrix.firstNonfinite {
      var value = Double.nan
      let position = first + row * columnCount + column
      try read(position..<position + 1, into: &value)
      throw FileError(
        path, at: "row \(range.lowerBound + row), column \(column)", found: "\(value)",
        expected: value.isFinite ? "a number within single precision" : "a finite number")
    }
    return matrix
  }

  /// Reads and converts the elements at `positions`.
  private func read<Scalar: RealScalar>(
    _ positions: Range<Int>, into output: UnsafeMutablePointer<Scalar>
  ) throws {
    let size = element.size
    if element == .native(Scalar.self) {
      return try source.read(
        into: output, count: positions.count * size, at: offset + positions.lowerBound * size)
    }
    let capacity = 1 << 15
    try withUnsafeTemporaryAllocation(byteCount: capacity * size, alignment: 8) { chunk in
      for start in stride(from: positions.lowerBound, to: positions.upperBound, by: capacity) {
        let count = min(capacity, positions.upperBound - start)
        try source.read(into: chunk.baseAddress!, count: count * size, at: offset + start * size)
        element.decode(
          UnsafeRawPointer(chunk.baseAddress!), count: count,
          into: output + (start - positions.lowerBound))
      }
    }
  }
}
