// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Sketches

@Suite struct SketchAccumulatorTests {
  static func sketch() throws -> SparseSignEmbedding {
    try SparseSignEmbedding(inputDimension: 50, outputDimension: 12, nonzeros: 3, seed: 1)
  }

  @Test func blocksInOrderGiveTheBitsOfTheWhole() throws {
    var generator = CaseGenerator(seed: 1)
    let a = generator.matrix(50, 9, as: Double.self)
    var sum = try SketchAccumulator(Self.sketch(), columnCount: 9, as: Double.self)
    for start in stride(from: 0, to: 50, by: 7) {
      try sum.add(.dense(a.rows(start..<min(50, start + 7))), at: start)
    }
    #expect(try sum.result() == Self.sketch().applyFromLeft(to: .dense(a)))
  }

  @Test func rowsMayComeTwiceOrNever() throws {
    var generator = CaseGenerator(seed: 2)
    let a = generator.matrix(50, 4, as: Double.self)
    var sum = try SketchAccumulator(Self.sketch(), columnCount: 4, as: Double.self)
    #expect(try sum.result() == Matrix(rowCount: 12, columnCount: 4))
    for _ in 0..<2 { try sum.add(.dense(a.rows(10..<20)), at: 10) }
    var expected = Matrix<Double>(rowCount: 50, columnCount: 4)
    for i in 10..<20 {
      for j in 0..<4 { expected[i, j] = 2 * a[i, j] }
    }
    let whole = try Self.sketch().applyFromLeft(to: .dense(expected))
    #expect(try agree(sum.result(), whole, .relative(1e-14)))
  }

  @Test func badRowsAreRefusedAndLeaveTheSum() throws {
    var generator = CaseGenerator(seed: 3)
    let a = generator.matrix(5, 4, as: Float.self)
    var sum = try SketchAccumulator(Self.sketch(), columnCount: 4, as: Float.self)
    try sum.add(.dense(a), at: 45)
    let before = try sum.result()
    for offset in [-1, 46, Int.max, Int.min] {
      #expect(throws: InvalidInput.self) { try sum.add(.dense(a), at: offset) }
    }
    var bad = a
    bad[4, 3] = .nan
    for rows in [Rows.dense(bad), .sparse(SparseMatrix(bad))] {
      #expect(throws: InvalidInput.self) { try sum.add(rows, at: 0) }
    }
    #expect(throws: InvalidInput.self) {
      try sum.add(.dense(generator.matrix(5, 3, as: Float.self)), at: 0)
    }
    #expect(throws: InvalidInput.self) {
      try sum.add(.dense(generator.matrix(51, 4, as: Float.self)), at: 0)
    }
    #expect(throws: InvalidInput.self) {
      try sum.merge(SketchAccumulator(Self.sketch(), columnCount: 5, as: Float.self))
    }
    let other = try SparseSignEmbedding(
      inputDimension: 50, outputDimension: 12, nonzeros: 3, seed: 2)
    #expect(throws: InvalidInput.self) {
      try sum.merge(SketchAccumulator(other, columnCount: 4, as: Float.self))
    }
    #expect(try sum.result() == before)
    for columnCount in [0, -1, Int.max] {
      #expect(throws: InvalidInput.self) {
        try SketchAccumulator(Self.sketch(), columnCount: columnCount, as: Float.self)
      }
    }
  }
}
