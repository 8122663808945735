// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import Randomness
import TestSupport
import Testing
import Validation

@Suite struct AliasTableTests {
  @Test func probabilitiesAreTheWeights() throws {
    for weights in [[1.0], [1, 1], [1, 2, 3, 4], [1e-3, 5, 1e-3, 1, 1, 1, 7], [1e300, 3e300]] {
      let table = try AliasTable(weights: weights)
      let total = weights.map { $0 / weights.max()! }.reduce(0, +)
      #expect(table.count == weights.count)
      for (index, weight) in weights.enumerated() {
        let expected = weight / weights.max()! / total
        #expect(abs(table.probability(of: index) - expected) < 1e-9, "\(index) of \(weights)")
      }
      let sum = (0..<table.count).reduce(0) { $0 + table.probability(of: $1) }
      #expect(abs(sum - 1) < 1e-14)
    }
  }

  @Test func drawsFollowThem() throws {
    let weights = [5, 1, 0.5, 3, 3, 0.01]
    let table = try AliasTable(weights: weights)
    let stream = RandomKey(seed: 3).child("draws").stream
    let n = 200_000
    var counts = [Double](repeating: 0, count: weights.count)
    for position in 0..<UInt64(n) { counts[table.draw(at: position, from: stream)] += 1 }
    for (index, count) in counts.enumerated() {
      let p = table.probability(of: index)
      let score = (count - Double(n) * p) / (Double(n) * p * (1 - p)).squareRoot()
      #expect(abs(score) < scoreThreshold(comparisons: 6), "\(index): score \(score)")
    }
  }

  @Test func drawsAreIndependentOfEachOther() throws {
    let table = try AliasTable(weights: [1, 1])
    let stream = RandomKey(seed: 4).child("draws").stream
    let signs = (0..<20_000 as Range<UInt64>).map {
      Double(2 * table.draw(at: $0, from: stream) - 1)
    }
    let moments = Moments(zip(signs, signs.dropFirst()).map { $0 * $1 })
    #expect(abs(moments.meanScore(0)) < scoreThreshold(comparisons: 1))
  }

  /// However small a weight is, its case can be drawn, so that 1/p is finite.
  @Test func tinyWeightsStayPossible() throws {
    let table = try AliasTable(weights: [1, 1e-300, 1])
    #expect(table.probability(of: 1) > 0)
  }

  @Test func badWeightsAreRefused() {
    for weights in [[], [0], [1, -1], [.nan], [1, .infinity], [1e308, 1e308]] as [[Double]] {
      #expect(throws: InvalidInput.self, "\(weights) taken") { try AliasTable(weights: weights) }
    }
  }
}
