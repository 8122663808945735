// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations in closed form: smooth functions.

import LinearAlgebra

/// sign x; the derivative counts as 0.
struct SignDual: ClosedDual {
  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    guard pair.q > 0, pair.r > 0 else { return (0, 0) }
    let (cosine, sine) = pair.cosineAndSine
    return (2 / .pi * .atan2(y: cosine, x: sine), 0)
  }
}

/// a sin(bx + c); the cosine is the sine a quarter turn on.
struct SineDual: ClosedDual {
  let scale, rate: Double
  /// sin² and cos² of the phase.
  let oddShare, evenShare: Double

  /// a sin(bx + c).
  init(scale: Double, rate: Double, phase: Double) {
    (self.scale, self.rate) = (scale, rate)
    let (sine, cosine) = (Double.sin(phase), Double.cos(phase))
    (oddShare, evenShare) = (sine * sine, cosine * cosine)
  }

  /// a cos(bx + c).
  init(cosine scale: Double, rate: Double, phase: Double) {
    (self.scale, self.rate) = (scale, rate)
    let (sine, cosine) = (Double.sin(phase), Double.cos(phase))
    (oddShare, evenShare) = (cosine * cosine, sine * sine)
  }

  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let square = rate * rate
    let near = Double.exp(-0.5 * square * pair.squaredDifference)
    let far = Double.exp(-0.5 * square * pair.squaredSum)
    // near − far, which cancels where c is small.
    let difference =
      pair.c >= 0
      ? -near * .expMinusOne(-2 * square * pair.c) : far * .expMinusOne(2 * square * pair.c)
    let half = 0.5 * scale * scale
    return (
      half * (difference + 2 * oddShare * far), half * square * (difference + 2 * evenShare * far)
    )
  }
}

/// a exp(bx).
struct ExponentialDual: ClosedDual {
  let scale, rate: Double

  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let value = scale * scale * .exp(0.5 * rate * rate * pair.squaredSum)
    return (value, rate * rate * value)
  }
}

/// a exp(b x²); infinite where the expectation is.
struct GaussianDual: ClosedDual {
  let scale, rate: Double

  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (x, y) = (2 * rate * pair.q * pair.q, 2 * rate * pair.r * pair.r)
    let d = 1 - (x + y) + (2 * rate * pair.gapAbove) * (2 * rate * pair.gapBelow)
    guard x < 1, y < 1, d > 0 else { return (.infinity, .infinity) }
    let value = scale * scale / d.squareRoot()
    return (value, 4 * rate * rate * pair.c * value / d)
  }
}

/// exp(−x²) sin x: the factor exp(−u² − v²) turns the pair into one of smaller covariances.
struct GaborDual: ClosedDual {
  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (a, b, c) = (pair.q * pair.q, pair.r * pair.r, pair.c)
    let det = pair.determinant
    let d = 1 + 2 * (a + b) + 4 * det
    let sum = (a + b + 4 * det) / d
    let covariance = c / d
    let difference = (pair.squaredDifference + 4 * det) / d
    let together = (pair.squaredSum + 4 * det) / d
    let root = d.squareRoot()
    let (near, far) = (Double.exp(-0.5 * difference), Double.exp(-0.5 * together))
    let odd =
      c >= 0 ? -near * .expMinusOne(-2 * covariance) : far * .expMinusOne(2 * covariance)
    let value = 0.5 * odd / root
    let even = 0.5 * (near + far) / root
    let derivative = (4 * c * (2 - sum) * value + even * (1 + 8 * c * covariance)) / d
    return (value, derivative)
  }
}

/// √(ab) exp(γ(ρ + shift)), with the derivative γ exp(γ(ρ + shift)).
struct NormalizedExponentialDual: ClosedDual {
  let gamma, shift: Double

  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (cosine, _) = pair.cosineAndSine
    let factor = Double.exp(gamma * (cosine + shift))
    return (pair.q * pair.r * factor, gamma * factor)
  }
}
