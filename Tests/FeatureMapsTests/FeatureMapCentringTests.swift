// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The centring of chosen maps: passed on to those that have one, refused for others.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct FeatureMapCentringTests {
  private let points = Rows.dense(clusteredPoints(60, 8))
  private let vector = Centring.vector([1, 2, 1, 1, 0, 1, 1, 3])

  private func isRefused(
    _ kernel: some Kernel & Codable & Hashable, _ method: FeatureMethod, _ centring: Centring,
    expecting: String
  ) {
    let error = #expect(throws: InvalidInput.self) {
      try kernel.featureMap(method: method, dimension: 40, centring: centring, sample: points)
    }
    #expect(error?.name == "centring" && error?.found.contains(method.rawValue) == true)
    #expect(error?.expected.contains(expecting) == true, "\(String(describing: error))")
  }

  private func check<K: Kernel & Codable & Hashable, Map: StorableFeatureMap & Hashable>(
    _ kernel: K, _ method: FeatureMethod = .sketch, _ direct: (Centring) throws -> Map
  ) throws {
    for centring in [Centring.none, .sample, vector] {
      let map = try kernel.featureMap(
        method: method, dimension: 40, seed: 2, centring: centring, sample: points
      ).map
      let wanted = try direct(centring)
      #expect(map as? Map == wanted, "\(centring.name)")
    }
    #expect(try direct(.none) != direct(vector))
    #expect(try direct(.sample) != direct(vector))
  }

  /// Every method that has a centring gets it.
  @Test func reachesTheMaps() throws {
    let gaussian = try GaussianKernel(lengthScale: 2)
    try check(gaussian) {
      try GaussianSeriesMap(gaussian, dimension: 40, seed: 2, centring: $0, sample: points)
    }
    let cubic = try PolynomialKernel(degree: 3, offset: 1)
    try check(cubic) {
      try PolynomialFeatureMap(cubic, dimension: 40, seed: 2, centring: $0, sample: points)
    }
    let series = try DotProductKernel(coefficients: [1, 1, 0.5])
    try check(series) {
      try DotProductFeatureMap(
        series: series.coefficients, dimension: 40, seed: 2, centring: $0, sample: points)
    }
    let exponential = try ExponentialDotKernel(scale: 1)
    try check(exponential) {
      try DotProductFeatureMap(exponential, dimension: 40, seed: 2, centring: $0, sample: points)
    }
    let relu = NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2))
    try check(relu) {
      try NetworkFeatureMap(relu, dimension: 40, seed: 2, centring: $0, sample: points)
    }
    let gelu = NeuralKernel(
      network: try .fullyConnected(inputDimension: 8, depth: 2, activation: .gelu))
    for method in [LayeredBudget.Method.random, .sketch] {
      try check(gelu, FeatureMethod(rawValue: method.rawValue) ?? .auto) {
        try LayeredFeatureMap(
          gelu, dimension: 40, method: method, seed: 2, centring: $0, sample: points)
      }
    }
  }

  /// Others are refused, and left out by `auto`.
  @Test func elsewhereRefused() throws {
    let gaussian = try GaussianKernel(lengthScale: 2)
    for centring in [Centring.none, vector] {
      for method in [FeatureMethod.nystrom, .hybrid, .random, .leverage] {
        isRefused(gaussian, method, centring, expecting: "sketch or auto")
      }
      for method in [FeatureMethod.auto, .random, .nystrom] {
        isRefused(try LaplaceKernel(lengthScale: 1), method, centring, expecting: "no other")
      }
      let auto = try gaussian.featureMap(dimension: 40, centring: centring, sample: points)
      #expect(auto.candidates.map(\.method) == ["sketch"])
      let images = Rows.dense(smoothImages(20))
      let layered = try LayeredCase.plain.kernel().featureMap(
        dimension: 60, centring: centring == .none ? .none : .vector(meanRow(smoothImages(20))),
        sample: images)
      #expect(
        Set(layered.candidates.map(\.method))
          == ["random, layer by layer", "sketch, layer by layer"])
    }
    // What the kernel does not have at all says so.
    let error = #expect(throws: InvalidInput.self) {
      try LaplaceKernel(lengthScale: 1).featureMap(
        method: .sketch, dimension: 40, centring: .none, sample: points)
    }
    #expect(error?.name == "method")
  }
}
