// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Positive features of the exponential of the inner product.

import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct PositiveFeatureTests {
  private let x = [0.5, -0.3, 0.2]
  private let others = [[0.5, -0.3, 0.2], [-0.2, 0.4, 0.6], [-0.5, 0.3, -0.2]]

  private func value(_ kernel: ExponentialDotKernel, _ y: [Double]) throws -> Double {
    try kernel.matrix(Rows.dense(Matrix(rows: [x])), .dense(Matrix(rows: [y])))[0, 0]
  }

  @Test(arguments: [0.5, 1.4])
  func plainHasTheKnownMoments(_ scale: Double) throws {
    let kernel = try ExponentialDotKernel(scale: scale)
    for y in others {
      let theory = try PositiveFeatureMap(
        kernel, inputDimension: 3, dimension: 6, design: .plain)
      try checkMoments(
        draws: 8000, x, y, mean: value(kernel, y), variance: theory.variance(x, y), "\(y)"
      ) {
        try PositiveFeatureMap(kernel, inputDimension: 3, dimension: 6, seed: $0, design: .plain)
      }
    }
  }

  @Test(arguments: [FrequencyDesign.orthogonal, .quasiRandom])
  func designsAreUnbiased(_ design: FrequencyDesign) throws {
    let kernel = try ExponentialDotKernel(scale: 0.8)
    for y in others {
      let products = try (0..<4000).map { seed in
        try sketchedProduct(
          PositiveFeatureMap(
            kernel, inputDimension: 3, dimension: 8, seed: seed, design: design), x, y)
      }
      #expect(try abs(Moments(products).meanScore(value(kernel, y))) < 4.5, "\(y)")
    }
  }

  @Test func positiveAndConverging() throws {
    let points = clusteredPoints(30, 10)
    let kernel = try ExponentialDotKernel(scale: 0.5)
    let exact = try kernel.matrix(.dense(points))
    let errors = try [128, 4096].map { dimension in
      let map = try PositiveFeatureMap(kernel, inputDimension: 10, dimension: dimension)
      let features = try map.features(of: .dense(points))
      #expect(features.elements.allSatisfy { $0 > 0 })
      return try spectralError(of: features, exact: exact, ridge: 0.1).epsilon
    }
    #expect(errors[1] < 0.4 * errors[0], "\(errors)")
  }

  @Test(arguments: FrequencyDesign.allCases)
  func laws(_ design: FrequencyDesign) throws {
    let map = try PositiveFeatureMap(
      ExponentialDotKernel(scale: 0.3), inputDimension: 6, dimension: 31, seed: 4, design: design)
    #expect(map.outputDimension == 30)
    try checkRowMapLaws(map, batches: .relative(1e-4), single: 1e-4)
  }

  @Test func refusals() throws {
    let kernel = try ExponentialDotKernel(scale: 1)
    for bad in [0, 1, -5, Int.max] {
      #expect(throws: InvalidInput.self) {
        try PositiveFeatureMap(kernel, inputDimension: 3, dimension: bad)
      }
    }
    #expect(throws: InvalidInput.self) {
      try PositiveFeatureMap(kernel, inputDimension: 0, dimension: 4)
    }
    let map = try PositiveFeatureMap(kernel, inputDimension: 3, dimension: 4, design: .orthogonal)
    #expect(throws: InvalidInput.self) { try map.variance(x, x) }
    let plain = try PositiveFeatureMap(kernel, inputDimension: 3, dimension: 4, design: .plain)
    #expect(throws: InvalidInput.self) { try plain.variance(x, [1]) }
  }
}
