// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What can go wrong in a decomposition, besides input that makes no sense.

/// A symmetric matrix that has no Cholesky factor.
public struct NotPositiveDefinite: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first row, from 0, where a pivot is not above zero.
  public let pivot: Int

  public init(pivot: Int) {
    self.pivot = pivot
  }

  public var description: String {
    "the matrix is not positive definite: pivot \(pivot) is not > 0"
  }
}

/// An iteration of LAPACK that did not converge.
public struct NoConvergence: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was computed.
  public let operation: String

  public init(operation: String) {
    self.operation = operation
  }

  public var description: String { "the \(operation) did not converge" }
}

/// A least-squares problem whose columns are linearly dependent to working precision.
public struct RankDeficient: Error, Hashable, Sendable, CustomStringConvertible {
  /// The estimated reciprocal condition number, in the 1-norm, of the triangular factor.
  public let reciprocalCondition: Double

  public init(reciprocalCondition: Double) {
    self.reciprocalCondition = reciprocalCondition
  }

  public var description: String {
    "the columns are linearly dependent to working precision: "
      + "reciprocal condition number \(reciprocalCondition)"
  }
}
