// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations straight from their definition, by quadrature in the plane.

import LinearAlgebra
import NeuralKernels
import TestSupport

/// A pair of Gaussian variables: standard deviations and covariance.
struct TestPair {
  var q: Double
  var r: Double
  var c: Double
}

/// An activation beside the function and derivative it should be.
struct TestActivation: Sendable {
  let name: String
  let activation: Activation
  let value: @Sendable (Double) -> Double
  let derivative: @Sendable (Double) -> Double
  /// Where the function or its derivative jumps.
  var kinks: [Double] = []
  /// Standard deviations up to which it can be integrated.
  var largest = 4.0
  /// The error that derivatives by differences may have next to kinks.
  var tolerance = 1e-12
}

/// Nested Gauss-Legendre quadrature on panels that end at every kink and shrink towards it.
enum PlaneQuadrature {
  private static let rule: [(node: Double, weight: Double)] = {
    let half = [
      (0.1252334085114689, 0.2491470458134028), (0.3678314989981802, 0.2334925365383548),
      (0.5873179542866175, 0.2031674267230659), (0.7699026741943047, 0.1600783285433462),
      (0.9041172563704749, 0.1069393259953184), (0.9815606342467192, 0.0471753363865118),
    ]
    return half.map { (-$0.0, $0.1) } + half.map { ($0.0, $0.1) }
  }()

  /// ∫ f(z) φ(z) dz for f with kinks at `kinks` around which it varies on the scale `scale`.
  static func mean(
    kinks: [(position: Double, scale: Double)], _ f: (Double) -> (Double, Double)
  ) -> (Double, Double) {
    var ends = (0...20).map { Double($0) - 10 }
    for (position, scale) in kinks where scale > 0 {
      if position.magnitude < 10 { ends.append(position) }
      var step = scale / 4
      while step < 20 {
        ends += [position - step, position + step].filter { $0.magnitude < 10 }
        step *= 2
      }
    }
    ends.sort()
    var (first, second) = (0.0, 0.0)
    for (lower, upper) in zip(ends, ends.dropFirst()) where lower < upper {
      let (half, centre) = (0.5 * (upper - lower), 0.5 * (upper + lower))
      for (node, weight) in rule {
        let z = centre + half * node
        let (x, y) = f(z)
        let density = half * weight * Double.exp(-z * z / 2) / (2 * Double.pi).squareRoot()
        first += density * x
        second += density * y
      }
    }
    return (first, second)
  }

  /// E[σ(u) σ(v)] and E[σ′(u) σ′(v)].
  static func dual(_ test: TestActivation, _ pair: TestPair) -> (Double, Double) {
    let (q, r, c) = (pair.q, pair.r, pair.c)
    let product = q * r
    let cosine = product > 0 ? max(-1, min(1, c / product)) : 0
    let gaps = max(0, (-c).addingProduct(q, r)) * max(0, c.addingProduct(q, r))
    let sine = product > 0 ? gaps.squareRoot() / product : 1
    let centres = test.kinks + [0]
    var outer = centres.map { ($0 / q, 1 / q) }
    outer += centres.map { ($0 / (r * cosine), max(1 / (r * cosine.magnitude), 0)) }
    outer += test.kinks.map { ($0 / (r * cosine), max(sine, 1e-13)) }
    return mean(kinks: outer.filter { $0.0.isFinite && $0.1.isFinite }) { z in
      let (offset, scale) = (r * cosine * z, r * sine)
      let inner = centres.map { (($0 - offset) / scale, 1 / scale) }
      let (x, y) =
        scale > 1e-14 * offset.magnitude
        ? mean(kinks: inner.filter { $0.0.isFinite && $0.1.isFinite }) { w in
          (test.value(offset + scale * w), test.derivative(offset + scale * w))
        } : (test.value(offset), test.derivative(offset))
      return (x * test.value(q * z), y * test.derivative(q * z))
    }
  }

  /// E[σ(u)²] and E[σ′(u)²].
  static func square(_ test: TestActivation, _ q: Double) -> (Double, Double) {
    mean(
      kinks: (test.kinks + [0]).map { ($0 / q, 1 / q) }.filter { $0.0.isFinite && $0.1.isFinite }
    ) {
      let (x, y) = (test.value(q * $0), test.derivative(q * $0))
      return (x * x, y * y)
    }
  }
}

extension TestActivation {
  private static let sigmoid: @Sendable (Double) -> Double = { 1 / (1 + .exp(-$0)) }
  private static let density: @Sendable (Double) -> Double = {
    Double.exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot()
  }
  private static let normal: @Sendable (Double) -> Double = { 0.5 * .erfc(-$0 / 2.0.squareRoot()) }

  private static func slopes(_ name: String, _ activation: Activation, _ a: Double, _ b: Double)
    -> TestActivation
  {
    TestActivation(
      name: name, activation: activation, value: { a * min($0, 0) + b * max($0, 0) },
      derivative: { $0 < 0 ? a : b }, kinks: [0], largest: 1e4)
  }

  private static func sine(
    _ name: String, _ activation: Activation, _ a: Double, _ b: Double, _ c: Double
  ) -> TestActivation {
    TestActivation(
      name: name, activation: activation, value: { a * .sin(b * $0 + c) },
      derivative: { a * b * .cos(b * $0 + c) }, largest: 2)
  }

  private static func erf(
    _ name: String, _ activation: Activation, _ a: Double, _ b: Double, _ c: Double
  ) -> TestActivation {
    TestActivation(
      name: name, activation: activation, value: { a * .erf(b * $0) + c },
      derivative: { 2 * a * b / Double.pi.squareRoot() * .exp(-b * b * $0 * $0) }, largest: 1e4)
  }

  private static func elu(_ name: String, _ activation: Activation, _ a: Double, _ scale: Double)
    -> TestActivation
  {
    TestActivation(
      name: name, activation: activation,
      value: { $0 > 0 ? scale * $0 : scale * a * .expMinusOne($0) },
      derivative: { $0 > 0 ? scale : scale * a * .exp($0) }, kinks: [0], largest: 1e4)
  }

  static let all: [TestActivation] = [
    slopes("relu", .relu, 0, 1), slopes("leaky", .leakyReLU(), 0.01, 1),
    slopes("ab", .abReLU(a: 0.3, b: -1.7), 0.3, -1.7), slopes("abs", .abs, -1, 1),
    TestActivation(
      name: "sign", activation: .sign, value: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
      derivative: { _ in 0 }, kinks: [0], largest: 1e4),
    erf("erf", .erf(), 1, 1, 0), erf("erf abc", .erf(a: -2, b: 0.3, c: 0.7), -2, 0.3, 0.7),
    erf("sigmoidLike", .sigmoidLike, 0.5, 1 / 2.4020563531719796, 0.5),
    TestActivation(
      name: "gelu", activation: .gelu, value: { $0 * normal($0) },
      derivative: { normal($0) + $0 * density($0) }, largest: 1e4),
    sine("sin", .sin(), 1, 1, 0), sine("sin abc", .sin(a: 2, b: -0.7, c: 0.4), 2, -0.7, 0.4),
    sine("cos", .cos(a: 1.5, b: 0.8, c: -0.3), 1.5, 0.8, -0.3 + .pi / 2),
    sine("rbf", .rbf(gamma: 0.6), 2.0.squareRoot(), 1.2.squareRoot(), .pi / 4),
    TestActivation(
      name: "exp", activation: .exp(a: 0.5, b: -0.8), value: { 0.5 * .exp(-0.8 * $0) },
      derivative: { -0.4 * .exp(-0.8 * $0) }, largest: 1),
    TestActivation(
      name: "gaussian", activation: .gaussian(a: 1.2, b: -0.7),
      value: { 1.2 * .exp(-0.7 * $0 * $0) }, derivative: { -1.68 * $0 * .exp(-0.7 * $0 * $0) },
      largest: 30),
    TestActivation(
      name: "growing gaussian", activation: .gaussian(a: 1, b: 0.1),
      value: { .exp(0.1 * $0 * $0) }, derivative: { 0.2 * $0 * .exp(0.1 * $0 * $0) }, largest: 1),
    TestActivation(
      name: "gabor", activation: .gabor, value: { .exp(-$0 * $0) * .sin($0) },
      derivative: { .exp(-$0 * $0) * (.cos($0) - 2 * $0 * .sin($0)) }, largest: 30),
    TestActivation(
      name: "hermite 3", activation: .hermite(degree: 3),
      value: { ($0 * $0 - 3) * $0 / 6.0.squareRoot() },
      derivative: { (3 * $0 * $0 - 3) / 6.0.squareRoot() }),
    TestActivation(
      name: "hermite 4", activation: .hermite(degree: 4),
      value: { (($0 * $0 - 6) * $0 * $0 + 3) / 24.0.squareRoot() },
      derivative: { (4 * $0 * $0 - 12) * $0 / 24.0.squareRoot() }),
    TestActivation(
      name: "monomial 3", activation: .monomial(degree: 3), value: { $0 * $0 * $0 },
      derivative: { 3 * $0 * $0 }),
    TestActivation(
      name: "monomial 4", activation: .monomial(degree: 4), value: { $0 * $0 * $0 * $0 },
      derivative: { 4 * $0 * $0 * $0 }),
    TestActivation(
      name: "polynomial", activation: .polynomial([0.3, 1, -0.2, 0.05, 0.01]),
      value: { 0.3 + $0 * (1 + $0 * (-0.2 + $0 * (0.05 + $0 * 0.01))) },
      derivative: { 1 + $0 * (-0.4 + $0 * (0.15 + $0 * 0.04)) }),
    TestActivation(
      name: "step", activation: .rectifiedMonomial(degree: 0), value: { $0 >= 0 ? 1 : 0 },
      derivative: { _ in 0 }, kinks: [0], largest: 1e4),
    TestActivation(
      name: "rectified 1", activation: .rectifiedMonomial(degree: 1), value: { max($0, 0) },
      derivative: { $0 > 0 ? 1 : 0 }, kinks: [0], largest: 1e4),
    TestActivation(
      name: "rectified 3", activation: .rectifiedMonomial(degree: 3),
      value: { max($0, 0) * $0 * $0 }, derivative: { 3 * max($0, 0) * $0 }, kinks: [0],
      largest: 1e4),
    elu("elu", .elu(), 1, 1), elu("elu 0.4", .elu(alpha: 0.4), 0.4, 1),
    elu("selu", .selu, 1.6732632423543773, 1.0507009873554805),
    TestActivation(
      name: "tanh", activation: .tanh, value: { .tanh($0) },
      derivative: { 1 / (Double.cosh($0) * Double.cosh($0)) }, largest: 1e4),
    TestActivation(
      name: "sigmoid", activation: .sigmoid, value: sigmoid,
      derivative: { sigmoid($0) * sigmoid(-$0) }, largest: 1e4),
    TestActivation(
      name: "softplus", activation: .softplus,
      value: { $0 > 30 ? $0 : .log(onePlus: .exp($0)) }, derivative: sigmoid, largest: 1e4),
    TestActivation(
      name: "swish", activation: .swish, value: { $0 * sigmoid($0) },
      derivative: { sigmoid($0) + $0 * sigmoid($0) * sigmoid(-$0) }, largest: 1e4),
    TestActivation(
      name: "mish", activation: .mish,
      value: { $0 * .tanh($0 > 30 ? $0 : .log(onePlus: .exp($0))) },
      derivative: {
        let t = Double.tanh($0 > 30 ? $0 : .log(onePlus: .exp($0)))
        return t + $0 * (1 - t * t) * sigmoid($0)
      }, largest: 1e4),
    TestActivation(
      name: "hardTanh", activation: .hardTanh, value: { max(-1, min(1, $0)) },
      derivative: { $0.magnitude < 1 ? 1 : 0 }, kinks: [-1, 1], largest: 1e4),
    TestActivation(
      name: "Swift function",
      activation: .function(
        PointwiseFunction("bent", kinks: [0.5]) { abs($0 - 0.5) + 0.3 * .sin($0) }),
      value: { abs($0 - 0.5) + 0.3 * .sin($0) },
      derivative: { ($0 < 0.5 ? -1 : 1) + 0.3 * .cos($0) }, kinks: [0.5], largest: 3,
      tolerance: 1e-11),
  ]
}
