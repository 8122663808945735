// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps chosen by measuring, and maps of any type from storage.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import SpectralChecks
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct FeatureMapChoiceTests {
  private static let kernels: [any Kernel & Codable & Hashable] = {
    do {
      return [
        try GaussianKernel(lengthScale: 0.7), try MaternKernel(smoothness: 1.5, lengthScale: 1),
        try LaplaceKernel(lengthScale: 4), try CauchyKernel(lengthScale: 2),
        try ExponentialDotKernel(scale: 1), try PolynomialKernel(degree: 2, offset: 1),
        try DotProductKernel(coefficients: [1, 0.5, 0.2]), try ArcCosineKernel(order: 1),
        NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2)),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// The best is first, it is what is made, and it comes back from storage.
  @Test(arguments: 0..<9, [30, 100])
  func choosesTheBest(_ index: Int, _ dimension: Int) throws {
    func check<K: Kernel & Codable & Hashable>(_ kernel: K) throws {
      let points = clusteredPoints(80, 8)
      let choice = try kernel.featureMap(dimension: dimension, sample: Rows.dense(points))
      let errors = choice.candidates.compactMap(\.normalizedError)
      #expect(choice.candidates.allSatisfy { $0.relativeError != nil })
      #expect(choice.summary.contains("K(x, x) = 1"))
      #expect(choice.candidates.count >= 2 && errors == errors.sorted())
      #expect(errors.count == choice.candidates.count)
      #expect(choice.candidates.allSatisfy { $0.dimension <= dimension })
      #expect(choice.map.outputDimension <= dimension)
      #expect(choice.summary.hasPrefix(choice.candidates[0].method))
      let kind = choice.candidates[0].method.prefix(6)
      #expect(kind == "hybrid" ? choice.map.law.hasPrefix("hybrid") : true)
      #expect(kind == "nystro" ? choice.map is NystromFeatureMap<K> : true)
      let error = try relativeFrobeniusError(
        of: choice.map.images(of: Rows.dense(points)), exact: kernel.matrix(.dense(points)),
        asOf: 2000, scaled: true, on: .allCores)
      #expect(error < 2 * errors[0] + 1e-6, "\(choice.summary)")
      let z = try choice.map.images(of: .dense(points))

      let stored = try JSONEncoder().encode(AnyFeatureMap(choice.map))
      let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
      #expect(type(of: restored.map) == type(of: choice.map))
      #expect(try restored.map.images(of: .dense(points)) == z)
    }
    try check(Self.kernels[index])
  }

  /// Hybrid maps are tried where there are fewer than two points to a column.
  @Test func hybridsAreTried() throws {
    let kernel = try GaussianKernel(lengthScale: 0.7)
    func methods(_ dimension: Int, _ rows: Rows<Double>) throws -> Set<String> {
      try Set(
        kernel.featureMap(dimension: dimension, sample: rows).candidates.map {
          String($0.method.prefix { $0 != "," })
        })
    }
    let points = clusteredPoints(80, 8)
    #expect(
      try methods(30, .dense(points)) == ["nystrom", "random Fourier features", "sketch"])
    #expect(try methods(41, .dense(points)).contains("hybrid"))
    #expect(try !methods(40, .dense(points)).contains("hybrid"))
    let sparse = try kernel.featureMap(
      dimension: 30, sample: Rows.sparse(SparseMatrix(points))
    ).candidates
    #expect(sparse.allSatisfy { !$0.method.contains("k-means") })
  }

  private static let methods: [[FeatureMethod]] = [
    [.sketch, .random, .nystrom, .hybrid, .leverage], [.random, .nystrom, .hybrid, .leverage],
    [.random, .nystrom, .hybrid, .leverage], [.random, .nystrom, .hybrid, .leverage],
    [.sketch, .random, .nystrom, .hybrid, .leverage], [.sketch, .nystrom, .hybrid, .leverage],
    [.sketch, .nystrom, .hybrid, .leverage], [.random, .nystrom, .hybrid],
    [.sketch, .random, .nystrom, .hybrid, .leverage],
  ]

  /// Each method makes what it says, or says what there is in its place.
  @Test(arguments: 0..<9, FeatureMethod.allCases)
  func methods(_ index: Int, _ method: FeatureMethod) throws {
    let exists = method == .auto || Self.methods[index].contains(method)
    let sample = Rows.dense(clusteredPoints(80, 8))
    for points in [sample, sample.rows(0..<3)] {
      do {
        let choice = try Self.kernels[index].choice(method, sample: points)
        try #require(exists)
        let name = choice.candidates[0].method
        let prefixes = [FeatureMethod.sketch: "sketch", .nystrom: "nystrom, ", .hybrid: "hybrid, "]
        #expect(prefixes[method].map { name.hasPrefix($0) } ?? true, "\(name)")
        #expect(method != .random || name.hasSuffix(" features") || name.hasPrefix("random"))
        #expect(choice.map.outputDimension <= 60)
        // Three points are compared with nothing, and landmarks alone know too little of others.
        if points.rowCount == 3, method == .auto, Self.methods[index].contains(.hybrid) {
          #expect(choice.candidates.map(\.method.isHybrid) == [true])
        }
      } catch let error as InvalidInput {
        try #require(!exists, "\(error)")
        #expect(error.name == "method")
        for other in Self.methods[index] { #expect(error.expected.contains(other.rawValue)) }
        #expect(!error.expected.contains(method.rawValue))
      }
    }
  }

  @Test func landmarksAsAsked() throws {
    let kernel = try GaussianKernel(lengthScale: 0.7)
    let points = Rows.dense(clusteredPoints(80, 8))
    for choice in LandmarkChoice.allCases {
      let map = try kernel.featureMap(
        method: .nystrom, dimension: 20, seed: 3, landmarks: choice, sample: points
      ).map
      let direct = try NystromFeatureMap(
        kernel, dimension: 20, seed: 3, choice: choice, sample: points)
      #expect(map as? NystromFeatureMap == direct)
      for method in [FeatureMethod.auto, .hybrid] {
        let names = try kernel.featureMap(
          method: method, dimension: 90, landmarks: choice, sample: points
        ).candidates.map(\.method).filter { $0.contains("landmarks") }
        #expect(!names.isEmpty && names.allSatisfy { $0.contains(choice.rawValue) }, "\(names)")
      }
    }
  }

  /// Points 0 and 2, and 1 and 3, are orthogonal; products of 0 with 1 and of 2 with 3 are 0.8, or `cosine`
  /// by the features. Then P is 0.8/(1 + λ) times the identity.
  @Test(arguments: [0.8, 0.6, -0.8])
  func distanceOfPredictions(_ cosine: Double) throws {
    let sine = (1 - cosine * cosine).squareRoot()
    let features = try Matrix(rows: [
      [1, 0, 0, 0], [cosine, sine, 0, 0], [0, 0, 1, 0], [0, 0, cosine, sine],
    ])
    let exact = try Matrix<Double>(rows: [
      [1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, 0.8], [0, 0, 0.8, 1],
    ])
    let distance = try #require(
      try predictionDistance(of: features, exact: exact, asOf: 2, on: .allCores))
    #expect(abs(distance - abs(cosine - 0.8) / 0.8) < 1e-12)
    let zero = Matrix<Double>(rowCount: 4, columnCount: 4)
    #expect(try predictionDistance(of: features, exact: zero, asOf: 2, on: .allCores) == 0)
  }

  /// Of two known points of |x|² = 1, or 4 by the features, and products 0.8 with the others, P is 0.8/(1 + λ)
  /// and P̃ 0.8/(4 + λ), λ = 10⁻⁵ of the largest eigenvalue of the number of points meant.
  @Test(arguments: [(2, 1e-5), (1, 1e-5), (200_000, 1.0)])
  func ridgeOfPredictions(_ count: Int, _ ridge: Double) throws {
    let features = try Matrix(rows: [
      [2, 0, 0, 0], [0.4, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0.4, 1],
    ])
    let exact = try Matrix<Double>(rows: [
      [1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, 0.8], [0, 0, 0.8, 1],
    ])
    let distance = try #require(
      try predictionDistance(of: features, exact: exact, asOf: count, on: .allCores))
    #expect(abs(distance - (1 - (1 + ridge) / (4 + ridge))) < 1e-12)
  }

  /// Networks on pixels: layer by layer, and whole images where that has more columns.
  @Test func pixels() throws {
    let images = Rows.dense(smoothImages(40))
    for (network, type) in [(LayeredCase.plain, NeuralKernel.Kind.ntk), (.residual, .nngp)] {
      let kernel = try network.kernel(type)
      let auto = try kernel.featureMap(dimension: 100, sample: images)
      #expect(auto.map is LayeredFeatureMap && auto.candidates.count == 2)
      let distances = auto.candidates.compactMap(\.predictionDistance)
      #expect(distances.count == 2 && distances == distances.sorted())
      #expect(auto.candidates.allSatisfy { $0.normalizedError == nil })
      #expect(auto.summary.contains("distance of predictions"))
      for method in [FeatureMethod.nystrom, .hybrid] {
        let choice = try kernel.featureMap(method: method, dimension: 100, seed: 4, sample: images)
        let layered = try #require(LayeredBudget.Method(rawValue: method.rawValue))
        let direct = try LayeredFeatureMap(
          kernel, dimension: 100, method: layered, seed: 4, sample: images)
        #expect(choice.map as? LayeredFeatureMap == direct)
        let stored = try JSONEncoder().encode(AnyFeatureMap(choice.map))
        let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
        #expect(restored.map as? LayeredFeatureMap == direct)
      }
    }
    // Patches as asked for, and whole images too.
    let (plain, flat) = try (LayeredCase.plain.kernel(), LayeredCase.flat.kernel())
    var wholes: [NystromFeatureMap<NeuralKernel>] = []
    for landmarks in LandmarkChoice.allCases {
      let asked = try plain.featureMap(
        method: .nystrom, dimension: 90, seed: 1, landmarks: landmarks, sample: images)
      #expect(asked.summary.contains("\(landmarks.rawValue) patches"))
      let direct = try LayeredFeatureMap(
        plain, dimension: 90, seed: 1, landmarks: landmarks, sample: images)
      #expect((asked.map as? LayeredFeatureMap == direct) == true)
      let request = FeatureMapRequest(
        dimension: 5, seed: 1, landmarks: landmarks, isAuto: false, execution: .allCores)
      let way = FeatureMapMethods.all(of: flat, request, images).first {
        $0.name.contains("whole images")
      }
      wholes.append(try #require(way?.make(images) as? NystromFeatureMap<NeuralKernel>))
    }
    #expect(wholes.dropFirst().contains { $0 != wholes[0] })
    // Four images are too few to tell five directions.
    let small = try flat.featureMap(
      method: .nystrom, dimension: 5, sample: images.rows(0..<4))
    #expect(small.map is NystromFeatureMap<NeuralKernel>)
    #expect(small.summary.contains("whole images"))
    #expect(throws: InvalidInput.self) {
      try flat.featureMap(method: .hybrid, dimension: 5, sample: images)
    }
  }

  /// Where pixels are flattened whole images are compared, too, as far as the exact kernel is cheap.
  @Test func wholeImages() throws {
    let images = Rows.dense(smoothImages(60))
    let conv = Layer.conv(filter: [3, 3], weightStd: 1.4)
    let kernel = NeuralKernel(
      network: try Network(
        input: [6, 6, 2], layers: [conv, .relu, conv, .relu, .flatten, .dense()]))
    for (method, count) in [(FeatureMethod.auto, 3), (.nystrom, 2)] {
      let choice = try kernel.featureMap(method: method, dimension: 150, seed: 2, sample: images)
      #expect(choice.candidates.count == count)
      let best = try #require(choice.candidates.first)
      #expect(best.method.contains("whole images"), "\(choice.summary)")
      #expect(choice.map is NystromFeatureMap<NeuralKernel>)
      #expect(choice.map.outputDimension > 45)
    }
    #expect(LayeredProgram(kernel.network).splitsColumns)
    for network in [LayeredCase.plain, .headed, .residual, .linear] {
      #expect(try !LayeredProgram(network.kernel().network).splitsColumns)
    }
    let pooled = try Network(
      input: [6, 6, 2],
      layers: [
        .conv(filter: [3, 3]), .relu,
        .parallelSum([[.averagePool(window: [2, 2]), .flatten], [.globalAveragePool]]), .dense(),
      ])
    #expect(LayeredProgram(pooled).splitsColumns)
    #expect(try LayeredProgram(LayeredCase.flat.kernel().network).splitsColumns)
    // All pairs of pixels, or each with itself.
    #expect(try LayeredCase.plain.kernel().pairCost > 10 * kernel.pairCost)
  }

  /// With a ridge the least ε is best, and leverage is tried.
  @Test func ridges() throws {
    let points = Rows.dense(clusteredPoints(80, 8))
    for kernel in [Self.kernels[0], Self.kernels[1], Self.kernels[4]] {
      let choice = try kernel.featureMap(dimension: 30, ridge: 1e-2, sample: points)
      let found = choice.candidates.compactMap(\.epsilon)
      #expect(found.count == choice.candidates.count && found == found.sorted())
      #expect(choice.candidates.contains { $0.method.contains("leverage") })
      #expect(choice.summary.contains("ε at the ridge"))
      let test = points.rows(at: (0..<20).map { 4 * $0 + 3 })
      let training = points.rows(at: (0..<80).filter { $0 % 4 != 3 })
      let direct = try NystromFeatureMap(
        GaussianKernel(lengthScale: 0.7), dimension: 30, sample: training)
      guard kernel is GaussianKernel else { continue }
      let expected = try spectralEpsilon(
        features: direct.features(of: test), exact: kernel.matrix(test), ridge: 1e-2 / 4)
      let uniform = choice.candidates.first { $0.method == "nystrom, uniform landmarks" }
      let epsilon = try #require(uniform?.epsilon)
      #expect(abs(epsilon - expected) < 1e-6 * expected, "\(epsilon) \(expected)")
    }
  }

  /// Where all points may be landmarks, nothing is better for them.
  @Test func landmarksThatAreAllPoints() throws {
    let points = Rows.dense(clusteredPoints(60, 8))
    let choice = try GaussianKernel(lengthScale: 0.5).featureMap(dimension: 64, sample: points)
    #expect(choice.candidates[0].method.hasPrefix("nystrom"), "\(choice.summary)")
  }

  /// As of many points: that of the points repeated, but for the diagonal.
  @Test func errorsOfMorePoints() throws {
    let exact = try Matrix(rows: [[2, 1], [1, 3.0]])
    let features = try Matrix(rows: [[1, 0], [1.5, 1.0]])
    // ZZᵀ − K = (−1, 0.5; 0.5, 0.25).
    let few = try relativeFrobeniusError(of: features, exact: exact, on: .allCores)
    #expect(abs(few * few - (1 + 0.5 + 0.0625) / 15) < 1e-12)
    let many = try relativeFrobeniusError(of: features, exact: exact, asOf: 101, on: .allCores)
    #expect(abs(many * many - (1 + 50 + 0.0625) / (13 + 200)) < 1e-12)
    // Scaled by 1/√2 and 1/√3: (−0.5, 0.5/√6; 0.5/√6, 0.25/3) of (1, 1/√6; 1/√6, 1).
    let scaled = try relativeFrobeniusError(
      of: features, exact: exact, scaled: true, on: .allCores)
    let wanted = (0.25 + 2 * 0.25 / 6 + 0.0625 / 9) / (2 + 2.0 / 6)
    #expect(abs(scaled * scaled - wanted) < 1e-12)
    // A point of no length does not count.
    let withZero = try relativeFrobeniusError(
      of: Matrix(rows: [[1, 0], [0, 1]]), exact: Matrix(rows: [[2, 0], [0, 0.0]]), scaled: true,
      on: .allCores)
    #expect(abs(withZero - 0.5) < 1e-12)
  }

  /// A long point in a direction of its own that nothing was fitted on is nearly all of the error, but it
  /// is only one.
  @Test func longPoint() throws {
    var points = clusteredPoints(160, 8)
    // Held out and compared on: number 3 of every 4.
    for i in 0..<160 { points[i, 7] = i == 83 ? 100 : 0 }
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2))
    let choice = try kernel.featureMap(dimension: 60, sample: Rows.dense(points))
    #expect(choice.candidates[0].method.hasPrefix("nystrom"), "\(choice.summary)")
    let sketch = try #require(choice.candidates.first { $0.method == "sketch" })
    #expect(sketch.relativeError ?? 1 < choice.candidates[0].relativeError ?? 0)
    #expect(sketch.normalizedError ?? 0 > choice.candidates[0].normalizedError ?? 1)
  }

  @Test func comparablePoints() throws {
    let kernel = try LayeredCase.plain.kernel()
    #expect(kernel.comparablePointCount(upTo: 512, operations: 1) == 8)
    #expect(kernel.comparablePointCount(upTo: 30, operations: 1e30) == 30)
    #expect(try GaussianKernel(lengthScale: 1).comparablePointCount(upTo: 9, operations: 1) == 9)
  }

  @Test func refusals() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = Rows.dense(clusteredPoints(20, 8))
    #expect(throws: InvalidInput.self) { try kernel.featureMap(dimension: 0, sample: points) }
    #expect(throws: InvalidInput.self) {
      try kernel.featureMap(dimension: 9, sample: points.rows(0..<0))
    }
    let zeros = Rows.dense(Matrix<Double>(rowCount: 20, columnCount: 8))
    #expect(throws: InvalidInput.self) {
      try ArcCosineKernel(order: 1).featureMap(dimension: 9, sample: zeros)
    }
    for method in FeatureMethod.allCases where method != .leverage {
      for sample in [zeros, .sparse(SparseMatrix(zeros.dense))] {
        let error = #expect(throws: InvalidInput.self) {
          try NeuralKernel(network: .fullyConnected(inputDimension: 8, depth: 2))
            .featureMap(method: method, dimension: 9, sample: sample)
        }
        #expect(error?.name == "sample" && error?.found.contains("zero") == true)
      }
    }
    // The kernel of zeros is not zero.
    #expect(try kernel.featureMap(dimension: 9, sample: zeros).map.outputDimension > 0)
    for dimension in 1...3 {
      let error = #expect(throws: InvalidInput.self) {
        try kernel.featureMap(method: .hybrid, dimension: dimension, sample: points)
      }
      #expect(error?.name == "dimension" && error?.found == "\(dimension)")
    }
    for scale in [0.01, 1e-200] {
      let error = #expect(throws: InvalidInput.self) {
        try GaussianKernel(lengthScale: scale).featureMap(
          method: .sketch, dimension: 9, sample: points)
      }
      #expect(error?.found.contains("inf") == false && error?.found.contains("\(scale)") == true)
    }
    let foreign = Data(#"{"law": "none"}"#.utf8)
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(AnyFeatureMap.self, from: foreign)
    }
  }
}

extension StorableFeatureMap {
  fileprivate var law: String { Self.law }
}

extension String {
  fileprivate var isHybrid: Bool { hasPrefix("hybrid") }
}

extension Kernel where Self: Codable & Hashable {
  fileprivate func choice(
    _ method: FeatureMethod, sample: Rows<Double>
  ) throws -> FeatureMapChoice {
    try featureMap(method: method, dimension: 60, sample: sample)
  }
}
