// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which ways to make features each kernel has.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// What all ways to a map have in common.
struct FeatureMapRequest {
  var dimension: Int
  var seed: UInt64
  /// nil if any will do.
  var landmarks: LandmarkChoice?
  /// λ of leverage scores, in all for the sample; nil for that which suits the dimension.
  var ridge: Double?
  /// Which direction of the data ways that have one keep exact.
  var centring = Centring.sample
  /// Whether the best of all is asked for.
  var isAuto: Bool
  var execution: Execution

  /// Whether the points are so few, under two to a column, that landmarks among them may be worse than
  /// columns of other kinds.
  func exhausts<Scalar>(_ sample: Rows<Scalar>) -> Bool { 2 * dimension > sample.rowCount }
}

/// A way to make a map of a kernel from a sample.
struct FeatureMapWay<Scalar: RealScalar> {
  let method: FeatureMethod
  /// In words.
  let name: String
  /// Whether `auto` tries it.
  var isAutomatic = true
  /// Whether it is for use only where no other of its method works.
  var isFallback = false
  /// Whether a map of few points is better for all of them: landmarks are points, and directions of whole
  /// images as many as there are images.
  var usesAllPoints = true
  /// Whether the centring asked for is its own: other ways have none but that of the sample.
  var usesCentring = false
  let make: (Rows<Scalar>) throws -> any StorableFeatureMap
}

enum FeatureMapMethods {
  /// More landmarks than these are for whoever asks for them: the factor takes 9m³ operations.
  private static let mostLandmarks = 4096

  /// All ways known for a kernel.
  static func all<K: Kernel & Codable & Hashable, Scalar: RealScalar>(
    of kernel: K, _ request: FeatureMapRequest, _ sample: Rows<Scalar>
  ) -> [FeatureMapWay<Scalar>] {
    if let network = kernel as? NeuralKernel, network.network.actsOnPixels {
      return layered(network, request) + [wholeImages(network, request)]
    }
    let choices =
      request.landmarks.map { [$0] }
      ?? (request.isAuto && canCluster(sample, request) ? [.uniform, .kMeans] : [.uniform])
    let ways: [FeatureMapWay<Scalar>] = choices.map { nystrom(kernel, request, $0) }
    return ways + oblivious(kernel, request, sample)
  }

  /// Whole images as landmarks of a network on pixels: where it flattens them, so that columns of layered
  /// landmarks are few for each pixel, as many as cost at most seconds for the factor and hundredths of one
  /// for an image; elsewhere if nothing else works.
  private static func wholeImages<Scalar: RealScalar>(
    _ network: NeuralKernel, _ request: FeatureMapRequest
  ) -> FeatureMapWay<Scalar> {
    let cost = max(1, network.pairCost)
    let most = Int(min((4e10 / cost).squareRoot(), 2e7 / cost, Double(mostLandmarks)))
    let pays = most >= 16 && LayeredProgram(network.network).splitsColumns
    return nystrom(
      network, request, request.landmarks ?? .uniform, "whole images as landmarks",
      isFallback: !pays, upTo: pays ? most : .max)
  }

  private static func nystrom<K: Kernel & Codable & Hashable, Scalar: RealScalar>(
    _ kernel: K, _ request: FeatureMapRequest, _ choice: LandmarkChoice, _ name: String? = nil,
    isFallback: Bool = false, upTo most: Int = .max
  ) -> FeatureMapWay<Scalar> {
    let count = min(
      most, request.isAuto ? min(request.dimension, mostLandmarks) : request.dimension)
    return FeatureMapWay(
      method: .nystrom, name: "nystrom, \(name ?? "\(choice.rawValue) landmarks")",
      isFallback: isFallback
    ) {
      try NystromFeatureMap(
        kernel, dimension: count, seed: request.seed, choice: choice,
        ridge: request.ridge, sample: $0, on: request.execution)
    }
  }

  /// Whether k-means takes at most seconds.
  private static func canCluster<Scalar>(
    _ sample: Rows<Scalar>, _ request: FeatureMapRequest
  ) -> Bool {
    guard !sample.isSparse else { return false }
    let count = min(request.dimension, mostLandmarks, sample.rowCount)
    return 20 * Double(sample.rowCount) * Double(count) * Double(sample.columnCount) < 5e11
  }

  /// Maps of networks layer by layer, with patches by k-means unless another choice is asked for.
  private static func layered<Scalar: RealScalar>(
    _ kernel: NeuralKernel, _ request: FeatureMapRequest,
    _ methods: [LayeredBudget.Method] = LayeredBudget.Method.allCases, isAutomatic: Bool = false
  ) -> [FeatureMapWay<Scalar>] {
    let asked = request.landmarks.map { ", \($0.rawValue) patches" } ?? ""
    return methods.compactMap { layered in
      FeatureMethod(rawValue: layered.rawValue).map { method in
        FeatureMapWay(
          method: method, name: "\(method.rawValue), layer by layer\(asked)",
          isAutomatic: isAutomatic || [.nystrom, .hybrid].contains(method),
          usesAllPoints: method == .nystrom, usesCentring: !layered.needsSample
        ) {
          try LayeredFeatureMap(
            kernel, dimension: request.dimension, method: layered, seed: request.seed,
            landmarks: request.landmarks ?? .kMeans, centring: request.centring, sample: $0,
            on: request.execution)
        }
      }
    }
  }

  /// A map that needs no landmarks, alone and behind landmarks.
  private static func withHybrids<Remainder: StorableFeatureMap, Scalar: RealScalar>(
    _ method: FeatureMethod, _ name: String, _ request: FeatureMapRequest, _ sample: Rows<Scalar>,
    _ make: @escaping (Int, Rows<Scalar>) throws -> Remainder
  ) -> [FeatureMapWay<Scalar>] where Remainder.ExactKernel: Codable & Hashable {
    let alone = FeatureMapWay(
      method: method, name: name, usesAllPoints: false, usesCentring: method == .sketch
    ) {
      try make(request.dimension, $0)
    }
    return [alone] + hybrids(name, request, sample, make)
  }

  /// A map behind landmarks of a half, a quarter and an eighth of the columns.
  private static func hybrids<Remainder: StorableFeatureMap, Scalar: RealScalar>(
    _ name: String, _ request: FeatureMapRequest, _ sample: Rows<Scalar>,
    _ make: @escaping (Int, Rows<Scalar>) throws -> Remainder
  ) -> [FeatureMapWay<Scalar>] where Remainder.ExactKernel: Codable & Hashable {
    let (dimension, choice) = (request.dimension, request.landmarks ?? .uniform)
    let paysBesides = dimension >= 3072 || request.exhausts(sample)
    // The first says why there is none of fewer columns.
    return [2, 4, 8].filter { $0 == 2 || dimension >= 2 * $0 }.map { part in
      FeatureMapWay<Scalar>(
        method: .hybrid, name: "hybrid, one in \(part) \(choice.rawValue) landmarks and \(name)",
        isAutomatic: paysBesides && part < 8 && dimension >= 4
      ) {
        guard dimension >= 4 else {
          throw InvalidInput(
            "dimension", found: "\(dimension)", expected: "4 or more, for landmarks and the rest")
        }
        let count = min(dimension / part, mostLandmarks, $0.rowCount)
        let remainder = try make(dimension - count, $0)
        let landmarks = try NystromFeatureMap(
          remainder.kernel, dimension: count, seed: request.seed, choice: choice,
          ridge: request.ridge, sample: $0, on: request.execution)
        return try HybridFeatureMap(landmarks, remainder: remainder, on: request.execution)
      }
    }
  }

  /// The kernel's own maps, alone and behind landmarks.
  private static func oblivious<K: Kernel, Scalar: RealScalar>(
    _ kernel: K, _ request: FeatureMapRequest, _ sample: Rows<Scalar>
  ) -> [FeatureMapWay<Scalar>] {
    let (seed, centring) = (request.seed, request.centring)
    func sketch<Map: StorableFeatureMap>(
      _ make: @escaping (Int, Rows<Scalar>) throws -> Map
    ) -> [FeatureMapWay<Scalar>] where Map.ExactKernel: Codable & Hashable {
      withHybrids(.sketch, "sketch", request, sample, make)
    }
    func fourier(
      _ kernel: some ShiftInvariantKernel & Codable & Hashable
    ) -> [FeatureMapWay<Scalar>] {
      withHybrids(.random, "random Fourier features", request, sample) {
        try RandomFourierFeatureMap(
          kernel, inputDimension: $1.columnCount, dimension: $0, seed: seed,
          design: .recommended(for: kernel.spectralMeasure, sample: $1))
      } + [
        FeatureMapWay(
          method: .leverage, name: "random Fourier features by leverage",
          isAutomatic: request.ridge != nil
        ) {
          try LeverageFourierFeatureMap(
            kernel, dimension: request.dimension, ridge: request.ridge, seed: seed, sample: $0,
            on: request.execution)
        }
      ]
    }
    func monomials(_ kernel: some Kernel & Codable & Hashable) -> [FeatureMapWay<Scalar>] {
      [
        FeatureMapWay(
          method: .leverage, name: "monomials by leverage", isAutomatic: request.ridge != nil
        ) {
          try MonomialFeatures(
            kernel, dimension: request.dimension, ridge: request.ridge, seed: seed, sample: $0,
            on: request.execution)
        }
      ]
    }
    switch kernel {
    case let kernel as GaussianKernel:
      return fourier(kernel)
        + sketch {
          try GaussianSeriesMap(kernel, dimension: $0, seed: seed, centring: centring, sample: $1)
        }
    case let kernel as MaternKernel: return fourier(kernel)
    case let kernel as LaplaceKernel: return fourier(kernel)
    case let kernel as CauchyKernel: return fourier(kernel)
    case let kernel as ExponentialDotKernel:
      return withHybrids(.random, "positive features", request, sample) {
        try PositiveFeatureMap(
          kernel, inputDimension: $1.columnCount, dimension: $0, seed: seed,
          design: .recommended(for: PositiveFeatureMap.measure(of: kernel), sample: $1))
      }
        + sketch {
          try DotProductFeatureMap(
            kernel, dimension: $0, seed: seed, centring: centring, sample: $1)
        } + monomials(kernel)
    case let kernel as ArcCosineKernel:
      return withHybrids(.random, "random features", request, sample) {
        try ArcCosineFeatureMap(
          kernel, inputDimension: $1.columnCount, dimension: $0, seed: seed,
          design: ArcCosineFeatureMap.recommended(for: kernel, sample: $1))
      }
    case let kernel as PolynomialKernel:
      return sketch {
        try PolynomialFeatureMap(kernel, dimension: $0, seed: seed, centring: centring, sample: $1)
      } + monomials(kernel)
    case let kernel as DotProductKernel:
      return sketch {
        try DotProductFeatureMap(
          series: kernel.coefficients, dimension: $0, seed: seed, centring: centring, sample: $1)
      } + monomials(kernel)
    case let kernel as NeuralKernel:
      guard (try? ZonalNetwork(kernel.network, kernel.type)) != nil else {
        return layered(kernel, request, [.sketch, .random], isAutomatic: request.exhausts(sample))
          + hybrids("random, layer by layer", request, sample) {
            try LayeredFeatureMap(
              kernel, dimension: $0, method: .random, seed: seed,
              landmarks: request.landmarks ?? .kMeans, centring: centring, sample: $1,
              on: request.execution)
          }
      }
      return sketch {
        try NetworkFeatureMap(kernel, dimension: $0, seed: seed, centring: centring, sample: $1)
      } + layered(kernel, request, [.random]) + monomials(kernel)
    default: return []
    }
  }
}

extension Rows {
  var isSparse: Bool {
    if case .sparse = self { true } else { false }
  }
}

extension Network {
  /// Whether its layers see several pixels, not one vector or pixels flattened at once.
  var actsOnPixels: Bool {
    inputShape.count > 1 && layers.first { $0 != .identity } != .flatten
  }
}
