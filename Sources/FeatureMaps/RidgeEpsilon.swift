// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How far features are from the exact kernel for a given ridge.

import LinearAlgebra

/// The smallest ε with (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI): with the largest and the smallest
/// eigenvalue μ of L⁻¹(ZZᵀ − K)L⁻ᵀ, K + λI = LLᵀ, it is max(μ₁, 1/(1 + μₙ) − 1).
///
/// nil where λ is below the rounding of K, so that K + λI has no factor. (`SpectralChecks` says more of
/// the error, and builds on this room's features.)
///
/// - Parameters:
///   - features: Z, n × D.
///   - exact: K, n × n.
/// - Throws: `NoConvergence`; `CancellationError`.
/// - Complexity: 11n³/3 + n²D operations.
func ridgeEpsilon(
  of features: Matrix<Double>, exact: Matrix<Double>, ridge: Double, on execution: Execution
) throws -> Double? {
  let factor: Cholesky<Double>
  do {
    factor = try Cholesky(exact, addingToDiagonal: ridge, on: execution.silent)
  } catch is NotPositiveDefinite {
    return nil
  }
  let n = exact.rowCount
  var error = try features.outerGram(on: execution.silent)
  error.withUnsafeMutablePointer { error in
    exact.withUnsafePointer { exact in
      for i in 0..<n * n { error[i] -= exact[i] }
    }
  }
  let values = try SymmetricEigen<Double>.values(of: factor.whiten(error, on: execution.silent))
  guard let least = values.first, let most = values.last else { return 0 }
  // No ratio of a positive semidefinite ZZᵀ is below λ/(tr K + λ), whatever rounding says.
  let trace = (0..<n).reduce(0.0) { $0 + exact[$1, $1] }
  return max(most, 1 / max(1 + least, ridge / (trace + ridge)) - 1)
}
