// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The LAPACK routines in use, for both precisions, on column-major memory.

import CLAPACKE

/// Single-threaded LAPACK. A row-major matrix is the column-major form of its transpose, so callers
/// pass row-major memory and ask for the factors of the transpose; nothing is copied.
///
/// Each function returns LAPACK's `info` where it can be positive. Shapes are the caller's
/// responsibility, so a negative `info` is a defect.
enum LAPACK {
  /// The lower Cholesky factor of a row-major matrix, in its lower triangle.
  static func cholesky<Scalar: RealScalar>(
    _ n: Int, _ a: UnsafeMutablePointer<Scalar>, lda: Int
  ) -> Int {
    BLASThreads.keepSerial()
    let (n, lda) = (Int32(n), Int32(lda))
    return checked {
      switch Scalar.precision {
      case .single: LAPACKE_spotrf_work(columnMajor, upper, n, a.cast(to: Float.self), lda)
      case .double: LAPACKE_dpotrf_work(columnMajor, upper, n, a.cast(to: Double.self), lda)
      }
    }
  }

  /// QᵀAQ = T with T tridiagonal; Q stays in A and `tau` as reflectors. Reads what is the lower
  /// triangle in column-major order.
  static func tridiagonalise<Scalar: RealScalar>(
    _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ diagonal: UnsafeMutablePointer<Scalar>,
    _ offDiagonal: UnsafeMutablePointer<Scalar>, _ tau: UnsafeMutablePointer<Scalar>
  ) {
    withWork(of: Scalar.self, atLeast: n) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_ssytrd_work(
          columnMajor, lower, Int32(n), a.cast(to: Float.self), Int32(n),
          diagonal.cast(to: Float.self), offDiagonal.cast(to: Float.self),
          tau.cast(to: Float.self), work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dsytrd_work(
          columnMajor, lower, Int32(n), a.cast(to: Double.self), Int32(n),
          diagonal.cast(to: Double.self), offDiagonal.cast(to: Double.self),
          tau.cast(to: Double.self), work.cast(to: Double.self), count)
      }
    }
  }

  /// The eigenvalues of a tridiagonal matrix, ascending, in place of its diagonal.
  static func tridiagonalEigenvalues<Scalar: RealScalar>(
    _ n: Int, _ diagonal: UnsafeMutablePointer<Scalar>, _ offDiagonal: UnsafeMutablePointer<Scalar>
  ) -> Int {
    BLASThreads.keepSerial()
    return checked {
      switch Scalar.precision {
      case .single:
        LAPACKE_ssterf_work(
          Int32(n), diagonal.cast(to: Float.self), offDiagonal.cast(to: Float.self))
      case .double:
        LAPACKE_dsterf_work(
          Int32(n), diagonal.cast(to: Double.self), offDiagonal.cast(to: Double.self))
      }
    }
  }

  /// Eigenvalues as above, and the eigenvectors as the columns of a column-major n × n `vectors`.
  static func tridiagonalEigen<Scalar: RealScalar>(
    _ n: Int, _ diagonal: UnsafeMutablePointer<Scalar>, _ offDiagonal: UnsafeMutablePointer<Scalar>,
    _ vectors: UnsafeMutablePointer<Scalar>
  ) -> Int {
    BLASThreads.keepSerial()
    // The documented minima of xSTEDC for COMPZ = 'I'.
    var integers = [Int32](repeating: 0, count: 3 + 5 * n)
    return withWork(of: Scalar.self, atLeast: 1 + 4 * n + n * n) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sstedc_work(
          columnMajor, initial, Int32(n), diagonal.cast(to: Float.self),
          offDiagonal.cast(to: Float.self), vectors.cast(to: Float.self), Int32(n),
          work.cast(to: Float.self), count, &integers, Int32(integers.count))
      case .double:
        LAPACKE_dstedc_work(
          columnMajor, initial, Int32(n), diagonal.cast(to: Double.self),
          offDiagonal.cast(to: Double.self), vectors.cast(to: Double.self), Int32(n),
          work.cast(to: Double.self), count, &integers, Int32(integers.count))
      }
    }
  }

  /// C ← Q C for `columns` columns of a column-major C, with Q from `tridiagonalise`.
  static func applyTridiagonalReflectors<Scalar: RealScalar>(
    _ n: Int, _ a: UnsafePointer<Scalar>, _ tau: UnsafePointer<Scalar>,
    _ c: UnsafeMutablePointer<Scalar>, columns: Int
  ) {
    let (n, columns) = (Int32(n), Int32(columns))
    withWork(of: Scalar.self, atLeast: 64 * (Int(columns) + 65)) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sormtr_work(
          columnMajor, left, lower, notTransposed, n, columns, a.cast(to: Float.self), n,
          tau.cast(to: Float.self), c.cast(to: Float.self), n, work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dormtr_work(
          columnMajor, left, lower, notTransposed, n, columns, a.cast(to: Double.self), n,
          tau.cast(to: Double.self), c.cast(to: Double.self), n, work.cast(to: Double.self), count)
      }
    }
  }

  /// A = L Q for a column-major m × n A; L stays in the lower triangle, Q as reflectors.
  static func factorLQ<Scalar: RealScalar>(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ tau: UnsafeMutablePointer<Scalar>
  ) {
    withWork(of: Scalar.self, atLeast: m) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sgelqf_work(
          columnMajor, Int32(m), Int32(n), a.cast(to: Float.self), Int32(m),
          tau.cast(to: Float.self), work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dgelqf_work(
          columnMajor, Int32(m), Int32(n), a.cast(to: Double.self), Int32(m),
          tau.cast(to: Double.self), work.cast(to: Double.self), count)
      }
    }
  }

  /// The first k rows of Q from `factorLQ`, in place of its reflectors; lda is A's height.
  static func formRowsOfQ<Scalar: RealScalar>(
    _ k: Int, _ n: Int, _ a: UnsafeMutablePointer<Scalar>, lda: Int, _ tau: UnsafePointer<Scalar>
  ) {
    let (k, n, lda) = (Int32(k), Int32(n), Int32(lda))
    withWork(of: Scalar.self, atLeast: Int(k)) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sorglq_work(
          columnMajor, k, n, k, a.cast(to: Float.self), lda, tau.cast(to: Float.self),
          work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dorglq_work(
          columnMajor, k, n, k, a.cast(to: Double.self), lda, tau.cast(to: Double.self),
          work.cast(to: Double.self), count)
      }
    }
  }

  /// The first k columns of Q in A = Q R, in place of a column-major n × k A with k ≤ n; returns |Rᵢᵢ|.
  static func orthonormalizeColumns<Scalar: RealScalar>(
    _ n: Int, _ k: Int, _ a: UnsafeMutablePointer<Scalar>
  ) -> [Double] {
    let tau = UnsafeMutablePointer<Scalar>.allocate(capacity: k)
    defer { tau.deallocate() }
    let (rows, columns) = (Int32(n), Int32(k))
    withWork(of: Scalar.self, atLeast: k) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sgeqrf_work(
          columnMajor, rows, columns, a.cast(to: Float.self), rows, tau.cast(to: Float.self),
          work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dgeqrf_work(
          columnMajor, rows, columns, a.cast(to: Double.self), rows, tau.cast(to: Double.self),
          work.cast(to: Double.self), count)
      }
    }
    let diagonal = (0..<k).map { Double(abs(a[$0 * n + $0])) }
    withWork(of: Scalar.self, atLeast: k) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sorgqr_work(
          columnMajor, rows, columns, columns, a.cast(to: Float.self), rows,
          tau.cast(to: Float.self), work.cast(to: Float.self), count)
      case .double:
        LAPACKE_dorgqr_work(
          columnMajor, rows, columns, columns, a.cast(to: Double.self), rows,
          tau.cast(to: Double.self), work.cast(to: Double.self), count)
      }
    }
    return diagonal
  }

  /// An estimate of 1/(‖L‖₁‖L⁻¹‖₁) for the lower triangle of a column-major n × n matrix.
  static func reciprocalCondition<Scalar: RealScalar>(
    ofLower l: UnsafePointer<Scalar>, _ n: Int
  ) -> Double {
    var integers = [Int32](repeating: 0, count: n)
    var result = 0.0
    // No query here: the work is 3n numbers.
    let work = UnsafeMutablePointer<Scalar>.allocate(capacity: 3 * n)
    defer { work.deallocate() }
    BLASThreads.keepSerial()
    _ = checked {
      switch Scalar.precision {
      case .single:
        var estimate: Float = 0
        defer { result = Double(estimate) }
        return LAPACKE_strcon_work(
          columnMajor, oneNorm, lower, generalDiagonal, Int32(n), l.cast(to: Float.self),
          Int32(n), &estimate, work.cast(to: Float.self), &integers)
      case .double:
        return LAPACKE_dtrcon_work(
          columnMajor, oneNorm, lower, generalDiagonal, Int32(n), l.cast(to: Double.self),
          Int32(n), &result, work.cast(to: Double.self), &integers)
      }
    }
    return result
  }

  /// A = U S Vᵀ for a column-major m × n A, which is destroyed; U is m × k and Vᵀ k × n, k = min.
  static func singularValues<Scalar: RealScalar>(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ s: UnsafeMutablePointer<Scalar>,
    _ u: UnsafeMutablePointer<Scalar>, _ vt: UnsafeMutablePointer<Scalar>
  ) -> Int {
    let k = min(m, n)
    var integers = [Int32](repeating: 0, count: 8 * k)
    let (rows, columns, inner) = (Int32(m), Int32(n), Int32(k))
    return withWork(of: Scalar.self, atLeast: 4 * k * k + 7 * k + max(m, n)) { work, count in
      switch Scalar.precision {
      case .single:
        LAPACKE_sgesdd_work(
          columnMajor, thin, rows, columns, a.cast(to: Float.self), rows, s.cast(to: Float.self),
          u.cast(to: Float.self), rows, vt.cast(to: Float.self), inner,
          work.cast(to: Float.self), count, &integers)
      case .double:
        LAPACKE_dgesdd_work(
          columnMajor, thin, rows, columns, a.cast(to: Double.self), rows,
          s.cast(to: Double.self), u.cast(to: Double.self), rows, vt.cast(to: Double.self), inner,
          work.cast(to: Double.self), count, &integers)
      }
    }
  }

  private static let columnMajor = LAPACK_COL_MAJOR
  private static let upper = CChar(UInt8(ascii: "U"))
  private static let lower = CChar(UInt8(ascii: "L"))
  private static let left = CChar(UInt8(ascii: "L"))
  private static let notTransposed = CChar(UInt8(ascii: "N"))
  private static let initial = CChar(UInt8(ascii: "I"))
  private static let thin = CChar(UInt8(ascii: "S"))
  private static let oneNorm = CChar(UInt8(ascii: "1"))
  private static let generalDiagonal = CChar(UInt8(ascii: "N"))

  private static func checked(_ call: () -> Int32) -> Int {
    let info = call()
    precondition(info >= 0, "LAPACK refuses argument \(-info)")
    return Int(info)
  }

  /// Asks `call` for its best workspace (count −1), then calls it with that.
  ///
  /// The answer comes as a `Scalar`, which may round a large one down; hence the documented minimum.
  @discardableResult
  private static func withWork<Scalar: RealScalar>(
    of type: Scalar.Type, atLeast minimum: Int,
    _ call: (UnsafeMutablePointer<Scalar>, Int32) -> Int32
  ) -> Int {
    BLASThreads.keepSerial()
    var answer: Scalar = 0
    _ = checked { call(&answer, -1) }
    let count = min(max(minimum, Int(answer), 1), Int(Int32.max))
    let work = UnsafeMutablePointer<Scalar>.allocate(capacity: count)
    defer { work.deallocate() }
    return checked { call(work, Int32(count)) }
  }
}
