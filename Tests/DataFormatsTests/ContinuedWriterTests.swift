// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Arrays whose writing was interrupted and goes on; small files of text.

import DataFormats
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite struct ContinuedWriterTests {
  let folder: TemporaryFolder
  let matrix: Matrix<Double>

  init() throws {
    folder = try TemporaryFolder()
    matrix = try Matrix(rowCount: 10, columnCount: 3, elements: (0..<30).map { Double($0) })
  }

  private func writer(_ shape: [Int] = [10, 3]) throws -> NumPyWriter {
    try NumPyWriter(
      path: folder.file("Z.npy"), shape: shape, precision: .double,
      continuing: folder.file("Z.partial"), tileRowCount: 4)
  }

  @Test(arguments: [0, 3, 4, 6, 9, 10])
  func goesOn(_ rowCount: Int) throws {
    let first = try writer()
    #expect(first.completedRowCount == 0)
    try first.append(matrix.rows(0..<rowCount))
    first.cancel()
    #expect(try folder.contents == ["Z.partial"])
    let second = try writer()
    #expect(second.completedRowCount == (rowCount == 10 ? 10 : rowCount / 4 * 4))
    try second.append(matrix.rows(second.completedRowCount..<10))
    try second.finish()
    #expect(try folder.contents == ["Z.npy"])
    try NumPyWriter.write(matrix, to: folder.file("whole.npy"))
    let files = try ["Z.npy", "whole.npy"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder.file($0)))
    }
    #expect(files[0] == files[1])
  }

  @Test(arguments: [10, 127, 128, 150])
  func afterACutAnywhere(_ byteCount: Int) throws {
    let first = try writer()
    try first.append(matrix.rows(0..<8))
    first.cancel()
    truncate(folder.file("Z.partial"), byteCount)
    let second = try writer()
    #expect(second.completedRowCount == 0)
    try second.append(matrix)
    try second.finish()
    #expect(try NumPyFile(path: folder.file("Z.npy")).matrix(as: Double.self) == matrix)
  }

  @Test func startsAnewForAnotherShape() throws {
    let first = try writer()
    try first.append(matrix.rows(0..<8))
    first.cancel()
    #expect(try writer([12, 3]).completedRowCount == 0)
  }

  @Test func oneWriterAtATime() throws {
    let first = try writer()
    #expect(throws: FileError.self) { try writer() }
    first.cancel()
    _ = try writer()
  }

  @Test func text() throws {
    try folder.write(Array("näher".utf8), to: "text")
    #expect(try TextFile.contents(of: folder.file("text")) == "näher")
    #expect(throws: FileError.self) { try TextFile.contents(of: folder.file("text"), upTo: 5) }
    try folder.write([0x61, 0xff], to: "bytes")
    for name in ["bytes", "missing", ""] {
      #expect(throws: FileError.self) { try TextFile.contents(of: folder.file(name)) }
    }
  }
}
