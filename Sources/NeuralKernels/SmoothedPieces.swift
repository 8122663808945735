// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Means of piecewise exponential functions under a Gaussian, in closed form.

import LinearAlgebra

/// E[σ(v)] and E[σ′(v)] for v ~ N(mean, deviation²), of functions where they have a closed form.
enum SmoothedPieces {
  typealias Means = (value: Double, derivative: Double)

  /// min(1, max(−1, v)).
  static func hardTanh(mean: Double, deviation: Double) -> Means {
    let m = mean.magnitude
    guard deviation > 0 else { return (max(-1, min(1, mean)), m < 1 ? 1 : 0) }
    // 1 − E max(1 − v, 0) + E max(−1 − v, 0) from the side of the nearer end, where nothing cancels.
    let (near, far) = ((1 - m) / deviation, (-1 - m) / deviation)
    let value = 1 - deviation * (positivePart(near) - positivePart(far))
    return (mean < 0 ? -value : value, distribution(near) - distribution(far))
  }

  /// scale · v above 0, scale · alpha · (eᵛ − 1) below.
  static func elu(mean: Double, deviation: Double, alpha: Double, scale: Double) -> Means {
    guard deviation > 0 else {
      return mean > 0
        ? (scale * mean, scale) : (scale * alpha * .expMinusOne(mean), scale * alpha * .exp(mean))
    }
    let t = mean / deviation
    let exponential = negativeExponential(t, deviation)
    return (
      scale * (deviation * positivePart(t) + alpha * (exponential - distribution(-t))),
      scale * (distribution(t) + alpha * exponential)
    )
  }

  /// Φ.
  private static func distribution(_ t: Double) -> Double { 0.5 * .erfc(-t * 0.5.squareRoot()) }

  /// φ.
  private static func density(_ t: Double) -> Double {
    (0.5 / .pi).squareRoot() * .exp(-0.5 * t * t)
  }

  /// E max(t + w, 0) = tΦ(t) + φ(t), w standard normal.
  private static func positivePart(_ t: Double) -> Double { t * distribution(t) + density(t) }

  /// E[eᵛ 1(v < 0)] = exp(m + s²/2) Φ(−m/s − s) with t = m/s.
  private static func negativeExponential(_ t: Double, _ s: Double) -> Double {
    let u = t + s
    guard u > 6 else { return .exp(s * (t + 0.5 * s)) * distribution(-u) }
    // Φ(−u) / φ(u) as a continued fraction: the exponential alone would overflow.
    var ratio = u
    for k in (1...40).reversed() { ratio = u + Double(k) / ratio }
    return density(t) / ratio
  }
}
