// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sketches made of sketches.

import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Sketches

@Suite struct CompositionTests {
  static func sum() throws -> DirectSum<SparseSignEmbedding, SRHT> {
    try DirectSum(
      SparseSignEmbedding(inputDimension: 20, outputDimension: 7, nonzeros: 3, seed: 1),
      SRHT(inputDimension: 33, outputDimension: 9, seed: 1))
  }

  @Test func composedIsTheProduct() throws {
    let first = try SRHT(inputDimension: 30, outputDimension: 12, seed: 5)
    let second = try RademacherSketch(inputDimension: 12, outputDimension: 4, seed: 6)
    let product = try matrix(of: second).multiplied(by: matrix(of: first))
    let composed = try matrix(of: ComposedSketch(first, then: second))
    #expect(agree(composed, product, .relative(1e-14)))
  }

  @Test func directSumIsBlockDiagonal() throws {
    let sketch = try Self.sum()
    let whole = try matrix(of: sketch)
    #expect(whole.rowCount == 16 && whole.columnCount == 53)
    let (first, second) = (
      try matrix(of: sketch.parameters.first), try matrix(of: sketch.parameters.second)
    )
    for i in 0..<16 {
      for j in 0..<53 {
        let expected =
          i < 7 ? (j < 20 ? first[i, j] : 0) : (j >= 20 ? second[i - 7, j - 20] : 0)
        #expect(whole[i, j] == expected)
      }
    }
  }

  @Test func directSumObeysTheLaws() throws {
    let sketch = try Self.sum()
    try checkRowMapLaws(sketch)
    try checkLinearity(sketch)
    try checkLeft(sketch)
    try checkMerging(sketch, .bits, as: Float.self)
    let wide = try DirectSum(
      GaussianSketch(inputDimension: 5, outputDimension: 3, seed: 1),
      ComposedSketch(
        sketch, then: CountSketch(inputDimension: 16, outputDimension: 5, seed: 2)))
    try checkRowMapLaws(wide, batches: .relative(1e-5))
    try checkLeft(wide)
    try checkMerging(wide, .relative(1e-5), as: Float.self)
  }

  @Test func directSumHasTheSumOfVariances() throws {
    var generator = CaseGenerator(seed: 1)
    let x = (0..<53).map { _ in generator.normal() }
    let y = (0..<53).map { _ in generator.normal() }
    let variance = try Self.sum().variance(x, y)
    try checkMoments(
      x, y, mean: zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }, variance: variance, "direct sum"
    ) { seed in
      try DirectSum(
        SparseSignEmbedding(inputDimension: 20, outputDimension: 7, nonzeros: 3, seed: seed),
        SRHT(inputDimension: 33, outputDimension: 9, seed: seed))
    }
  }

  @Test func sharedRandomnessIsRefused() throws {
    let first = try CountSketch(inputDimension: 8, outputDimension: 6, seed: 1)
    let same = try CountSketch(inputDimension: 6, outputDimension: 4, seed: 1)
    let other = try CountSketch(inputDimension: 6, outputDimension: 4, seed: 2)
    #expect(throws: InvalidInput.self) { try ComposedSketch(first, then: same) }
    #expect(throws: InvalidInput.self) { try DirectSum(first, same) }
    let composed = try ComposedSketch(first, then: other)
    #expect(throws: InvalidInput.self) { try DirectSum(composed, same) }
    let third = try CountSketch(inputDimension: 4, outputDimension: 4, seed: 2)
    #expect(throws: InvalidInput.self) { try ComposedSketch(composed, then: third) }
    // What was stored is checked again.
    var stored = String(decoding: try JSONEncoder().encode(composed), as: UTF8.self)
    stored = stored.replacingOccurrences(of: "\"seed\":2", with: "\"seed\":1")
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(
        ComposedSketch<CountSketch, CountSketch>.self, from: Data(stored.utf8))
    }
  }

  @Test func dimensionsMustFit() throws {
    let first = try CountSketch(inputDimension: 8, outputDimension: 6, seed: 1)
    #expect(throws: InvalidInput.self) {
      try ComposedSketch(first, then: SRHT(inputDimension: 5, outputDimension: 2, seed: 1))
    }
    let huge = try CountSketch(
      inputDimension: Check.largestDimension, outputDimension: 1, seed: 1)
    #expect(throws: InvalidInput.self) { try DirectSum(huge, first) }
    for point in [[1.0], Array(repeating: .nan, count: 53)] {
      #expect(throws: InvalidInput.self) {
        try Self.sum().variance(point, Array(repeating: 1, count: 53))
      }
    }
  }
}
