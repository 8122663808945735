// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of one activation: means and variances over seeds.

import LinearAlgebra
import NeuralKernels
import Randomness
import TestSupport
import Testing

@testable import FeatureMaps

/// With a linear odd part and without, homogeneous, odd, even, neither, and with no function behind it.
private let activations: [Activation] = [
  .relu, .leakyReLU(negativeSlope: -0.4), .abs, .gelu, .erf(), .softplus, .elu(), .rbf(),
  .monomial(degree: 1), .rectifiedMonomial(degree: 2), .expNormalized(gamma: 1.5, shift: -1),
]

@Suite struct LayeredRandomTests {
  /// Two vectors μ and two q of any lengths.
  private struct Points {
    var mu: Matrix<Double>
    var q: Matrix<Double>

    init(width: Int, tangentWidth: Int) {
      var generator = CaseGenerator(seed: 3)
      mu = generator.matrix(2, width, as: Double.self)
      for j in 0..<width { mu[1, j] = 0.9 * mu[0, j] - 0.6 * mu[1, j] }
      mu.scaleRows(by: zip(mu.rowNorms, [1.1, 0.8]).map { $1 / $0 })
      q = generator.matrix(2, tangentWidth, as: Double.self)
      q.scaleRows(by: q.rowNorms.map { 1 / $0 })
    }

    func product(_ x: Matrix<Double>) -> Double {
      zip(x.row(0), x.row(1)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// ⟨f(μ), f(μ′)⟩ and ⟨g(μ, q), g(μ′, q′)⟩ for features of a seed, with the share of K in |μ|².
  private func products(
    _ activation: Activation, _ points: Points, count: Int, seed: Int, share: Double = 1,
    around concentration: Concentration? = nil
  ) throws -> (nngp: Double, ntk: Double) {
    let shape = SignalShape(
      grid: .vector, nngp: points.mu.columnCount, ntk: points.q.columnCount, tangentScale: 0)
    let features = try RandomFeatures(
      activation, count: count, PatchCoordinates(nil, shape, withTangents: true),
      isNoisy: share < 1, around: concentration, key: RandomKey(seed: UInt64(seed)), on: .allCores)
    let width = max(count, features.directions.rowCount)
    var values = [Double](repeating: .nan, count: 2 * width)
    var slopes = values
    for (target, x, rows) in [
      (0, points.mu, features.directions), (1, points.q, features.weights),
    ] {
      let found = try x.multiplied(byTransposeOf: rows)
      for i in 0..<2 {
        for j in 0..<found.columnCount {
          if target == 0 { values[i * width + j] = found[i, j] }
          if target == 1 { slopes[i * width + j] = found[i, j] }
        }
      }
    }
    let deviations = points.mu.rowNorms.map { $0 / share.squareRoot() }
    features.apply(
      2, deviations: deviations, shares: share < 1 ? [share, share] : nil, values: &values, width,
      slopes: &slopes, width)
    func product(_ x: [Double]) -> Double {
      (0..<count).reduce(0) { $0 + x[$1] * x[width + $1] }
    }
    return (product(values), product(slopes))
  }

  /// Widths of μ and q, and columns: too few for the coordinates, enough for those of μ, and of q, too.
  private static let shapes = [(5, 7, 8), (4, 9, 9), (4, 5, 11), (3, 2, 8)]

  @Test(arguments: activations)
  func unbiased(_ activation: Activation) throws {
    let limit = scoreThreshold(comparisons: 160)
    for (width, tangentWidth, count) in Self.shapes {
      let points = Points(width: width, tangentWidth: tangentWidth)
      for share in [1, 0.6] {
        let norms = points.mu.rowNorms.map { $0 / share.squareRoot() }
        let exact = DualActivation(activation).values(
          norms[0], norms[1], covariance: points.product(points.mu))
        let found = try (0..<600).map {
          try products(activation, points, count: count, seed: $0, share: share)
        }
        let (nngp, ntk) = (Moments(found.map(\.nngp)), Moments(found.map(\.ntk)))
        let slope = exact.derivative * points.product(points.q)
        // Where nothing varies, means over noise by quadrature are left.
        #expect(
          abs(nngp.mean - exact.value) < limit * nngp.meanError + 1e-7,
          "φ of \(width), \(count), \(share): \(nngp.mean), not \(exact.value)")
        #expect(
          abs(ntk.mean - slope) < limit * ntk.meanError + 1e-7,
          "ψ of \(tangentWidth), \(count), \(share): \(ntk.mean), not \(slope)")
      }
    }
  }

  /// Where directions are denser means are the same, of points near the hyperplane's normal and of others.
  @Test(arguments: [Activation.relu, .leakyReLU(negativeSlope: -0.4), .abs])
  func concentrated(_ activation: Activation) throws {
    let limit = scoreThreshold(comparisons: 60)
    for (width, tangentWidth, count) in Self.shapes + [(1, 3, 7)] {
      for isNear in [false, true] {
        var points = Points(width: width, tangentWidth: tangentWidth)
        let direction = width == 1 ? [1] : (0..<width).map { $0 == 1 ? 0.8 : $0 == 2 ? 0.6 : 0 }
        if isNear {
          for i in 0..<2 { for j in 0..<width { points.mu[i, j] += 9 * direction[j] } }
        }
        let norms = points.mu.rowNorms
        let exact = DualActivation(activation).values(
          norms[0], norms[1], covariance: points.product(points.mu))
        let found = try (0..<1500).map {
          try products(
            activation, points, count: count, seed: $0,
            around: Concentration(direction: direction, scale: 0.15))
        }
        let (nngp, ntk) = (Moments(found.map(\.nngp)), Moments(found.map(\.ntk)))
        let slope = exact.derivative * points.product(points.q)
        #expect(abs(nngp.mean - exact.value) < limit * nngp.meanError + 1e-7, "\(width), \(isNear)")
        #expect(abs(ntk.mean - slope) < limit * ntk.meanError + 1e-7, "\(width), \(isNear)")
      }
    }
  }

  /// The scale is 1.5 times the spread around the line of m, also where 1 − u² is a rounding error; none where
  /// patches are parallel to rounding or far apart. Rows keep their length but for their weight.
  @Test func scalesOfConcentrations() throws {
    let direction = [0.6, 0.8, 0]
    func scale(_ spread: Double) throws -> Double? {
      let patches = try Matrix(
        rows: [-1, 1, 1].map { sign in
          let u = (1 - spread * spread).squareRoot()
          return [0.6 * u, 0.8 * u, sign * spread]
        })
      return Concentration.scale(
        for: PatchSample(
          nngp: patches, ntk: Matrix(rowCount: 3, columnCount: 0), weights: [1, 2, 3]),
        around: direction)
    }
    for spread in [0.1, 1e-3, 2e-6] {
      let found = try #require(try scale(spread))
      #expect(abs(found / spread - 1.5 / (1 - spread * spread).squareRoot()) < 1e-6)
    }
    for spread in [0, 1e-9, 0.3] { #expect(try scale(spread) == nil) }
    for scale in [1e-6, 0.25] {
      for rows in [[[2.0]], [[0, 0, 0], [1.2, 1.6, 0], [1.6, -1.2, 1]]] {
        var moved = try Matrix(rows: rows)
        let roots = Concentration(
          direction: rows[0].count == 1 ? [-1] : direction, scale: scale
        ).apply(to: &moved, key: RandomKey(seed: 1))
        for (i, row) in rows.enumerated() {
          let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let found = moved.row(i).reduce(0) { $0 + $1 * $1 }.squareRoot()
          #expect(abs(found - roots[i] * length) < 1e-12 && roots[i] <= 2.0.squareRoot())
        }
      }
    }
  }

  /// No more variance than independent directions have in as many columns; with a linear odd part whose
  /// coordinates fit well below.
  @Test(arguments: activations)
  func lessVariance(_ activation: Activation) throws {
    let draw = ActivationDraw(activation)
    let stream = RandomKey(seed: 5).stream
    for (width, tangentWidth, count) in Self.shapes {
      let points = Points(width: width, tangentWidth: tangentWidth)
      let size = width + tangentWidth
      let norms = points.mu.rowNorms
      let independent = (0..<20_000).map { index -> (nngp: Double, ntk: Double) in
        let w = (0..<size).map { stream.normal(at: UInt64(index * size + $0)) }
        func along(_ x: Matrix<Double>, _ i: Int, _ w: ArraySlice<Double>) -> Double {
          zip(x.row(i), w).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let sides = (0..<2).map { i -> (Double, Double) in
          let (value, derivative) = draw(
            along(points.mu, i, w[..<width]), deviation: norms[i])
          return (value, derivative * along(points.q, i, w[width...]))
        }
        return (sides[0].0 * sides[1].0, sides[0].1 * sides[1].1)
      }
      let found = try (0..<600).map {
        try products(activation, points, count: count, seed: $0)
      }
      func ratio(_ part: ((nngp: Double, ntk: Double)) -> Double) -> Double {
        Double(count) * Moments(found.map(part)).variance
          / max(1e-300, Moments(independent.map(part)).variance)
      }
      let (nngp, ntk) = (ratio { $0.nngp }, ratio { $0.ntk })
      // Sampling errors of both variances are some 0.1.
      let isLinear = draw.oddSlope ?? 0 != 0
      func limit(_ width: Int) -> Double { isLinear && 2 * width <= count ? 0.75 : 1.2 }
      #expect(nngp < limit(width), "φ of \(width), \(count): \(nngp)")
      #expect(ntk < limit(tangentWidth), "ψ of \(tangentWidth), \(count): \(ntk)")
    }
  }

  /// Equal seeds give equal maps, whatever the threads that fit and apply them.
  @Test func bits() throws {
    let points = clusteredPoints(50, 12)
    for activation in [Activation.relu, .gelu, .erf()] {
      let maps = try [1, 2].map { threads in
        try LayeredFeatureMap(
          biasedKernel(activation), dimension: 90, method: .random, seed: 4,
          sample: Rows.dense(points), on: Execution(threads: threads))
      }
      let features = try maps.enumerated().map {
        try $1.features(of: Rows.dense(points), on: Execution(threads: 1 + $0))
      }
      #expect(features[0] == features[1])
    }
  }
}
