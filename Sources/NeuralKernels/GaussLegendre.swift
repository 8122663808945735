// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Gauss-Legendre quadrature on panels, weighted by the normal density.

import LinearAlgebra

/// The Gauss-Legendre rule on [−1, 1], exact for polynomials of degree 2 `count` − 1.
struct GaussLegendre: Sendable {
  let nodes: [Double]
  let weights: [Double]

  /// The rule of every panel of this room: 20 nodes.
  static let panel = GaussLegendre(count: 20)

  /// By Newton's method on the Legendre polynomial from the usual cosine guesses.
  init(count: Int) {
    var (nodes, weights) = ([Double](), [Double]())
    for i in 0..<count {
      var x = -Double.cos(.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<8 {
        var (previous, value) = (1.0, x)
        for k in 2...count {
          let next = (Double(2 * k - 1) * x * value - Double(k - 1) * previous) / Double(k)
          (previous, value) = (value, next)
        }
        slope = Double(count) * (x * value - previous) / (x * x - 1)
        x -= value / slope
      }
      nodes.append(x)
      weights.append(2 / ((1 - x * x) * slope * slope))
    }
    (self.nodes, self.weights) = (nodes, weights)
  }

  /// Calls `body` with the nodes z in [lower, upper] and their weights times φ(z).
  @inline(__always)
  func forEachNormalNode(
    _ lower: Double, _ upper: Double, _ body: (_ node: Double, _ weight: Double) -> Void
  ) {
    let (half, centre) = (0.5 * (upper - lower), 0.5 * (upper + lower))
    for (x, w) in zip(nodes, weights) {
      let z = centre + half * x
      body(z, half * w * .exp(-0.5 * z * z) * (0.5 / .pi).squareRoot())
    }
  }
}
