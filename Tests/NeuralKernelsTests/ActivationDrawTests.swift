// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What random features and sketches of activations are made of, against the duals.

import LinearAlgebra
import TestSupport
import Testing

@testable import NeuralKernels

@Suite struct ActivationDrawTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(negativeSlope: -0.4), .abs, .erf(), .sigmoidLike, .gelu,
    .sin(a: 1, b: 1.3, c: 0.4), .rbf(gamma: 0.5), .exp(a: 1, b: 0.5), .gaussian(), .gabor,
    .expNormalized(gamma: 1.5, shift: -1), .polynomial([0.5, 1, 0.2]), .tanh, .elu(), .softplus,
    .rectifiedMonomial(degree: 2),
  ]
  static let pairs: [(s: Double, t: Double, cosine: Double)] = [
    (0.7, 1.4, 0.5), (1, 1, -0.6), (0.3, 1.6, 0.8), (1.2, 1.2, 0.9),
  ]

  private func isClose(
    _ found: (Double, Double), _ activation: Activation, _ s: Double, _ t: Double, _ cosine: Double,
    _ tolerance: Double
  ) -> Bool {
    let dual = DualActivation(activation)
    let exact = dual.values(s, t, covariance: cosine * s * t)
    let size = dual.deviation(s) * dual.deviation(t)
    let slope =
      (dual.derivative(atDeviation: s) * dual.derivative(atDeviation: t)).squareRoot()
    return abs(found.0 - exact.value) < tolerance * size
      && abs(found.1 - exact.derivative) < tolerance * slope
  }

  /// Σ αⱼ(s) αⱼ(t) ρʲ is the dual, and Σ βⱼ(s) βⱼ(t) ρʲ its derivative.
  @Test(arguments: activations)
  func coefficients(_ activation: Activation) {
    let coefficients = HermiteCoefficients(activation, count: 48)
    func values(_ deviation: Double) -> (a: [Double], b: [Double]) {
      var (a, b) = ([Double](repeating: 0, count: 48), [Double](repeating: 0, count: 48))
      coefficients.write(at: deviation, values: &a, slopes: &b)
      return (a, b)
    }
    for (s, t, cosine) in Self.pairs {
      let (left, right) = (values(s), values(t))
      var (sum, slope, power) = (0.0, 0.0, 1.0)
      for j in 0..<48 {
        sum += left.a[j] * right.a[j] * power
        slope += left.b[j] * right.b[j] * power
        power *= cosine
      }
      #expect(isClose((sum, slope), activation, s, t, cosine, 4e-3), "\(activation.name) \(s) \(t)")
    }
  }

  /// The first coefficients at large deviations, where activations turn within a small part of a normal law.
  @Test(arguments: [
    Activation.sin(a: 2, b: 1.3, c: 0.4), .cos(), .rbf(gamma: 0.5), .exp(a: 0.5, b: -0.2),
    .gaussian(), .gabor, .erf(), .gelu, .tanh,
  ])
  func coefficientsFarOut(_ activation: Activation) throws {
    let coefficients = HermiteCoefficients(activation, count: 5)
    let function = try #require(activation.scalarFunction)
    for deviation in [0, 3, 12, 20, 40.0] {
      var (a, b) = ([Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
      coefficients.write(at: deviation, values: &a, slopes: &b)
      var (values, slopes) = (a.map { _ in 0.0 }, a.map { _ in 0.0 })
      let (count, limit) = (60_000, 20.0)
      for index in 0..<count {
        let z = limit * (2 * (Double(index) + 0.5) / Double(count) - 1)
        let weight = 2 * limit / Double(count) * Double.exp(-0.5 * z * z) * (0.5 / .pi).squareRoot()
        let polynomials = [
          1, z, (z * z - 1) / 2.squareRoot(), (z * z - 3) * z / 6.squareRoot(),
          ((z * z - 6) * z * z + 3) / 24.squareRoot(),
        ]
        for j in 0..<5 {
          values[j] += weight * function.value(deviation * z) * polynomials[j]
          slopes[j] += weight * function.derivative(deviation * z) * polynomials[j]
        }
      }
      let sizes = [values, slopes].map { $0.reduce(1) { max($0, abs($1)) } }
      for j in 0..<5 {
        #expect(abs(a[j] - values[j]) < 3e-5 * sizes[0], "\(deviation): \(a), not \(values)")
        #expect(abs(b[j] - slopes[j]) < 3e-5 * sizes[1], "\(deviation): \(b), not \(slopes)")
      }
    }
  }

  /// Behind noise much wider than what an activation turns in.
  @Test(arguments: [
    Activation.sin(a: 2, b: 1.3, c: 0.4), .gaussian(a: 1, b: -0.5), .erf(), .gelu, .tanh,
  ])
  func wideNoise(_ activation: Activation) throws {
    let draw = ActivationDraw(activation)
    let function = try #require(activation.scalarFunction)
    let nodes = (0..<40_000).map { 6 * (2 * (Double($0) + 0.5) / 40_000 - 1) }
    let weights = nodes.map { Double.exp(-0.5 * $0 * $0) }
    let total = weights.reduce(0, +)
    for noise in [0.3, 0.9, 3, 12, 25.0] {
      let found = draw(0.7, deviation: 30, noise: noise)
      func mean(_ function: (Double) -> Double) -> Double {
        zip(nodes, weights).reduce(0) { $0 + $1.1 * function(0.7 + noise * $1.0) } / total
      }
      #expect(abs(found.value - mean(function.value)) < 1e-3, "\(noise)")
      #expect(abs(found.derivative - mean(function.derivative)) < 1e-3, "\(noise)")
    }
  }

  /// The means of f f and f′ f′ over the plane, with and without noise that is averaged out.
  @Test(arguments: activations)
  func means(_ activation: Activation) {
    let draw = ActivationDraw(activation)
    let (count, limit) = (120, 7.0)
    let nodes = (0..<count).map { limit * (2 * (Double($0) + 0.5) / Double(count) - 1) }
    for (s, t, cosine) in Self.pairs {
      for share in cosine.magnitude < 0.7 ? [1, 0.75] : [1] {
        // Of the variances s² and t² the share is that of u and v, the rest noise.
        let (p, q) = (share.squareRoot() * s, share.squareRoot() * t)
        let noise = (1 - share).squareRoot()
        let inner = cosine / share
        var (sum, slope, total) = (0.0, 0.0, 0.0)
        for x in nodes {
          let left = draw(p * x, deviation: s, noise: noise * s)
          for y in nodes {
            let v = q * (inner * x + (1 - inner * inner).squareRoot() * y)
            let right = draw(v, deviation: t, noise: noise * t)
            let weight = Double.exp(-0.5 * (x * x + y * y))
            sum += weight * left.value * right.value
            slope += weight * left.derivative * right.derivative
            total += weight
          }
        }
        #expect(
          isClose((sum / total, slope / total), activation, s, t, cosine, 1e-2),
          "\(activation.name) \(s) \(t) \(share)")
      }
    }
  }

  @Test func opposites() {
    let gains: [Activation] = [.relu, .leakyReLU(), .gelu, .rbf(), .expNormalized()]
    for activation in gains { #expect(ActivationDraw(activation).gainsFromOpposites) }
    for activation in [
      Activation.erf(), .abs, .tanh, .sigmoid, .sin(), .cos(), .identityLike,
    ] {
      #expect(!ActivationDraw(activation).gainsFromOpposites)
    }
  }
}

@Suite struct OddSlopeTests {
  @Test func slopes() {
    let known: [(Activation, Double?)] = [
      (.relu, 0.5), (.leakyReLU(negativeSlope: -0.4), 0.3), (.abs, 0), (.gelu, 0.5),
      (.softplus, 0.5),
      (.swish, 0.5), (.identityLike, 1), (.cos(), 0), (.erf(), nil), (.elu(), nil), (.rbf(), nil),
      (.rectifiedMonomial(degree: 2), nil), (.expNormalized(), nil),
      // Odd, and zero at every tenth.
      (.sin(b: 20 * .pi), nil),
    ]
    for (activation, slope) in known {
      let found = ActivationDraw(activation).oddSlope
      #expect((found == nil) == (slope == nil), "\(activation)")
      if let found, let slope { #expect(abs(found - slope) < 1e-12, "\(activation)") }
    }
  }
}

extension Activation {
  /// x: odd.
  fileprivate static var identityLike: Activation { .monomial(degree: 1) }
}
