// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Budgets, landmarks and stored forms of layered maps, and input that they refuse.

import Foundation
import LinearAlgebra
import NeuralKernels
import Randomness
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct LayeredBudgetTests {
  @Test(arguments: LayeredBudget.Method.allCases)
  func dimensions(_ method: LayeredBudget.Method) throws {
    for network in [LayeredCase.plain, .pooled, .residual, .headed] {
      for type in NeuralKernel.Kind.allCases {
        for dimension in [40, 200, 600] {
          let kernel = try network.kernel(type)
          let budget = try LayeredBudget(for: kernel, dimension: dimension, method: method)
          let most = LayeredProgram(kernel.network).outputDimension(
            budget, withTangents: type == .ntk)
          #expect(most <= dimension && most > dimension - 4, "\(network) \(dimension): \(most)")
        }
      }
    }
    let map = try LayeredFeatureMap(
      LayeredCase.pooled.kernel(), dimension: 60, method: method,
      sample: Rows.dense(smoothImages(30)))
    #expect((50...60).contains(map.outputDimension))
    let hasLandmarks = method == .nystrom || method == .hybrid
    #expect(try offDiagonalError(map, smoothImages(20, seed: 3)) < (hasLandmarks ? 0.03 : 0.3))
  }

  @Test func flattenedPixelsShareTheDimension() throws {
    let kernel = try LayeredCase.flat.kernel()
    let map = try LayeredFeatureMap(kernel, dimension: 100, sample: Rows.dense(smoothImages(60)))
    #expect(map.outputDimension == 96)
    #expect(try offDiagonalError(map, smoothImages(20, seed: 3)) < 0.05)
  }

  @Test func refusals() throws {
    let (network, points) = (LayeredCase.plain, Rows.dense(smoothImages(5)))
    let kernel = try network.kernel()
    func refuses(
      _ budget: LayeredBudget, _ kernel: NeuralKernel? = nil,
      _ location: SourceLocation = #_sourceLocation
    ) throws {
      let kernel = try kernel ?? network.kernel()
      #expect(throws: InvalidInput.self, sourceLocation: location) {
        try LayeredFeatureMap(kernel, budget: budget, sample: points)
      }
    }
    try refuses(LayeredBudget(layers: []))
    try refuses(LayeredBudget(layers: [.init(landmarks: 4)]))
    for bad in [0, -1, Int.max] {
      try refuses(network.budget(landmarks: bad))
      try refuses(network.budget(landmarks: 4, kept: bad > 0 ? -3 : bad))
      if bad != 0 { try refuses(network.budget(landmarks: 4, remainder: bad)) }
    }
    let budget = network.budget(landmarks: 4)
    var nan = smoothImages(3)
    nan[1, 5] = .nan
    for sample in [
      Matrix<Double>(rowCount: 0, columnCount: 72), Matrix<Double>(rowCount: 3, columnCount: 72),
      Matrix<Double>(rowCount: 3, columnCount: 71), nan,
    ] {
      #expect(throws: InvalidInput.self) {
        try LayeredFeatureMap(kernel, budget: budget, sample: Rows.dense(sample))
      }
    }
    for dimension in [0, -5, Int.max] {
      #expect(throws: InvalidInput.self) {
        try LayeredFeatureMap(kernel, dimension: dimension, sample: points)
      }
    }
    let map = try LayeredFeatureMap(kernel, budget: budget, sample: points)
    let huge = try Matrix(rows: [[Double](repeating: 1e300, count: 72)])
    #expect(throws: InvalidInput.self) { try map.features(of: .dense(huge)) }
  }

  @Test func damagedStorage() throws {
    let network = LayeredCase.residual
    let map = try LayeredFeatureMap(
      network.kernel(), budget: network.budget(landmarks: 6, kept: 4),
      sample: Rows.dense(smoothImages(5)))
    let stored =
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(map)) as? [String: Any] ?? [:]
    func refuses(_ key: String, _ change: ([Any]) -> [Any]) throws {
      var other = stored
      other[key] = change(stored[key] as? [Any] ?? [])
      let data = try JSONSerialization.data(withJSONObject: other)
      #expect(throws: (any Error).self, "\(key)") {
        try JSONDecoder().decode(LayeredFeatureMap.self, from: data)
      }
    }
    for key in ["activations", "compressions"] {
      try refuses(key) { Array($0.dropLast()) }
      try refuses(key) { $0 + [$0[0]] }
    }
    try refuses("activations") { Array($0.reversed()) }
    var other = stored
    other["kernel"] = try JSONSerialization.jsonObject(
      with: JSONEncoder().encode(LayeredCase.plain.kernel()))
    let foreign = try JSONSerialization.data(withJSONObject: other)
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(LayeredFeatureMap.self, from: foreign)
    }
  }

  /// Numbers out of their ranges in what is fitted for nearly parallel points and for sketches.
  @Test func damagedNumbers() throws {
    var points = clusteredPoints(60, 6)
    for i in 0..<60 { points[i, 5] = 50 }
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 6, depth: 1))
    for (method, key, values) in [
      (LayeredBudget.Method.random, "concentration", ["-1", "1e-170"]),
      (.sketch, "degree", ["-1", "9"]),
    ] {
      let map = try LayeredFeatureMap(
        kernel, dimension: 40, method: method, sample: Rows.dense(points))
      let text = String(decoding: try JSONEncoder().encode(map), as: UTF8.self)
      let number = try #require(text.firstMatch(of: try Regex("\"\(key)\":([-0-9.eE]+)")))
      #expect(try JSONDecoder().decode(LayeredFeatureMap.self, from: Data(text.utf8)) == map)
      for bad in values {
        let damaged = text.replacingCharacters(in: number.range, with: "\"\(key)\":\(bad)")
        #expect(throws: InvalidInput.self, "\(key) \(bad)") {
          try JSONDecoder().decode(LayeredFeatureMap.self, from: Data(damaged.utf8))
        }
      }
    }
  }

  /// Parts of a stored sketch that no fit has.
  @Test func damagedSketches() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 6, depth: 1))
    let map = try LayeredFeatureMap(
      kernel, dimension: 40, method: .sketch, sample: Rows.dense(clusteredPoints(60, 6)))
    let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(map))
    func decode(_ change: (inout [String: Any]) -> Void) throws -> LayeredFeatureMap {
      var whole = stored as? [String: Any] ?? [:]
      var fits = whole["activations"] as? [[String: Any]] ?? []
      var sketch = try #require(fits[0]["sketch"] as? [String: Any])
      change(&sketch)
      fits[0]["sketch"] = sketch
      whole["activations"] = fits
      return try JSONDecoder().decode(
        LayeredFeatureMap.self, from: JSONSerialization.data(withJSONObject: whole))
    }
    #expect(try decode { _ in } == map)
    for key in ["direction", "tangentDirection"] {
      #expect(throws: InvalidInput.self, "\(key)") {
        try decode { sketch in
          sketch[key] = (sketch[key] as? [Double])?.map { 2 * $0 }
        }
      }
    }
    for (degree, nngp, rest) in [(0, 3, 3), (1, 5000, 0)] {
      #expect(throws: InvalidInput.self, "degree \(degree)") {
        try decode { sketch in
          sketch["terms"] = [
            ["degree": degree, "factor": 0, "nngp": nngp, "ntk": 0, "rest": rest]
          ]
        }
      }
    }
    #expect(throws: InvalidInput.self) { try decode { $0["tail"] = ["nngp": 41, "ntk": 0] } }
  }

  /// Points in three tight groups: three landmarks find them; all points are landmarks of themselves.
  @Test func landmarks() throws {
    let centres = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
    var generator = CaseGenerator(seed: 2)
    let rows = (0..<60).map { i in centres[i % 3].map { $0 + 0.01 * generator.normal() } }
    let patches = PatchSample(
      nngp: try Matrix(rows: rows), ntk: try Matrix(rows: rows.map { [10 * $0[0]] }),
      weights: (0..<60).map { 1 + Double($0 % 2) })
    // A start with two in one group can stay there; most starts do not.
    let found = try (0..<20).count { seed in
      let (nngp, ntk) = try chooseLandmarks(
        3, from: patches, under: DualActivation(.relu), key: RandomKey(seed: UInt64(seed)),
        on: .allCores)
      return (0..<3).allSatisfy { i in
        let nearest = centres.firstIndex { centre in
          zip(centre, nngp.row(i)).allSatisfy { abs($0 - $1) < 0.05 }
        }
        return nearest != nil && abs(ntk[i, 0] - 10 * nngp[i, 0]) < 1e-3
      } && Set((0..<3).map { i in nngp.row(i).map { $0.rounded() } }).count == 3
    }
    #expect(found >= 5)
    for choice in LandmarkChoice.allCases {
      let all = try chooseLandmarks(
        60, by: choice, from: patches, under: DualActivation(.relu), key: RandomKey(seed: 1),
        on: .allCores)
      #expect(all.nngp == patches.nngp && all.ntk == patches.ntk)
    }
    // Samples are patches, and leverage finds all three groups.
    for choice in [LandmarkChoice.uniform, .leverage, .bless] {
      let few = try chooseLandmarks(
        9, by: choice, from: patches, under: DualActivation(.relu), key: RandomKey(seed: 1),
        on: .allCores)
      #expect(few.nngp.rowCount == 9)
      for i in 0..<9 {
        let row = Array(few.nngp.row(i))
        #expect(rows.contains(row) && few.ntk[i, 0] == 10 * row[0])
      }
      let groups = Set((0..<9).map { i in few.nngp.row(i).map { $0.rounded() } })
      #expect(choice == .uniform || groups.count == 3)
    }
  }

  @Test func weightedSamples() {
    let weights = [0, 1, 2, 5.0]
    let first = (0..<4000).map { weightedSample(2, weights, RandomKey(seed: UInt64($0))) }
    #expect(first.allSatisfy { !$0.contains(0) && $0[0] != $0[1] })
    for index in 1...3 {
      let share = weights[index] / 8
      let count = Double(first.count { $0[0] == index })
      let score = (count - 4000 * share) / (4000 * share * (1 - share)).squareRoot()
      #expect(abs(score) < scoreThreshold(comparisons: 3))
    }
  }
}
