// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Planned dimensions: enough for the worst pair and all others, and the least that is.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Sketches

@Suite struct PlanningTests {
  static let errors = [0.9, 0.5, 0.31, 0.1]

  /// Checks that `plan` keeps ε for `worst` and for random pairs, and that one less does not for `worst`.
  private func check<Sketch: LinearSketch>(
    _ worst: [Double], least: Int = 1, sourceLocation: SourceLocation = #_sourceLocation,
    _ plan: (Double) throws -> Int, _ make: (Int) throws -> Sketch
  ) throws {
    var generator = CaseGenerator(seed: 1)
    for epsilon in Self.errors {
      let m = try plan(epsilon)
      func deviation(_ m: Int, _ x: [Double], _ y: [Double]) throws -> Double {
        let norms = x.reduce(0) { $0 + $1 * $1 } * y.reduce(0) { $0 + $1 * $1 }
        return (try make(m).variance(x, y) / norms).squareRoot()
      }
      let limit = epsilon * (1 + 1e-12)
      #expect(try deviation(m, worst, worst) <= limit, sourceLocation: sourceLocation)
      if m > least {
        #expect(
          try deviation(m - 1, worst, worst) > epsilon * (1 - 1e-12), "\(m) is too many",
          sourceLocation: sourceLocation)
      }
      for _ in 0..<20 {
        let x = worst.map { _ in generator.normal() }
        let y = x.map { $0 + generator.normal() }
        #expect(try deviation(m, x, y) <= limit, sourceLocation: sourceLocation)
      }
    }
    for bad in [0, -1, Double.nan, .infinity, 1e-200] {
      #expect(throws: InvalidInput.self, "\(bad) taken", sourceLocation: sourceLocation) {
        try plan(bad)
      }
    }
  }

  @Test(arguments: [2, 5, 30]) func signs(d: Int) throws {
    let flat = [Double](repeating: 1, count: d)
    try check(flat) {
      try CountSketch.dimension(forRelativeError: $0, inputDimension: d)
    } _: {
      try CountSketch(inputDimension: d, outputDimension: $0, seed: 0)
    }
    try check(flat) {
      try RademacherSketch.dimension(forRelativeError: $0, inputDimension: d)
    } _: {
      try RademacherSketch(inputDimension: d, outputDimension: $0, seed: 0)
    }
    try check(flat) {
      try SRHT.dimension(forRelativeError: $0, inputDimension: d, replacement: true)
    } _: {
      try SRHT(inputDimension: d, outputDimension: $0, replacement: true, seed: 0)
    }
    for s in [1, 3] {
      try check(flat, least: s) {
        try SparseSignEmbedding.dimension(forRelativeError: $0, inputDimension: d, nonzeros: s)
      } _: {
        try SparseSignEmbedding(inputDimension: d, outputDimension: $0, nonzeros: s, seed: 0)
      }
    }
  }

  @Test func gaussian() throws {
    try check([1, -2, 3]) {
      try GaussianSketch.dimension(forRelativeError: $0)
    } _: {
      try GaussianSketch(inputDimension: 3, outputDimension: $0, seed: 0)
    }
  }

  @Test func rowSampling() throws {
    try check([0, 1, 0, 0]) {
      try RowSampling.dimension(forRelativeError: $0, inputDimension: 4)
    } _: {
      try RowSampling(inputDimension: 4, outputDimension: $0, seed: 0)
    }
    let weights = [3.0, 1, 4, 2]
    try check([0, 1, 0, 0]) {
      try RowSampling.dimension(forRelativeError: $0, weights: weights)
    } _: {
      try RowSampling(weights: weights, outputDimension: $0, seed: 0)
    }
  }

  @Test func withoutReplacementAllRowsAreEnough() throws {
    for (d, padded) in [(2, 2), (5, 8), (600, 1024)] {
      #expect(try SRHT.dimension(forRelativeError: 1e-9, inputDimension: d) == padded)
      #expect(
        try RowSampling.dimension(
          forRelativeError: 1e-9, inputDimension: d, replacement: false) == d)
    }
    for epsilon in Self.errors {
      let m = try SRHT.dimension(forRelativeError: epsilon, inputDimension: 64)
      let independent = try SRHT.dimension(
        forRelativeError: epsilon, inputDimension: 64, replacement: true)
      #expect(epsilon < 0.4 ? m < independent : m <= independent)
      let flat = [Double](repeating: 0.125, count: 64)
      func deviation(_ m: Int) throws -> Double {
        try SRHT(inputDimension: 64, outputDimension: m, seed: 0).variance(flat, flat).squareRoot()
      }
      #expect(try deviation(m) <= epsilon * (1 + 1e-12))
      #expect(try deviation(m - 1) > epsilon * (1 - 1e-12))
    }
  }

  @Test func oneCoordinateNeedsOneSign() throws {
    #expect(try CountSketch.dimension(forRelativeError: 1e-9, inputDimension: 1) == 1)
    #expect(try GaussianSketch.dimension(forRelativeError: 0.5) == 8)
    #expect(throws: InvalidInput.self) {
      try CountSketch.dimension(forRelativeError: 0.1, inputDimension: 0)
    }
  }
}
