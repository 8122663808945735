// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The thin QR decomposition, and least squares by it.

import Validation

/// A = Q R for an m × n A: Q is m × k with orthonormal columns, R is k × n upper triangular (or
/// trapezoidal), k = min(m, n).
///
/// By Householder reflections, on one thread. The diagonal of R may be negative.
///
/// - Complexity: about 4mn² operations for m ≥ n; memory of 2mn numbers.
public struct QR<Scalar: RealScalar>: Sendable {
  public let orthonormal: Matrix<Scalar>
  public let upper: Matrix<Scalar>

  /// - Throws: `InvalidInput` unless A has rows, columns and finite entries.
  public init(_ a: consuming Matrix<Scalar>) throws {
    try a.validateForDecomposition()
    let (m, n) = (a.rowCount, a.columnCount)
    let k = min(m, n)
    var tau = [Scalar](repeating: 0, count: k)
    // In column-major eyes the memory is Aᵀ = L Qᵀ with L = Rᵀ.
    (upper, orthonormal) = a.withUnsafeMutablePointer { base in
      LAPACK.factorLQ(n, m, base, &tau)
      let upper = Matrix<Scalar>(rowCount: k, columnCount: n) { output in
        for i in 0..<k {
          let row = output + i * n
          row.update(repeating: 0, count: i)
          (row + i).update(from: base + i * n + i, count: n - i)
        }
      }
      LAPACK.formRowsOfQ(k, m, base, lda: n, tau)
      let orthonormal = Matrix<Scalar>(rowCount: m, columnCount: k) { output in
        for i in 0..<m { (output + i * k).update(from: base + i * n, count: k) }
      }
      return (upper, orthonormal)
    }
  }

  /// The X that minimises ‖A X − B‖ in the Frobenius norm, n × p for an m × p B.
  ///
  /// - Throws: `InvalidInput` unless m ≥ n and B has m rows with finite entries; `RankDeficient` if R
  ///   is singular to working precision: its estimated reciprocal condition number is below m ulp(1).
  /// - Complexity: 2mnp + n²p operations.
  public func leastSquares(
    _ b: Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    let (m, n) = (orthonormal.rowCount, upper.columnCount)
    guard m >= n else {
      throw InvalidInput(
        "rows of the least-squares matrix", found: "\(m)",
        expected: "at least its \(n) columns")
    }
    try Check.equal(b.rowCount, m, "rows of the right-hand side")
    try b.validateFinite("right-hand side")
    let condition = upper.withUnsafePointer { LAPACK.reciprocalCondition(ofLower: $0, n) }
    guard condition > Double(m) * Double(Scalar.ulpOfOne) else {
      throw RankDeficient(reciprocalCondition: condition)
    }
    var solution = try orthonormal.transposeMultiplied(by: b, on: execution)
    // R⁻¹ = (Rᵀ)⁻ᵀ, with Rᵀ lower triangular.
    try TriangularSolve.fromLeft(upper.transposed, transposed: [true], &solution, on: execution)
    return solution
  }
}
