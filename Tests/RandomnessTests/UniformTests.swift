// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Uniform numbers, signs and buckets: their distributions, and bulk against single access.

import Randomness
import RealModule
import TestSupport
import Testing

/// The score of Pearson's statistic of counts that should all be equal, by the normal approximation
/// to chi-square (for tens of cells or more) of Wilson and Hilferty.
private func chiSquareScore(_ counts: [Int]) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  let statistic = counts.reduce(0.0) {
    $0 + (Double($1) - expected) * (Double($1) - expected) / expected
  }
  let freedom = Double(counts.count - 1)
  let spread = 2 / (9 * freedom)
  return (Double.root(statistic / freedom, 3) - (1 - spread)) / spread.squareRoot()
}

@Suite("Uniform numbers, signs and buckets")
struct UniformTests {
  private let count = 200_000

  @Test("uniform numbers have the moments of (0, 1) and fill it evenly", arguments: [0, 1, 77])
  func uniforms(seed: UInt64) {
    let stream = RandomKey(seed: seed).child("uniform").stream
    let values = (0..<UInt64(count)).map { stream.uniform(at: $0) }
    let moments = Moments(values)
    #expect(abs(moments.meanScore(0.5)) < scoreThreshold(comparisons: 8))
    #expect(abs(moments.varianceScore(1.0 / 12)) < scoreThreshold(comparisons: 8))
    var cells = [Int](repeating: 0, count: 100)
    for value in values {
      #expect(value > 0 && value < 1)
      cells[Int(value * 100)] += 1
    }
    #expect(abs(chiSquareScore(cells)) < scoreThreshold(comparisons: 8))
    // Neighbours inside a block and across blocks are uncorrelated.
    for lag in 1...5 {
      let products = (0..<count - lag).map { (values[$0] - 0.5) * (values[$0 + lag] - 0.5) }
      #expect(abs(Moments(products).meanScore(0)) < scoreThreshold(comparisons: 15))
    }
  }

  @Test("uniform numbers are odd multiples of 2⁻³³")
  func uniformGrid() {
    let stream = RandomKey(seed: 4).stream
    for index in 0..<1000 as Range<UInt64> {
      let multiple = stream.uniform(at: index) * 0x1p33
      #expect(multiple == Double(2 * UInt64(stream.word(at: index)) + 1))
    }
  }

  @Test("signs are fair and independent", arguments: [0, 5])
  func signs(seed: UInt64) {
    let signs = RandomKey(seed: seed).child("sign").stream.signs(count: count)
    let threshold = scoreThreshold(comparisons: 12)
    #expect(signs.allSatisfy { $0 == 1 || $0 == -1 })
    let root = Double(count).squareRoot()
    #expect(abs(Double(signs.reduce(0) { $0 + Int($1) })) / root < threshold)
    for lag in [1, 2, 31, 32, 33, 128] {
      let sum = (0..<count - lag).reduce(0) { $0 + Int(signs[$1]) * Int(signs[$1 + lag]) }
      #expect(abs(Double(sum)) / root < threshold, "lag \(lag)")
    }
  }

  @Test(
    "buckets are even, also where their number is no power of two",
    arguments: [30, 64, 100, 1000, 1023])
  func buckets(bucketCount: Int) {
    let buckets = RandomKey(seed: 3).child("bucket", bucketCount).stream
      .buckets(length: count, count: bucketCount)
    var cells = [Int](repeating: 0, count: bucketCount)
    for bucket in buckets { cells[Int(bucket)] += 1 }
    #expect(abs(chiSquareScore(cells)) < scoreThreshold(comparisons: 5))
  }

  @Test("a few buckets: exact small counts", arguments: [1, 2, 3, 7])
  func fewBuckets(bucketCount: Int) {
    let stream = RandomKey(seed: 8).stream
    var cells = [Int](repeating: 0, count: bucketCount)
    for index in 0..<UInt64(count) { cells[stream.bucket(at: index, count: bucketCount)] += 1 }
    let p = 1 / Double(bucketCount)
    let deviation = (Double(count) * p * (1 - p)).squareRoot()
    for cell in cells {
      #expect(
        abs(Double(cell) - Double(count) * p)
          <= scoreThreshold(comparisons: 13) * deviation)
    }
  }

  @Test("the extreme words fall into the extreme buckets of a full-width count")
  func bucketOfFullWidth() {
    let stream = RandomKey(seed: 12).stream
    for index in 0..<100 as Range<UInt64> {
      #expect(stream.bucket(at: index, count: 1 << 32) == Int(stream.word(at: index)))
    }
  }

  @Test("bulk access equals single access for any length")
  func bulk() {
    forAll { generator in
      (generator.seed(), generator.int(in: 0...700), generator.int(in: 1...50))
    } _: { seed, length, bucketCount in
      let stream = RandomKey(seed: seed).stream
      let signs = stream.signs(count: length)
      let buckets = stream.buckets(length: length, count: bucketCount)
      return signs == (0..<UInt64(length)).map { stream.sign(at: $0) }
        && buckets
          == (0..<UInt64(length)).map { Int32(stream.bucket(at: $0, count: bucketCount)) }
    }
  }
}
