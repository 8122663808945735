// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files of any format: how they are recognised, what is made of them, and what survives damage.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import DataFormats

@Suite struct DataFileTests {
  static let rows = npy(header("<f8", "(2, 3)"), doubles([1, 2, 3, 4, 5, 6]))
  static let images = [0, 0, 8, 3] + big(2, 4) + big(1, 4) + big(3, 4) + [1, 2, 3, 4, 5, 6]
  static let svm = Array("7 1:1 2:2 3:3\n8 1:4 2:5 3:6".utf8)
  static let csv = Array("1,2,3\n4,5,6".utf8)

  @Test(arguments: [
    ("x.npy", rows), ("X.NPY", rows), ("x", rows), ("x.npz", Zip(rows).bytes), ("x", images),
    ("x.idx", images), ("x-ubyte", images), ("x", gzipped(images)), ("x.gz", gzipped(images)),
    ("x.svm", svm), ("x.txt", svm), ("x.libsvm", svm), ("x.csv", csv), ("x.tsv", csv),
  ])
  func recognisesFormats(_ name: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let file = try DataFile(path: folder.write(bytes, to: name))
    #expect(try file.allRows(as: Double.self).dense == Matrix(rows: [[1, 2, 3], [4, 5, 6]]))
    #expect(try file.rows(1..<2, as: Float.self).dense == Matrix(rows: [[4, 5, 6]]))
    #expect(
      file.shape == (bytes.starts(with: [0, 0]) || bytes[0] == 0x1f ? [2, 1, 3, 1] : [2, 3]))
    #expect(file.isSparse == (bytes == Self.svm))
    #expect(file.labels == (bytes == Self.svm ? [7, 8] : nil))
    #expect(file.rowCount == 2 && file.columnCount == 3)
    #expect(try DataFile(path: file.path, columnCount: 3).columnCount == 3)
    #expect(throws: FileError.self) { try DataFile(path: file.path, columnCount: 2) }
  }

  @Test func namesAnArrayOfAnArchive() throws {
    let file = try DataFile(path: Goldens.path("formats/packed.npz:rows"))
    #expect(file.shape == [40, 3])
    #expect(try DataFile(path: Goldens.path("formats/images_f2.npy")).shape == [2, 3, 2, 2])
  }

  @Test func widensLIBSVMOnly() throws {
    let folder = try TemporaryFolder()
    let svm = try folder.write(Self.svm, to: "x.svm")
    #expect(try DataFile(path: svm, columnCount: 5).shape == [2, 5])
    let csv = try folder.write(Self.csv, to: "x.csv")
    #expect(throws: FileError.self) { try DataFile(path: csv, columnCount: 5) }
  }

  @Test(arguments: [
    ("y.npy", npy(header("<i4", "(2,)"), little(7, 4) + little(8, 4))),
    ("y.npy", npy(header("<f8", "(2, 1)"), doubles([7, 8]))),
    ("y-ubyte", [0, 0, 8, 1] + big(2, 4) + [7, 8]), ("y.csv", Array("label\n7\n8\n".utf8)),
    ("y.svm", svm),
  ])
  func readsLabels(_ name: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: name)
    #expect(try DataFile.labels(path: path) == [7, 8])
    #expect(try DataFile.targets(path: path) == Matrix(rows: [[7], [8]]))
  }

  @Test func readsTargetsOfSeveralColumns() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in [("y.npy", Self.rows), ("y.csv", Self.csv)] {
      let path = try folder.write(bytes, to: name)
      #expect(try DataFile.targets(path: path) == Matrix(rows: [[1, 2, 3], [4, 5, 6]]))
      #expect(throws: FileError.self) { try DataFile.labels(path: path) }
    }
    let images = try folder.write(Self.images, to: "y-ubyte")
    #expect(throws: FileError.self) { try DataFile.targets(path: images) }
  }

  @Test(arguments: [
    ("x.npy", npy(header("<f8", "(2,)"), doubles([1, 2]))),
    ("x.npy", npy(header("<f8", "()"), doubles([1]))),
    ("x.npy", npy(header("<f8", "(1, 1, 1)"), doubles([1]))),
    ("x-ubyte", [0, 0, 8, 1] + big(2, 4) + [7, 8]),
  ])
  func refusesLabelsAsPoints(_ name: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: name)
    let error = #expect(throws: FileError.self) { try DataFile(path: path) }
    #expect(error?.expected.contains("n × d") == true)
  }

  /// Every ending, and none.
  static let names = [
    "x.npy", "x.npz", "x.npz:a", "x.gz", "x.idx", "x.libsvm", "x.svm", "x.txt", "x.csv", "x.tsv",
    "x",
  ]

  @Test(arguments: names)
  func saysWhatIsThereInstead(_ name: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file(name)
    let base = path.replacing(":a", with: "")
    func expect(_ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
      for read in [{ _ = try DataFile(path: path) }, { _ = try DataFile.labels(path: path) }] {
        let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try read() }
        guard let error else { return }
        #expect(error.path == base && error.found.contains(message), sourceLocation: sourceLocation)
      }
    }
    expect("No such file")
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: false)
    expect("a folder")
    try FileManager.default.removeItem(atPath: base)
    try #require(mkfifo(base, 0o600) == 0)
    expect("a pipe or device")
    try FileManager.default.removeItem(atPath: base)
    try Data().write(to: URL(fileURLWithPath: base))
    expect("an empty file")
    chmod(base, 0)
    if access(base, R_OK) != 0 { expect("Permission denied") }
  }

  @Test func namesTheKnownFormats() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("PARQUET".utf8), to: "x.parquet")
    let error = try #require(#expect(throws: FileError.self) { try DataFile(path: path) })
    for format in [".npy", ".npz", "IDX", "LIBSVM", ".csv"] {
      #expect(error.expected.contains(format))
    }
  }

  /// Damage of a few random bytes or a cut makes an error or other numbers, and never a trap.
  @Test(arguments: [
    ("x.npy", rows), ("x.npz", Zip(rows).bytes), ("x.npz", packedArchive), ("x-ubyte", images),
    ("x.gz", gzipped(images)), ("x.svm", svm), ("x.csv", Array("\"1\",2;3\n".utf8) + csv),
  ])
  func survivesDamage(_ name: String, _ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    var refusals = 0
    for seed in 0..<UInt64(2000) {
      var generator = CaseGenerator(seed: seed)
      var damaged = bytes
      for _ in 0..<generator.int(in: 0...4) {
        let position = generator.int(in: 0...damaged.count - 1)
        switch generator.int(in: 0...3) {
        case 0: damaged[position] ^= 1 << UInt8(generator.int(in: 0...7))
        case 1: damaged[position] = [0, 0xff, 0x7f, 0x80, 0x2d, 0x2e][generator.int(in: 0...5)]
        case 2: damaged.insert(UInt8(generator.int(in: 0...255)), at: position)
        default: damaged[position] = damaged[generator.int(in: 0...damaged.count - 1)]
        }
      }
      if generator.int(in: 0...3) == 0 { damaged.removeLast(generator.int(in: 0...damaged.count)) }
      let path = try folder.write(damaged, to: name)
      do {
        let file = try DataFile(path: path)
        // A wide sparse row need not be made dense.
        let rows = try file.allRows(as: Float.self)
        #expect(rows.rowCount == file.rowCount)
      } catch is FileError {
        refusals += 1
      }
      _ = try? DataFile.targets(path: path)
    }
    #expect(refusals > 500 && refusals < 2000)
  }

  static var packedArchive: [UInt8] {
    var zip = Zip(rows)
    (zip.isDeflated, zip.isWide) = (true, true)
    return zip.bytes
  }
}
