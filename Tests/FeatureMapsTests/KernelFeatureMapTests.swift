// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps of networks and polynomial kernels against their exact kernels.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct KernelFeatureMapTests {
  private func network(
    depth: Int = 2, biasStd: Double = 0, type: NeuralKernel.Kind = .ntk
  ) throws -> NeuralKernel {
    var layers = try Network.fullyConnected(inputDimension: 20, depth: depth).layers
    layers[0] = .dense(weightStd: 1.4, biasStd: biasStd)
    layers[layers.count - 1] = .dense(weightStd: 1.2, biasStd: biasStd)
    return NeuralKernel(network: try Network(input: [20], layers: layers), type: type)
  }

  @Test(arguments: [0, 1, 3, 20], NeuralKernel.Kind.allCases)
  func networkFeatures(_ depth: Int, _ type: NeuralKernel.Kind) throws {
    let points = clusteredPoints(100, 20)
    for biasStd in [0, 0.3] {
      let kernel = try network(depth: depth, biasStd: biasStd, type: type)
      let map = try NetworkFeatureMap(kernel, dimension: 2000, sample: Rows.dense(points))
      #expect(map.outputDimension <= 2000)
      let error = try offDiagonalError(map, points)
      #expect(error < (depth == 0 ? 1e-12 : depth < 20 ? 0.015 : 0.08))
      // What the features lack on the diagonal is known.
      let exact = try kernel.matrix(.dense(points))
      let found = try gram(map.features(of: .dense(points)))
      let weights = try LiftedSample(
        Rows.dense(points), lift: map.powerSeries.plan.lift, rowCount: 100
      ).weights
      let missing = weights.reduce(0) { $0 + $1 * $1 } * map.missingDiagonal
      let (wanted, sum) = (0..<100).reduce((0.0, missing)) {
        ($0.0 + exact[$1, $1], $0.1 + found[$1, $1])
      }
      #expect(abs(sum - wanted) < 0.05 * wanted)
    }
  }

  /// Z(sx) = s Z(x) for points of any length, exactly where s is a power of two.
  @Test func homogeneity() throws {
    let points = clusteredPoints(30, 20).converted(to: Float.self)
    let map = try NetworkFeatureMap(network(), dimension: 300, sample: Rows.dense(points))
    let features = try map.features(of: .dense(points))
    for exponent in [-110, -20, 3, 90] {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let scaled = try Matrix(
        rowCount: 30, columnCount: 20, elements: points.elements.map { factor * $0 })
      let found = try map.features(of: .dense(scaled))
      let wanted = features.elements.map { factor * $0 }
      #expect(
        zip(found.elements, wanted).allSatisfy {
          abs($0 - $1) <= 1e-6 * abs($1) + .leastNormalMagnitude
        }, "2^\(exponent)")
    }
    let zero = try map.features(of: Rows.dense(Matrix<Float>(rowCount: 2, columnCount: 20)))
    #expect(zero.elements.allSatisfy { $0 == 0 })
  }

  @Test func negativeAndOppositePoints() throws {
    var points = clusteredPoints(40, 20)
    for i in 0..<20 {
      for j in 0..<20 { points[i, j] = -points[i + 20, j] }
    }
    let map = try NetworkFeatureMap(
      network(depth: 1), dimension: 4000, degree: 12, sample: Rows.dense(points))
    #expect(try offDiagonalError(map, points) < 0.03)
  }

  @Test(arguments: [0.0, 0.7], [1, 3, 5])
  func polynomialFeatures(_ offset: Double, _ degree: Int) throws {
    let points = clusteredPoints(100, 20)
    let kernel = try PolynomialKernel(degree: degree, scale: 0.9, offset: offset)
    for centring in [Centring.none, .sample] {
      let map = try PolynomialFeatureMap(
        kernel, dimension: 2000, centring: centring, sample: Rows.dense(points))
      #expect(
        try offDiagonalError(map, points) < (degree == 1 ? 1e-12 : centring == .none ? 0.18 : 0.07),
        "\(centring)")
    }
  }

  @Test func polynomialLaws() throws {
    for degree in [1, 3, 64] {
      let map = try PolynomialFeatureMap(
        PolynomialKernel(degree: degree, scale: 0.02, offset: 1), dimension: 120,
        sample: Rows.dense(clusteredPoints(40, 10)))
      try checkRowMapLaws(map, single: 1e-3)
    }
  }

  @Test func networkLaws() throws {
    let map = try NetworkFeatureMap(
      network(biasStd: 0.2), dimension: 150, sample: Rows.dense(clusteredPoints(40, 20)))
    try checkRowMapLaws(map.powerSeries, single: 1e-3)
  }

  @Test func overflowIsRefused() throws {
    let points = try Matrix(rows: [[Float](repeating: 1, count: 20)])
    let huge = try Matrix(rows: [[Float](repeating: 3e38, count: 20)])
    let map = try NetworkFeatureMap(network(), dimension: 50, sample: Rows.dense(points))
    #expect(throws: InvalidInput.self) { try map.features(of: .dense(huge)) }
    let cubic = try PolynomialFeatureMap(
      PolynomialKernel(degree: 3, offset: 1), dimension: 50, sample: Rows.dense(points))
    #expect(throws: InvalidInput.self) { try cubic.features(of: .dense(huge)) }
  }

  /// Samples whose products leave the range of numbers.
  @Test func longSamples() throws {
    let points = clusteredPoints(40, 20)
    let usual = try NetworkFeatureMap(network(), dimension: 60, sample: Rows.dense(points))
    for scale in [1e80, 1e-90] {
      let scaled = Rows.dense(
        try Matrix(rowCount: 40, columnCount: 20, elements: points.elements.map { scale * $0 }))
      let map = try NetworkFeatureMap(network(), dimension: 60, sample: scaled)
      #expect(map.powerSeries.plan.terms == usual.powerSeries.plan.terms, "\(scale)")
    }
    let long = Rows.dense(
      try Matrix(rowCount: 40, columnCount: 20, elements: points.elements.map { 1e60 * $0 }))
    #expect(throws: InvalidInput.self) {
      try PolynomialFeatureMap(PolynomialKernel(degree: 3), dimension: 60, sample: long)
    }
  }

  /// However few columns, there is one.
  @Test func fewestColumns() throws {
    let linear = NeuralKernel(network: try Network(input: [20], layers: [.dense()]))
    let points = Rows.dense(clusteredPoints(40, 20))
    for dimension in 1...4 {
      for centring in [Centring.none, .sample] {
        let map = try NetworkFeatureMap(
          linear, dimension: dimension, centring: centring, sample: points)
        #expect(1...dimension ~= map.outputDimension)
      }
    }
  }

  /// Equal points tell nothing of others: a polynomial of degree 8, and no cusp that seems to cost nothing.
  @Test func equalPoints() throws {
    let row = clusteredPoints(1, 20)
    for count in [1, 30] {
      let sample = Rows.dense(try Matrix.stacked((0..<count).map { _ in row }))
      let map = try NetworkFeatureMap(network(), dimension: 400, sample: sample)
      #expect(map.cusp == nil && map.powerSeries.plan.series.degree <= 8)
      #expect(try offDiagonalError(map, clusteredPoints(60, 20, seed: 9)) < 0.6)
    }
  }

  @Test func refusals() throws {
    let points = Rows.dense(clusteredPoints(5, 20))
    for degree in [0, 65, -1] {
      #expect(throws: InvalidInput.self) {
        try NetworkFeatureMap(network(), dimension: 50, degree: degree, sample: points)
      }
    }
    #expect(throws: InvalidInput.self) {
      try NetworkFeatureMap(network(), dimension: 50, sample: .dense(clusteredPoints(5, 19)))
    }
    #expect(throws: InvalidInput.self) {
      try NetworkFeatureMap(network(), dimension: 0, sample: points)
    }
    let refused = NeuralKernel(
      network: try Network(
        input: [20], layers: [.dense(), .relu, .dense(biasStd: 1), .relu, .dense()]))
    #expect(throws: InvalidInput.self) {
      try NetworkFeatureMap(refused, dimension: 50, sample: points)
    }
    #expect(throws: InvalidInput.self) {
      try PolynomialFeatureMap(
        PolynomialKernel(degree: 2), dimension: 50,
        sample: Rows.dense(Matrix<Double>(rowCount: 0, columnCount: 3)))
    }
    var stored =
      try JSONSerialization.jsonObject(
        with: JSONEncoder().encode(
          PolynomialFeatureMap(PolynomialKernel(degree: 2), dimension: 50, sample: points)))
      as? [String: Any]
    stored?["kernel"] = try JSONSerialization.jsonObject(
      with: JSONEncoder().encode(PolynomialKernel(degree: 3)))
    let foreign = try JSONSerialization.data(withJSONObject: stored ?? [:])
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(PolynomialFeatureMap.self, from: foreign)
    }
  }
}
