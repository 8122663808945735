// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Matrices known by their products alone.

import Validation

/// A linear map known by its products with blocks of vectors: all that an iterative solver asks of a
/// matrix.
///
/// Vectors are the columns of matrices in double precision, whatever the operator computes in. Solvers
/// for symmetric operators take symmetry on trust.
public protocol LinearOperator: Sendable {
  /// The number of entries of an image.
  var rowCount: Int { get }
  /// The number of entries of an argument.
  var columnCount: Int { get }

  /// A X, `rowCount × k`, for X `columnCount × k`.
  ///
  /// - Throws: `InvalidInput` if X does not fit; `CancellationError`.
  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double>
}

extension Matrix: LinearOperator where Scalar == Double {}

/// A + λI.
public struct ShiftedOperator<Base: LinearOperator>: LinearOperator {
  public let base: Base
  /// λ.
  public let shift: Double

  public init(_ base: Base, shift: Double) {
    self.base = base
    self.shift = shift
  }

  public var rowCount: Int { base.rowCount }
  public var columnCount: Int { base.columnCount }

  public func multiplied(
    by x: Matrix<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    var result = try base.multiplied(by: x, on: execution)
    result.add(x, times: shift)
    return result
  }
}

extension LinearOperator {
  /// Throws unless the operator is square and not empty.
  func validateSquare() throws {
    try Check.dimension(rowCount, "rows of the operator")
    try Check.equal(columnCount, rowCount, "columns of the operator")
  }
}
