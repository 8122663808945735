// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Labelled sparse points in the text format of LIBSVM.

import LinearAlgebra
import Validation

/// Labelled sparse points: each line `label index:value index:value …`, with rising indices from 1.
///
/// A `#` starts a comment; lines without anything else are passed over.
public struct LIBSVMFile: RowSource {
  public let path: String
  /// The points, n × d. Column j holds index j + 1.
  public let matrix: SparseMatrix<Double>
  /// The number at the start of each line.
  public let labels: [Double]

  /// Reads the whole file. Cost: O(bytes).
  ///
  /// - Parameter columnCount: d, as test files need it, in which the last features may not occur;
  ///   without it the largest index.
  /// - Throws: `FileError` if the file cannot be read; naming the line, if an index is below 1,
  ///   above `columnCount` or not above the one before, or where anything else is not as it should
  ///   be. `InvalidInput` if `columnCount` is no dimension.
  public init(path: String, columnCount: Int? = nil) throws {
    if let columnCount { try Check.dimension(columnCount, "columns of \(path)") }
    let buffer = try InputFile(path: path).contents()
    var points = Points(limit: columnCount ?? Check.largestDimension)
    var scanner = TextScanner(buffer, path: path)
    while !scanner.isAtEnd {
      try points.takeLine(&scanner)
      scanner.nextLine()
    }
    withExtendedLifetime(buffer) {}
    guard !points.labels.isEmpty else {
      throw FileError(path, found: "no points", expected: "lines of the form label index:value …")
    }
    guard points.largestIndex > 0 || columnCount != nil else {
      throw FileError(path, found: "no features", expected: "at least one index:value")
    }
    self.path = path
    labels = points.labels
    matrix = try SparseMatrix(
      columnCount: columnCount ?? points.largestIndex, rowOffsets: points.offsets,
      columnIndices: points.columns, values: points.values)
  }

  public var rowCount: Int { matrix.rowCount }
  public var columnCount: Int { matrix.columnCount }

  /// The rows in `range`, sparse.
  ///
  /// - Throws: `FileError` if a number is too large for `Scalar`.
  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    let rows = matrix.rows(range).converted(to: type)
    guard Scalar.precision == .double || rows.isFinite else {
      throw FileError(
        path, at: "rows \(range)", found: "a number beyond single precision",
        expected: "numbers within single precision")
    }
    return .sparse(rows)
  }
}

/// What has been read so far.
private struct Points {
  let limit: Int
  var labels: [Double] = []
  var offsets = [0]
  var columns: [Int32] = []
  var values: [Double] = []
  var largestIndex = 0

  init(limit: Int) { self.limit = limit }

  /// Takes the point on the current line, if any.
  mutating func takeLine(_ scanner: inout TextScanner) throws {
    scanner.skipBlanks()
    if scanner.isAtLineEnd || scanner.byte == UInt8(ascii: "#") { return }
    labels.append(try Self.finiteNumber(&scanner, from: scanner.position, "a label"))
    var previous = 0
    while true {
      let hasBlank = scanner.byte == 0x20 || scanner.byte == 0x09
      scanner.skipBlanks()
      if scanner.isAtLineEnd || scanner.byte == UInt8(ascii: "#") { break }
      let start = scanner.position
      guard hasBlank, let index = scanner.wholeNumber(), scanner.take(":") else {
        throw scanner.error(found: scanner.word(from: start), expected: "index:value")
      }
      guard index > previous, index <= limit else {
        let expected =
          index > limit ? "an index of at most \(limit)" : "an index above \(previous)"
        throw scanner.error(found: scanner.word(from: start), expected: expected)
      }
      values.append(try Self.finiteNumber(&scanner, from: start, "a finite value"))
      columns.append(Int32(index - 1))
      previous = index
    }
    largestIndex = max(largestIndex, previous)
    offsets.append(values.count)
  }

  /// Takes a number that a blank, a comment or the line's end follows.
  private static func finiteNumber(
    _ scanner: inout TextScanner, from start: Int, _ expected: String
  ) throws -> Double {
    guard let number = scanner.number(), number.isFinite,
      scanner.byte <= 0x20 || scanner.byte == UInt8(ascii: "#")
    else { throw scanner.error(found: scanner.word(from: start), expected: expected) }
    return number
  }
}
