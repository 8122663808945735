// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse points of ten million coordinates, of which only the nonzeros may cost anything.

import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import Sketches

@Suite struct LargeInputTests {
  static let d = 10_000_000
  static let m = 48
  static let columns = [0, 5, 4_194_303, 4_194_304, 8_388_608, 9_999_998, 9_999_999]

  static func points() throws -> SparseMatrix<Double> {
    try SparseMatrix(
      columnCount: d, rowOffsets: [0, 2, 2, 7], columnIndices: columns.map(Int32.init),
      values: [1, -2, 3, 4, -5, 6, 7])
  }

  /// Checks X Sᵀ and S Xᵀ against the definition S[i, j] = `entry(i, j)`.
  private func check<Sketch: LinearSketch>(
    _ sketch: Sketch, sourceLocation: SourceLocation = #_sourceLocation,
    _ entry: (Int, Int) -> Double
  ) throws {
    let x = try Self.points()
    var expected = Matrix<Double>(rowCount: 3, columnCount: Self.m)
    for (position, value) in [1.0, -2, 3, 4, -5, 6, 7].enumerated() {
      for i in 0..<Self.m {
        expected[position < 2 ? 0 : 2, i] += value * entry(i, Self.columns[position])
      }
    }
    let images = try sketch.apply(to: .sparse(x))
    #expect(agree(images, expected, .relative(1e-14)), sourceLocation: sourceLocation)
    let left = try sketch.applyFromLeft(to: .sparse(x.transposed()))
    #expect(agree(left, expected.transposed, .relative(1e-14)), sourceLocation: sourceLocation)
  }

  @Test func countSketch() throws {
    let sketch = try CountSketch(inputDimension: Self.d, outputDimension: Self.m, seed: 1)
    let key = RandomKey(seed: 1).child("CountSketch")
    try check(sketch) { i, j in
      i == key.child("bucket").stream.bucket(at: UInt64(j), count: Self.m)
        ? Double(key.child("sign").stream.sign(at: UInt64(j))) : 0
    }
  }

  @Test func sparseSign() throws {
    let sketch = try SparseSignEmbedding(
      inputDimension: Self.d, outputDimension: Self.m, nonzeros: 4, seed: 1)
    let key = RandomKey(seed: 1).child("SparseSignEmbedding")
    try check(sketch) { i, j in
      let (b, index) = (i / 12, UInt64(4 * j + i / 12))
      return i - 12 * b == key.child("bucket").stream.bucket(at: index, count: 12)
        ? 0.5 * Double(key.child("sign").stream.sign(at: index)) : 0
    }
  }

  @Test func gaussian() throws {
    let sketch = try GaussianSketch(inputDimension: Self.d, outputDimension: Self.m, seed: 1)
    let stream = RandomKey(seed: 1).child("GaussianSketch").stream
    try check(sketch) { i, j in
      stream.normal(at: UInt64(Self.m * j + i)) / Double(Self.m).squareRoot()
    }
  }

  @Test func rademacher() throws {
    let sketch = try RademacherSketch(inputDimension: Self.d, outputDimension: Self.m, seed: 1)
    let stream = RandomKey(seed: 1).child("RademacherSketch").stream
    try check(sketch) { i, j in
      Double(stream.sign(at: UInt64(128 * j + i))) / Double(Self.m).squareRoot()
    }
  }

  @Test func srht() throws {
    let sketch = try SRHT(inputDimension: Self.d, outputDimension: Self.m, seed: 1)
    let block = sketch.blocks[0]
    #expect(block.signs.count == 1 << 24 && Set(block.rows.indices).count == Self.m)
    try check(sketch) { i, j in
      let odd = (Int(block.rows.indices[i]) & j).nonzeroBitCount & 1
      return Double(block.signs[j]) * (odd == 1 ? -1 : 1) / Double(Self.m).squareRoot()
    }
  }

  @Test func rowSampling() throws {
    // Mostly places of nonzeros, some beside them.
    let chosen = (0..<Self.m).map { k in
      let column = Self.columns[k % 7]
      return Int32(k == 45 ? column - 1 : column)
    }
    let sketch = RowSampling(
      RowSamplingParameters(inputDimension: Self.d, outputDimension: Self.m, seed: 0),
      chosenRows: chosen, probabilities: nil)
    try check(sketch) { i, j in
      Int(sketch.chosenRows[i]) == j ? (Double(Self.d) / Double(Self.m)).squareRoot() : 0
    }
    let drawn = try RowSampling(
      inputDimension: Self.d, outputDimension: Self.m, replacement: false, seed: 3)
    #expect(Set(drawn.chosenRows).count == Self.m)
    #expect(drawn.chosenRows.allSatisfy { (0..<Self.d).contains(Int($0)) })
  }
}
