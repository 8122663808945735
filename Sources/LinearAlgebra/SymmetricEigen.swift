// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Eigenvalues and eigenvectors of a symmetric matrix.

import Validation

/// A = V diag(w) Vᵀ for a symmetric A, with w ascending and the eigenvectors as the columns of V.
///
/// Reduction to tridiagonal form, divide and conquer, and the vectors carried back in parallel
/// blocks. The same bits for any number of threads. Entries of any size are safe: the matrix is
/// scaled by a power of two first.
///
/// - Complexity: about 9n³ operations at most with vectors, 4n³/3 without; memory of 3n² numbers with
///   vectors, n² without.
/// - Source: Cuppen, "A divide and conquer method for the symmetric tridiagonal eigenproblem", 1981.
public struct SymmetricEigen<Scalar: RealScalar>: Sendable {
  /// The eigenvalues, ascending.
  public let values: [Scalar]
  /// The orthonormal eigenvectors, one per column, in the order of `values`.
  public let vectors: Matrix<Scalar>

  /// The largest n: LAPACK counts its n² numbers of workspace in 32 bits.
  public static var largestCount: Int { 46_000 }

  /// Eigenvalues and eigenvectors. Only the lower triangle of A is read.
  ///
  /// - Throws: `InvalidInput` unless A is square with finite entries and n ≤ `largestCount`,
  ///   `NoConvergence`, `CancellationError`.
  public init(_ a: consuming Matrix<Scalar>, on execution: Execution = .allCores) throws {
    try a.validateSquare("symmetric matrix", upTo: SymmetricEigen.largestCount)
    let n = a.rowCount
    var reduced = Tridiagonal(a)
    (values, vectors) = try reduced.eigen(n, on: execution.silent)
  }

  /// The eigenvalues alone, ascending. Only the lower triangle of A is read.
  ///
  /// - Throws: as the initialiser does.
  public static func values(of a: consuming Matrix<Scalar>) throws -> [Scalar] {
    try a.validateSquare("symmetric matrix", upTo: largestCount)
    var reduced = Tridiagonal(a)
    return try reduced.values()
  }
}

/// QᵀAQ for a scaled A: the diagonals, and Q as Householder reflectors in the memory of A.
private struct Tridiagonal<Scalar: RealScalar> {
  var reflectors: Matrix<Scalar>
  var diagonal: [Scalar]
  var offDiagonal: [Scalar]
  var tau: [Scalar]
  /// What the eigenvalues are to be multiplied by.
  let unit: Scalar

  init(_ a: consuming Matrix<Scalar>) {
    let n = a.rowCount
    var (d, e, t) = (
      [Scalar](repeating: 0, count: n), [Scalar](repeating: 0, count: n),
      [Scalar](repeating: 0, count: n)
    )
    unit = a.withUnsafeMutablePointer { base in
      // LAPACK's lower triangle is our upper one.
      let unit = normaliseLower(n, base)
      Transposition.mirror(rows: 0..<n, columns: 0..<n, of: RowOutput(base: base, stride: n))
      LAPACK.tridiagonalise(n, base, &d, &e, &t)
      return unit
    }
    (reflectors, diagonal, offDiagonal, tau) = (a, d, e, t)
  }

  mutating func values() throws -> [Scalar] {
    guard LAPACK.tridiagonalEigenvalues(diagonal.count, &diagonal, &offDiagonal) == 0 else {
      throw NoConvergence(operation: "symmetric eigenvalue iteration")
    }
    return diagonal.map { $0 * unit }
  }

  mutating func eigen(
    _ n: Int, on execution: Execution
  ) throws -> (values: [Scalar], vectors: Matrix<Scalar>) {
    var vectors = Matrix<Scalar>(rowCount: n, columnCount: n)
    try vectors.withUnsafeMutablePointer { base in
      guard LAPACK.tridiagonalEigen(n, &diagonal, &offDiagonal, base) == 0 else {
        throw NoConvergence(operation: "symmetric eigenvalue iteration")
      }
      try execution.checkCancellation()
      try reflectors.withUnsafePointer { reflectors in
        try tau.withUnsafeBufferPointer { tau in
          nonisolated(unsafe) let (q, t, v) = (reflectors, tau.baseAddress!, base)
          try Parallel.forEachBlock(of: n, size: 256, on: execution) { columns, _ in
            LAPACK.applyTridiagonalReflectors(
              n, q, t, v + columns.lowerBound * n, columns: columns.count)
          }
        }
      }
      Transposition.transposeSquare(n, base)
    }
    return (diagonal.map { $0 * unit }, vectors)
  }
}

/// Divides the lower triangle by a power of two so that its largest entry lies in [1, 2), and returns
/// that power (1 for a zero matrix).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func normaliseLower<Scalar: RealScalar>(
  _ n: Int, _ base: UnsafeMutablePointer<Scalar>
) -> Scalar {
  var largest: Scalar = 0
  for i in 0..<n {
    for j in 0...i { largest = max(largest, base[i * n + j].magnitude) }
  }
  guard largest > 0 else { return 1 }
  let exponent = largest.exponent
  let unit = Scalar(sign: .plus, exponent: exponent, significand: 1)
  // In two steps, because 1/unit may overflow where unit is subnormal.
  let half = exponent / 2
  let first = Scalar(sign: .plus, exponent: -half, significand: 1)
  let second = Scalar(sign: .plus, exponent: half - exponent, significand: 1)
  for i in 0..<n {
    for j in 0...i { base[i * n + j] = base[i * n + j] * first * second }
  }
  return unit
}
