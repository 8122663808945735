// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Zip archives: stored, deflated, with wide sizes, and hostile.

import LinearAlgebra
import TestSupport
import Testing

@testable import DataFormats

@Suite struct NumPyArchiveTests {
  static let array = npy(header("<f8", "(2, 3)"), doubles([1, 2, 3, 4, 5, 6]))

  @Test(arguments: [false, true], [false, true])
  func readsStoredAndDeflated(isDeflated: Bool, isWide: Bool) throws {
    var zip = Zip(Self.array)
    (zip.isDeflated, zip.isWide) = (isDeflated, isWide)
    let folder = try TemporaryFolder()
    let path = try folder.write(zip.bytes, to: "a.npz")
    for path in [path, path + ":x"] {
      let file = try NumPyFile(path: path)
      #expect(try file.matrix(as: Double.self) == Matrix(rows: [[1, 2, 3], [4, 5, 6]]))
      #expect(try file.rows(1..<2, as: Float.self).dense == Matrix(rows: [[4, 5, 6]]))
    }
  }

  /// An archive of the array that is wrong in one way.
  static func bad(
    _ name: String, _ message: String, _ change: (inout Zip) -> Void
  ) -> Hostile {
    var zip = Zip(array)
    change(&zip)
    return Hostile(name, zip.bytes, message)
  }

  static let hostile: [Hostile] = [
    Hostile("empty", [], "an empty file"),
    Hostile("no archive", "PK and nothing else that would make an archive", "no directory"),
    Hostile("cut", Array(Zip(array).bytes.dropLast(3)), "no directory"),
    bad("directory beyond the end", "beyond its end") { $0.directoryOffset = 1 << 30 },
    bad("damaged directory", "damaged directory") { $0.directoryOffset = 1 },
    bad("unknown method", "damaged directory") { $0.method = 12 },
    bad("encrypted", "encrypted") { $0.flags = 1 },
    bad("wrong checksum", "a wrong checksum") { $0.checksum = 1 },
    bad("wrong checksum, deflated", "a wrong checksum") {
      ($0.checksum, $0.isDeflated) = (1, true)
    },
    bad("no local header", "without header") { $0.headerOffset = 5 },
    bad("header beyond the end", "without header") { $0.headerOffset = 1 << 31 },
    bad("two of one name", "two members") { $0.copies = 2 },
    bad("member beyond the end", "impossible size") {
      ($0.count, $0.packedCount) = (1 << 30, 1 << 30)
    },
    bad("size that no deflate reaches", "impossible size") {
      ($0.isDeflated, $0.count) = (true, 1 << 30)
    },
    bad("wide sizes beyond all", "impossible size") {
      ($0.isWide, $0.isDeflated, $0.count, $0.packedCount) = (true, true, .max, .max)
    },
    bad("wide size with its sign bit", "damaged directory") {
      ($0.isWide, $0.count) = (true, .min)
    },
    bad("size against the header", "bytes after the header") {
      ($0.isDeflated, $0.count) = (true, array.count - 8)
    },
    bad("packed data cut", "cut short") {
      ($0.isDeflated, $0.packedCount) = (true, array.count)
    },
    bad("no deflate", "invalid") { ($0.method, $0.data) = (8, [7] + array) },
    bad("bomb: more packed than the header says", "bytes after the header") {
      ($0.data, $0.isDeflated) = (array + [UInt8](repeating: 0, count: 40000), true)
    },
    bad("bomb that hides its size", "more packed data") {
      $0.data = array + [UInt8](repeating: 0, count: 40000)
      ($0.isDeflated, $0.count) = (true, array.count)
    },
    bad("shape of 2^62", "4611686018427387904") {
      $0.data = npy(header("<f8", "(4611686018427387904,)"), [])
    },
    bad("no array", "the first bytes") { $0.data = Array("not an array".utf8) },
    bad("nothing", "an end of the data") { $0.data = [] },
    bad("another name", "no array named x") { $0.name = "y.npy" },
  ]

  @Test(arguments: hostile)
  func refuses(_ file: Hostile) throws {
    try file.expectRefusal(as: "a.npz", suffix: ":x") {
      _ = try NumPyFile(path: $0).matrix(as: Double.self)
    }
  }

  @Test func asksForANameAmongSeveral() {
    let path = Goldens.path("formats/packed.npz")
    let error = #expect(throws: FileError.self) { try NumPyFile(path: path) }
    #expect(error?.description.contains("rows, labels") == true)
  }
}
