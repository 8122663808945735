// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps whose layers take their directions from a point, or have none.

import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct LayeredCentringTests {
  private let sample = clusteredPoints(40, 12)

  private var choices: [Centring] {
    [.none, .vector(meanRow(sample)), .vector([3] + [Double](repeating: -0.5, count: 11))]
  }

  /// Moments over seeds of products of two pairs of points, and what they should be.
  private func entries(
    _ kernel: NeuralKernel, _ budget: LayeredBudget, _ centring: Centring
  ) throws -> [(moments: Moments, exact: Double)] {
    let points = clusteredPoints(4, 12, seed: 8)
    let exact = try kernel.matrix(.dense(points))
    let grams = try (0..<150).map { seed in
      try gram(
        LayeredFeatureMap(
          kernel, budget: budget, seed: UInt64(seed), centring: centring,
          sample: Rows.dense(sample)
        ).features(of: .dense(points), on: Execution(threads: 1)))
    }
    return [(1, 0), (3, 1)].map { i, j in (Moments(grams.map { $0[i, j] }), exact[i, j]) }
  }

  @Test(
    arguments: [
      Activation.relu, .erf(), .gelu, .sin(a: 1, b: 1.3, c: 0.4), .rectifiedMonomial(degree: 2),
    ], [false, true])
  func randomIsUnbiased(_ activation: Activation, dropout: Bool) throws {
    let limit = scoreThreshold(comparisons: 60)
    let budget = LayeredBudget(layers: [.init(landmarks: 2, remainder: 6)])
    for centring in choices {
      for (moments, exact) in try entries(
        biasedKernel(activation, dropout: dropout), budget, centring)
      {
        #expect(
          abs(moments.meanScore(exact)) < limit, "\(centring.name): \(moments.mean), not \(exact)")
        #expect(moments.variance > 0)
      }
    }
  }

  /// So are sketches with what they leave.
  @Test(arguments: [Activation.relu, .erf(), .gelu])
  func sketchIsUnbiased(_ activation: Activation) throws {
    let budget = LayeredBudget(
      layers: [.init(landmarks: 6, remainder: 40)], remainder: .sketch)
    let limit = scoreThreshold(comparisons: 30)
    for centring in choices {
      for (moments, exact) in try entries(biasedKernel(activation), budget, centring) {
        #expect(
          abs(moments.meanScore(exact)) < limit, "\(centring.name): \(moments.mean), not \(exact)")
      }
    }
  }

  private func fits(_ map: LayeredFeatureMap) -> [ActivationFit] {
    map.stages.compactMap { if case .activation(let stage) = $0 { stage.fit } else { nil } }
  }

  /// Patches of one layer of equal weights: the sample's direction is that of its mean.
  @Test func directionsOfSketches() throws {
    func map(_ centring: Centring) throws -> LayeredFeatureMap {
      try LayeredFeatureMap(
        biasedKernel(.erf()), dimension: 60, method: .sketch, centring: centring,
        sample: .dense(sample))
    }
    func direction(_ map: LayeredFeatureMap) throws -> [Double] {
      try #require(fits(map)[0].sketch).direction
    }
    let (own, given, none) = try (map(.sample), map(.vector(meanRow(sample))), map(.none))
    #expect(
      try zip(direction(own), direction(given)).allSatisfy { abs($0 - $1) < 1e-12 })
    // Some landmarks of the sample's own map are patches, all others lie on the line.
    func besideLine(_ map: LayeredFeatureMap) throws -> Int {
      let (landmarks, m) = (fits(map)[0].landmarks.double, try direction(map))
      return (0..<landmarks.rowCount).count { i in
        let along = m.indices.reduce(0) { $0 + landmarks[i, $1] * m[$1] }
        return m.indices.contains { abs(landmarks[i, $0] - along * m[$0]) > 1e-5 }
      }
    }
    let (patches, others) = try (besideLine(own), besideLine(given))
    #expect(patches > 0 && others == 0, "\(patches), \(others)")
    #expect(try direction(none).allSatisfy { $0 == 0 })
    #expect(try direction(map(.vector([1] + [Double](repeating: 0, count: 11)))) != direction(own))
  }

  /// Landmarks are the patches of the point, or zero.
  @Test func landmarksOfRandomMaps() throws {
    let point = [Double](sample.row(3))
    func landmarks(_ centring: Centring) throws -> Matrix<Double> {
      try fits(
        LayeredFeatureMap(
          biasedKernel(.gelu), dimension: 60, method: .random, centring: centring,
          sample: .dense(sample))
      )[0].landmarks.double
    }
    let (given, none) = try (landmarks(.vector(point)), landmarks(.none))
    try #require(given.rowCount == 1)
    let wanted = point.map { 1.6 * $0 / 12.squareRoot() } + [0.5]
    #expect(zip(given.row(0), wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(none.rowCount == 1 && none.elements.allSatisfy { $0 == 0 })
    #expect(try landmarks(.sample).rowCount == 8)
  }

  /// Layers of images, in branches too, take their directions from the same point.
  @Test(
    arguments: [LayeredCase.plain, .biased, .residual, .flat, .linear, .dropped],
    [LayeredBudget.Method.random, .sketch])
  func images(_ network: LayeredCase, _ method: LayeredBudget.Method) throws {
    let (sample, points) = (smoothImages(20), smoothImages(6, seed: 5))
    let constant = [Double](repeating: 0.4, count: 72)
    let dimension = network == .linear ? 200 : 100
    for centring in [.none, .vector(meanRow(sample)), Centring.vector(constant)] {
      let map = try LayeredFeatureMap(
        network.kernel(), dimension: dimension, method: method, seed: 1, centring: centring,
        sample: Rows.dense(sample))
      #expect(map.outputDimension <= dimension)
      let error = try offDiagonalError(map, points)
      let limit = centring == .none ? 0.5 : 0.1
      #expect(error < limit, "\(network), \(method), \(centring.name): \(error)")
      if [.plain, .dropped].contains(network) {
        try checkRowMapLaws(map, batches: .relative(5e-3), single: 5e-2)
      }
    }
  }

  /// A sample that is the point itself, or hardly more, tells nothing of what is beside it.
  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func samplesOfOnePoint(_ method: LayeredBudget.Method) throws {
    let points = smoothImages(12)
    for network in [LayeredCase.plain, .flat, .smooth] {
      for count in [1, 2] {
        let map = try LayeredFeatureMap(
          network.kernel(), dimension: 100, method: method,
          centring: .vector([Double](points.row(0))), sample: Rows.dense(points.rows(0..<count)))
        #expect(try offDiagonalError(map, points) < 0.3)
      }
    }
    let vectors = clusteredPoints(12, 12)
    let errors = try (0..<8).map { seed in
      try offDiagonalError(
        LayeredFeatureMap(
          biasedKernel(.relu), dimension: 100, method: method, seed: UInt64(seed),
          centring: .vector([Double](vectors.row(0))), sample: Rows.dense(vectors.rows(0..<1))),
        vectors)
    }
    #expect(errors.reduce(0, +) / 8 < 0.075, "\(errors)")
  }

  /// Wide points of mostly zeros: their sketch splits off the direction, too.
  @Test func widePoints() throws {
    let d = 4200
    let sample = try Rows.sparse(wideRows(60, d))
    let kernel = try WideNetwork.biased.kernel(d)
    let point = (0..<d).map { $0 < 30 ? 2.0 : 0 }
    for method in [LayeredBudget.Method.random, .sketch] {
      for (centring, direction) in [
        (Centring.none, nil), (.vector(point), SparseVector(point).normalized),
      ] {
        let map = try LayeredFeatureMap(
          kernel, dimension: 200, method: method, centring: centring, sample: sample)
        #expect(try #require(map.inputSketch).direction == direction)
        #expect(try map.features(of: sample).isFinite)
        #expect(try offDiagonalError(map, sample.dense) < 0.4)
      }
    }
  }

  @Test func refusals() throws {
    let kernel = try biasedKernel(.relu)
    func refuses(
      _ centring: Centring, _ method: LayeredBudget.Method = .random, naming name: String
    ) {
      let error = #expect(throws: InvalidInput.self) {
        try LayeredFeatureMap(
          kernel, dimension: 60, method: method, centring: centring, sample: .dense(sample))
      }
      #expect(error?.name == name)
    }
    for centring in choices {
      for method in [LayeredBudget.Method.nystrom, .hybrid] {
        refuses(centring, method, naming: "centring")
      }
      let error = #expect(throws: InvalidInput.self) {
        try LayeredFeatureMap(
          kernel, budget: LayeredBudget(layers: [.init(landmarks: 9)]), centring: centring,
          sample: .dense(sample))
      }
      #expect(error?.name == "centring")
    }
    for method in [LayeredBudget.Method.random, .sketch] {
      refuses(.vector([1, 2]), method, naming: "entries of the centring vector")
      for bad in [0, Double.nan, .infinity] {
        refuses(.vector([Double](repeating: bad, count: 12)), method, naming: "centring vector")
      }
    }
    // One point whose features' squares are infinite.
    var far = sample
    for j in 0..<12 { far[7, j] *= 60 / (far.row(7).reduce(0) { $0 + $1 * $1 } / 12).squareRoot() }
    let exponential = NeuralKernel(
      network: try Network(input: [12], layers: [.dense(), .activation(.exp()), .dense()]))
    let overflow = #expect(throws: InvalidInput.self) {
      try LayeredFeatureMap(
        exponential, dimension: 60, method: .sketch, centring: .none, sample: .dense(far))
    }
    #expect(overflow?.name == "sample")
    // A point of which the layer sees nothing.
    var between = [Double](repeating: 0, count: 36)
    between[14] = 1
    let seen = NeuralKernel(
      network: try Network(
        input: [6, 6, 1],
        layers: [
          .conv(filter: [2, 2], strides: [4, 4], padding: .valid), .relu, .flatten, .dense(),
        ]))
    let error = #expect(throws: InvalidInput.self) {
      try LayeredFeatureMap(
        seen, dimension: 60, method: .random, centring: .vector(between),
        sample: Rows.dense(clusteredPoints(20, 36)))
    }
    #expect(error?.name == "centring vector")
  }
}
