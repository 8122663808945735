// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The arc-cosine functions, for single numbers and for rows of kernel values.

import CInnerLoops
import LinearAlgebra

/// The arc-cosine functions of order 0 and 1 (Cho and Saul, 2009): the duals of step and ReLU.
///
/// Cosines beyond [−1, 1] count as the ends. Absolute errors are below 4e-16 in double and 3e-7 in
/// single precision.
public enum ArcCosine {
  /// κ₀(t) = (π − arccos t) / π.
  public static func kappa0(_ t: Double) -> Double { 2 * reluDual(1, 1, covariance: t).derivative }

  /// κ₁(t) = (√(1 − t²) + t (π − arccos t)) / π, with κ₁′ = κ₀.
  public static func kappa1(_ t: Double) -> Double { 2 * reluDual(1, 1, covariance: t).value }

  /// E[relu(u) relu(v)] = √(ab) κ₁(ρ) / 2 and its derivative in c, κ₀(ρ) / 2, with ρ = c / √(ab), for
  /// (u, v) ~ N(0, [[a, c], [c, b]]) given √a, √b and c.
  public static func reluDual(
    _ deviationA: Double, _ deviationB: Double, covariance: Double
  ) -> (value: Double, derivative: Double) {
    var (value, derivative) = (covariance, 1.0)
    sketching_relu_dual_double(
      1, [deviationA], [reciprocal(deviationA)], 0, [deviationB], [reciprocal(deviationB)],
      &value, &derivative)
    return (value, derivative)
  }

  /// The same for a row: deviations q, or one q if `qStep` is 0, against `count` deviations r. Replaces
  /// every covariance in `nngp` by the value, and multiplies `ntk` by the derivative.
  ///
  /// Reciprocals are those of `reciprocal(_:)`. Cost: 4 ns per entry in double, 1.5 ns in single
  /// precision with 256-bit vectors.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func applyReLU<Scalar: RealScalar>(
    _ count: Int, _ q: UnsafePointer<Scalar>, _ inverseQ: UnsafePointer<Scalar>, qStep: Int,
    _ r: UnsafePointer<Scalar>, _ inverseR: UnsafePointer<Scalar>,
    nngp: UnsafeMutablePointer<Scalar>, ntk: UnsafeMutablePointer<Scalar>?
  ) {
    precondition(qStep == 0 || qStep == 1)
    switch Scalar.precision {
    case .single:
      sketching_relu_dual_float(
        count, q.cast(to: Float.self), inverseQ.cast(to: Float.self), qStep,
        r.cast(to: Float.self), inverseR.cast(to: Float.self), nngp.cast(to: Float.self),
        ntk?.cast(to: Float.self))
    case .double:
      sketching_relu_dual_double(
        count, q.cast(to: Double.self), inverseQ.cast(to: Double.self), qStep,
        r.cast(to: Double.self), inverseR.cast(to: Double.self), nngp.cast(to: Double.self),
        ntk?.cast(to: Double.self))
    }
  }

  /// 1/x, or 0 where that is not finite.
  @inlinable
  public static func reciprocal<Scalar: RealScalar>(_ x: Scalar) -> Scalar {
    let inverse = 1 / x
    return inverse.isFinite ? inverse : 0
  }
}
