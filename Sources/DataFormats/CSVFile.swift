// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tables of numbers in text: comma-, semicolon- or tab-separated values.

import LinearAlgebra

/// A table of numbers, one row a line, separated by commas, semicolons or tabs.
///
/// Of these the first line decides: a semicolon where it has one, else a tab, else a comma. A first
/// line in which no field is a number is a header and passed over. Numbers may stand in quotes.
public struct CSVFile: RowSource {
  public let path: String
  /// The numbers, n × d.
  public let matrix: Matrix<Double>

  /// Reads the whole file. Cost: O(bytes).
  ///
  /// - Throws: `FileError` if the file cannot be read; naming the line, if it has more or fewer
  ///   fields than the first, or a field that is empty or no finite number.
  public init(path: String) throws {
    let buffer = try InputFile(path: path).contents()
    var table = Table(delimiter: Self.delimiter(of: buffer.bytes))
    var scanner = TextScanner(buffer, path: path)
    while !scanner.isAtEnd {
      try table.takeLine(&scanner)
      scanner.nextLine()
    }
    withExtendedLifetime(buffer) {}
    guard table.rowCount > 0 else {
      throw FileError(path, found: "no rows", expected: "lines of numbers")
    }
    self.path = path
    matrix = try Matrix(
      rowCount: table.rowCount, columnCount: table.columnCount, elements: table.elements)
  }

  public var rowCount: Int { matrix.rowCount }
  public var columnCount: Int { matrix.columnCount }

  /// The rows in `range`.
  ///
  /// - Throws: `FileError` if a number is too large for `Scalar`.
  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    let rows = matrix.rows(range).converted(to: type)
    if Scalar.precision == .single, let (row, column) = rows.firstNonfinite {
      throw FileError(
        path, at: "row \(range.lowerBound + row), column \(column)",
        found: "\(matrix[range.lowerBound + row, column])",
        expected: "a number within single precision")
    }
    return .dense(rows)
  }

  private static func delimiter(of bytes: UnsafeRawBufferPointer) -> UInt8 {
    var isQuoted = false
    var seen: Set<UInt8> = []
    for byte in bytes.prefix(while: { $0 != UInt8(ascii: "\n") }) {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted { seen.insert(byte) }
    }
    return [UInt8(ascii: ";"), UInt8(ascii: "\t")].first(where: seen.contains) ?? UInt8(ascii: ",")
  }
}

/// What has been read so far.
private struct Table {
  let delimiter: UInt8
  var elements: [Double] = []
  var rowCount = 0
  /// The fields of a line, known from the first on.
  var columnCount = 0
  private var blankLine: Int?

  init(delimiter: UInt8) { self.delimiter = delimiter }

  /// Takes the row on the current line. Only at the end of the file may lines be blank.
  mutating func takeLine(_ scanner: inout TextScanner) throws {
    let start = scanner.position
    scanner.skipBlanks()
    if scanner.isAtLineEnd {
      blankLine = blankLine ?? scanner.line
      return
    }
    scanner.back(to: start)
    if let blankLine {
      throw FileError(
        scanner.path, at: "line \(blankLine)", found: "an empty line", expected: "a row of numbers")
    }
    if columnCount == 0, let header = Self.header(scanner, delimiter) {
      columnCount = header
      return
    }
    var fields = 0
    repeat {
      elements.append(try field(&scanner))
      fields += 1
    } while takeDelimiter(&scanner)
    if columnCount == 0 { columnCount = fields }
    guard fields == columnCount else {
      throw scanner.error(found: "\(fields) fields", expected: "\(columnCount), as before")
    }
    rowCount += 1
  }

  private func takeDelimiter(_ scanner: inout TextScanner) -> Bool {
    guard scanner.byte == delimiter else { return false }
    scanner.advance()
    return true
  }

  /// Takes a number up to the delimiter or the line's end.
  private func field(_ scanner: inout TextScanner) throws -> Double {
    scanner.skipBlanks(but: delimiter)
    let start = scanner.position
    let isQuoted = scanner.take("\"")
    if isQuoted { scanner.skipBlanks() }
    let number = scanner.number()
    if isQuoted { scanner.skipBlanks() }
    let isClosed = !isQuoted || scanner.take("\"")
    scanner.skipBlanks(but: delimiter)
    guard let number, number.isFinite, isClosed,
      scanner.byte == delimiter || scanner.isAtLineEnd
    else {
      let text = Self.text(of: &scanner, from: start, delimiter)
      let found = text.isEmpty ? "an empty field" : scanner.quote(text)
      throw scanner.error(found: found, expected: "a finite number")
    }
    return number
  }

  /// The number of fields of the current line if it is a header: no field is a number, NaN or
  /// infinity, and not all are empty.
  private static func header(_ start: TextScanner, _ delimiter: UInt8) -> Int? {
    var scanner = start
    var (fields, hasName) = (0, false)
    while true {
      scanner.skipBlanks(but: delimiter)
      let text = text(of: &scanner, from: scanner.position, delimiter)
      let word = scanner.quote(text).lowercased().filter { !"\"\\ +-".contains($0) }
      if Double(word) != nil || word == "nan" { return nil }
      fields += 1
      hasName = hasName || !word.isEmpty
      guard scanner.byte == delimiter else { return hasName ? fields : nil }
      scanner.advance()
    }
  }

  /// Where the field lies that starts at `start`; moves to its end. Quotes hide delimiters.
  private static func text(
    of scanner: inout TextScanner, from start: Int, _ delimiter: UInt8
  ) -> Range<Int> {
    scanner.back(to: start)
    var isQuoted = false
    while !scanner.isAtLineEnd, isQuoted || scanner.byte != delimiter {
      if scanner.byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      scanner.advance()
    }
    return start..<scanner.position
  }
}
