// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Moments of pairs of remainders.

import LinearAlgebra
import Sketches
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct SamplePairsTests {
  /// The moments of x̂ − u m and ŷ − u′ m, written out, also in columns that no row has and m has alone.
  @Test func momentsOfRemainders() throws {
    var generator = CaseGenerator(seed: 3)
    var points = generator.matrix(12, 30, as: Double.self)
    for i in 0..<12 {
      for j in 0..<30 where (i + j) % 3 > 0 || j % 5 == 0 { points[i, j] = 0 }
    }
    for i in 0..<12 where i % 2 == 1 { points[i, 29] = 1.5 }
    let sample = try LiftedSample(
      Rows.dense(points), lift: .unit(scale: 1, offset: 0), rowCount: 12)
    let direction = try #require(
      SparseVector(Array(generator.matrix(1, 30, as: Double.self).elements)).normalized)
    let u = sample.products(with: direction)
    let m = direction.dense
    for rows in [sample.rows, .sparse(sample.rows.sparse)] {
      let sample = LiftedSample(rows: rows, weights: sample.weights)
      let pairs = try SamplePairs(sample, rowCount: 6, without: direction, multiples: u)
      #expect(pairs.pairs.count == 21)
      #expect(pairs.u == (0..<6).map { u[2 * $0] })
      for pair in pairs.pairs { try check(pair, sample.rows.dense, u, m) }
    }
    let plain = try SamplePairs(sample, rowCount: 12)
    let none = [Double](repeating: 0, count: 12)
    for pair in plain.pairs where pair.first == 7 {
      let moments = try moments(sample.rows.dense, none, m, pair.first, pair.second)
      #expect(abs(moments.product - pair.moments.product) < 1e-13)
      #expect(abs(moments.diagonal - pair.moments.diagonal) < 1e-13)
    }
  }

  private func check(
    _ pair: SamplePairs.Pair, _ rows: Matrix<Double>, _ u: [Double], _ m: [Double]
  ) throws {
    let exact = try moments(rows, u, m, 2 * pair.first, 2 * pair.second)
    #expect(abs(exact.product - pair.moments.product) < 1e-13)
    #expect(abs(exact.norms - pair.moments.norms) < 1e-13)
    #expect(abs(exact.diagonal - pair.moments.diagonal) < 1e-13)
  }

  private func moments(
    _ rows: Matrix<Double>, _ u: [Double], _ m: [Double], _ i: Int, _ j: Int
  ) throws -> PairMoments {
    func rest(_ i: Int) -> [Double] { zip(rows.row(i), m).map { $0 - u[i] * $1 } }
    return try PairMoments(rest(i), rest(j), dimension: m.count)
  }
}
