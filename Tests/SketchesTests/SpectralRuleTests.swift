// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The spectral rule for linear sketches, on the spectra of real data.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Sketches

@Suite struct SpectralRuleTests {
  @Test(arguments: RealSpectra.names) func holds(name: String) throws {
    let points = try RealSpectra.points(name)
    let exact = gram(points)
    let sample = Rows.dense(points.rows(0..<40))
    func check<Sketch: LinearSketch>(
      _ law: String, _ make: (Int, Int, UInt64) throws -> Sketch
    ) throws {
      for dimension in [200, 700] {
        let ratio = try make(points.columnCount, dimension, 0).varianceRatio(on: sample)
        let limits = try RealSpectra.statisticalDimensions.map {
          try SpectralRule.epsilon(
            statisticalDimension: $0, dimension: dimension, varianceRatio: ratio)
        }
        try RealSpectra.checkRule(
          "\(law) to \(dimension) on \(name)", points, exact: exact, limits: limits
        ) {
          try make(points.columnCount, dimension, $0)
        }
      }
    }
    try check("Gaussian", GaussianSketch.init(inputDimension:outputDimension:seed:))
    try check("Rademacher", RademacherSketch.init(inputDimension:outputDimension:seed:))
    try check("CountSketch", CountSketch.init(inputDimension:outputDimension:seed:))
    try check("8-sparse signs") {
      try SparseSignEmbedding(inputDimension: $0, outputDimension: $1, nonzeros: 8, seed: $2)
    }
    try check("SRHT") { try SRHT(inputDimension: $0, outputDimension: $1, seed: $2) }
    try check("SRHT with replacement") {
      try SRHT(inputDimension: $0, outputDimension: $1, replacement: true, seed: $2)
    }
  }

  /// Two coordinates that carry all of two points: in one bucket, one direction is lost.
  @Test func countSketchNeedsSpreadLeverage() throws {
    let points = Matrix<Double>.identity(2)
    let ridge = 1e-3
    let collision = try #require(
      (0..<500 as Range<UInt64>).first { seed in
        let images = try? CountSketch(inputDimension: 2, outputDimension: 50, seed: seed)
          .apply(to: .dense(points))
        return images.map { gram($0)[0, 1] != 0 } ?? false
      })
    let sketch = try CountSketch(inputDimension: 2, outputDimension: 50, seed: collision)
    let (epsilon, s) = try spectralError(
      of: sketch.apply(to: .dense(points)), exact: gram(points), ridge: ridge, relative: true)
    #expect(try epsilon > 100 * SpectralRule.epsilon(statisticalDimension: s, dimension: 50))
  }

  @Test func varianceRatios() throws {
    var generator = CaseGenerator(seed: 3)
    let points = Rows.dense(generator.matrix(20, 64, as: Double.self))
    let gaussian = try GaussianSketch(inputDimension: 64, outputDimension: 10, seed: 0)
    #expect(try abs(gaussian.varianceRatio(on: points) - 1) < 1e-12)
    let signs = try RademacherSketch(inputDimension: 64, outputDimension: 10, seed: 0)
    #expect(try (0.9..<1).contains(signs.varianceRatio(on: points)))
    let whole = try SRHT(inputDimension: 64, outputDimension: 64, seed: 0)
    #expect(try whole.varianceRatio(on: points) == 0)
    // Of one point the ratio is that of its variances.
    let x = Array(points.dense.row(0))
    let norm = x.reduce(0) { $0 + $1 * $1 }
    let ratio = try signs.varianceRatio(on: .dense(Matrix(rows: [x])))
    #expect(try abs(ratio - 10 * signs.variance(x, x) / (2 * norm * norm)) < 1e-12)
    for bad in [
      Matrix<Double>(rowCount: 0, columnCount: 64), Matrix(rowCount: 2, columnCount: 64),
      Matrix(repeating: 1, rowCount: 2, columnCount: 63),
      Matrix(repeating: .nan, rowCount: 2, columnCount: 64),
      Matrix(repeating: 1e200, rowCount: 2, columnCount: 64),
    ] {
      #expect(throws: InvalidInput.self) { try signs.varianceRatio(on: .dense(bad)) }
    }
  }

  @Test func planning() throws {
    let epsilon = try SpectralRule.epsilon(
      statisticalDimension: 50, dimension: 1600, varianceRatio: 2)
    #expect(abs(epsilon - 1) < 1e-15)
    for target in [0.1, 0.5, 2] {
      let dimension = try SpectralRule.dimension(
        forEpsilon: target, statisticalDimension: 37, varianceRatio: 3)
      func reached(_ m: Int) throws -> Double {
        try SpectralRule.epsilon(statisticalDimension: 37, dimension: m, varianceRatio: 3)
      }
      #expect(try reached(dimension) <= target * (1 + 1e-12))
      #expect(try reached(dimension - 1) > target)
    }
    #expect(try SpectralRule.dimension(forEpsilon: 1, statisticalDimension: 0) == 1)
    for (epsilon, s, v) in [
      (0.0, 1.0, 1.0), (.nan, 1, 1), (.infinity, 1, 1), (1, -1, 1), (1, .nan, 1), (1, 1, -1),
      (1e-6, 1, 1),
    ] as [(Double, Double, Double)] {
      #expect(throws: InvalidInput.self) {
        try SpectralRule.dimension(forEpsilon: epsilon, statisticalDimension: s, varianceRatio: v)
      }
    }
    #expect(throws: InvalidInput.self) {
      try SpectralRule.epsilon(statisticalDimension: 1, dimension: 0)
    }
  }
}
