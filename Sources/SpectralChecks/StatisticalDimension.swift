// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The statistical dimension of a kernel matrix that is too large to decompose.

import LinearAlgebra
import Validation

/// An estimate of s_λ = tr K(K + λI)⁻¹ by Hutch++, with (K + λI)⁻¹ by conjugate gradients.
///
/// - Parameters:
///   - exact: K, symmetric positive semidefinite, such as a `KernelOperator`.
///   - ridge: λ > 0.
///   - preconditioner: near (K + λI)⁻¹, such as a `WoodburyInverse` of features.
///   - products: how many vectors to solve for, at least 6; 30 to 90 mostly give s_λ to a percent.
///   - rule: of each solution.
/// - Throws: `InvalidInput` for numbers that do not fit; `NoConvergence` if a solution does not
///   converge; what K throws; `CancellationError`.
/// - Complexity: three solutions with blocks of `products`/3 right-hand sides.
/// - Source: for the estimate, Meyer, Musco, Musco, Woodruff, "Hutch++: optimal stochastic trace
///   estimation", 2021.
public func statisticalDimensionEstimate(
  of exact: some LinearOperator, ridge: Double, preconditioner: (any LinearOperator)? = nil,
  products: Int, stopping rule: StoppingRule, seed: UInt64 = 0,
  on execution: Execution = .allCores
) throws -> TraceEstimate {
  try Check.positive(ridge, "ridge")
  return try TraceEstimate(
    of: Shrinkage(exact: exact, ridge: ridge, preconditioner: preconditioner, rule: rule),
    products: products, seed: seed, on: execution)
}

/// K(K + λI)⁻¹ = I − λ(K + λI)⁻¹.
private struct Shrinkage<Exact: LinearOperator>: LinearOperator {
  let exact: Exact
  let ridge: Double
  let preconditioner: (any LinearOperator)?
  let rule: StoppingRule

  var rowCount: Int { exact.rowCount }
  var columnCount: Int { exact.columnCount }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    let solved = try ConjugateGradients(
      ShiftedOperator(exact, shift: ridge), rightHandSides: x, preconditioner: preconditioner,
      stopping: rule, on: execution)
    guard solved.status.isConverged else {
      throw NoConvergence(
        operation: "solution with K + λI (\(solved.status.reason.rawValue) after "
          + "\(solved.status.iterations) steps at a residual of \(solved.status.residual))")
    }
    var result = x
    result.add(solved.solution, times: -ridge)
    return result
  }
}
