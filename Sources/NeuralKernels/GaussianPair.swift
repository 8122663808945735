// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Two Gaussian variables, and what can be had of them without cancellation.

import LinearAlgebra

/// (u, v) ~ N(0, [[q², c], [c, r²]]).
struct GaussianPair {
  /// The standard deviations.
  let q: Double
  let r: Double
  /// The covariance, within ± qr.
  let c: Double
  /// qr − c and qr + c, at least 0: their product is the determinant.
  let gapAbove: Double
  let gapBelow: Double

  /// Covariances beyond ± qr, which rounding makes, count as the ends.
  @inline(__always)
  init(_ q: Double, _ r: Double, covariance: Double) {
    let product = q * r
    (self.q, self.r) = (q, r)
    // Rounded once, so that a correlation next to ±1 keeps its distance from it.
    gapAbove = max(0, (-covariance).addingProduct(q, r))
    gapBelow = max(0, covariance.addingProduct(q, r))
    c = max(-product, min(product, covariance))
  }

  /// A variable with itself.
  @inline(__always)
  init(same q: Double) {
    (self.q, r, c) = (q, q, q * q)
    (gapAbove, gapBelow) = (0, 2 * q * q)
  }

  /// q² + r² − 2c and q² + r² + 2c.
  @inline(__always)
  var squaredDifference: Double { (q - r) * (q - r) + 2 * gapAbove }
  @inline(__always)
  var squaredSum: Double { (q - r) * (q - r) + 2 * gapBelow }

  /// q² r² − c².
  @inline(__always)
  var determinant: Double { gapAbove * gapBelow }

  /// c / qr and √(1 − (c / qr)²); 0 and 1 where a variable vanishes.
  @inline(__always)
  var cosineAndSine: (Double, Double) {
    let product = q * r
    guard product > 0 else { return (0, 1) }
    return (c / product, ((gapAbove / product) * (gapBelow / product)).squareRoot())
  }
}

/// E[σ(u) σ(v)] and its derivative in the covariance, for an activation σ.
typealias DualValues = (value: Double, derivative: Double)

/// A dual activation in closed form.
protocol ClosedDual {
  func callAsFunction(_ pair: GaussianPair) -> DualValues
}
