// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Sketches
import TestSupport
import Testing
import Validation

@testable import TensorSketches

@Suite struct TensorProductSketchTests {
  @Test(arguments: [([1], 1), ([3], 4), ([5, 2], 8), ([2, 7, 1], 9), ([4, 4, 4, 4], 16)])
  func laws(dimensions: [Int], m: Int) throws {
    let sketch = try TensorProductSketch(
      inputDimensions: dimensions, outputDimension: m, seed: 3)
    try checkRowMapLaws(sketch, single: 1e-3)
  }

  @Test func equalVectorsGiveTheTensorSketch() throws {
    var generator = CaseGenerator(seed: 1)
    let x = generator.matrix(5, 6, density: 0.7, as: Float.self)
    for q in [1, 2, 3, 5] {
      let product = try TensorProductSketch(
        inputDimensions: Array(repeating: 6, count: q), outputDimension: 20, seed: 4)
      let power = try TensorSketch(inputDimension: 6, degree: q, outputDimension: 20, seed: 4)
      let expected = try power.apply(to: .dense(x))
      #expect(try product.apply(to: Array(repeating: .dense(x), count: q)) == expected)
      #expect(
        try product.apply(to: Array(repeating: .sparse(SparseMatrix(x)), count: q)) == expected)
    }
  }

  @Test func rowsSideBySideAreTheSame() throws {
    var generator = CaseGenerator(seed: 2)
    let (x, y) = (
      generator.matrix(70, 6, density: 0.5, as: Double.self),
      generator.matrix(70, 3, density: 0.5, as: Double.self)
    )
    let both = try Matrix(rows: (0..<70).map { Array(x.row($0)) + Array(y.row($0)) })
    let sketch = try TensorProductSketch(inputDimensions: [6, 3], outputDimension: 10, seed: 4)
    let expected = try sketch.apply(to: [.dense(x), .sparse(SparseMatrix(y))])
    #expect(try sketch.images(of: .dense(both)) == expected)
    #expect(try sketch.images(of: .sparse(SparseMatrix(both))) == expected)
    #expect(
      try sketch.apply(to: [.dense(x), .dense(y)], on: Execution(threads: 3)) == expected)
  }

  @Test(arguments: [([2, 1], 2), ([1, 2], 3), ([1, 1, 2], 2), ([2, 2], 1)])
  func overAllHashes(dimensions: [Int], m: Int) throws {
    let points: [([Double], [Double])] = [
      ([1, -3], [2, 1]), ([4, 3], [-1, 2]), ([2, 1], [3, 5]),
    ]
    let x = dimensions.indices.map { Array(points[$0].0[..<dimensions[$0]]) }
    let y = dimensions.indices.map { Array(points[$0].1[..<dimensions[$0]]) }
    let parameters = TensorProductParameters(
      inputDimensions: dimensions, outputDimension: m, seed: 0)
    let sketches = try allWords(length: dimensions.reduce(0, +), base: 2 * m).map { word in
      var rest = word[...]
      let hashes = dimensions.map { dimension in
        defer { rest = rest.dropFirst(dimension) }
        return SignedHash(entries: rest.prefix(dimension).map { Int32($0 - m) }, bucketCount: m)
      }
      return try TensorProductSketch(parameters, hashes: hashes)
    }
    let pairs = zip(x, y).map { WholePair($0.map { Int($0) }, $1.map { Int($0) }) }
    try checkExactly(
      sketches, x.flatMap { $0 }, y.flatMap { $0 }, .tensorSketch(pairs, columns: m),
      stated: sketches[0].variance(x, y), "TensorProductSketch \(dimensions) \(m)")
  }

  @Test func refusesWhatDoesNotFit() throws {
    for (dimensions, m) in [
      ([], 4), ([3, 0], 4), ([3, -1], 4), ([2, 3], 0), ([Int.max, Int.max], 4),
      ([Check.largestDimension, 1], 4),
    ] {
      #expect(throws: InvalidInput.self) {
        try TensorProductSketch(inputDimensions: dimensions, outputDimension: m, seed: 0)
      }
    }
    let sketch = try TensorProductSketch(inputDimensions: [2, 3], outputDimension: 4, seed: 0)
    let (x, y) = (
      Matrix<Double>(rowCount: 2, columnCount: 2), Matrix<Double>(rowCount: 2, columnCount: 3)
    )
    var bad = y
    bad[1, 2] = .nan
    for factors in [[x], [x, x], [x, y, y], [x, bad], [x, y.rows(0..<1)], []] {
      #expect(throws: InvalidInput.self) { try sketch.apply(to: factors.map { .dense($0) }) }
    }
    #expect(throws: InvalidInput.self) { try sketch.variance([[1, 2]], [[1, 2]]) }
    #expect(throws: InvalidInput.self) { try sketch.variance([[1, 2], [1]], [[1, 2], [1]]) }
    let large = try Matrix<Float>(rows: [[1e30, 0]])
    let wide = try TensorProductSketch(inputDimensions: [2, 2], outputDimension: 4, seed: 0)
    #expect(throws: InvalidInput.self) { try wide.apply(to: [.dense(large), .dense(large)]) }
  }
}
