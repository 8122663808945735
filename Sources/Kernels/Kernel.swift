// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every exact kernel is.

import LinearAlgebra
import Validation

/// A positive semidefinite function k(x, y) of two points, evaluated in tiles.
///
/// Conforming types write one tile on one thread; `matrix`, `diagonal` and `forEachTile` add the
/// rest: checks of the input, threads, progress.
public protocol Kernel: Sendable {
  /// The number of entries of a point, where the kernel fixes it.
  var inputDimension: Int? { get }

  /// The side of the square tiles in which matrices are computed, each on one thread: a power of two up
  /// to 128, which it is unless a kernel says otherwise.
  var tileSide: Int { get }

  /// Writes k(xᵢ, yⱼ) for a tile of rows of x and of y, on one thread.
  ///
  /// The points are finite and of equal dimension. Values that overflow may be written as infinity
  /// or NaN: the caller refuses them.
  ///
  /// - Parameters:
  ///   - diagonalOffset: if not nil, x and y are rows of one set, and row i of x is row
  ///     `i + diagonalOffset` of y: there the arguments are the same point, not merely equal.
  ///   - output: row i holds the values against all rows of y.
  /// - Throws: `InvalidInput` where an intermediate result overflows.
  func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?,
    into output: RowOutput<Scalar>, workspace: Workspace) throws

  /// Writes k(xᵢ, xᵢ) for every row, on one thread; overflow as in `evaluate`.
  func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace) throws
}

extension Kernel {
  public var tileSide: Int { kernelTileSide }
}

/// The pairs (i, i + offset) of a tile where row and column are the same point.
func diagonalRange(rows: Int, columns: Int, offset: Int) -> Range<Int> {
  let first = max(0, -offset)
  return first..<max(first, min(rows, columns - offset))
}
