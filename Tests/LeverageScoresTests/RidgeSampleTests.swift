// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Samples by leverage: their probabilities, their error, and what they gain over uniform ones.

import Kernels
import LinearAlgebra
import Randomness
import SpectralChecks
import TestSupport
import Testing
import Validation

@testable import LeverageScores

@Suite struct RidgeSampleTests {
  /// Every point is taken as often as its probability says, and fixed sizes are met.
  @Test func inclusionProbabilities() throws {
    let scores = RidgeLeverageScores(
      ridge: 1, values: [0.9, 0, 0.5, 0.01, 0.5, 0.2, 0.3, 0.02, 0.04, 0.6, 0.9, 0.7])
    let trials = 4000
    let expected = InclusionChances.proportional(to: scores.values, count: 6)
    #expect(abs(expected.reduce(0, +) - 6) < 1e-12)
    var fixed = [Double](repeating: 0, count: 12)
    var independent = fixed
    for seed in 0..<UInt64(trials) {
      let sample = try scores.sample(count: 6, seed: seed)
      #expect(sample.indices.count == 6)
      for (index, probability) in zip(sample.indices, sample.probabilities) {
        fixed[index] += 1
        #expect(probability == expected[index])
      }
      for index in try scores.sample(oversampling: 1.5, seed: seed).indices {
        independent[index] += 1
      }
    }
    let threshold = scoreThreshold(comparisons: 24)
    for i in 0..<12 {
      func check(_ count: Double, _ p: Double) {
        let error = (p * (1 - p) / Double(trials)).squareRoot()
        #expect(abs(count / Double(trials) - p) <= threshold * error + 1e-12)
      }
      check(fixed[i], expected[i])
      check(independent[i], min(1, 1.5 * scores.values[i]))
    }
  }

  /// Chances for any weights lie in [0, 1], keep their order and add up.
  @Test func inclusionChances() {
    forAll { generator in
      let weights = (0..<generator.int(in: 1...40)).map { _ in
        generator.int(in: 0...3) == 0
          ? 0 : Double.exp(4 * generator.normal()) * Double(generator.int(in: 1...2))
      }
      return (weights, generator.int(in: 1...45))
    } _: { weights, count in
      let chances = InclusionChances.proportional(to: weights, count: count)
      let positive = weights.count { $0 > 0 }
      let total = chances.reduce(0, +)
      return chances.allSatisfy { (0...1).contains($0) }
        && abs(total - Double(min(count, positive))) < 1e-9 * Double(count)
        && weights.indices.allSatisfy { i in
          weights.indices.allSatisfy { weights[$0] < weights[i] || chances[$0] >= chances[i] }
        }
    }
  }

  /// The mean over seeds of Σ wⱼ aⱼaⱼᵀ is AᵀA.
  @Test(arguments: DataSet.allCases)
  func weightsAreUnbiased(_ data: DataSet) throws {
    let points = data.points(40, 3)
    let exact = try points.gram()
    let scores = try Rows.dense(points).ridgeLeverageScores(ridge: 0.3)
    let draws: [(UInt64) throws -> RidgeSample] = [
      { try scores.sample(oversampling: 2, seed: $0) },
      { try scores.sample(count: 8, seed: $0) },
      {
        try PolynomialKernel(degree: 1).ridgeSample(
          of: .dense(points), ridge: 0.3, oversampling: 2, seed: $0)
      },
      {
        try PolynomialKernel(degree: 1).ridgeSample(
          of: .dense(points), ridge: 0.3, by: .bless, oversampling: 2, seed: $0)
      },
    ]
    for draw in draws {
      var values = [[Double]](repeating: [], count: 9)
      for seed in 0..<1500 as Range<UInt64> {
        let sample = try draw(seed)
        let gram = try weightedGram(points, sample.indices, sample.weights)
        for (k, value) in gram.elements.enumerated() { values[k].append(value) }
      }
      for (k, value) in exact.elements.enumerated() {
        #expect(abs(Moments(values[k]).meanScore(value)) < 4.5)
      }
    }
  }

  /// With the stated number of samples ε is met in 99 of 100 seeds.
  @Test(arguments: DataSet.allCases)
  func spectralBound(_ data: DataSet) throws {
    let points = data.points(4000, 24)
    let exact = try points.gram()
    for (ridge, target) in [(1.0, 1.0), (200, 0.5), (1000, 0.5)] {
      let scores = try Rows.dense(points).ridgeLeverageScores(ridge: ridge)
      var misses = 0
      var largest = 0.0
      for seed in 0..<100 as Range<UInt64> {
        let sample = try scores.sample(forEpsilon: target, seed: seed)
        let found = try epsilon(
          weightedGram(points, sample.indices, sample.weights), exact, ridge: ridge)
        largest = max(largest, found)
        if found >= target { misses += 1 }
      }
      #expect(misses <= 1)
      // Nor are there many more samples than needed.
      #expect(largest > 0.3 * target)
    }
  }

  /// At equal size, leverage is five times better than uniform on coherent data and no worse elsewhere.
  @Test func againstUniform() throws {
    for data in DataSet.allCases {
      let (n, d, size) = (3000, 20, 300)
      let points = data.points(n, d)
      let exact = try points.gram()
      let scores = try Rows.dense(points).ridgeLeverageScores(ridge: 1)
      var (leverage, uniform) = ([Double](), [Double]())
      for seed in 0..<11 as Range<UInt64> {
        let sample = try scores.sample(count: size, seed: seed)
        leverage.append(
          try epsilon(weightedGram(points, sample.indices, sample.weights), exact, ridge: 1))
        let drawn = try RandomKey(seed: seed).stream.sampleWithoutReplacement(size, from: n)
        let weights = drawn.map { _ in Double(n) / Double(size) }
        uniform.append(try epsilon(weightedGram(points, drawn, weights), exact, ridge: 1))
      }
      let ratio = uniform.sorted()[5] / leverage.sorted()[5]
      #expect(ratio > (data == .coherent ? 5 : 0.9), "\(data): \(ratio)")
    }
  }

  /// Samples of a given size by both samplers, with a ridge and without.
  @Test(arguments: RidgeSampler.allCases)
  func fixedSizes(_ sampler: RidgeSampler) throws {
    let points = Rows.dense(DataSet.coherent.points(600, 16))
    let kernel = try GaussianKernel(lengthScale: 6)
    for ridge in [nil, 0.05] {
      let sample = try kernel.ridgeSample(
        of: points, count: 40, ridge: ridge, by: sampler, seed: 2)
      #expect(sample.indices.count == 40)
      #expect(sample.indices == sample.indices.sorted())
      guard let ridge else { continue }
      // Each of the rare points is a direction of its own.
      #expect(Set(0..<8).isSubset(of: sample.indices))
      #expect(sample.ridge == ridge)
    }
  }

  @Test func unusualPoints() throws {
    let kernel = try PolynomialKernel(degree: 1)
    let one = Rows.dense(try Matrix(rows: [[3.0, 4]]))
    #expect(abs(try kernel.ridgeLeverageScores(of: one, ridge: 25).values[0] - 0.5) < 1e-12)
    #expect(abs(try one.ridgeLeverageScores(ridge: 75).values[0] - 0.25) < 1e-12)
    #expect(abs(try one.approximateRidgeLeverageScores(ridge: 75).values[0] - 0.25) < 1e-12)
    let zeros = Rows.dense(Matrix<Double>(rowCount: 5, columnCount: 2))
    #expect(try zeros.ridgeLeverageScores(ridge: 1).values == [0, 0, 0, 0, 0])
    // Rank 2, many points and most of them equal.
    let repeated = Rows.dense(
      try Matrix(rows: (0..<200).map { $0 < 3 ? [1.0, Double($0)] : [2, 1] }))
    for sampler in RidgeSampler.allCases {
      let single = try kernel.ridgeSample(of: one, ridge: 1, by: sampler)
      #expect(single.indices == [0] && single.probabilities == [1])
      #expect(try kernel.ridgeSample(of: one, count: 5, by: sampler).indices == [0])
      #expect(try kernel.ridgeSample(of: zeros, ridge: 1, by: sampler).indices.isEmpty)
      #expect(throws: InvalidInput.self) {
        try kernel.ridgeSample(of: zeros, count: 2, by: sampler)
      }
      for ridge in [1e-3, 1e3] {
        let exact = try kernel.ridgeLeverageScores(of: repeated, ridge: ridge)
        let found = try kernel.approximateRidgeLeverageScores(
          of: repeated, ridge: ridge, by: sampler)
        #expect(abs(exact.statisticalDimension - found.statisticalDimension) < 0.6)
      }
      #expect(try kernel.ridgeSample(of: repeated, count: 150, by: sampler).indices.count <= 150)
    }
  }

  @Test func badInput() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = Rows.dense(DataSet.even.points(20, 3))
    let nan = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 20, columnCount: 3))
    let none = points.rows(0..<0)
    for ridge in [0, -1, .nan, .infinity] {
      #expect(throws: InvalidInput.self) {
        try kernel.ridgeLeverageScores(of: points, ridge: ridge)
      }
      #expect(throws: InvalidInput.self) { try points.ridgeLeverageScores(ridge: ridge) }
      #expect(throws: InvalidInput.self) {
        try points.approximateRidgeLeverageScores(ridge: ridge)
      }
      for sampler in RidgeSampler.allCases {
        #expect(throws: InvalidInput.self) {
          try kernel.ridgeSample(of: points, ridge: ridge, by: sampler)
        }
        #expect(throws: InvalidInput.self) {
          try kernel.ridgeSample(of: points, count: 3, ridge: ridge, by: sampler)
        }
      }
    }
    for bad in [nan, none] {
      #expect(throws: InvalidInput.self) { try kernel.ridgeLeverageScores(of: bad, ridge: 1) }
      #expect(throws: InvalidInput.self) { try bad.ridgeLeverageScores(ridge: 1) }
      #expect(throws: InvalidInput.self) { try bad.approximateRidgeLeverageScores(ridge: 1) }
      for sampler in RidgeSampler.allCases {
        #expect(throws: InvalidInput.self) {
          try kernel.ridgeSample(of: bad, ridge: 1, by: sampler)
        }
        #expect(throws: InvalidInput.self) {
          try kernel.ridgeSample(of: bad, count: 2, by: sampler)
        }
      }
    }
    // A ridge that rounding hides, on a matrix of low rank.
    let line = Rows.dense(Matrix<Double>(repeating: 1, rowCount: 60, columnCount: 2))
    #expect(throws: InvalidInput.self) { try line.ridgeLeverageScores(ridge: 1e-30) }
    #expect(throws: InvalidInput.self) { try line.approximateRidgeLeverageScores(ridge: 1e-30) }
    // Samplers do not halve the ridge that far before they say so: 1,500 points would take a minute.
    let many = Rows.dense(DataSet.even.points(1500, 3))
    for sampler in RidgeSampler.allCases {
      for ridge in [1e-300, 1e-30, 1500 * 0.99 * Double.ulpOfOne] {
        let refusals: [() throws -> Void] = [
          { _ = try kernel.ridgeSample(of: many, ridge: ridge, by: sampler) },
          { _ = try kernel.ridgeSample(of: many, count: 9, ridge: ridge, by: sampler) },
          {
            _ = try kernel.approximateRidgeLeverageScores(of: many, ridge: ridge, by: sampler)
          },
        ]
        for refusal in refusals {
          let start = ContinuousClock.now
          let error = #expect(throws: InvalidInput.self, performing: refusal)
          #expect(ContinuousClock.now - start < .seconds(2))
          #expect(error?.name == "ridge")
          #expect(error?.found.contains("below the rounding of the kernel matrix") == true)
        }
      }
      // Above it nothing is refused at once.
      let few = Rows.dense(DataSet.even.points(20, 3))
      #expect(try kernel.ridgeSample(of: few, ridge: 1e-12, by: sampler).indices.count == 20)
    }
    let scores = try kernel.ridgeLeverageScores(of: points, ridge: 1)
    #expect(throws: InvalidInput.self) { try scores.sample(count: 0) }
    #expect(throws: InvalidInput.self) { try scores.sample(oversampling: 0) }
    #expect(throws: InvalidInput.self) { try scores.sample(forEpsilon: -1) }
    let foreign = RidgeSample(
      ridge: 1, indices: [99], probabilities: [1], statisticalDimension: 1)
    #expect(throws: InvalidInput.self) {
      try kernel.ridgeLeverageScores(of: points, against: foreign)
    }
  }
}
