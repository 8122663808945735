// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations of single pairs by quadrature in the plane.

import LinearAlgebra

/// E[σ(u) σ(v)] and E[σ′(u) σ′(v)] by two nested quadratures: over z in u = qz, and over w in
/// v = r (ρz + √(1 − ρ²) w). Both are cut at kinks, and the outer one finely about the points where
/// the inner mean turns, over a width of √(1 − ρ²), into a kink.
///
/// Cost: some 1e5 values of σ, a millisecond; 0.1 ms where the inner mean has a closed form. For
/// correlations where a Hermite series needs too many terms.
struct PairQuadrature {
  private let function: SmoothPieces
  private static let limit = 10.0
  private static let panelWidth = 2.0

  init(_ function: SmoothPieces) { self.function = function }

  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (cosine, sine) = pair.cosineAndSine
    var (ends, innerEnds) = ([Double](), [Double]())
    function.panelEnds(scale: pair.q, limit: Self.limit, width: Self.panelWidth, into: &ends)
    addTurningPoints(pair.r * cosine, sine, to: &ends)
    var (value, derivative) = (0.0, 0.0)
    for (lower, upper) in zip(ends, ends.dropFirst()) where lower < upper {
      GaussLegendre.panel.forEachNormalNode(lower, upper) { z, weight in
        let (mean, slope) = innerMeans(pair.r * cosine * z, pair.r * sine, &innerEnds)
        value += weight * mean * function.value(pair.q * z)
        derivative += weight * slope * function.derivative(pair.q * z)
      }
    }
    return (value, derivative)
  }

  /// E[σ(v)] and E[σ′(v)] for v ~ N(mean, deviation²).
  @inline(__always)
  private func innerMeans(
    _ mean: Double, _ deviation: Double, _ ends: inout [Double]
  ) -> SmoothedPieces.Means {
    if let means = function.means { return means(mean, deviation) }
    function.panelEnds(
      scale: deviation, offset: mean, limit: Self.limit, width: Self.panelWidth, into: &ends)
    var (value, slope) = (0.0, 0.0)
    for (lower, upper) in zip(ends, ends.dropFirst()) where lower < upper {
      GaussLegendre.panel.forEachNormalNode(lower, upper) { w, weight in
        let x = mean + deviation * w
        value += weight * function.value(x)
        slope += weight * function.derivative(x)
      }
    }
    return (value, slope)
  }

  /// Ends that leave in doubling steps the z where the mean of v is at a kink.
  private func addTurningPoints(_ scale: Double, _ sine: Double, to ends: inout [Double]) {
    guard scale != 0 else { return }
    for kink in function.kinks {
      let centre = kink / scale
      var step = sine / 2
      // Below the spacing of nodes' roundings a turn is a kink.
      var points = [centre]
      while step > 0, step < 2 * Self.limit {
        points += [centre - step, centre + step]
        step *= 2
      }
      ends += points.filter { $0.magnitude < Self.limit }
    }
    for centre in function.kinks + [0] {
      var step = 1.0
      while step < 2 * Self.limit * scale.magnitude + centre.magnitude {
        ends += [(centre - step) / scale, (centre + step) / scale].filter {
          $0.magnitude < Self.limit
        }
        step *= 2
      }
    }
    ends.sort()
  }
}
