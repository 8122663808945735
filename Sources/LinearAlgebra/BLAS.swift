// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Row-major BLAS on pointers, one thread: the tile-level products under everything else.

import COpenBLAS

/// Single-threaded BLAS for both precisions, row-major; for use inside blocks of work.
///
/// Leading dimensions are distances between rows. Shapes are the caller's responsibility.
public enum BLAS {
  /// C ← α op(A) op(B) + β C, with op(A) m × k, op(B) k × n and C m × n. Cost: 2mnk operations.
  public static func gemm<Scalar: RealScalar>(
    transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
    alpha: Scalar = 1, _ a: UnsafePointer<Scalar>, lda: Int, _ b: UnsafePointer<Scalar>, ldb: Int,
    beta: Scalar = 0, _ c: UnsafeMutablePointer<Scalar>, ldc: Int
  ) {
    guard m > 0, n > 0 else { return }
    BLASThreads.keepSerial()
    let (ta, tb) = (transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans)
    let (m, n, k) = (Int32(m), Int32(n), Int32(k))
    let (lda, ldb, ldc) = (Int32(max(1, lda)), Int32(max(1, ldb)), Int32(max(1, ldc)))
    switch Scalar.precision {
    case .single:
      cblas_sgemm(
        CblasRowMajor, ta, tb, m, n, k, Float(alpha), a.cast(to: Float.self), lda,
        b.cast(to: Float.self), ldb, Float(beta), c.cast(to: Float.self), ldc)
    case .double:
      cblas_dgemm(
        CblasRowMajor, ta, tb, m, n, k, Double(alpha), a.cast(to: Double.self), lda,
        b.cast(to: Double.self), ldb, Double(beta), c.cast(to: Double.self), ldc)
    }
  }

  /// The lower triangle of C ← α op(A) op(A)ᵀ + β C, with op(A) n × k. Cost: n²k operations.
  public static func symmetricLower<Scalar: RealScalar>(
    transposeA: Bool = false, n: Int, k: Int, alpha: Scalar = 1, _ a: UnsafePointer<Scalar>,
    lda: Int, beta: Scalar = 0, _ c: UnsafeMutablePointer<Scalar>, ldc: Int
  ) {
    guard n > 0 else { return }
    BLASThreads.keepSerial()
    let operation = transposeA ? CblasTrans : CblasNoTrans
    let (n, k, lda, ldc) = (Int32(n), Int32(k), Int32(max(1, lda)), Int32(max(1, ldc)))
    switch Scalar.precision {
    case .single:
      cblas_ssyrk(
        CblasRowMajor, CblasLower, operation, n, k, Float(alpha), a.cast(to: Float.self), lda,
        Float(beta), c.cast(to: Float.self), ldc)
    case .double:
      cblas_dsyrk(
        CblasRowMajor, CblasLower, operation, n, k, Double(alpha), a.cast(to: Double.self), lda,
        Double(beta), c.cast(to: Double.self), ldc)
    }
  }

  /// B ← op(L)⁻¹ B (or B ← B op(L)⁻¹ from the right) for a lower triangular L; B is m × n.
  ///
  /// Only the lower triangle of L is read. Cost: m²n operations (mn² from the right).
  public static func solveLower<Scalar: RealScalar>(
    fromRight: Bool = false, transposed: Bool = false, m: Int, n: Int,
    _ l: UnsafePointer<Scalar>, ldl: Int, _ b: UnsafeMutablePointer<Scalar>, ldb: Int
  ) {
    guard m > 0, n > 0 else { return }
    BLASThreads.keepSerial()
    let side = fromRight ? CblasRight : CblasLeft
    let operation = transposed ? CblasTrans : CblasNoTrans
    let (m, n, ldl, ldb) = (Int32(m), Int32(n), Int32(ldl), Int32(ldb))
    switch Scalar.precision {
    case .single:
      cblas_strsm(
        CblasRowMajor, side, CblasLower, operation, CblasNonUnit, m, n, 1,
        l.cast(to: Float.self), ldl, b.cast(to: Float.self), ldb)
    case .double:
      cblas_dtrsm(
        CblasRowMajor, side, CblasLower, operation, CblasNonUnit, m, n, 1,
        l.cast(to: Double.self), ldl, b.cast(to: Double.self), ldb)
    }
  }

  /// ⟨x, y⟩ of two dense vectors of n entries.
  public static func dot<Scalar: RealScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>
  ) -> Scalar {
    BLASThreads.keepSerial()
    switch Scalar.precision {
    case .single:
      return Scalar(cblas_sdot(Int32(n), x.cast(to: Float.self), 1, y.cast(to: Float.self), 1))
    case .double:
      return Scalar(cblas_ddot(Int32(n), x.cast(to: Double.self), 1, y.cast(to: Double.self), 1))
    }
  }
}
