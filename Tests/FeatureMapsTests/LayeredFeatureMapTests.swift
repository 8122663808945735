// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps against the exact kernels of their networks.

import Foundation
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

/// Networks that together hold every layer, on 6 × 6 pixels with two channels.
enum LayeredCase: String, CaseIterable, Sendable {
  case plain, strided, circular, valid, biased, pooled, overlapping, normalizedEdges, flat, headed
  case normalized, dropped, residual, parallel, linear, smooth, quadrature, leaky, sums, bare

  var layers: [Layer] {
    let conv = Layer.conv(filter: [3, 3], weightStd: 1.4)
    let biased = Layer.conv(filter: [3, 3], weightStd: 1.3, biasStd: 0.4)
    switch self {
    case .plain: return [conv, .relu, conv, .relu, .globalAveragePool, .dense(weightStd: 1.4)]
    case .strided:
      return [
        .conv(filter: [3, 2], strides: [2, 1], weightStd: 1.4), .relu, conv, .relu,
        .globalAveragePool, .dense(),
      ]
    case .circular:
      return [
        .conv(filter: [3, 3], padding: .circular, weightStd: 1.4), .relu, .globalAveragePool,
        .dense(),
      ]
    case .valid:
      return [
        .conv(filter: [3, 3], padding: .valid, weightStd: 1.4), .relu, conv, .relu,
        .globalAveragePool, .dense(),
      ]
    case .biased:
      return [
        biased, .relu, biased, .relu, .globalAveragePool, .dense(weightStd: 1.1, biasStd: 0.3),
      ]
    case .pooled:
      return [
        conv, .relu, .averagePool(window: [2, 2]), conv, .relu, .globalAveragePool, .dense(),
      ]
    case .overlapping:
      return [
        conv, .relu, .averagePool(window: [3, 3], strides: [2, 2], padding: .same), conv, .relu,
        .globalAveragePool, .dense(),
      ]
    case .normalizedEdges:
      return [
        conv, .relu,
        .averagePool(window: [3, 3], strides: [2, 2], padding: .same, normalizeEdges: true), conv,
        .relu, .globalAveragePool, .dense(),
      ]
    case .flat:
      return [conv, .relu, .averagePool(window: [3, 3]), .flatten, .dense(weightStd: 1.2)]
    case .headed:
      return [conv, .relu, .globalAveragePool, .dense(weightStd: 1.2), .relu, .dense(biasStd: 0.2)]
    case .normalized:
      return [
        biased, .layerNorm(epsilon: 0.1), .relu, .layerNorm(), conv, .relu, .globalAveragePool,
        .dense(),
      ]
    case .dropped:
      return [
        conv, .relu, .dropout(keep: 0.7), conv, .relu, .averagePool(window: [2, 2]), conv, .relu,
        .globalAveragePool, .dense(),
      ]
    case .residual:
      return [
        biased, .residual([.relu, biased, .relu, biased]), .relu, .globalAveragePool,
        .dense(weightStd: 1.4),
      ]
    case .parallel:
      return [
        conv, .parallelSum([[.relu, conv], [.identity], [.relu]]), .relu, .globalAveragePool,
        .dense(),
      ]
    case .linear:
      return [conv, biased, .averagePool(window: [2, 2]), .globalAveragePool, .dense()]
    case .smooth:
      return [
        biased, .activation(.erf()), conv, .activation(.gelu), .globalAveragePool, .dense(),
      ]
    case .quadrature: return [conv, .activation(.tanh), .globalAveragePool, .dense()]
    case .leaky:
      return [
        conv, .activation(.leakyReLU(negativeSlope: 0.3)), conv, .activation(.abs),
        .globalAveragePool, .dense(),
      ]
    case .sums:
      return [conv, .relu, .sumPool(window: [2, 2]), conv, .relu, .globalSumPool, .dense()]
    case .bare: return [.relu, .globalAveragePool]
    }
  }

  func kernel(_ type: NeuralKernel.Kind = .ntk) throws -> NeuralKernel {
    NeuralKernel(network: try Network(input: [6, 6, 2], layers: layers), type: type)
  }

  var activationCount: Int {
    func count(_ layers: [Layer]) -> Int {
      layers.reduce(0) { sum, layer in
        switch layer {
        case .activation: sum + 1
        case .residual(let inner): sum + count(inner)
        case .parallelSum(let branches): sum + branches.reduce(0) { $0 + count($1) }
        default: sum
        }
      }
    }
    return count(layers)
  }

  func budget(
    landmarks: Int, kept: Int? = nil, remainder: Int = 0, lastKept: Int? = nil
  ) -> LayeredBudget {
    var budget = LayeredBudget(
      layers: (0..<activationCount).map { _ in
        .init(landmarks: landmarks, nngp: kept, ntk: kept, remainder: remainder)
      }, sumNNGP: kept.map { 4 * $0 } ?? 4000, sumNTK: kept.map { 4 * $0 } ?? 4000)
    if kept != nil, let last = budget.layers.indices.last {
      (budget.layers[last].nngp, budget.layers[last].ntk) = (lastKept, lastKept)
    }
    return budget
  }
}

/// Smooth images with a common mean, 6 × 6 × 2.
func smoothImages(_ count: Int, seed: UInt64 = 1) -> Matrix<Double> {
  var generator = CaseGenerator(seed: seed)
  return Matrix(rowCount: count, columnCount: 72) { output in
    for i in 0..<count {
      let (a, b, c) = (generator.normal(), generator.normal(), generator.normal())
      for y in 0..<6 {
        for x in 0..<6 {
          let (u, v) = (Double(x) / 5, Double(y) / 5)
          let place = output + i * 72 + (y * 6 + x) * 2
          place[0] = 0.6 + 0.4 * a * (u - 0.5) + 0.3 * b * v * u + 0.03 * generator.normal()
          place[1] = 0.3 + 0.4 * c * (v - 0.4) * (1 - u) + 0.03 * generator.normal()
        }
      }
    }
  }
}

/// ‖ZZᵀ − K‖ / ‖K‖ over different points.
func offDiagonalError<Map: FeatureMap>(_ map: Map, _ points: Matrix<Double>) throws -> Double {
  let exact = try map.kernel.matrix(.dense(points))
  let found = try gram(map.features(of: .dense(points)))
  var (error, size) = (0.0, 0.0)
  for i in 0..<points.rowCount {
    for j in 0..<i {
      error += (found[i, j] - exact[i, j]) * (found[i, j] - exact[i, j])
      size += exact[i, j] * exact[i, j]
    }
  }
  return (error / size).squareRoot()
}

@Suite struct LayeredFeatureMapTests {
  /// With every patch a landmark and nothing cut but rounding, the sample's features are exact.
  @Test(arguments: LayeredCase.allCases, NeuralKernel.Kind.allCases)
  func exactOnLandmarks(_ network: LayeredCase, _ type: NeuralKernel.Kind) throws {
    let points = smoothImages(network == .quadrature ? 3 : 5)
    let kernel = try network.kernel(type)
    let budget = network.budget(landmarks: 2000)
    if network == .bare, type == .ntk {
      // Without weights there is nothing to train, and the kernel is 0.
      #expect(throws: InvalidInput.self) {
        try LayeredFeatureMap(kernel, budget: budget, sample: Rows.dense(points))
      }
      return
    }
    let map = try LayeredFeatureMap(kernel, budget: budget, sample: Rows.dense(points))
    #expect(try offDiagonalError(map, points) < 2e-4)
  }

  /// On other images than those of the sample the error falls with the landmarks.
  @Test(arguments: [LayeredCase.plain, .pooled, .residual, .smooth])
  func errorFalls(_ network: LayeredCase) throws {
    let kernel = try network.kernel()
    let (sample, points) = (smoothImages(60), smoothImages(30, seed: 2))
    let errors = try [(4, 4), (16, 12), (64, 32)].map { landmarks, kept in
      try offDiagonalError(
        LayeredFeatureMap(
          kernel, budget: network.budget(landmarks: landmarks, kept: kept),
          sample: Rows.dense(sample)), points)
    }
    #expect(errors[1] < 0.7 * errors[0] && errors[2] < 0.5 * errors[1], "\(errors)")
    #expect(errors[2] < 2e-3)
  }

  @Test func laws() throws {
    let network = LayeredCase.pooled
    for remainder in [0, 6] {
      let map = try LayeredFeatureMap(
        network.kernel(), budget: network.budget(landmarks: 12, kept: 8, remainder: remainder),
        seed: 3, sample: Rows.dense(smoothImages(20)))
      try checkRowMapLaws(map, batches: .relative(2e-3), single: 2e-2)
      let points = smoothImages(70, seed: 4)
      let whole = try map.features(of: .dense(points))
      let parts = try [0..<1, 1..<8, 8..<70].map { try map.features(of: .dense(points.rows($0))) }
      #expect(try agree(.stacked(parts), whole, .relative(1e-9)))
    }
    let residual = LayeredCase.residual
    let map = try LayeredFeatureMap(
      residual.kernel(), budget: residual.budget(landmarks: 12, kept: 8),
      sample: Rows.dense(smoothImages(20)))
    try checkRowMapLaws(map, batches: .relative(5e-3), single: 5e-2)
  }

  /// One activation: with random features of what few landmarks leave, the mean over seeds is exact.
  @Test(arguments: [LayeredCase.circular, .flat], [1.0, -0.4])
  func hybridIsUnbiased(_ network: LayeredCase, _ below: Double) throws {
    var layers = network.layers
    layers[0] = .conv(filter: [3, 3], weightStd: 1.4, biasStd: 0.3)
    layers[1] = .activation(.abReLU(a: below, b: 1.2))
    let kernel = NeuralKernel(network: try Network(input: [6, 6, 2], layers: layers))
    let (sample, points) = (smoothImages(10), smoothImages(3, seed: 7))
    let exact = try kernel.matrix(.dense(points))
    let budget = LayeredBudget(layers: [.init(landmarks: 3, nngp: 2, ntk: 2, remainder: 4)])
    let grams = try (0..<400).map { seed in
      try gram(
        LayeredFeatureMap(kernel, budget: budget, seed: seed, sample: Rows.dense(sample))
          .features(of: .dense(points), on: Execution(threads: 1)))
    }
    let limit = scoreThreshold(comparisons: 100)
    for (i, j) in [(0, 0), (1, 0), (2, 1)] {
      let moments = Moments(grams.map { $0[i, j] })
      #expect(abs(moments.meanScore(exact[i, j])) < limit, "\(moments.mean), not \(exact[i, j])")
      #expect(moments.variance > 0)
    }
  }

  /// A remainder brings features nearer to the kernel than the landmarks alone.
  @Test func remainderHelps() throws {
    let network = LayeredCase.plain
    let (sample, points) = (smoothImages(40), smoothImages(20, seed: 9))
    func error(remainder: Int) throws -> Double {
      var budget = network.budget(landmarks: 6)
      budget.layers[0].landmarks = 80
      budget.layers[1].remainder = remainder
      return try offDiagonalError(
        LayeredFeatureMap(network.kernel(), budget: budget, sample: Rows.dense(sample)), points)
    }
    #expect(try error(remainder: 4000) < 0.5 * error(remainder: 0))
  }

  @Test(arguments: [LayeredCase.plain, .biased, .residual, .smooth, .normalized, .dropped])
  func degenerateImages(_ network: LayeredCase) throws {
    var points = smoothImages(6)
    for j in 0..<72 {
      points[0, j] = 0
      points[1, j] = 0.5
      points[3, j] = points[2, j]
    }
    let map = try LayeredFeatureMap(
      network.kernel(), budget: network.budget(landmarks: 20, kept: 10), sample: Rows.dense(points))
    for features in [
      try map.features(of: .dense(points)),
      try map.features(of: .dense(points.converted(to: Float.self))).converted(to: Double.self),
    ] {
      #expect(features.isFinite)
      #expect(zip(features.row(2), features.row(3)).allSatisfy { abs($0 - $1) < 2e-6 })
      if network == .plain { #expect(features.row(0).allSatisfy { $0 == 0 }) }
    }
    let constant = try Matrix(
      rows: [[Double]](repeating: [Double](repeating: 1, count: 72), count: 4))
    let flat = try LayeredFeatureMap(
      network.kernel(), budget: network.budget(landmarks: 20, kept: 10),
      sample: Rows.dense(constant))
    // Equal points: where few columns are kept, the cusp of the NTK is lost.
    #expect(try offDiagonalError(flat, constant) < 0.05)
  }

  @Test func fullyConnected() throws {
    let kernel = NeuralKernel(
      network: try Network.fullyConnected(inputDimension: 20, depth: 2, biasStd: 0.2))
    let points = clusteredPoints(80, 20)
    let budget = LayeredBudget(layers: [.init(landmarks: 80), .init(landmarks: 80)])
    let map = try LayeredFeatureMap(kernel, budget: budget, sample: Rows.dense(points))
    #expect(try offDiagonalError(map, points) < 1e-4)
    try checkRowMapLaws(map, batches: .relative(1e-2), single: 5e-2)
  }

  @Test func sequences() throws {
    let kernel = NeuralKernel(
      network: try Network(
        input: [18, 4],
        layers: [
          .conv(filter: [3], weightStd: 1.4), .relu, .averagePool(window: [2]),
          .conv(filter: [3], strides: [2], padding: .circular), .relu, .globalAveragePool, .dense(),
        ]))
    let points = smoothImages(5)
    let map = try LayeredFeatureMap(
      kernel, budget: LayeredBudget(layers: [.init(landmarks: 500), .init(landmarks: 500)]),
      sample: Rows.dense(points))
    #expect(try offDiagonalError(map, points) < 2e-4)
  }
}
