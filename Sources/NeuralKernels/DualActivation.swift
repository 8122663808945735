// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Expectations of activations under Gaussian inputs, for single pairs.

import Kernels
import LinearAlgebra

/// The dual of an activation σ: for (u, v) ~ N(0, [[a, c], [c, b]]),
/// k(a, b, c) = E[σ(u) σ(v)], with derivative ∂k/∂c = E[σ′(u) σ′(v)] (Price).
///
/// Variances are given by their roots, the standard deviations, which neither overflow nor underflow
/// where the variances would. Relative to √(k(a, a, a) k(b, b, b)) values have errors of about 1e-15
/// in closed form (see `Activation`) and 1e-13 by quadrature, for any correlation; so have
/// derivatives. A value that overflows is infinite or NaN.
///
/// - Source: Daniely, Frostig, Singer, "Toward deeper understanding of neural networks", 2016; the
///   closed forms as collected in Han et al., "Fast neural kernel embeddings for general
///   activations", 2022.
public struct DualActivation: Hashable, Sendable {
  public let activation: Activation

  public init(_ activation: Activation) {
    self.activation = activation
  }

  /// k and ∂k/∂c at standard deviations √a, √b and covariance c. Cost: tens of nanoseconds in closed
  /// form, up to some milliseconds by quadrature.
  public func values(
    _ deviationA: Double, _ deviationB: Double, covariance: Double
  ) -> (value: Double, derivative: Double) {
    if let pieces = activation.smoothPieces {
      return PairQuadrature(pieces)(
        GaussianPair(deviationA, deviationB, covariance: covariance))
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 8) { memory in
      guard let base = memory.baseAddress else { return (.nan, .nan) }
      (base[0], base[1]) = (deviationA, ArcCosine.reciprocal(deviationA))
      (base[2], base[3]) = (deviationB, ArcCosine.reciprocal(deviationB))
      (base[4], base[5]) = (covariance, 1)
      apply(
        DualRow(
          count: 1, q: base, inverseQ: base + 1, qStep: 0, r: base + 2, inverseR: base + 3,
          nngp: base + 4, ntk: base + 5, scratch: base + 6))
      return (base[4], base[5])
    }
  }

  /// √k(a, a, a): the standard deviation of σ(u) about 0, u ~ N(0, a).
  public func deviation<Scalar: RealScalar>(_ deviation: Scalar) -> Scalar {
    if let (a, b) = activation.slopes {
      return deviation * Scalar((0.5 * (a * a + b * b)).squareRoot())
    }
    if case .expNormalized(let gamma, let shift) = activation {
      return deviation * Scalar(Double.exp(0.5 * gamma * (1 + shift)))
    }
    if case .hermite = activation, PowerDual.isUnit(Double(deviation)) { return 1 }
    return Scalar(sameValues(Double(deviation)).value.squareRoot())
  }

  /// ∂k/∂c(a, a, a) = E[σ′(u)²], u ~ N(0, a): where the two points are one.
  public func derivative<Scalar: RealScalar>(atDeviation deviation: Scalar) -> Scalar {
    if let (a, b) = activation.slopes { return Scalar(0.5 * (a * a + b * b)) }
    return Scalar(sameValues(Double(deviation)).derivative)
  }

  /// k and ∂k/∂c where the two points are one, for many deviations.
  func sameValues<Scalar: RealScalar>(
    _ deviations: UnsafeBufferPointer<Scalar>
  ) -> [(value: Scalar, derivative: Scalar)] {
    if let pieces = activation.smoothPieces {
      return HermiteExpansion(
        pieces, deviations: deviations.map { Double($0) }, withCoefficients: false
      ).points.map { (Scalar($0.square), Scalar($0.slopeSquare)) }
    }
    return deviations.map {
      let deviation = deviation($0)
      return (deviation * deviation, derivative(atDeviation: $0))
    }
  }

  /// k and ∂k/∂c of a variable with itself.
  private func sameValues(_ deviation: Double) -> DualValues {
    if let pieces = activation.smoothPieces {
      let point = HermiteExpansion(pieces, deviations: [deviation], withCoefficients: false)
        .points[0]
      return (point.square, point.slopeSquare)
    }
    if let erf = activation.erfDual { return erf.sameValues(deviation) }
    return visit(SameEvaluator(pair: GaussianPair(same: deviation)))
  }
}
