// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Matrices written block by block, whole and interrupted.

import DataFormats
import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite struct NumPyBlockWriterTests {
  let folder: TemporaryFolder
  let matrix: Matrix<Double>

  init() throws {
    folder = try TemporaryFolder()
    matrix = try Matrix(rowCount: 7, columnCount: 5, elements: (0..<35).map { Double($0) / 3 })
  }

  private func writer(
    _ precision: Precision = .double, rows: Int = 7, partial: Bool = true
  ) throws -> NumPyBlockWriter {
    try NumPyBlockWriter(
      path: folder.file("K.npy"), rowCount: rows, columnCount: 5, precision: precision,
      continuing: partial ? folder.file("K.partial") : nil)
  }

  private func block(_ rows: Range<Int>, _ columns: Range<Int>) throws -> Matrix<Double> {
    try Matrix(rows: rows.map { i in columns.map { matrix[i, $0] } })
  }

  private func writeLast(_ writer: NumPyBlockWriter) throws {
    try writer.write(block(3..<7, 0..<5), row: 3, column: 0)
    try writer.write(block(0..<3, 0..<2), row: 0, column: 0)
  }

  @Test(arguments: [Precision.single, .double], [false, true])
  func anyOrder(_ precision: Precision, _ partial: Bool) throws {
    let writer = try writer(precision, partial: partial)
    try writer.write(block(0..<3, 2..<5), row: 0, column: 2)
    try writeLast(writer)
    #expect(!(try folder.contents.contains("K.npy")))
    try writer.finish()
    #expect(try folder.contents == ["K.npy"])
    let whole = try NumPyWriter(
      path: folder.file("whole.npy"), shape: [7, 5], precision: precision)
    try whole.append(matrix)
    try whole.finish()
    let files = try ["K.npy", "whole.npy"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder.file($0)))
    }
    #expect(files[0] == files[1])
  }

  @Test func goesOn() throws {
    let first = try writer()
    #expect(first.completedCount == 0)
    try first.write(block(0..<3, 2..<5), row: 0, column: 2)
    try first.mark(11)
    first.cancel()
    #expect(try folder.contents == ["K.partial"])
    let second = try writer()
    #expect(second.completedCount == 11)
    try writeLast(second)
    try second.finish()
    #expect(try folder.contents == ["K.npy"])
    #expect(try NumPyFile(path: folder.file("K.npy")).matrix(as: Double.self) == matrix)
  }

  @Test func startsAnewWhereItDoesNotFit() throws {
    func begin() throws {
      let first = try writer()
      try first.mark(11)
      first.cancel()
    }
    try begin()
    #expect(try writer(rows: 8).completedCount == 0)
    try begin()
    #expect(try writer(.single).completedCount == 0)
    try begin()
    truncate(folder.file("K.partial"), 300)
    #expect(try writer().completedCount == 0)
  }

  @Test func oneWriterAtATime() throws {
    let first = try writer()
    #expect(throws: FileError.self) { try writer() }
    first.cancel()
    _ = try writer()
  }

  @Test func refusesWhatDoesNotFit() throws {
    let writer = try writer()
    for (row, column) in [(-1, 0), (0, -1), (1, 0), (0, 1)] {
      #expect(throws: InvalidInput.self) { try writer.write(matrix, row: row, column: column) }
    }
    #expect(throws: InvalidInput.self) { try self.writer(rows: 0) }
  }
}
