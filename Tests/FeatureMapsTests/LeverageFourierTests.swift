// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fourier features by leverage: their mean, and where they gain.

import Foundation
import Kernels
import LinearAlgebra
import Randomness
import SpectralChecks
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct LeverageFourierTests {
  private static let kernels: [any ShiftInvariantKernel & Codable & Hashable] = {
    do {
      return [
        try GaussianKernel(lengthScale: 1.3), try MaternKernel.exponential(lengthScale: 1.5),
        try LaplaceKernel(lengthScale: 3), try CauchyKernel(lengthScale: 2),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  @Test(arguments: 0..<4, [4, 20])
  func laws(_ index: Int, _ d: Int) throws {
    func check<K: ShiftInvariantKernel & Codable & Hashable>(_ kernel: K) throws {
      let map = try LeverageFourierFeatureMap(
        kernel, dimension: 31, seed: 3, sample: Rows.dense(clusteredPoints(70, d)))
      #expect(map.outputDimension == 30)
      try checkRowMapLaws(map, batches: .relative(1e-4), single: 1e-3)
      let stored = try JSONEncoder().encode(AnyFeatureMap(map))
      let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
      #expect(restored.map as? LeverageFourierFeatureMap<K> == map)
    }
    try check(Self.kernels[index])
  }

  @Test(arguments: 0..<4)
  func unbiased(_ index: Int) throws {
    func check(_ kernel: some ShiftInvariantKernel) throws {
      let points = Matrix<Double>(rowCount: 5, columnCount: 2) { output in
        for k in 0..<10 { output[k] = RandomKey(seed: 1).stream.normal(at: UInt64(k)) }
      }
      let exact = try kernel.matrix(.dense(points))
      var values = [[Double]](repeating: [], count: 25)
      for seed in 0..<400 as Range<UInt64> {
        let map = try LeverageFourierFeatureMap(
          kernel, dimension: 8, poolCount: 24, ridge: 0.3, seed: seed, sample: Rows.dense(points))
        let found = try gram(map.features(of: .dense(points)))
        for k in 0..<25 { values[k].append(found[k / 5, k % 5]) }
      }
      for (k, value) in exact.elements.enumerated() {
        #expect(abs(Moments(values[k]).meanScore(value)) < 4.5)
      }
    }
    try check(Self.kernels[index])
  }

  /// A few points far from the many: frequencies that tell them apart are rare in the kernel's law.
  @Test func gainsInOneDimension() throws {
    let kernel = try MaternKernel(smoothness: 1.5, lengthScale: 1)
    let points = Rows.dense(
      Matrix<Double>(rowCount: 400, columnCount: 1) { output in
        for i in 0..<400 { output[i] = Double(i) / 400 }
      })
    let exact = try kernel.matrix(points)
    let ridge = 1e-2
    func median(_ make: (UInt64) throws -> any FeatureMap) throws -> Double {
      try (0..<9 as Range<UInt64>).map {
        try spectralEpsilon(
          features: make($0).features(of: points), exact: exact, ridge: ridge)
      }.sorted()[4]
    }
    let leverage = try median {
      try LeverageFourierFeatureMap(
        kernel, dimension: 200, poolCount: 4000, ridge: ridge, seed: $0, sample: points)
    }
    let plain = try median {
      try RandomFourierFeatureMap(
        kernel, inputDimension: 1, dimension: 200, seed: $0, design: .plain)
    }
    #expect(leverage < 0.7 * plain, "\(leverage), plain \(plain)")
  }

  @Test func badInput() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = Rows.dense(clusteredPoints(20, 3))
    let nan = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 4, columnCount: 2))
    for (dimension, pool, ridge) in [
      (1, 10, 1), (0, 10, 1), (20, 9, 1), (20, 1 << 40, 1), (20, 20, 0), (20, 20, -1),
      (20, 20, Double.nan),
    ] {
      #expect(throws: InvalidInput.self) {
        try LeverageFourierFeatureMap(
          kernel, dimension: dimension, poolCount: pool, ridge: ridge, sample: points)
      }
    }
    for bad in [nan, points.rows(0..<0)] {
      #expect(throws: InvalidInput.self) {
        try LeverageFourierFeatureMap(kernel, dimension: 8, sample: bad)
      }
    }
    let map = try LeverageFourierFeatureMap(kernel, dimension: 8, sample: points.rows(0..<1))
    #expect(try map.features(of: points).isFinite)
    let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(map))
    for (key, value) in [
      ("picked", [-1, 0, 1, 2]), ("poolCount", 0), ("inputDimension", 0),
      ("design", "structuredOrthogonal"), ("picked", [0]),
    ] as [(String, Any)] {
      var damaged = stored as? [String: Any] ?? [:]
      damaged[key] = value
      let data = try JSONSerialization.data(withJSONObject: damaged)
      #expect(throws: InvalidInput.self) {
        try JSONDecoder().decode(LeverageFourierFeatureMap<GaussianKernel>.self, from: data)
      }
    }
  }
}
