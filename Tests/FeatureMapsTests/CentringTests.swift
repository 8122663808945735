// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which direction maps of series keep exact: none, that of a sample, or a given one.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

/// The mean of the rows.
func meanRow(_ points: Matrix<Double>) -> [Double] {
  (0..<points.columnCount).map { j in
    (0..<points.rowCount).reduce(0) { $0 + points[$1, j] } / Double(points.rowCount)
  }
}

@Suite struct CentringTests {
  private let points = clusteredPoints(60, 20)

  private func map(
    _ centring: Centring, dimension: Int = 2000, seed: UInt64 = 0, sample: Rows<Double>
  ) throws -> GaussianSeriesMap {
    try GaussianSeriesMap(
      GaussianKernel(lengthScale: 1), dimension: dimension, seed: seed, centring: centring,
      sample: sample)
  }

  private func centre(_ map: GaussianSeriesMap) -> [Double]? {
    if case .gaussian(_, let centre) = map.powerSeries.plan.lift { centre } else { nil }
  }

  private var choices: [Centring] {
    [.none, .sample, .vector(meanRow(points)), .vector([Double](repeating: 0.1, count: 20))]
  }

  /// Points are dense, then sparse.
  @Test(arguments: [false, true])
  func gaussianFeatures(isSparse: Bool) throws {
    let sample = isSparse ? Rows.sparse(SparseMatrix(points)) : .dense(points)
    for centring in choices {
      let error = try offDiagonalError(map(centring, sample: sample), points)
      #expect(error < 0.05, "\(centring.name): \(error)")
    }
    for centring in [.none, choices[3]] {
      let small = try map(centring, dimension: 100, sample: sample)
      #expect(small.outputDimension <= 100)
      try checkRowMapLaws(small, batches: .relative(1e-12), single: 1e-3)
    }
  }

  /// Over the seeds the mean is the kernel, less what the last degrees hold.
  @Test func gaussianFeaturesAreUnbiased() throws {
    let some = points.rows(0..<8)
    let exact = try GaussianKernel(lengthScale: 1).matrix(.dense(some))
    for centring in choices {
      var sum = Matrix<Double>(rowCount: 8, columnCount: 8)
      for seed in 0..<100 {
        let found = try gram(
          map(centring, dimension: 200, seed: UInt64(seed), sample: .dense(points))
            .features(of: .dense(some), on: Execution(threads: 1)))
        for i in 0..<8 {
          for j in 0..<8 { sum[i, j] += found[i, j] / 100 }
        }
      }
      #expect(agree(sum, exact, .relative(0.03)), "\(centring.name)")
    }
  }

  @Test func whatGaussianMapsSubtract() throws {
    let sample = Rows.dense(points)
    let (none, own) = try (map(.none, sample: sample), map(.sample, sample: sample))
    let given = try map(.vector(meanRow(points)), sample: sample)
    #expect(centre(none) == [] && none.powerSeries.plan.direction == nil)
    #expect(own.powerSeries.plan.direction == nil)
    let difference = zip(try #require(centre(own)), meanRow(points)).map { abs($0 - $1) }
    #expect(try #require(difference.max()) < 1e-14)
    #expect(try map(.vector(#require(centre(own))), sample: sample) == own)
    #expect(
      try agree(given.features(of: sample), own.features(of: sample), .relative(1e-9)))
    // Zeros subtract nothing; a centre moves with the points.
    let zeros = try map(.vector([Double](repeating: 0, count: 20)), sample: sample)
    #expect(try zeros.features(of: sample) == none.features(of: sample))
    let away = Matrix(rowCount: 60, columnCount: 20) { output in
      for i in 0..<60 {
        for j in 0..<20 { output[20 * i + j] = points[i, j] + Double(j) }
      }
    }
    let moved = try map(.vector((0..<20).map(Double.init)), sample: .dense(away))
    #expect(
      try agree(moved.features(of: .dense(away)), none.features(of: sample), .relative(1e-9)))
  }

  /// Sparse rows keep their zeros: what is split off is a direction, of any length.
  @Test func whatSparseRowsSplitOff() throws {
    let sample = Rows.sparse(SparseMatrix(points))
    let own = try map(.sample, sample: sample)
    let direction = try #require(own.powerSeries.plan.direction)
    let none = try map(.none, sample: sample)
    #expect(none.powerSeries.plan.direction == nil && centre(none) == [])
    let given = try map(.vector(direction.dense.map { 3 * $0 }), sample: sample)
    #expect(centre(given) == [])
    #expect(
      try agree(given.features(of: sample), own.features(of: sample), .relative(1e-9)))
  }

  /// The mean of points has the direction that a sample has, where a bias is one more coordinate, too.
  @Test(arguments: [0.0, 0.3])
  func meanOfNetworks(biasStd: Double) throws {
    let kernel = NeuralKernel(
      network: try Network(
        input: [20], layers: [.dense(biasStd: biasStd), .relu, .dense(), .relu, .dense()]))
    func map(_ centring: Centring) throws -> NetworkFeatureMap {
      try NetworkFeatureMap(kernel, dimension: 500, centring: centring, sample: .dense(points))
    }
    let (own, given) = try (map(.sample), map(.vector(meanRow(points))))
    let directions = [own, given].compactMap { $0.powerSeries.plan.direction?.dense }
    try #require(directions.count == 2 && directions[0].count == (biasStd > 0 ? 21 : 20))
    #expect(zip(directions[0], directions[1]).allSatisfy { abs($0 - $1) < 1e-12 })
    let lifted = try map(.vector(directions[0])).powerSeries.plan.direction
    #expect(lifted?.count == directions[0].count)
    #expect(
      try agree(
        given.features(of: .dense(points)), own.features(of: .dense(points)), .relative(1e-9)))
  }

  @Test func badVectors() throws {
    func refuses(
      _ vector: [Double], isSparse: Bool = false, _ name: String, found: String? = nil
    ) throws {
      let sample = isSparse ? Rows.sparse(SparseMatrix(points)) : .dense(points)
      let error = #expect(throws: InvalidInput.self) { try map(.vector(vector), sample: sample) }
      #expect(error?.name == name, "\(vector)")
      if let found { #expect(error?.found == found) }
    }
    for isSparse in [false, true] {
      for count in [0, 19, 21] {
        try refuses(
          [Double](repeating: 1, count: count), isSparse: isSparse,
          "entries of the centring vector", found: "\(count)")
      }
      for bad in [Double.nan, .infinity] {
        try refuses(
          [Double](repeating: 0, count: 19) + [bad], isSparse: isSparse, "centring vector")
      }
    }
    try refuses([Double](repeating: 0, count: 20), isSparse: true, "centring vector")
    // A centre far from all points.
    for far in [100, 1e300] {
      try refuses([Double](repeating: far, count: 20), "length scale")
    }
  }
}
