// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Activations as functions of one number: what networks of finite width compute.

import LinearAlgebra

/// A function of one number with its derivative. Where the function or its derivative jumps, the
/// derivative is that of one side.
struct ScalarFunction: Sendable {
  let value: @Sendable (Double) -> Double
  let derivative: @Sendable (Double) -> Double
}

extension Activation {
  /// The function; nil for kernels that no function has.
  var scalarFunction: ScalarFunction? {
    if let pieces = smoothPieces {
      return ScalarFunction(value: pieces.value, derivative: pieces.derivative)
    }
    if let (below, above) = slopes {
      return ScalarFunction(
        value: { $0 > 0 ? above * $0 : below * $0 }, derivative: { $0 > 0 ? above : below })
    }
    switch self {
    case .sign:
      return ScalarFunction(value: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, derivative: { _ in 0 })
    case .erf(let a, let b, let c): return .erf(a, b, c)
    case .sigmoidLike: return .erf(0.5, 1 / 2.4020563531719796, 0.5)
    case .gelu:
      return ScalarFunction(
        value: { $0 * normalDistribution($0) },
        derivative: { normalDistribution($0) + $0 * normalDensity($0) })
    case .sin, .cos, .rbf:
      return wave.map { .sine($0.amplitude, $0.frequency, $0.phase) }
    case .exp(let a, let b):
      return ScalarFunction(value: { a * .exp(b * $0) }, derivative: { a * b * .exp(b * $0) })
    case .gaussian(let a, let b):
      return ScalarFunction(
        value: { a * .exp(b * $0 * $0) }, derivative: { 2 * a * b * $0 * .exp(b * $0 * $0) })
    case .gabor:
      return ScalarFunction(
        value: { .exp(-$0 * $0) * .sin($0) },
        derivative: { .exp(-$0 * $0) * (.cos($0) - 2 * $0 * .sin($0)) })
    case .hermite(let degree):
      return ScalarFunction(
        value: { hermitePolynomial(degree, $0).value },
        derivative: { hermitePolynomial(degree, $0).derivative })
    case .monomial(let degree):
      return .polynomial([Double](repeating: 0, count: degree) + [1])
    case .polynomial(let coefficients): return .polynomial(coefficients)
    case .rectifiedMonomial(let degree):
      let power = ScalarFunction.polynomial([Double](repeating: 0, count: degree) + [1])
      return ScalarFunction(
        value: { $0 >= 0 ? power.value($0) : 0 }, derivative: { $0 > 0 ? power.derivative($0) : 0 })
    case .expNormalized: return nil
    case .relu, .leakyReLU, .abReLU, .abs, .elu, .selu, .tanh, .sigmoid, .softplus, .swish, .mish,
      .hardTanh, .function:
      preconditionFailure("done above")
    }
  }
}

extension Activation {
  /// a, b and c of those that are a sin(bx + c).
  var wave: (amplitude: Double, frequency: Double, phase: Double)? {
    switch self {
    case .sin(let a, let b, let c): (a, b, c)
    case .cos(let a, let b, let c): (a, b, c + .pi / 2)
    case .rbf(let gamma): (2.0.squareRoot(), (2 * gamma).squareRoot(), .pi / 4)
    default: nil
    }
  }
}

extension ScalarFunction {
  /// a erf(bx) + c.
  fileprivate static func erf(_ a: Double, _ b: Double, _ c: Double) -> ScalarFunction {
    let slope = 2 * a * b / Double.pi.squareRoot()
    return ScalarFunction(
      value: { a * .erf(b * $0) + c }, derivative: { slope * .exp(-(b * $0) * (b * $0)) })
  }

  /// a sin(bx + c).
  fileprivate static func sine(_ a: Double, _ b: Double, _ c: Double) -> ScalarFunction {
    ScalarFunction(value: { a * .sin(b * $0 + c) }, derivative: { a * b * .cos(b * $0 + c) })
  }

  /// Σ cₖ xᵏ.
  fileprivate static func polynomial(_ coefficients: [Double]) -> ScalarFunction {
    ScalarFunction(
      value: { x in coefficients.reversed().reduce(0) { $0 * x + $1 } },
      derivative: { x in
        coefficients.indices.dropFirst().reversed().reduce(0) {
          $0 * x + Double($1) * coefficients[$1]
        }
      })
  }
}

/// Heₖ(x) / √k!, by hₖ₊₁ = (x hₖ − √k hₖ₋₁) / √(k + 1), with the derivative √k hₖ₋₁.
private func hermitePolynomial(_ degree: Int, _ x: Double) -> (value: Double, derivative: Double) {
  var (before, last) = (0.0, 1.0)
  for k in 0..<degree {
    let next = (x * last - Double(k).squareRoot() * before) / Double(k + 1).squareRoot()
    (before, last) = (last, next)
  }
  return (last, Double(degree).squareRoot() * before)
}

/// Φ.
private func normalDistribution(_ x: Double) -> Double { 0.5 * .erfc(-x * 0.5.squareRoot()) }

/// φ.
private func normalDensity(_ x: Double) -> Double {
  (0.5 / .pi).squareRoot() * .exp(-0.5 * x * x)
}
