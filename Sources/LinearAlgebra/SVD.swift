// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The thin singular value decomposition.

import Validation

/// A = U diag(s) Vᵀ for an m × n A: U is m × k and V n × k with orthonormal columns, s falls,
/// k = min(m, n).
///
/// By divide and conquer, on one thread.
///
/// - Complexity: O(mnk) operations; memory of about 2mn + 4k² numbers.
public struct SVD<Scalar: RealScalar>: Sendable {
  /// U, the left singular vectors as columns.
  public let left: Matrix<Scalar>
  /// s, the singular values from the largest to the smallest.
  public let values: [Scalar]
  /// Vᵀ, the right singular vectors as rows.
  public let rightTransposed: Matrix<Scalar>

  /// The largest min(m, n): LAPACK counts its workspace of 4k² numbers in 32 bits.
  public static var largestCount: Int { 23_000 }

  /// - Throws: `InvalidInput` unless A has rows, columns and finite entries and min(m, n) is at most
  ///   `largestCount`; `NoConvergence`.
  public init(_ a: consuming Matrix<Scalar>) throws {
    try a.validateForDecomposition()
    let (m, n) = (a.rowCount, a.columnCount)
    let k = min(m, n)
    try Check.dimension(k, "smaller side of the matrix", upTo: SVD.largestCount)
    var left = Matrix<Scalar>(rowCount: m, columnCount: k)
    var right = Matrix<Scalar>(rowCount: k, columnCount: n)
    var values = [Scalar](repeating: 0, count: k)
    // In column-major eyes the memory is Aᵀ = V diag(s) Uᵀ.
    let failure = a.withUnsafeMutablePointer { a in
      left.withUnsafeMutablePointer { u in
        right.withUnsafeMutablePointer { vt in LAPACK.singularValues(n, m, a, &values, vt, u) }
      }
    }
    guard failure == 0 else { throw NoConvergence(operation: "singular value iteration") }
    (self.left, self.values, rightTransposed) = (left, values, right)
  }

  /// The number of singular values above `tolerance` times the largest; by default max(m, n) ulp(1).
  public func rank(tolerance: Scalar? = nil) -> Int {
    let size = max(left.rowCount, rightTransposed.columnCount)
    let limit = (tolerance ?? Scalar(size) * Scalar.ulpOfOne) * values[0]
    return values.prefix { $0 > limit }.count
  }
}
