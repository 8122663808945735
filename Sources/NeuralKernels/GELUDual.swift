// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The dual of the GELU: an arccosine, in C on rows.

import CInnerLoops
import LinearAlgebra

/// x Φ(x).
struct GELUDual: ClosedDual {
  @inline(__always)
  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (a, b, c) = (pair.q * pair.q, pair.r * pair.r, pair.c)
    let product = (1 + a) * (1 + b)
    let d = 1 + a + b + pair.determinant
    let root = d.squareRoot()
    let angle = Double.atan2(y: root, x: -c)
    let value = c * angle + (c * (c / product) + (a * b / product) * d) / root
    let slope = angle + c / root * ((3 + a + b) / product + c * (c / product) / d)
    return (value / (2 * .pi), slope / (2 * .pi))
  }

  /// Takes a row through the activation; the squares of deviations must not overflow.
  ///
  /// Cost: some nanoseconds per entry with 256-bit vectors.
  static func apply<Scalar: RealScalar>(_ row: DualRow<Scalar>) {
    switch Scalar.precision {
    case .single:
      sketching_gelu_dual_float(
        row.count, row.q.cast(to: Float.self), row.qStep, row.r.cast(to: Float.self),
        row.nngp.cast(to: Float.self), row.ntk?.cast(to: Float.self))
    case .double:
      sketching_gelu_dual_double(
        row.count, row.q.cast(to: Double.self), row.qStep, row.r.cast(to: Double.self),
        row.nngp.cast(to: Double.self), row.ntk?.cast(to: Double.self))
    }
  }
}
