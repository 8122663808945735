// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Numbers and lines in text, read as bytes.

/// A position in a text file that is wholly in memory.
struct TextScanner {
  let path: String
  private let text: UnsafePointer<UInt8>
  private let end: Int
  private(set) var position = 0
  /// The number of the current line, from 1.
  private(set) var line = 1

  /// Starts behind the byte-order mark, if there is one. The buffer must outlive the scanner.
  init(_ buffer: ByteBuffer, path: String) {
    self.path = path
    text = UnsafePointer(buffer.pointer.assumingMemoryBound(to: UInt8.self))
    end = buffer.count
    if buffer.bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  var isAtEnd: Bool { position == end }

  /// The byte here; a line feed at the end of the text.
  @inline(__always)
  var byte: UInt8 { position < end ? text[position] : UInt8(ascii: "\n") }

  /// Whether the current line has no more bytes.
  var isAtLineEnd: Bool {
    byte == UInt8(ascii: "\n")
      || byte == UInt8(ascii: "\r")
        && (position + 1 == end || text[position + 1] == UInt8(ascii: "\n"))
  }

  /// Passes the byte here, which is not a line's end.
  @inline(__always)
  mutating func advance() { position += 1 }

  mutating func back(to position: Int) { self.position = position }

  @inline(__always)
  mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: mark), position < end else { return false }
    position += 1
    return true
  }

  /// Passes blanks: spaces and tabs, but not `delimiter`.
  mutating func skipBlanks(but delimiter: UInt8 = 0) {
    while byte == 0x20 || byte == 0x09, byte != delimiter { position += 1 }
  }

  /// Passes what is left of the line and its end.
  mutating func nextLine() {
    while byte != UInt8(ascii: "\n") { position += 1 }
    if position < end { position += 1 }
    line += 1
  }

  /// Passes a decimal number, such as `-12.5e-3`, and returns it correctly rounded (so too large a
  /// one is infinite); stays and returns nil where there is none.
  mutating func number() -> Double? {
    let start = position
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { position += 1 }
    var (digits, mantissa, exponent) = (0, 0 as UInt64, 0)
    while let digit = digit() {
      (digits, mantissa) = (digits + 1, mantissa &* 10 &+ digit)
    }
    if take(".") {
      while let digit = digit() {
        (digits, mantissa, exponent) = (digits + 1, mantissa &* 10 &+ digit, exponent - 1)
      }
    }
    guard digits > 0 else {
      position = start
      return nil
    }
    if byte | 0x20 == UInt8(ascii: "e") { exponent += exponentPart() }
    // The mantissa and a power of ten up to 22 are exact, so one rounding is all there is.
    guard digits <= 19, mantissa <= 1 << 53, abs(exponent) <= 22 else {
      let slice = UnsafeBufferPointer(start: text + start, count: position - start)
      return Double(String(decoding: slice, as: UTF8.self))
    }
    let power = Self.powersOfTen[abs(exponent)]
    let magnitude = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    return isNegative ? -magnitude : magnitude
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Passes a whole number without sign; nil if there is none or it is above 10¹⁸.
  mutating func wholeNumber() -> Int? {
    var (digits, value) = (0, 0)
    while let digit = digit() {
      (digits, value) = (digits + 1, value &* 10 &+ Int(digit))
    }
    return digits > 0 && digits <= 18 ? value : nil
  }

  @inline(__always)
  private mutating func digit() -> UInt64? {
    let digit = byte &- UInt8(ascii: "0")
    guard digit <= 9 else { return nil }
    position += 1
    return UInt64(digit)
  }

  /// Passes an exponent with its `e`, or nothing if no digit follows; one beyond all doubles comes
  /// back as a number beyond all doubles.
  private mutating func exponentPart() -> Int {
    let start = position
    position += 1
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { position += 1 }
    var (digits, value) = (0, 0)
    while let digit = digit() {
      (digits, value) = (digits + 1, min(value * 10 + Int(digit), 1_000_000))
    }
    guard digits > 0 else {
      position = start
      return 0
    }
    return isNegative ? -value : value
  }

  /// The bytes from `start` to the next blank or line end, quoted for a message.
  func word(from start: Int) -> String {
    var stop = start
    while stop < end, text[stop] > 0x20 { stop += 1 }
    return FileError.quote(UnsafeRawBufferPointer(start: text + start, count: stop - start))
  }

  /// The bytes in `range`, quoted for a message.
  func quote(_ range: Range<Int>) -> String {
    FileError.quote(UnsafeRawBufferPointer(start: text + range.lowerBound, count: range.count))
  }

  func error(found: String, expected: String) -> FileError {
    FileError(path, at: "line \(line)", found: found, expected: expected)
  }
}
