// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Reading NumPy's files: every type, NumPy's own files, and hostile ones.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import DataFormats

/// What NumPy put into the files of Tests/Goldens/formats.
private func golden(_ rowCount: Int, _ columnCount: Int) -> Matrix<Double> {
  Matrix(rowCount: rowCount, columnCount: columnCount) { output in
    for i in 0..<rowCount * columnCount { output[i] = (Double(i) - 7) * 0.375 }
  }
}

@Suite struct NumPyFileTests {
  /// Per type, values that it holds exactly and their bits.
  static let types: [(kind: ElementType.Kind, values: [Double], bits: [Int])] = [
    (.bool, [0, 1, 1], [0, 1, 7]),
    (.int8, [-128, -1, 127], [0x80, 0xff, 0x7f]),
    (.uint8, [0, 128, 255], [0, 0x80, 0xff]),
    (.int16, [-32768, 258, -2], [0x8000, 0x0102, 0xfffe]),
    (.uint16, [0, 258, 65534], [0, 0x0102, 0xfffe]),
    (.int32, [-2_147_483_648, 16_909_060, -2], [0x8000_0000, 0x0102_0304, 0xffff_fffe]),
    (
      .uint32, [2_147_483_648, 16_909_060, 4_294_967_294], [0x8000_0000, 0x0102_0304, 0xffff_fffe]
    ),
    (.int64, [-0x1p63, 0x1p52 + 1, -2], [.min, 0x10_0000_0000_0001, -2]),
    (.uint64, [0x1p63, 0x1p52 + 1, 0x1p64], [.min, 0x10_0000_0000_0001, -2]),
    (.float16, [-2, 65504, 0x1p-24, 0.0999755859375], [0xc000, 0x7bff, 1, 0x2e66]),
    (.float32, [-2, 0x1p-149, 0.15625], [0xc000_0000, 1, 0x3e20_0000]),
    (.float64, [-2, 0x1p-1074, 0.15625], [1 << 63 | 1 << 62, 1, 0x3fc4_0000_0000_0000]),
  ]

  @Test(arguments: NumPyFileTests.types.indices, [false, true])
  func readsEveryType(_ index: Int, isBigEndian: Bool) throws {
    let (kind, values, bits) = Self.types[index]
    let size = ElementType(kind: kind).size
    let data = bits.flatMap { isBigEndian ? big($0, size) : little($0, size) }
    let folder = try TemporaryFolder()
    let type = (isBigEndian ? ">" : "<") + kind.rawValue
    let path = try folder.write(npy(header(type, "(\(values.count), 1)"), data), to: "x.npy")
    let file = try NumPyFile(path: path)
    #expect(try Array(file.matrix(as: Double.self).elements) == values)
    #expect(try Array(file.matrix(as: Float.self).elements) == values.map { Float($0) })
  }

  @Test func readsFilesOfNumPy() throws {
    #expect(try Goldens.matrix("formats/rows_f4.npy") == golden(5, 3))
    #expect(try Goldens.matrix("formats/rows_f8_big.npy") == golden(5, 3))
    #expect(try Goldens.matrix("formats/flags_b1.npy") == Matrix(rows: [[1, 0], [0, 1]]))
    #expect(try Goldens.archive("formats/packed.npz", "rows") == golden(40, 3))
    #expect(try Goldens.archive("formats/stored.npz", "rows") == golden(5, 3))
    #expect(try NumPyFile(path: Goldens.path("formats/stored.npz")).shape == [5, 3])
    #expect(
      try NumPyFile.names(inArchive: Goldens.path("formats/packed.npz")) == ["rows", "labels"])
    let labels = try NumPyFile(path: Goldens.path("formats/labels_i8.npy"))
    #expect(labels.shape == [6] && labels.rowCount == 6 && labels.columnCount == 1)
    #expect(try Array(labels.matrix(as: Double.self).elements) == [-2, -1, 0, 1, 2, 3])
    let images = try NumPyFile(path: Goldens.path("formats/images_f2.npy"))
    #expect(images.shape == [2, 3, 2, 2] && images.rowCount == 2 && images.columnCount == 12)
    #expect(try images.matrix(as: Double.self) == golden(2, 12))
  }

  @Test(arguments: [
    header("<f8", "(2, 1)"),
    "{\"shape\":(2,1),\"descr\":\"f8\",\"fortran_order\":False}\n",
    "  { 'fortran_order' : False , 'descr' : '=f8' , 'shape' : ( 2 , 1 , ) }   \n",
    header("<f8", "(1, 2, 1)", fortran: true),
    header("<f8", "(2,)", fortran: true),
  ])
  func readsHeadersInAnyDress(_ text: String) throws {
    for version: UInt8 in 1...3 {
      let folder = try TemporaryFolder()
      let path = try folder.write(npy(text, doubles([3, -4]), version: version), to: "x.npy")
      #expect(try Array(NumPyFile(path: path).matrix(as: Double.self).elements) == [3, -4])
    }
  }

  @Test func tilesMakeTheWhole() throws {
    let folder = try TemporaryFolder()
    forAll(cases: 40) {
      ($0.int(in: 1...200), $0.int(in: 1...400), $0.int(in: 1...70), $0.seed())
    } _: { rowCount, columnCount, tile, seed in
      var generator = CaseGenerator(seed: seed)
      let whole = generator.matrix(rowCount, columnCount, as: Float.self)
      let path = folder.file("\(seed).npy")
      try NumPyWriter.write(whole, to: path)
      let file = try NumPyFile(path: path)
      let parts = try file.tiles(of: tile).map { try file.rows($0, as: Double.self).dense }
      return try Matrix.stacked(parts) == whole.converted(to: Double.self)
    }
  }

  @Test func namesRowAndColumnOfWhatIsNotFinite() throws {
    let folder = try TemporaryFolder()
    for (value, expected) in [
      (Double.nan, "a finite number"), (-.infinity, "a finite number"),
      (1e300, "single precision"),
    ] {
      var values = (0..<20).map(Double.init)
      values[14] = value
      let path = try folder.write(npy(header("<f8", "(5, 4)"), doubles(values)), to: "x.npy")
      let file = try NumPyFile(path: path)
      let error = try #require(
        #expect(throws: FileError.self) { try file.rows(2..<5, as: Float.self) })
      #expect(error.place == "row 3, column 2" && error.found == "\(value)")
      #expect(error.expected.contains(expected))
      #expect(try file.rows(0..<3, as: Float.self).rowCount == 3)
      if value == 1e300 { #expect(try file.matrix(as: Double.self)[3, 2] == 1e300) }
    }
  }

  static let whole = npy(header("<f8", "(2, 3)"), doubles([1, 2, 3, 4, 5, 6]))

  @Test(arguments: [
    Hostile("empty", [], "an empty file"),
    Hostile("magic alone", Array(whole.prefix(6)), "6 bytes in all"),
    Hostile("wrong magic", Array("NUMPY and more".utf8), "the first bytes"),
    Hostile("version 4", npy(header("<f8", "(2,)"), doubles([1, 2]), version: 4), "version 4"),
    Hostile("header cut", Array(whole.prefix(30)), "a whole NumPy header"),
    Hostile(
      "header too long", npy("{" + String(repeating: " ", count: 70000), [], version: 2), "70001"),
    Hostile(
      "data cut", whole.dropLast(), "47 bytes after the header; expected 48 for the shape 2 × 3"),
    Hostile("trailing bytes", whole + [0], "49 bytes"),
    Hostile(
      "2^62 elements", npy(header("<f8", "(4611686018427387904, 1)"), []), "4611686018427387904"),
    Hostile("product overflows", npy(header("<f8", "(4294967296, 4294967296)"), []), "4294967296"),
    Hostile("extent overflows", npy(header("<f8", "(99999999999999999999,)"), []), "a dictionary"),
    Hostile(
      "zero times 2^62", npy(header("<f8", "(0, 4611686018427387904)"), []), "at least one entry"),
    Hostile("row too long", npy(header("|u1", "(1, 2147483648)"), []), "entries in a row"),
    Hostile("negative extent", npy(header("<f8", "(-2, 3)"), []), "a dictionary"),
    Hostile(
      "Fortran order", npy(header("<f8", "(2, 3)", fortran: true), doubles([1, 2, 3, 4, 5, 6])),
      "C order"),
    Hostile("objects", npy(header("|O", "(2,)"), [0]), "Python objects"),
    Hostile("complex", npy(header("<c8", "(2,)"), doubles([1, 2])), "<c8"),
    Hostile("text", npy(header("<U3", "(2,)"), []), "expected one of b1, i1"),
    Hostile(
      "structure",
      npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", doubles([1])),
      "a structured type"),
    Hostile("no dictionary", npy("import os", []), "a dictionary"),
    Hostile("key missing", npy("{'descr': '<f8', 'shape': (2,), }", doubles([1, 2])), "the keys"),
    Hostile(
      "key twice",
      npy(
        "{'shape': (2,), 'shape': (2,), 'descr': '<f8', 'fortran_order': False}", doubles([1, 2])),
      "a dictionary"),
    Hostile("open string", npy("{'descr", []), "a dictionary"),
    Hostile("open list", npy("{'descr': [[", []), "a dictionary"),
    Hostile("open tuple", npy("{'shape': (2", []), "a dictionary"),
    Hostile("NaN", npy(header("<f8", "(2,)"), doubles([1, .nan])), "row 1, column 0: found nan"),
    Hostile("infinity", npy(header("<f2", "(2,)"), little(0x7c00_3c00, 4)), "found inf"),
  ])
  func refuses(_ file: Hostile) throws {
    try file.expectRefusal(as: "x.npy") { _ = try NumPyFile(path: $0).matrix(as: Double.self) }
  }

  @Test(arguments: ["fortran.npy", "objects.npy", "structured.npy"])
  func refusesWhatNumPyWritesOtherwise(_ name: String) {
    #expect(throws: FileError.self) { try Goldens.matrix("formats/" + name) }
  }

  @Test func aFileCutShortWhileReadIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.whole, to: "x.npy")
    let file = try NumPyFile(path: path)
    #expect(truncate(path, off_t(Self.whole.count - 8)) == 0)
    #expect(try file.rows(0..<1, as: Double.self).dense == Matrix(rows: [[1, 2, 3]]))
    let error = #expect(throws: FileError.self) { try file.rows(1..<2, as: Double.self) }
    #expect(error?.found.contains("cut short") == true)
  }
}
