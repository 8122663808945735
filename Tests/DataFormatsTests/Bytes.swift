// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files of every format, built byte by byte, and the check that a damaged one is refused.

import DataFormats
import TestSupport
import Testing

/// The bytes of a whole number, lowest first.
func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }

/// The bytes of `<f8` numbers.
func doubles(_ values: [Double]) -> [UInt8] {
  values.flatMap { little(Int(truncatingIfNeeded: $0.bitPattern), 8) }
}

/// An `.npy` file with this header text, which nothing pads.
func npy(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let length = little(header.utf8.count, version == 1 ? 2 : 4)
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
}

func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
  "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
}

/// The CRC-32 of gzip and zip, bit by bit.
func crc32(_ bytes: [UInt8]) -> Int {
  var crc: UInt32 = 0xffff_ffff
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
  }
  return Int(~crc)
}

/// A deflate stream of one block that is stored as it is.
func deflated(_ bytes: [UInt8]) -> [UInt8] {
  [1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
}

func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + deflated(bytes) + little(crc32(bytes), 4)
    + little(bytes.count, 4)
}

/// A zip archive of one member, with what a hostile one may lie about.
struct Zip {
  var name = "x.npy"
  var data: [UInt8]
  var isDeflated = false
  var isWide = false
  var method: Int?
  var flags = 0
  var checksum: Int?
  var count: Int?
  var packedCount: Int?
  var headerOffset = 0
  var directoryOffset: Int?
  var copies = 1

  init(_ data: [UInt8]) { self.data = data }

  var bytes: [UInt8] {
    let packed = isDeflated ? deflated(data) : data
    let (count, packedCount) = (count ?? data.count, packedCount ?? packed.count)
    let narrow =
      isWide ? little(-1, 8) : little(packedCount, 4) + little(count, 4)
    let extra =
      isWide ? little(1, 2) + little(16, 2) + little(count, 8) + little(packedCount, 8) : []
    let common =
      little(flags, 2) + little(method ?? (isDeflated ? 8 : 0), 2) + little(0, 4)
      + little(checksum ?? crc32(data), 4) + narrow + little(name.utf8.count, 2)
      + little(extra.count, 2)
    let member = Array("PK\u{3}\u{4}".utf8) + little(45, 2) + common + name.utf8 + extra + packed
    let entry =
      Array("PK\u{1}\u{2}".utf8) + little(45, 2) + little(45, 2) + common + little(0, 10)
      + little(headerOffset, 4) + name.utf8 + extra
    let directory = (0..<copies).flatMap { _ in entry }
    let start = directoryOffset ?? member.count
    var end: [UInt8] = []
    if isWide {
      end = Array("PK\u{6}\u{6}".utf8) + little(44, 8) + little(45, 2) + little(45, 2)
      end += little(0, 8) + little(copies, 8) + little(copies, 8)
      end += little(directory.count, 8) + little(start, 8)
      end += Array("PK\u{6}\u{7}".utf8) + little(0, 4) + little(member.count + directory.count, 8)
      end += little(1, 4)
    }
    end += Array("PK\u{5}\u{6}".utf8) + little(0, 4) + little(copies, 2) + little(copies, 2)
    end += little(isWide ? -1 : directory.count, 4) + little(isWide ? -1 : start, 4) + little(0, 2)
    return member + directory + end
  }
}

/// A damaged file and a part of what must be said of it.
struct Hostile: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let message: String

  init(_ name: String, _ bytes: [UInt8], _ message: String) {
    (testDescription, self.bytes, self.message) = (name, bytes, message)
  }

  init(_ name: String, _ text: String, _ message: String) {
    self.init(name, Array(text.utf8), message)
  }

  /// Checks that `read` refuses the file, naming it and saying what is wrong.
  func expectRefusal(
    as name: String, suffix: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ read: (String) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: name) + suffix
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try read(path) }
    guard let error else { return }
    #expect(error.description.contains(folder.file(name)), sourceLocation: sourceLocation)
    #expect(error.description.contains(message), sourceLocation: sourceLocation)
  }
}
