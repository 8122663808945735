// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every exact kernel is.

import LinearAlgebra
import Validation

/// A positive semidefinite function k(x, y) of two points, evaluated in tiles.
public protocol Kernel: Sendable {
  /// The number of entries of a point, where the kernel fixes it.
  var inputDimension: Int? { get }

  /// Writes k(xᵢ, yⱼ) for a tile of rows of x and of y, on one thread.
  ///
  /// - Parameters:
  ///   - diagonalOffset: if not nil, x and y are rows of one set, and row i of x is row
  ///     `i + diagonalOffset` of y: there the arguments are the same point, not merely equal.
  ///   - output: row i holds the values against all rows of y.
  func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?,
    into output: RowOutput<Scalar>, workspace: Workspace)

  /// Writes k(xᵢ, xᵢ) for every row.
  func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace)
}
