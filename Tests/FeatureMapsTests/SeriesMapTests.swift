// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps of dot-product kernels by series, and of the Gaussian kernel by its own.

import Foundation
import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct SeriesMapTests {
  /// ‖ZZᵀ − K‖ / ‖K‖.
  private func error<Map: FeatureMap>(_ map: Map, _ points: Matrix<Double>) throws -> Double {
    let exact = try map.kernel.matrix(.dense(points))
    let found = try gram(map.features(of: .dense(points)))
    let difference = zip(found.elements, exact.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    return (difference / exact.elements.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  private let series = [0.5, 1, 0.25, 0, 0.125, 0.0625]

  @Test(arguments: [Centring.none, .sample])
  func dotProductFeatures(centring: Centring) throws {
    let points = clusteredPoints(60, 20)
    func map(_ dimension: Int) throws -> DotProductFeatureMap {
      try DotProductFeatureMap(
        series: series, dimension: dimension, seed: 1, centring: centring, sample: .dense(points))
    }
    let (small, large) = try (map(200), map(3200))
    #expect(large.outputDimension <= 3200)
    #expect(try error(large, points) < 0.6 * error(small, points))
    #expect(try error(large, points) < 0.05)
    try checkRowMapLaws(small, batches: .relative(1e-12), single: 1e-3)
  }

  /// Over the seeds the mean is the kernel, whatever laws the terms got.
  @Test func dotProductFeaturesAreUnbiased() throws {
    let points = clusteredPoints(20, 40)
    var mean = Matrix<Double>(rowCount: 20, columnCount: 20)
    let seeds = 0..<200
    var laws: Set<TermSketch.Law> = []
    for seed in seeds {
      let map = try DotProductFeatureMap(
        series: series, dimension: 400, seed: UInt64(seed), centring: .none,
        sample: .dense(points))
      laws.formUnion(map.powerSeries.plan.terms.map(\.law))
      let found = try gram(map.features(of: .dense(points)))
      for i in 0..<20 {
        for j in 0..<20 { mean[i, j] += found[i, j] / Double(seeds.count) }
      }
    }
    let exact = try DotProductKernel(coefficients: series).matrix(.dense(points))
    #expect(agree(mean, exact, .relative(0.02)))
    #expect(laws.isSuperset(of: [.exact, .tensorSRHT]), "\(laws)")
  }

  @Test func gaussianFeatures() throws {
    var points = clusteredPoints(60, 20)
    let kernel = try GaussianKernel(lengthScale: 1)
    let map = try GaussianSeriesMap(kernel, dimension: 3000, sample: Rows.dense(points))
    #expect(map.outputDimension <= 3000)
    let near = try error(map, points)
    #expect(near < 0.05)
    // Moving all points changes nothing.
    for i in 0..<60 {
      for j in 0..<20 { points[i, j] += 50 }
    }
    let moved = try GaussianSeriesMap(kernel, dimension: 3000, sample: Rows.dense(points))
    #expect(try abs(error(moved, points) - near) < 1e-3)
    try checkRowMapLaws(map, batches: .relative(1e-12), single: 1e-3)
    // Sparse samples keep their zeros.
    let sparse = try GaussianSeriesMap(
      kernel, dimension: 2000, sample: Rows.sparse(SparseMatrix(clusteredPoints(60, 20))))
    #expect(try error(sparse, clusteredPoints(60, 20)) < 0.1)
  }

  @Test func refusals() throws {
    let points = Rows.dense(clusteredPoints(10, 4))
    for bad in [[], [0, 0], [1, -1], [.nan], [Double](repeating: 1, count: 66)] {
      #expect(throws: InvalidInput.self) { try DotProductKernel(coefficients: bad) }
      #expect(throws: InvalidInput.self) {
        try DotProductFeatureMap(series: bad, dimension: 100, sample: points)
      }
    }
    #expect(throws: InvalidInput.self) {
      try DotProductFeatureMap(series: [1, 1], dimension: 0, sample: points)
    }
    #expect(throws: InvalidInput.self) {
      try GaussianSeriesMap(GaussianKernel(lengthScale: 1e-3), dimension: 100, sample: points)
    }
    #expect(throws: InvalidInput.self) {
      try GaussianSeriesMap(
        GaussianKernel(lengthScale: 1), dimension: 100, sample: points.rows(0..<0))
    }
  }

  @Test func dotProductKernelIsItsSeries() throws {
    let kernel = try DotProductKernel(coefficients: series)
    let x = clusteredPoints(5, 3)
    let (products, matrix) = try (gram(x), kernel.matrix(.dense(x)))
    for i in 0..<5 {
      for j in 0..<5 {
        let expected = series.enumerated().reduce(0) {
          $0 + $1.1 * pow(products[i, j], Double($1.0))
        }
        #expect(abs(matrix[i, j] - expected) < 1e-12 * abs(expected))
      }
    }
    let stored = try JSONEncoder().encode(kernel)
    #expect(try JSONDecoder().decode(DotProductKernel.self, from: stored) == kernel)
  }
}
