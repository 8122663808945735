// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The header of NumPy's `.npy` format, versions 1 to 3.
//
// Six bytes of magic, two of version, the length of what follows (16 bits in version 1, 32 later),
// then a Python dictionary: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.

struct NumPyHeader: Equatable {
  var element: ElementType
  var shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the header through `next`, which yields that many of the bytes that follow.
  ///
  /// - Throws: `FileError` if it is not a header, or one of an array that this library cannot read.
  init(path: String, next: (Int) throws -> [UInt8]) throws {
    let start = try next(8)
    guard start.prefix(6).elementsEqual(Self.magic) else {
      throw FileError(
        path, found: "the first bytes \(start.withUnsafeBytes(FileError.quote))",
        expected: "a NumPy array, which starts with \"\\u{93}NUMPY\"")
    }
    guard (1...3).contains(start[6]) else {
      throw FileError(
        path, found: "version \(start[6]) of the NumPy format", expected: "version 1, 2 or 3")
    }
    let length = try next(start[6] == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16 else {
      throw FileError(path, found: "a header of \(length) bytes", expected: "at most 65536")
    }
    var parser = PythonLiteral(try next(length))
    guard let fields = parser.dictionary() else {
      throw FileError(
        path, at: "header", found: parser.text,
        expected: "a dictionary of descr, fortran_order, shape")
    }
    try self.init(fields, path: path, text: parser.text)
  }

  private init(_ fields: [String: PythonLiteral.Value], path: String, text: String) throws {
    guard fields.count == 3, case .tuple(let shape)? = fields["shape"],
      case .boolean(let fortran)? = fields["fortran_order"], let type = fields["descr"]
    else {
      throw FileError(
        path, at: "header", found: text, expected: "the keys descr, fortran_order and shape")
    }
    let known = "one of " + ElementType.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    guard case .string(let code) = type else {
      throw FileError(path, at: "header", found: "a structured type", expected: known)
    }
    let order = code.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    let name = String(order == nil ? code[...] : code.dropFirst())
    guard let kind = ElementType.Kind(rawValue: name) else {
      let found =
        name.first == "O" ? "an array of Python objects" : "the type \(code.debugDescription)"
      throw FileError(path, at: "header", found: found, expected: known)
    }
    guard !fortran || shape.count(where: { $0 != 1 }) <= 1 else {
      throw FileError(
        path, found: "Fortran order", expected: "C order, as numpy.ascontiguousarray makes it")
    }
    self.init(element: ElementType(kind: kind, isBigEndian: order == ">"), shape: shape)
  }

  init(element: ElementType, shape: [Int]) {
    self.element = element
    self.shape = shape
  }

  /// The header in version 1, padded to a multiple of 64 bytes. There are at most 64 extents.
  var bytes: [UInt8] {
    let order = element.size == 1 ? "|" : element.isBigEndian ? ">" : "<"
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text =
      "{'descr': '\(order)\(element.kind.rawValue)', 'fortran_order': False, 'shape': (\(extents)), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1)
    return Self.magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + text.utf8 + padding
      + [UInt8(ascii: "\n")]
  }
}

/// As much of Python's literals as headers hold.
private struct PythonLiteral {
  enum Value {
    case string(String)
    case boolean(Bool)
    case tuple([Int])
    /// A list, as the descriptions of structured types are; its contents do not matter here.
    case list
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What is parsed, for messages.
  var text: String { bytes.withUnsafeBytes(FileError.quote) }

  /// The whole input as a dictionary without repeated keys; nil if it is not one.
  mutating func dictionary() -> [String: Value]? {
    var fields: [String: Value] = [:]
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":"), let value = value(),
        fields.updateValue(value, forKey: key) == nil
      else { return nil }
      guard take(",") || peek == UInt8(ascii: "}") else { return nil }
    }
    return peek == nil ? fields : nil
  }

  private mutating func value() -> Value? {
    switch peek {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): string().map(Value.string)
    case UInt8(ascii: "("): tuple().map(Value.tuple)
    case UInt8(ascii: "["): skipList() ? .list : nil
    default: word("True") ? .boolean(true) : word("False") ? .boolean(false) : nil
    }
  }

  private mutating func string() -> String? {
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = bytes[(position + 1)...].firstIndex(of: quote)
    else { return nil }
    defer { position = end + 1 }
    return String(decoding: bytes[position + 1..<end], as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var numbers: [Int] = []
    while !take(")") {
      let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      position = digits.endIndex
      numbers.append(number)
      guard take(",") || peek == UInt8(ascii: ")") else { return nil }
      _ = peek
    }
    return numbers
  }

  private mutating func skipList() -> Bool {
    var depth = 0
    repeat {
      switch peek {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      case nil: return false
      default: break
      }
      position += 1
    } while depth > 0
    return true
  }

  private mutating func word(_ expected: String) -> Bool {
    guard bytes[position...].starts(with: expected.utf8) else { return false }
    position += expected.utf8.count
    return true
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  /// The next byte that is not white space.
  private var peek: UInt8? {
    mutating get {
      while position < bytes.count, bytes[position] == 0x20 || (9...13).contains(bytes[position]) {
        position += 1
      }
      return position < bytes.count ? bytes[position] : nil
    }
  }
}
