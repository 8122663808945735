// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Monomials as features: what they are, their mean, and their error.

import Foundation
import Kernels
import LeverageScores
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct MonomialFeaturesTests {
  private static let kernels: [any Kernel & Codable & Hashable] = {
    do {
      let network = try Network(input: [5]) {
        Dense(weightStd: 1.4, biasStd: 0.3)
        ReLU()
        Dense(biasStd: 0.2)
      }
      return [
        try PolynomialKernel(degree: 3, scale: 0.5, offset: 1),
        try DotProductKernel(coefficients: [0, 1, 0, 0.5, 0.2]),
        try GaussianKernel(lengthScale: 1.5),
        try ExponentialDotKernel(scale: 0.7), NeuralKernel(network: network),
        NeuralKernel(network: network, type: .nngp),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  @Test(arguments: 0..<6)
  func laws(_ index: Int) throws {
    func check<K: Kernel & Codable & Hashable>(_ kernel: K) throws {
      let map = try MonomialFeatures(
        kernel, dimension: 60, seed: 2, sample: Rows.dense(clusteredPoints(80, 5)))
      #expect(map.outputDimension <= 60)
      try checkRowMapLaws(map)
      let stored = try JSONEncoder().encode(AnyFeatureMap(map))
      let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
      #expect(restored.map as? MonomialFeatures<K> == map)
    }
    try check(Self.kernels[index])
  }

  /// Features are the monomials that their names tell, and the same kernel's error falls with them.
  @Test(arguments: 0..<6)
  func errorFalls(_ index: Int) throws {
    func check<K: Kernel & Codable & Hashable>(_ kernel: K) throws {
      let sample = Rows.dense(clusteredPoints(300, 5))
      let test = Rows.dense(clusteredPoints(60, 5, seed: 12))
      let errors = try [16, 400].map { dimension in
        try (0..<5 as Range<UInt64>).map {
          try relativeFrobeniusError(
            of: MonomialFeatures(kernel, dimension: dimension, seed: $0, sample: sample), test,
            on: .allCores)
        }.sorted()[2]
      }
      // What is left of a network's kernel is the error of its truncated series, near which a few
      // monomials come already.
      if !(kernel is NeuralKernel) { #expect(errors[1] < 0.8 * errors[0], "\(errors)") }
      #expect(errors[1] < 0.12, "\(errors)")
    }
    try check(Self.kernels[index])
  }

  @Test func featuresAreMonomials() throws {
    let kernel = try PolynomialKernel(degree: 2, offset: 1)
    let points = clusteredPoints(50, 3)
    let map = try MonomialFeatures(kernel, dimension: 10, sample: Rows.dense(points))
    let features = try map.features(of: .dense(points))
    let names = map.names(columns: ["a", "b"])
    #expect(names[0] == "1.0 1")
    #expect(names.count == map.outputDimension && Set(names).count == names.count)
    for (c, monomial) in map.monomials.enumerated() {
      for i in 0..<50 {
        let product = monomial.indices.reduce(monomial.weight.squareRoot()) { $0 * points[i, $1] }
        #expect(abs(features[i, c] - product) < 1e-12)
      }
      let text = monomial.indices == [0, 2] ? "a x2" : monomial.indices == [1, 1] ? "b²" : ""
      #expect(names[c].hasSuffix(text))
    }
    // All ten monomials of degree up to 2.
    #expect(map.monomials.count == 10 && map.drawCount == 0)
    let network = NeuralKernel(
      network: try Network(input: [3], layers: [.dense(biasStd: 1), .relu]))
    let biased = try MonomialFeatures(network, dimension: 40, sample: Rows.dense(points))
    #expect(biased.names().contains { $0.contains("bias") })
  }

  /// Over seeds the mean of ZZᵀ is K for a kernel of finite degree.
  @Test(arguments: TensorRowSampling.Method.allCases)
  func unbiased(_ method: TensorRowSampling.Method) throws {
    let kernel = try PolynomialKernel(degree: 3, offset: 0.5)
    let points = clusteredPoints(6, 4)
    let exact = try kernel.matrix(.dense(points))
    var values = [[Double]](repeating: [], count: 36)
    for seed in 0..<300 as Range<UInt64> {
      let map = try MonomialFeatures(
        kernel, dimension: 12, ridge: 0.1, seed: seed, method: method,
        sample: Rows.dense(points))
      let found = try gram(map.features(of: .dense(points)))
      for k in 0..<36 { values[k].append(found[k / 6, k % 6]) }
    }
    for (k, value) in exact.elements.enumerated() {
      #expect(abs(Moments(values[k]).meanScore(value)) < 4.5)
    }
  }

  /// max |ZZᵀ − K| over max |K|, of K or, for infinite degrees, its series.
  private func worstError<K: Kernel>(
    _ map: MonomialFeatures<K>, _ points: Rows<Double>
  ) throws -> Double {
    let exact = try map.kernel.matrix(points)
    let found = try gram(map.features(of: points))
    let largest = exact.elements.reduce(0) { max($0, abs($1)) }
    return zip(found.elements, exact.elements).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }

  /// With room for all monomials features are exact: for columns that are used, and for one column less
  /// they are drawn.
  @Test func allMonomialsAreExact() throws {
    let points = Rows.dense(clusteredPoints(40, 4))
    let cubic = try PolynomialKernel(degree: 3, scale: 0.7, offset: 0.5)
    for dimension in [35, 100] {
      let map = try MonomialFeatures(cubic, dimension: dimension, sample: points)
      #expect(map.outputDimension == 35 && map.drawCount == 0)
      #expect(try worstError(map, points) < 1e-14)
      // On points that the sample did not have, too.
      #expect(try worstError(map, Rows.dense(clusteredPoints(9, 4, seed: 3))) < 1e-14)
    }
    #expect(try MonomialFeatures(cubic, dimension: 34, sample: points).drawCount > 0)
    // x0⁴ y0⁴ counts once, x0 x1 x2 x3 24 times.
    let quartic = try MonomialFeatures(
      PolynomialKernel(degree: 4), dimension: 35, sample: points)
    let weights = Dictionary(
      uniqueKeysWithValues: quartic.monomials.map { ($0.indices, $0.weight) })
    #expect(weights.count == 35 && weights[[0, 0, 0, 0]] == 1 && weights[[0, 1, 2, 3]] == 24)
    #expect(weights[[0, 0, 1, 1]] == 6 && weights[[1, 1, 1, 3]] == 4)
    // Degrees 1 and 3 alone, and two of six columns used, dense and sparse.
    var narrow = Matrix<Double>(rowCount: 12, columnCount: 6)
    var generator = CaseGenerator(seed: 5)
    for i in 0..<12 { (narrow[i, 1], narrow[i, 4]) = (generator.normal(), generator.normal()) }
    let mixture = try DotProductKernel(coefficients: [0, 0.3, 0, 2])
    for rows in [Rows.dense(narrow), .sparse(SparseMatrix(narrow))] {
      let map = try MonomialFeatures(mixture, dimension: 6, sample: rows)
      #expect(map.outputDimension == 6)
      #expect(try worstError(map, rows) < 1e-14)
      #expect(try MonomialFeatures(mixture, dimension: 5, sample: rows).drawCount > 0)
    }
  }

  /// Fewer points than monomials, one, repeated and zero ones.
  @Test func fewPoints() throws {
    let cubic = try PolynomialKernel(degree: 3, offset: 1)
    let points = Rows.dense(clusteredPoints(5, 4))
    let repeated = points.rows(at: [2, 2, 2, 4, 4, 2])
    for sample in [points.rows(0..<1), repeated, points] {
      for ridge in [nil, 0.1, 1e-300] {
        let map = try MonomialFeatures(cubic, dimension: 40, ridge: ridge, sample: sample)
        #expect(try worstError(map, sample) < 1e-14)
        let rank = sample.rowCount == 6 ? 2 : sample.rowCount
        #expect(map.statisticalDimension <= Double(rank) + 1e-9)
        #expect(ridge == nil || abs(map.ridge / (ridge ?? 1) - 1) < 1e-12)
      }
    }
    // K = offset^q 11ᵀ: one constant feature.
    let zeros = Rows.dense(Matrix<Double>(rowCount: 4, columnCount: 2))
    let shifted = try PolynomialKernel(degree: 3, offset: 2)
    for rows in [zeros, .sparse(SparseMatrix(zeros.dense))] {
      let map = try MonomialFeatures(shifted, dimension: 1, sample: rows)
      #expect(map.outputDimension == 1)
      #expect(try worstError(map, rows) < 1e-15)
    }
    let exponential = try MonomialFeatures(
      ExponentialDotKernel(scale: 0.7), dimension: 10, sample: zeros)
    #expect(try worstError(exponential, zeros) < 1e-15)
    // A Gaussian kernel sees points equal to their mean.
    let equal = try MonomialFeatures(
      GaussianKernel(lengthScale: 1), dimension: 10, sample: points.rows(at: [1, 1, 1]))
    #expect(try worstError(equal, points.rows(at: [1, 1])) < 1e-14)
    // With too many columns to write out: drawn, and finite.
    for rows in [points.rows(0..<1), repeated] {
      let map = try MonomialFeatures(cubic, dimension: 8, sample: rows)
      #expect(map.drawCount > 0)
      #expect(try map.features(of: rows).isFinite)
    }
  }

  @Test func badInput() throws {
    let kernel = try PolynomialKernel(degree: 3, offset: 1)
    let points = Rows.dense(clusteredPoints(20, 3))
    let zeros = Rows.dense(Matrix<Double>(rowCount: 4, columnCount: 2))
    let nan = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 4, columnCount: 2))
    for bad in [nan, points.rows(0..<0)] {
      #expect(throws: InvalidInput.self) {
        try MonomialFeatures(kernel, dimension: 10, sample: bad)
      }
    }
    // Without an offset the kernel is zero there.
    #expect(throws: InvalidInput.self) {
      try MonomialFeatures(PolynomialKernel(degree: 3), dimension: 10, sample: zeros)
    }
    for dimension in [0, -1, 1] {
      #expect(throws: InvalidInput.self) {
        try MonomialFeatures(kernel, dimension: dimension, sample: points)
      }
    }
    for ridge in [0, -1, Double.nan] {
      #expect(throws: InvalidInput.self) {
        try MonomialFeatures(kernel, dimension: 10, ridge: ridge, sample: points)
      }
    }
    #expect(throws: InvalidInput.self) {
      try MonomialFeatures(LaplaceKernel(lengthScale: 1), dimension: 10, sample: points)
    }
    let convolution = NeuralKernel(
      network: try Network(input: [2, 2, 1], layers: [.conv(filter: [3, 3]), .relu, .flatten]))
    #expect(throws: InvalidInput.self) {
      try MonomialFeatures(
        convolution, dimension: 10, sample: Rows.dense(clusteredPoints(9, 4)))
    }
    // One point, and a damaged file.
    let one = try MonomialFeatures(kernel, dimension: 30, sample: points.rows(0..<1))
    #expect(try one.features(of: points).isFinite)
    let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(one))
    for (key, value) in [
      ("indices", [9, 9, 9]), ("degrees", [1]), ("inputDimension", 0), ("constant", -1),
    ] as [(String, Any)] {
      var damaged = stored as? [String: Any] ?? [:]
      damaged[key] = value
      let data = try JSONSerialization.data(withJSONObject: damaged)
      #expect(throws: InvalidInput.self) {
        try JSONDecoder().decode(MonomialFeatures<PolynomialKernel>.self, from: data)
      }
    }
  }
}
