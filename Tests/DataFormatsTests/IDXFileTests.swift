// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// IDX files, plain and gzipped, and hostile ones.

import LinearAlgebra
import TestSupport
import Testing

@testable import DataFormats

private func idx(_ type: UInt8, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)] + shape.flatMap { big($0, 4) } + data
}

@Suite struct IDXFileTests {
  static let types: [(code: UInt8, size: Int, values: [Double], bits: [Int])] = [
    (0x08, 1, [0, 128, 255], [0, 0x80, 0xff]),
    (0x09, 1, [-128, -1, 127], [0x80, 0xff, 0x7f]),
    (0x0b, 2, [-32768, 258, -2], [0x8000, 0x0102, 0xfffe]),
    (0x0c, 4, [-2_147_483_648, 16_909_060, -2], [0x8000_0000, 0x0102_0304, 0xffff_fffe]),
    (0x0d, 4, [-2, 0x1p-149, 0.15625], [0xc000_0000, 1, 0x3e20_0000]),
    (0x0e, 8, [-2, 0x1p-1074, 0.15625], [1 << 63 | 1 << 62, 1, 0x3fc4_0000_0000_0000]),
  ]

  @Test(arguments: IDXFileTests.types.indices, [false, true])
  func readsEveryType(_ index: Int, isPacked: Bool) throws {
    let (code, size, values, bits) = Self.types[index]
    let bytes = idx(code, [3], bits.flatMap { big($0, size) })
    let folder = try TemporaryFolder()
    let path = try folder.write(isPacked ? gzipped(bytes) : bytes, to: "x")
    let file = try IDXFile(path: path)
    #expect(try Array(file.allRows(as: Double.self).dense.elements) == values)
    #expect(try Array(file.allRows(as: Float.self).dense.elements) == values.map { Float($0) })
  }

  @Test func tilesMakeTheWhole() throws {
    let folder = try TemporaryFolder()
    forAll(cases: 40) { generator in
      let shape = (0..<generator.int(in: 1...4)).map { _ in generator.int(in: 1...7) }
      let pixels = (0..<shape.reduce(1, *)).map { _ in UInt8(generator.int(in: 0...255)) }
      return (shape, pixels, generator.int(in: 1...4))
    } _: { shape, pixels, tile in
      let bytes = idx(8, shape, pixels)
      // A gzip file may hold several streams.
      let half = bytes.count / 2
      let packed = gzipped(Array(bytes.prefix(half))) + gzipped(Array(bytes.dropFirst(half)))
      return try [bytes, gzipped(bytes), packed].allSatisfy { bytes in
        let file = try IDXFile(path: folder.write(bytes, to: "x"))
        let parts = try file.tiles(of: tile).map { try file.rows($0, as: Float.self).dense }
        return try file.shape == shape && file.columnCount == shape.dropFirst().reduce(1, *)
          && Array(Matrix.stacked(parts).elements) == pixels.map { Float($0) }
      }
    }
  }

  static let whole = idx(8, [2, 3], [1, 2, 3, 4, 5, 6])
  static let packed = gzipped(whole)

  static func damaged(_ position: Int) -> [UInt8] {
    var bytes = packed
    bytes[position < 0 ? bytes.count + position : position] ^= 0x55
    return bytes
  }

  @Test(arguments: [
    Hostile("empty", [], "an empty file"),
    Hostile("one byte", [0], "an end of the data"),
    Hostile("wrong magic", [1, 0, 8, 1, 0, 0, 0, 1, 7], "the first bytes"),
    Hostile("unknown type", idx(10, [1], [7]), "the first bytes"),
    Hostile("no dimensions", idx(8, [], [7]), "the first bytes"),
    Hostile("five dimensions", idx(8, [1, 1, 1, 1, 1], [7]), "the first bytes"),
    Hostile("header cut", Array(whole.prefix(9)), "an end of the data"),
    Hostile("data cut", whole.dropLast(), "5 bytes after the header; expected 6"),
    Hostile("trailing bytes", whole + [0], "7 bytes after the header; expected 6"),
    Hostile("2^62 elements", idx(8, [1 << 31, 1 << 31], []), "entries in a row"),
    Hostile("overflow", idx(14, [0xffff_ffff, 0xffff, 0xffff], []), "entries in a row"),
    Hostile("2^62 bytes", idx(14, [0xffff_ffff, 0x1fff_ffff], []), "as many entries"),
    Hostile("no entries", idx(8, [0, 3], []), "at least one entry"),
    Hostile("NaN", idx(13, [1], [0x7f, 0xc0, 0, 0]), "row 0, column 0"),
    Hostile("gzip: magic alone", [0x1f, 0x8b], "cut short"),
    Hostile("gzip: header cut", Array(packed.prefix(7)), "cut short"),
    Hostile("gzip: data cut", Array(packed.prefix(30)), "cut short"),
    Hostile("gzip: checksum cut", packed.dropLast(), "cut short"),
    Hostile("gzip: wrong checksum", damaged(-6), "incorrect data check"),
    Hostile("gzip: wrong length", damaged(-1), "incorrect length check"),
    Hostile("gzip: damaged block", damaged(12), "invalid"),
    Hostile("gzip: garbage after", packed + [1, 2, 3, 4], "incorrect header check"),
    Hostile("gzip: of something else", gzipped(Array("text".utf8)), "the first bytes"),
    Hostile("gzip: of too few", gzipped(whole.dropLast()), "an end of the data"),
    Hostile("gzip: of too many", gzipped(whole + [0]), "more packed data"),
    Hostile("gzip: of a bomb", gzipped(idx(8, [1 << 15, 1 << 15], [])), "packed bytes"),
  ])
  func refuses(_ file: Hostile) throws {
    try file.expectRefusal(as: "x") { _ = try IDXFile(path: $0).allRows(as: Double.self) }
  }
}
