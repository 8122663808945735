// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sampling without replacement: uniform, distinct, and equal bits by either bookkeeping.

import Randomness
import TestSupport
import Testing
import Validation

/// The same shuffle, kept as a full array whatever the size.
private func plainShuffle(_ count: Int, from population: Int, _ stream: RandomStream) -> [Int] {
  var members = Array(0..<population)
  for step in 0..<count {
    members.swapAt(step, step + stream.bucket(at: UInt64(step), count: population - step))
  }
  return Array(members.prefix(count))
}

@Suite("Sampling without replacement")
struct SamplingTests {
  @Test(
    "every ordered sample of a small population is equally likely",
    arguments: [(1, 5), (2, 4), (3, 4), (4, 4), (1, 9), (2, 17)])
  func uniform(count: Int, population: Int) throws {
    let trials = 60_000
    var found: [[Int]: Int] = [:]
    for trial in 0..<trials {
      let stream = RandomKey(seed: 5).child("trial", trial).stream
      found[try stream.sampleWithoutReplacement(count, from: population), default: 0] += 1
    }
    let outcomes = (0..<count).reduce(1) { $0 * (population - $1) }
    #expect(found.count == outcomes)
    let expected = Double(trials) / Double(outcomes)
    let deviation = (expected * (1 - 1 / Double(outcomes))).squareRoot()
    for (sample, times) in found {
      #expect(
        abs(Double(times) - expected) <= scoreThreshold(comparisons: 400) * deviation, "\(sample)")
    }
  }

  @Test("samples are distinct members, the same whichever way the shuffle is kept")
  func distinct() {
    forAll(cases: 200) { generator in
      let population = generator.int(in: 0...300)
      return (generator.int(in: 0...population), population, generator.seed())
    } _: { count, population, seed in
      let stream = RandomKey(seed: seed).stream
      let sample = try stream.sampleWithoutReplacement(count, from: population)
      return Set(sample).count == count && sample.allSatisfy { (0..<population).contains($0) }
        && sample == plainShuffle(count, from: population, stream)
    }
  }

  @Test("a small sample of a huge population takes no memory of its size")
  func huge() throws {
    let sample = try RandomKey(seed: 1).stream.sampleWithoutReplacement(1000, from: 1 << 32)
    #expect(Set(sample).count == 1000)
    #expect(sample.max()! > 1 << 31)
  }

  @Test(
    "sizes that make no sense are refused",
    arguments: [(-1, 3), (4, 3), (1, -1), (1, (1 << 32) + 1)])
  func refused(count: Int, population: Int) {
    #expect(throws: InvalidInput.self) {
      try RandomKey(seed: 0).stream.sampleWithoutReplacement(count, from: population)
    }
  }
}
