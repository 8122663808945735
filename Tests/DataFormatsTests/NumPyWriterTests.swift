// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files appear whole or not at all.

import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import DataFormats

@Suite struct NumPyWriterTests {
  @Test func roundTripsEveryShape() throws {
    let folder = try TemporaryFolder()
    forAll(cases: 60) { generator in
      let shape = (0..<generator.int(in: 1...5)).map { _ in generator.int(in: 1...6) }
      return (shape, generator.int(in: 0...5), generator.seed())
    } _: { shape, axis, seed in
      // Tiles of the trailing dimensions from some dimension on, a few of them at a time.
      let width = shape.dropFirst(max(1, min(axis, shape.count - 1))).reduce(1, *)
      var generator = CaseGenerator(seed: seed)
      let tiles = generator.matrix(shape.reduce(1, *) / width, width, as: Double.self)
      let path = folder.file("\(seed).npy")
      for precision in [Precision.single, .double] {
        let writer = try NumPyWriter(path: path, shape: shape, precision: precision)
        for tile in tiles.tiles(of: 3) { try writer.append(tiles.rows(tile)) }
        try writer.finish()
        let file = try NumPyFile(path: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        let entryBytes = tiles.elements.count * (precision == .single ? 4 : 8)
        let written = try file.matrix(as: Double.self).elements
        let expected =
          precision == .double
          ? tiles : tiles.converted(to: Float.self).converted(to: Double.self)
        guard file.shape == shape, written == expected.elements, size == entryBytes + 128 else {
          return false
        }
      }
      return true
    }
    #expect(try folder.contents.allSatisfy { $0.hasSuffix(".npy") })
  }

  @Test func writesLabels() throws {
    let folder = try TemporaryFolder()
    try NumPyWriter.write([3, -1, 1 << 40], to: folder.file("y.npy"))
    let file = try NumPyFile(path: folder.file("y.npy"))
    #expect(file.shape == [3])
    #expect(try Array(file.matrix(as: Double.self).elements) == [3, -1, 0x1p40])
  }

  @Test func writesTheHeaderOfNumPy() throws {
    let folder = try TemporaryFolder()
    let matrix = try Goldens.matrix("formats/rows_f4.npy").converted(to: Float.self)
    try NumPyWriter.write(matrix, to: folder.file("x.npy"))
    #expect(
      FileManager.default.contentsEqual(
        atPath: folder.file("x.npy"), andPath: Goldens.path("formats/rows_f4.npy")))
  }

  @Test(arguments: [
    ([2, 3], [(2, 2)]), ([2, 3], [(3, 3)]), ([2, 3], [(1, 3)]), ([2, 3], [(1, 3), (2, 3)]),
    ([4], [(2, 2)]), ([2, 3, 4], [(2, 3)]), ([2, 3], []),
  ])
  func wrongTilesLeaveNothing(shape: [Int], tiles: [(Int, Int)]) throws {
    let folder = try TemporaryFolder()
    #expect(throws: InvalidInput.self) {
      let writer = try NumPyWriter(path: folder.file("x.npy"), shape: shape, precision: .single)
      for (rowCount, columnCount) in tiles {
        try writer.append(Matrix<Float>(rowCount: rowCount, columnCount: columnCount))
      }
      try writer.finish()
    }
    #expect(try folder.contents == [])
  }

  @Test(arguments: [[], Array(repeating: 1, count: 65), [0], [-1, 2], [1 << 40, 1 << 40], [.max]])
  func refusesShapes(_ shape: [Int]) throws {
    let folder = try TemporaryFolder()
    #expect(throws: InvalidInput.self) {
      try NumPyWriter(path: folder.file("x.npy"), shape: shape, precision: .single)
    }
    #expect(try folder.contents == [])
  }

  @Test func aFullDiskLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let writer = try NumPyWriter(path: folder.file("x.npy"), shape: [4, 4], precision: .single)
    #expect(try folder.contents.count == 1)
    // From here on the hidden file's descriptor writes to a device that is always full.
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0 && dup2(full, writer.file.descriptor) >= 0)
    close(full)
    let error = #expect(throws: FileError.self) {
      try writer.append(Matrix<Float>(rowCount: 4, columnCount: 4))
    }
    #expect(error?.path == folder.file("x.npy") && error?.found.contains("space") == true)
    #expect(try folder.contents == [])
  }

  @Test func aFullDeviceIsAnError() {
    let error = #expect(throws: FileError.self) {
      try NumPyWriter.write(Matrix<Float>(rowCount: 4, columnCount: 4), to: "/dev/full")
    }
    #expect(error?.found.contains("space") == true)
  }

  @Test func refusesPlacesThatCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.file("missing/x.npy"), folder.file(""), ""] {
      #expect(throws: FileError.self) { try NumPyWriter.write([1], to: path) }
    }
    let locked = folder.file("locked")
    try FileManager.default.createDirectory(atPath: locked, withIntermediateDirectories: false)
    chmod(locked, 0o555)
    if access(locked, W_OK) != 0 {
      #expect(throws: FileError.self) { try NumPyWriter.write([1], to: locked + "/x.npy") }
    }
  }
}

@Suite struct AtomicFileTests {
  @Test func appearsWholeWhenFinished() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("old".utf8), to: "x.txt")
    let file = try AtomicFile(path: path)
    try file.write("new")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    try file.finish()
    file.cancel()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try folder.contents == ["x.txt"])
  }

  @Test func replacesWhatALinkPointsTo() throws {
    let folder = try TemporaryFolder()
    let target = try folder.write([1], to: "target")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: "target")
    let file = try AtomicFile(path: folder.file("link"))
    try file.write("new")
    try file.finish()
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "target")
  }

  @Test func goesWhenCancelledOrForgotten() throws {
    let folder = try TemporaryFolder()
    let cancelled = try AtomicFile(path: folder.file("x"))
    try cancelled.write("half")
    #expect(try folder.contents.count == 1)
    cancelled.cancel()
    #expect(try folder.contents == [])
    try AtomicFile(path: folder.file("x")).write("half")
    #expect(try folder.contents == [])
  }

  @Test func goesWithAllUnfinishedOnes() throws {
    let folder = try TemporaryFolder()
    let unfinished = UnfinishedFiles()
    let files = try ["a", "b", "c"].map { try AtomicFile(path: folder.file($0), among: unfinished) }
    for file in files { try file.write("text") }
    try files[0].finish()
    var left: [String] = []
    unfinished.remove { left = (try? folder.contents) ?? ["?"] }
    #expect(left == ["a"])
    #expect(throws: FileError.self) { try files[1].finish() }
    #expect(try folder.contents == ["a"])
  }
}
