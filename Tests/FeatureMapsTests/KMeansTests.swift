// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Lloyd's algorithm and the choice of landmarks.

import Kernels
import LinearAlgebra
import Randomness
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct KMeansTests {
  private func centres<Scalar: RealScalar>(
    _ points: Matrix<Scalar>, _ count: Int, steps: Int = 20, seed: UInt64 = 1, threads: Int = 2
  ) throws -> Matrix<Scalar> {
    try KMeans.centres(
      of: points, count: count, steps: steps, key: RandomKey(seed: seed),
      on: Execution(threads: threads))
  }

  /// Σᵢ min_c |xᵢ − c|², by the definition.
  private func cost(_ points: Matrix<Double>, _ centres: Matrix<Double>) -> Double {
    (0..<points.rowCount).reduce(0) { sum, i in
      sum
        + (0..<centres.rowCount).map { c in
          zip(points.row(i), centres.row(c)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }.min()!
    }
  }

  /// Six tight clusters far apart are found, whatever the seed.
  @Test func findsClusters() throws {
    var generator = CaseGenerator(seed: 3)
    let noise = generator.matrix(300, 21, as: Double.self)
    var points = noise
    for i in 0..<300 {
      for j in 0..<21 { points[i, j] = (j % 6 == i % 6 ? 10 : 0) + 0.01 * noise[i, j] }
    }
    for seed in 0..<5 as Range<UInt64> {
      let found = try centres(points, 6, seed: seed)
      #expect(cost(points, found) < 300 * 21 * 1.5e-4)
    }
  }

  @Test func stepsLowerTheCost() throws {
    let points = clusteredPoints(400, 9)
    let costs = try [0, 1, 3, 30].map { cost(points, try centres(points, 25, steps: $0)) }
    #expect(zip(costs, costs.dropFirst()).allSatisfy { $1 < $0 }, "\(costs)")
    // At the end every centre is the mean of its points.
    let found = try centres(points, 25, steps: 200)
    var (sums, counts) = (
      Matrix<Double>(rowCount: 25, columnCount: 9), [Int](repeating: 0, count: 25)
    )
    for i in 0..<400 {
      let distances = (0..<25).map { cost(points.rows(i..<i + 1), found.rows($0..<$0 + 1)) }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }!
      counts[nearest] += 1
      for j in 0..<9 { sums[nearest, j] += points[i, j] }
    }
    #expect(counts.reduce(0, +) == 400)
    for centre in 0..<25 {
      for j in 0..<9 {
        #expect(
          abs(sums[centre, j] - Double(counts[centre]) * found[centre, j]) < 1e-9, "\(centre)")
      }
    }
  }

  /// The first centres of six clusters cost less than a uniform sample, which misses some.
  @Test func startIsSpreadOut() throws {
    let points = clusteredPoints(400, 9)
    let kernel = try GaussianKernel(lengthScale: 1)
    let gains = try (0..<60 as Range<UInt64>).map { seed in
      let uniform = try Rows.dense(points).landmarks(
        .uniform, count: 6, for: kernel, seed: seed
      ).dense
      return cost(points, uniform) - cost(points, try centres(points, 6, steps: 0, seed: seed))
    }
    let moments = Moments(gains)
    #expect(moments.mean > 4.5 * moments.meanError, "\(moments.mean), \(moments.meanError)")
  }

  @Test func sameBitsForAnyThreads() throws {
    let points = clusteredPoints(1500, 17).converted(to: Float.self)
    let one = try centres(points, 60, threads: 1)
    for threads in [2, 3] { #expect(try centres(points, 60, threads: threads) == one) }
    #expect(try centres(points, 60, seed: 2) != one)
  }

  @Test func repeatedPoints() throws {
    let points = try Matrix(rows: (0..<40).map { [Double($0 % 3), 1] })
    let found = try centres(points, 10)
    #expect(found.rowCount == 3)
    #expect(cost(points, found) == 0)
    let same = try centres(Matrix<Double>(repeating: 2, rowCount: 9, columnCount: 2), 4)
    #expect(same.rowCount == 1 && same[0, 0] == 2)
    #expect(throws: InvalidInput.self) {
      try centres(Matrix(rows: [[1e300, 0], [0, 1e300], [1, 1]]), 2)
    }
  }

  @Test func landmarks() throws {
    let kernel = try GaussianKernel(lengthScale: 2)
    let points = Rows.dense(clusteredPoints(50, 6))
    for choice in LandmarkChoice.allCases {
      let found = try points.landmarks(choice, count: 20, for: kernel, seed: 4)
      #expect(found.rowCount == 20 && found.columnCount == 6)
      // Both precisions see the same ones.
      let single = try points.converted(to: Float.self).landmarks(
        choice, count: 20, for: kernel, seed: 4)
      #expect(
        agree(single.dense.converted(to: Double.self), found.dense, .relative(1e-6)))
      #expect(try points.landmarks(choice, count: 50, for: kernel).dense == points.dense)
      #expect(try points.landmarks(choice, count: 20, for: kernel, seed: 5).dense != found.dense)
      for bad in [0, -1, Int.max] {
        #expect(throws: InvalidInput.self) { try points.landmarks(choice, count: bad, for: kernel) }
      }
      #expect(throws: InvalidInput.self) {
        try points.rows(0..<0).landmarks(choice, count: 2, for: kernel)
      }
      let nan = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 3, columnCount: 2))
      #expect(throws: InvalidInput.self) { try nan.landmarks(choice, count: 2, for: kernel) }
    }
    let sparse = Rows.sparse(SparseMatrix(points.dense))
    let sample = try sparse.landmarks(.uniform, count: 20, for: kernel, seed: 4)
    #expect(try sample.dense == points.landmarks(.uniform, count: 20, for: kernel, seed: 4).dense)
  }

  /// Of narrow sparse points the landmarks are those that are nearest to the centres of dense ones.
  @Test func sparseLandmarksAreNearestToCentres() throws {
    let kernel = try GaussianKernel(lengthScale: 2)
    let points = clusteredPoints(400, 9)
    let centres = try Rows.dense(points).landmarks(.kMeans, count: 12, for: kernel, seed: 3).dense
    let found = try Rows.sparse(SparseMatrix(points)).landmarks(
      .kMeans, count: 12, for: kernel, seed: 3)
    #expect(found.isSparse)
    func distance(_ i: Int, _ c: Int) -> Double {
      cost(points.rows(i..<i + 1), centres.rows(c..<c + 1))
    }
    var nearest: Set<Int> = []
    for c in 0..<12 {
      let own = (0..<400).filter { i in (0..<12).allSatisfy { distance(i, c) <= distance(i, $0) } }
      nearest.insert(own.min { distance($0, c) < distance($1, c) }!)
    }
    #expect(found.dense == points.rows(at: nearest.sorted()))
  }

  /// Landmarks are spread over more of twenty themes of a million columns than samples are, and the same
  /// for any number of threads.
  @Test func sparseLandmarksOfWidePoints() throws {
    let points = Rows.sparse(try themedPoints(400, themes: 20, columnCount: 1_000_000))
    let kernel = try GaussianKernel(lengthScale: 2)
    func themes(_ rows: Rows<Double>) -> Set<Int> {
      rows.sparse.withUnsafePointers { view in
        Set(
          (0..<rows.rowCount).map {
            Int(view.columns[view.positions(ofRow: $0).lowerBound]) / 40_000
          })
      }
    }
    var more = 0
    for seed in 0..<3 as Range<UInt64> {
      let found = try points.landmarks(.kMeans, count: 20, for: kernel, seed: seed)
      #expect(found.rowCount == 20 && found.isSparse)
      for threads in [1, 3] {
        let again = try points.landmarks(
          .kMeans, count: 20, for: kernel, seed: seed, on: Execution(threads: threads))
        #expect(again.sparse == found.sparse)
      }
      let sample = try points.landmarks(.uniform, count: 20, for: kernel, seed: seed)
      more += themes(found).count - themes(sample).count
    }
    // Samples have 12.8 themes on average, with a standard deviation of 1.4.
    #expect(more >= 8, "\(more)")
    let repeated = points.rows(at: (0..<60).map { $0 % 3 })
    #expect(try repeated.landmarks(.kMeans, count: 10, for: kernel).rowCount == 3)
  }

  /// Row i has ten of the twelve columns of theme i mod `themes`, and one of its own.
  private func themedPoints(
    _ n: Int, themes: Int, columnCount: Int
  ) throws -> SparseMatrix<Double> {
    var generator = CaseGenerator(seed: 8)
    var (offsets, columns) = ([0], [Int32]())
    for i in 0..<n {
      let own = 40_000 * (i % themes)
      let left = [generator.int(in: 0...5), generator.int(in: 6...11)]
      columns += (0..<12).filter { !left.contains($0) }.map { Int32(own + 1000 * $0) }
      columns.append(Int32(900_000 + i))
      offsets.append(columns.count)
    }
    return try SparseMatrix(
      columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
      values: [Double](repeating: 1, count: columns.count))
  }
}
