// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact scores against their definition, approximate ones against exact ones.

import Kernels
import LinearAlgebra
import SpectralChecks
import TestSupport
import Testing
import Validation

@testable import LeverageScores

@Suite struct RidgeLeverageScoreTests {
  private let kernels: [any Kernel]

  init() throws {
    kernels = [
      try GaussianKernel(lengthScale: 2), try PolynomialKernel(degree: 2, scale: 0.2, offset: 1),
      try MaternKernel.exponential(lengthScale: 3),
    ]
  }

  /// lᵢ = [K(K + λI)⁻¹]ᵢᵢ, and their sum is s_λ.
  @Test(arguments: DataSet.allCases)
  func exactScores(_ data: DataSet) throws {
    let points = Rows.dense(data.points(60, 6))
    for kernel in kernels {
      let matrix = try kernel.matrix(points)
      let trace = (0..<60).reduce(0) { $0 + matrix[$1, $1] }
      for ridge in [1e-6 * trace, 1e-3 * trace, trace] {
        let scores = try kernel.ridgeLeverageScores(of: points, ridge: ridge)
        let inverse = try Cholesky(matrix, addingToDiagonal: ridge).solve(matrix)
        for i in 0..<60 { #expect(abs(scores.values[i] - inverse[i, i]) < 1e-8) }
        let expected = try statisticalDimension(of: matrix, ridge: ridge)
        #expect(abs(scores.statisticalDimension - expected) < 1e-10 * expected)
        #expect(scores.values.allSatisfy { (0...1).contains($0) })
      }
    }
  }

  /// Rows of a matrix, wide or tall, dense or sparse, have the scores of their linear kernel.
  @Test(arguments: [(40, 7), (12, 30), (5, 5)])
  func scoresOfRows(_ n: Int, _ d: Int) throws {
    var points = DataSet.even.points(n, d)
    for j in 0..<d { points[2, j] = 0 }
    for ridge in [1e-9, 0.1, 1000] {
      let expected = try PolynomialKernel(degree: 1).ridgeLeverageScores(
        of: .dense(points), ridge: ridge)
      for rows in [Rows.dense(points), .sparse(SparseMatrix(points))] {
        let scores = try rows.ridgeLeverageScores(ridge: ridge)
        #expect(zip(scores.values, expected.values).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(scores.values[2] < 1e-12)
        #expect(scores.ridge == ridge)
      }
    }
  }

  /// The sketched form is exact where nothing needs sketching, and else within its error.
  @Test(arguments: DataSet.allCases)
  func sketchedScores(_ data: DataSet) throws {
    let ridge = 0.5
    for (n, d) in [(50, 10), (3000, 10), (3000, 80)] {
      let points = data.points(n, d)
      let exact = try Rows.dense(points).ridgeLeverageScores(ridge: ridge)
      for rows in [Rows.dense(points), .sparse(SparseMatrix(points))] {
        let found = try rows.approximateRidgeLeverageScores(ridge: ridge, seed: 3)
        let tolerance = n == 50 ? 1e-8 : d == 10 ? 0.4 : 1.5
        for (l, m) in zip(exact.values, found.values) {
          #expect(m <= l * (1 + tolerance) && m >= l / (1 + tolerance), "\(l) \(m)")
        }
      }
      let single = try Rows.dense(points.converted(to: Float.self))
        .approximateRidgeLeverageScores(ridge: ridge, seed: 3)
      let double = try Rows.dense(points).approximateRidgeLeverageScores(ridge: ridge, seed: 3)
      #expect(zip(single.values, double.values).allSatisfy { abs($0 - $1) < 1e-3 })
    }
  }

  /// Scores against a dictionary of all points are exact; samplers come within a factor of 2.
  @Test(arguments: DataSet.allCases, 0..<3)
  func samplersScores(_ data: DataSet, _ index: Int) throws {
    let n = 900
    let points = Rows.dense(data.points(n, 4))
    func check(_ kernel: some Kernel) throws {
      let matrix = try kernel.matrix(points)
      let trace = (0..<n).reduce(0) { $0 + matrix[$1, $1] }
      let ridge = 8e-3 * trace
      let exact = try RidgeLeverageScores(kernelMatrix: matrix, ridge: ridge)
      let all = RidgeSample(
        ridge: ridge, indices: Array(0..<n), probabilities: Array(repeating: 1, count: n),
        statisticalDimension: 0)
      let same = try kernel.ridgeLeverageScores(of: points, against: all)
      #expect(zip(same.values, exact.values).allSatisfy { abs($0 - $1) < 1e-7 })
      for sampler in RidgeSampler.allCases {
        let sample = try kernel.ridgeSample(of: points, ridge: ridge, by: sampler, seed: 1)
        let found = try kernel.ridgeLeverageScores(of: points, against: sample)
        let ratios = zip(found.values, exact.values).map { $0 / $1 }.sorted()
        #expect(ratios[0] > 0.5 && ratios[n - 1] < 2, "\(kernel), \(ratios[0]), \(ratios[n - 1])")
        let s = exact.statisticalDimension
        #expect(sample.indices.count < n)
        #expect(abs(sample.statisticalDimension - s) < 0.5 * s)
        #expect(abs(found.statisticalDimension - s) < 0.3 * s)
        let direct = try kernel.approximateRidgeLeverageScores(
          of: points, ridge: ridge, by: sampler, seed: 1)
        #expect(direct == found)
        let single = try kernel.ridgeLeverageScores(
          of: points.converted(to: Float.self), against: sample)
        #expect(zip(single.values, found.values).allSatisfy { abs($0 - $1) < 1e-3 })
      }
    }
    try check(kernels[index])
  }

  /// At a large ridge BLESS looks at few of many points, and yet takes enough.
  @Test(arguments: 0..<5 as Range<UInt64>)
  func partOfThePoints(_ seed: UInt64) throws {
    let n = 20_000
    let points = Rows.dense(DataSet.even.points(n, 6))
    let exact = try points.ridgeLeverageScores(ridge: Double(n))
    let kernel = try PolynomialKernel(degree: 1)
    let sample = try kernel.ridgeSample(
      of: points, ridge: exact.ridge, by: .bless, oversampling: 40, seed: seed)
    // |J| has the mean 40 s_λ, about 120.
    #expect(abs(Double(sample.indices.count) / (40 * exact.statisticalDimension) - 1) < 0.5)
    #expect(sample.probabilities.allSatisfy { $0 < 0.1 })
    let found = try kernel.ridgeLeverageScores(of: points, against: sample)
    let ratios = zip(found.values, exact.values).map { $0 / $1 }.sorted()
    #expect(ratios[0] > 0.5 && ratios[n - 1] < 2, "\(ratios[0]), \(ratios[n - 1])")
    let fixed = try kernel.ridgeSample(
      of: points, count: 3000, ridge: exact.ridge, by: .bless, seed: seed)
    #expect(fixed.indices.count == 3000)
  }

  @Test func threadsDoNotMatter() throws {
    let points = Rows.dense(DataSet.clustered.points(300, 5))
    for sampler in RidgeSampler.allCases {
      let found = try [1, 2, 3].map {
        try kernels[0].ridgeSample(
          of: points, ridge: 0.1, by: sampler, on: Execution(threads: $0))
      }
      #expect(Set(found).count == 1)
      let other = try kernels[0].ridgeSample(of: points, ridge: 0.1, by: sampler, seed: 1)
      #expect(other != found[0])
    }
  }
}
