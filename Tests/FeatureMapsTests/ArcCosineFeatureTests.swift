// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of the arc-cosine kernels.

import Foundation
import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct ArcCosineFeatureTests {
  private let x = [0.5, -0.3, 0.2, 0.4]
  private let others = [
    [0.5, -0.3, 0.2, 0.4], [-0.2, 0.4, 0.6, 0.1], [-0.5, 0.3, -0.2, -0.4], [0, 0, 0, 0],
  ]

  private func value(_ kernel: ArcCosineKernel, _ y: [Double]) throws -> Double {
    try kernel.matrix(Rows.dense(Matrix(rows: [x])), .dense(Matrix(rows: [y])))[0, 0]
  }

  private func products(
    _ order: Int, _ dimension: Int, _ design: FrequencyDesign, _ y: [Double], seeds: UInt64
  ) throws -> Moments {
    Moments(
      try (0..<seeds).map { seed in
        try sketchedProduct(
          ArcCosineFeatureMap(
            ArcCosineKernel(order: order), inputDimension: 4, dimension: dimension, seed: seed,
            design: design), x, y)
      })
  }

  /// With x in the features (9 columns) and without.
  @Test(arguments: [0, 1, 2], [FrequencyDesign.plain, .orthogonal, .quasiRandom])
  func unbiased(_ order: Int, _ design: FrequencyDesign) throws {
    for (y, dimension) in others.flatMap({ y in [(y, 6), (y, 9)] }) {
      let moments = try products(order, dimension, design, y, seeds: 2000)
      let exact = try value(ArcCosineKernel(order: order), y)
      // Where nothing varies, rounding is left: that of the kernel at parallel points for order 0.
      #expect(
        abs(moments.mean - exact) < 4.5 * moments.meanError + 1e-7,
        "\(y) \(dimension): \(moments.mean) \(exact)")
    }
  }

  /// Transforms have directions that are not quite uniform.
  @Test(arguments: [0, 1, 2])
  func transformsAreNearlyUnbiased(_ order: Int) throws {
    for y in others {
      let moments = try products(order, 6, .structuredOrthogonal, y, seeds: 2000)
      let exact = try value(ArcCosineKernel(order: order), y)
      #expect(
        abs(moments.mean - exact) < 4.5 * moments.meanError + 0.05 * abs(exact) + 0.02, "\(y)")
    }
  }

  /// The variance of D independent features is (2k₀ − k₀²)/D for order 0 and (2k₂ − k₁²)/D for order 1;
  /// that of plain ones in pairs is less, of orthogonal ones less again; with a constant, or x, well
  /// below.
  @Test(arguments: [0, 1], [6, 9])
  func lessVarianceThanIndependent(_ order: Int, _ dimension: Int) throws {
    for y in others.prefix(2) {
      let k = try value(ArcCosineKernel(order: order), y)
      let square = try order == 0 ? k : value(ArcCosineKernel(order: 2), y)
      let independent = (2 * square - k * k) / Double(dimension)
      var limit = 1.1 * independent
      for design in [FrequencyDesign.plain, .orthogonal] {
        let variance = try products(order, dimension, design, y, seeds: 2000).variance
        #expect(variance <= limit, "\(design) \(y): \(variance) \(independent)")
        limit = min(limit, 1.1 * variance)
      }
      if order == 0 || dimension == 9 { #expect(limit < 0.75 * independent, "\(y)") }
    }
  }

  @Test(arguments: [0, 1, 2]) func converging(_ order: Int) throws {
    let points = clusteredPoints(30, 10)
    let kernel = try ArcCosineKernel(order: order)
    let errors = try [128, 4096].map { dimension in
      try offDiagonalError(
        ArcCosineFeatureMap(kernel, inputDimension: 10, dimension: dimension), points)
    }
    #expect(errors[1] < 0.3 * errors[0] && errors[1] < 0.05, "\(errors)")
  }

  @Test(arguments: [0, 1, 2], FrequencyDesign.allCases)
  func laws(_ order: Int, _ design: FrequencyDesign) throws {
    // Order 1 has x in the features where 12 columns or more are allowed, else pairs like order 2.
    for (dimension, width) in [(11, order == 0 ? 11 : 10), (31, order == 2 ? 30 : 31)] {
      let map = try ArcCosineFeatureMap(
        ArcCosineKernel(order: order), inputDimension: 6, dimension: dimension, seed: 4,
        design: design)
      #expect(map.outputDimension == width)
      try checkRowMapLaws(map, batches: .relative(1e-4), single: 1e-4)
    }
  }

  /// Alone and behind landmarks, stored and read again.
  @Test(arguments: [0, 1, 2]) func methods(_ order: Int) throws {
    let points = Rows.dense(clusteredPoints(40, 5))
    for method in [FeatureMethod.random, .hybrid, .nystrom] {
      let choice = try ArcCosineKernel(order: order).featureMap(
        method: method, dimension: 24, sample: points)
      let restored = try JSONDecoder().decode(
        AnyFeatureMap.self, from: JSONEncoder().encode(AnyFeatureMap(choice.map)))
      #expect(try restored.map.features(of: points) == choice.map.features(of: points))
    }
    #expect(throws: InvalidInput.self) {
      try ArcCosineKernel(order: order).featureMap(
        method: .sketch, dimension: 24, sample: points)
    }
  }

  @Test func refusals() throws {
    let kernel = try ArcCosineKernel(order: 1)
    for bad in [0, 1, -5, Int.max] {
      #expect(throws: InvalidInput.self) {
        try ArcCosineFeatureMap(kernel, inputDimension: 3, dimension: bad)
      }
    }
    for bad in [0, -1, Int.max] {
      #expect(throws: InvalidInput.self) {
        try ArcCosineFeatureMap(kernel, inputDimension: bad, dimension: 4)
      }
    }
  }
}
