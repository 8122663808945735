// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps by random features and by sketches, which need no more of a sample than a mean.

import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

/// One activation of every sort: homogeneous, odd, even, neither, with a closed dual and without, with
/// no function behind it.
private let activations: [Activation] = [
  .relu, .leakyReLU(negativeSlope: -0.4), .abs, .erf(), .gelu, .sin(a: 1, b: 1.3, c: 0.4),
  .expNormalized(gamma: 1.5, shift: -1), .elu(), .rectifiedMonomial(degree: 2),
]

/// A network of one activation on vectors, with biases.
func biasedKernel(_ activation: Activation, dropout: Bool = false) throws -> NeuralKernel {
  NeuralKernel(
    network: try Network(
      input: [12],
      layers: [.dense(weightStd: 1.6, biasStd: 0.5)] + (dropout ? [.dropout(keep: 0.6)] : [])
        + [.activation(activation), .dense(weightStd: 1.2, biasStd: 0.3)]))
}

@Suite struct LayeredRemainderTests {
  /// Moments of entries of ZZᵀ over seeds, and what they should be.
  private func entries(
    _ kernel: NeuralKernel, _ budget: LayeredBudget, _ pairs: [(Int, Int)], seeds: Int
  ) throws -> [(moments: Moments, exact: Double)] {
    let (sample, points) = (clusteredPoints(40, 12), clusteredPoints(4, 12, seed: 8))
    let exact = try kernel.matrix(.dense(points))
    let grams = try (0..<seeds).map { seed in
      try gram(
        LayeredFeatureMap(
          kernel, budget: budget, seed: UInt64(seed), sample: Rows.dense(sample)
        ).features(of: .dense(points), on: Execution(threads: 1)))
    }
    return pairs.map { i, j in (Moments(grams.map { $0[i, j] }), exact[i, j]) }
  }

  /// Behind one activation the mean over seeds is exact, for opposites in pairs and an odd one.
  @Test(arguments: activations)
  func randomIsUnbiased(_ activation: Activation) throws {
    let limit = scoreThreshold(comparisons: 60)
    for dropout in [false, true] {
      let pairs = dropout ? [(1, 0), (3, 1)] : [(0, 0), (1, 0), (3, 1)]
      let budget = LayeredBudget(layers: [.init(landmarks: 1, remainder: 5)])
      for (moments, exact) in try entries(
        biasedKernel(activation, dropout: dropout), budget, pairs, seeds: 200)
      {
        #expect(abs(moments.meanScore(exact)) < limit, "\(moments.mean), not \(exact)")
        #expect(moments.variance > 0)
      }
    }
  }

  /// So are sketches with random features of what they leave, of NTK and NNGP kernels, for pairs and for points
  /// with themselves.
  @Test(arguments: activations)
  func sketchIsUnbiased(_ activation: Activation) throws {
    let limit = scoreThreshold(comparisons: 100)
    let cases: [(columns: Int, dropout: Bool, type: NeuralKernel.Kind)] = [
      (3, false, .ntk), (40, false, .nngp), (40, false, .ntk), (40, true, .ntk),
    ]
    for (columns, dropout, type) in cases {
      let budget = LayeredBudget(
        layers: [.init(landmarks: 6, remainder: columns)], remainder: .sketch)
      let pairs = dropout ? [(1, 0), (3, 1)] : [(0, 0), (1, 0), (3, 1)]
      let kernel = NeuralKernel(
        network: try biasedKernel(activation, dropout: dropout).network, type: type)
      for (moments, exact) in try entries(kernel, budget, pairs, seeds: 100) {
        #expect(
          abs(moments.meanScore(exact)) < limit,
          "\(columns) \(dropout) \(type): \(moments.mean), not \(exact)")
      }
    }
  }

  /// And where activations turn many times between the points.
  @Test(arguments: [Activation.sin(), .rbf(gamma: 0.5), .gaussian(a: 1, b: -0.5)])
  func sketchIsUnbiasedFarOut(_ activation: Activation) throws {
    let kernel = NeuralKernel(
      network: try Network(
        input: [12], layers: [.dense(weightStd: 70), .activation(activation), .dense()]))
    let budget = LayeredBudget(layers: [.init(landmarks: 6, remainder: 40)], remainder: .sketch)
    let limit = scoreThreshold(comparisons: 9)
    for (moments, exact) in try entries(
      kernel, budget, [(0, 0), (1, 0), (3, 1)], seeds: 100)
    {
      #expect(abs(moments.meanScore(exact)) < limit, "\(moments.mean), not \(exact)")
    }
  }

  /// Products of many factors of patches that are very short, but not zero.
  @Test func shortPatches() throws {
    let map = try LayeredFeatureMap(
      LayeredCase.plain.kernel(), dimension: 900, method: .sketch,
      sample: Rows.dense(smoothImages(60)))
    guard case .activation(let stage) = map.stages[0] else {
      Issue.record("\(map.stages[0])")
      return
    }
    let sketch = try #require(stage.fit.sketch)
    #expect(sketch.terms.contains { $0.degree > 2 })
    for size in [1e-10, 1e-14, 1e-17, 1e-21] {
      var points = smoothImages(2)
      for j in 0..<36 { points[0, j] *= size }
      let double = try map.features(of: .dense(points))
      let single = try map.features(of: .dense(points.converted(to: Float.self)))
      #expect(agree(single.converted(to: Double.self), double, .relative(1e-3)), "\(size)")
    }
  }

  /// Columns are shared by some of the landmarks alone, where a budget asks for many.
  @Test func sketchWithManyLandmarks() throws {
    let budget = LayeredBudget(
      layers: [.init(landmarks: 1200, remainder: 60)], remainder: .sketch)
    let sample = clusteredPoints(1500, 12)
    let map = try LayeredFeatureMap(
      biasedKernel(.relu), budget: budget, sample: Rows.dense(sample))
    #expect(try offDiagonalError(map, clusteredPoints(20, 12, seed: 4)) < 0.02)
  }

  /// Every layer and every activation, against the exact kernel.
  @Test(arguments: LayeredCase.allCases, [LayeredBudget.Method.random, .sketch])
  func architectures(_ network: LayeredCase, _ method: LayeredBudget.Method) throws {
    let kernel = try network.kernel(network == .bare ? .nngp : .ntk)
    let dimension = network == .linear ? 200 : 100
    let map = try LayeredFeatureMap(
      kernel, dimension: dimension, method: method, seed: 1, sample: Rows.dense(smoothImages(20)))
    #expect(map.outputDimension <= dimension)
    let error = try offDiagonalError(map, smoothImages(6, seed: 5))
    #expect(error < 0.2, "\(network) \(method): \(error)")
  }

  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func errorFallsLikeTheRoot(_ method: LayeredBudget.Method) throws {
    let (sample, points) = (smoothImages(40), smoothImages(12, seed: 3))
    for network in [LayeredCase.circular, .flat] {
      func error(_ columns: Int) throws -> Double {
        try (0..<12).reduce(0.0) { sum, seed in
          let budget = LayeredBudget(
            layers: (0..<network.activationCount).map { _ in
              .init(landmarks: method == .random ? 1 : 8, remainder: columns)
            }, remainder: method == .random ? .random : .sketch)
          return try sum
            + offDiagonalError(
              LayeredFeatureMap(
                network.kernel(), budget: budget, seed: UInt64(seed), sample: Rows.dense(sample)),
              points)
        }
      }
      let errors = try [16, 64, 256].map(error)
      #expect(errors[1] < 0.75 * errors[0], "\(network) \(errors)")
      #expect(errors[2] < 0.75 * errors[1] && errors[2] < 0.12, "\(network) \(errors)")
    }
  }

  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func laws(_ method: LayeredBudget.Method) throws {
    for network in [LayeredCase.pooled, .smooth, .residual] {
      let map = try LayeredFeatureMap(
        network.kernel(), dimension: 60, method: method, seed: 3,
        sample: Rows.dense(smoothImages(20)))
      // A slope jumps where a product is zero but for rounding.
      try checkRowMapLaws(map, batches: .relative(2e-2), single: 5e-2)
      let points = smoothImages(70, seed: 4)
      let whole = try map.features(of: .dense(points))
      let parts = try [0..<1, 1..<8, 8..<70].map { try map.features(of: .dense(points.rows($0))) }
      #expect(try agree(.stacked(parts), whole, .relative(1e-9)))
    }
  }

  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func degenerateImages(_ method: LayeredBudget.Method) throws {
    for network in [LayeredCase.plain, .biased, .residual, .smooth, .normalized, .dropped] {
      var points = smoothImages(6)
      for j in 0..<72 {
        points[0, j] = 0
        points[1, j] = 0.5
        points[3, j] = points[2, j]
      }
      for sample in [points, points.rows(1..<2)] {
        let map = try LayeredFeatureMap(
          network.kernel(), dimension: 80, method: method, sample: Rows.dense(sample))
        let features = try map.features(of: .dense(points))
        #expect(features.isFinite)
        #expect(features.row(2) == features.row(3))
        if network == .plain { #expect(features.row(0).allSatisfy { $0 == 0 }) }
        let single = try map.features(of: .dense(points.converted(to: Float.self)))
        #expect(single.isFinite)
      }
    }
  }

  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func fullyConnected(_ method: LayeredBudget.Method) throws {
    let points = clusteredPoints(60, 20)
    for activation in [Activation.relu, .erf(), .gelu, .expNormalized()] {
      let kernel = NeuralKernel(
        network: try Network.fullyConnected(
          inputDimension: 20, depth: 2, biasStd: 0.2, activation: activation))
      let map = try LayeredFeatureMap(
        kernel, dimension: 500, method: method, sample: Rows.dense(points))
      let error = try offDiagonalError(map, clusteredPoints(20, 20, seed: 4))
      #expect(error < 0.15, "\(activation) \(method): \(error)")
    }
  }

  /// Where all of a sample are landmarks, some nearly the same, nothing but residue is left of them, which says
  /// nothing of the length of what is left of others.
  @Test(arguments: [0.01, 0.001])
  func landmarksOfTheWholeSample(_ distance: Double) throws {
    let kernel = NeuralKernel(
      network: try Network.fullyConnected(inputDimension: 6, depth: 2), type: .ntk)
    var generator = CaseGenerator(seed: 9)
    var points = generator.matrix(300, 6, as: Double.self)
    for i in 150..<300 {
      for j in 0..<6 { points[i, j] = points[i - 150, j] + distance * points[i, j] }
    }
    let map = try LayeredFeatureMap(
      kernel, dimension: 2000, method: .random, sample: Rows.dense(points))
    guard case .activation(let stage) = map.stages[0] else {
      Issue.record("\(map.stages[0])")
      return
    }
    #expect(stage.fit.landmarks.rowCount == 300)
    #expect(stage.fit.nngpScale == 1)
    #expect(stage.fit.ntkScale == 1)
  }
}
