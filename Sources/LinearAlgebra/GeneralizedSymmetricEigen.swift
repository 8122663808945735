// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Eigenvalues of a symmetric matrix relative to a positive definite one.

/// A vᵢ = μᵢ B vᵢ for a symmetric A and a positive definite B, with μ ascending and VᵀBV = I.
///
/// With B = L Lᵀ the μ are the eigenvalues of L⁻¹AL⁻ᵀ, and V = L⁻ᵀW for its eigenvectors W. Their
/// accuracy falls with the condition of B: errors are of order ulp · ‖A‖‖B⁻¹‖.
///
/// - Complexity: the symmetric eigenproblem, and 7n³/3 operations in parallel tiles (10n³/3 with
///   vectors).
public struct GeneralizedSymmetricEigen<Scalar: RealScalar>: Sendable {
  /// The eigenvalues μ, ascending.
  public let values: [Scalar]
  /// V, one eigenvector per column, in the order of `values`.
  public let vectors: Matrix<Scalar>

  /// Eigenvalues and eigenvectors. Of B only the lower triangle is read, of A both.
  ///
  /// - Throws: `InvalidInput` unless both are n × n with finite entries, `NotPositiveDefinite` for B,
  ///   `NoConvergence`, `CancellationError`.
  public init(
    _ a: consuming Matrix<Scalar>, relativeTo b: consuming Matrix<Scalar>,
    on execution: Execution = .allCores
  ) throws {
    try a.validateSquare("symmetric matrix", upTo: SymmetricEigen<Scalar>.largestCount)
    let factor = try Cholesky(b, on: execution)
    let eigen = try SymmetricEigen(factor.whiten(a, on: execution), on: execution)
    values = eigen.values
    vectors = try factor.solveLowerTransposed(eigen.vectors, on: execution)
  }

  /// The eigenvalues alone, ascending.
  ///
  /// - Throws: as the initialiser does.
  public static func values(
    of a: consuming Matrix<Scalar>, relativeTo b: consuming Matrix<Scalar>,
    on execution: Execution = .allCores
  ) throws -> [Scalar] {
    try a.validateSquare("symmetric matrix", upTo: SymmetricEigen<Scalar>.largestCount)
    let factor = try Cholesky(b, on: execution)
    return try SymmetricEigen.values(of: factor.whiten(a, on: execution))
  }
}
