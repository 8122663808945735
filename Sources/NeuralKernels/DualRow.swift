// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations in closed form on rows of kernel values.

import Kernels
import LinearAlgebra

/// A row of kernel values about to go through an activation.
struct DualRow<Scalar: RealScalar> {
  let count: Int
  /// Standard deviations and their reciprocals (0 where there is none) of the left points; one
  /// for all if `qStep` is 0, `count` of them if it is 1.
  let q: UnsafePointer<Scalar>
  let inverseQ: UnsafePointer<Scalar>
  let qStep: Int
  /// The same of the right points.
  let r: UnsafePointer<Scalar>
  let inverseR: UnsafePointer<Scalar>
  /// Covariances, to be replaced by values.
  let nngp: UnsafeMutablePointer<Scalar>
  /// To be multiplied by derivatives, if there.
  let ntk: UnsafeMutablePointer<Scalar>?
  /// 2 `count` numbers.
  let scratch: UnsafeMutablePointer<Scalar>
}

extension Activation {
  /// The slopes below and above 0, of functions that are linear there; nil for others.
  package var slopes: (below: Double, above: Double)? {
    switch self {
    case .relu: (0, 1)
    case .leakyReLU(let slope): (slope, 1)
    case .abReLU(let a, let b): (a, b)
    case .abs: (-1, 1)
    default: nil
    }
  }
}

/// Something to be done with a closed dual, whichever it is.
protocol ClosedDualVisitor {
  associatedtype Result
  func evaluate(_ dual: some ClosedDual) -> Result
}

/// The values of one pair.
struct SameEvaluator: ClosedDualVisitor {
  let pair: GaussianPair

  func evaluate(_ dual: some ClosedDual) -> DualValues { dual(pair) }
}

/// One dual on a row, entry by entry in double precision.
private struct RowEvaluator<Scalar: RealScalar>: ClosedDualVisitor {
  let row: DualRow<Scalar>

  @inline(__always)
  func evaluate(_ dual: some ClosedDual) {
    for j in 0..<row.count {
      let pair = GaussianPair(
        Double(row.q[j * row.qStep]), Double(row.r[j]), covariance: Double(row.nngp[j]))
      let (value, derivative) = dual(pair)
      row.nngp[j] = Scalar(value)
      if let ntk = row.ntk { ntk[j] *= Scalar(derivative) }
    }
  }
}

extension DualActivation {
  /// Takes a row through the activation, which must have a closed dual.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(_ row: DualRow<Scalar>) {
    if let (below, above) = activation.slopes {
      applySlopes(Scalar(below), Scalar(above), row)
    } else if let erf = activation.erfDual {
      erf.apply(row)
    } else if activation == .gelu {
      GELUDual.apply(row)
    } else {
      visit(RowEvaluator(row: row))
    }
  }

  /// a min(x, 0) + b max(x, 0) = (b − a) max(x, 0) + ax: (b − a)² times the dual of the ReLU, and abc.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func applySlopes<Scalar: RealScalar>(
    _ below: Scalar, _ above: Scalar, _ row: DualRow<Scalar>
  ) {
    if below == 0, above == 1 {
      ArcCosine.applyReLU(
        row.count, row.q, row.inverseQ, qStep: row.qStep, row.r, row.inverseR, nngp: row.nngp,
        ntk: row.ntk)
      return
    }
    let (values, derivatives) = (row.scratch, row.scratch + row.count)
    for j in 0..<row.count {
      values[j] = row.nngp[j]
      derivatives[j] = 1
    }
    ArcCosine.applyReLU(
      row.count, row.q, row.inverseQ, qStep: row.qStep, row.r, row.inverseR, nngp: values,
      ntk: row.ntk == nil ? nil : derivatives)
    let (square, product) = ((above - below) * (above - below), below * above)
    for j in 0..<row.count { row.nngp[j] = square * values[j] + product * row.nngp[j] }
    guard let ntk = row.ntk else { return }
    for j in 0..<row.count { ntk[j] *= square * derivatives[j] + product }
  }

  /// Shows the closed dual to the visitor; there is none for activations with `slopes`, those with an
  /// `erfDual`, and those by quadrature.
  @inline(__always)
  func visit<Visitor: ClosedDualVisitor>(_ visitor: Visitor) -> Visitor.Result {
    switch activation {
    case .sign: visitor.evaluate(SignDual())
    case .gelu: visitor.evaluate(GELUDual())
    case .sin(let a, let b, let c): visitor.evaluate(SineDual(scale: a, rate: b, phase: c))
    case .cos(let a, let b, let c): visitor.evaluate(SineDual(cosine: a, rate: b, phase: c))
    case .rbf(let gamma):
      visitor.evaluate(
        SineDual(scale: 2.0.squareRoot(), rate: (2 * gamma).squareRoot(), phase: .pi / 4))
    case .exp(let a, let b): visitor.evaluate(ExponentialDual(scale: a, rate: b))
    case .gaussian(let a, let b): visitor.evaluate(GaussianDual(scale: a, rate: b))
    case .gabor: visitor.evaluate(GaborDual())
    case .expNormalized(let gamma, let shift):
      visitor.evaluate(NormalizedExponentialDual(gamma: gamma, shift: shift))
    case .hermite(let degree): visitor.evaluate(PowerDual(hermite: degree))
    case .monomial(let degree): visitor.evaluate(PowerDual(monomial: degree))
    case .polynomial(let coefficients): visitor.evaluate(PolynomialDual(coefficients))
    case .rectifiedMonomial(let degree): visitor.evaluate(RectifiedPowerDual(degree: degree))
    case .relu, .leakyReLU, .abReLU, .abs, .erf, .sigmoidLike, .elu, .selu, .tanh, .sigmoid,
      .softplus, .swish, .mish,
      .hardTanh, .function:
      preconditionFailure("no closed dual to visit")
    }
  }
}
