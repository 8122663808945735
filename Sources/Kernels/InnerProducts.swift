// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Inner products and norms of tiles of points, dense or sparse: what most kernels start from.

import LinearAlgebra
import Validation

/// Inner products of tiles of points, on one thread.
public enum InnerProducts {
  /// Writes `scale · ⟨xᵢ, yⱼ⟩` for all rows of x and y, which have equal numbers of columns.
  ///
  /// - Throws: `InvalidInput` if one of them overflows.
  /// - Complexity: that of `Rows.innerProducts`, and a pass over the output.
  public static func write<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, scale: Scalar = 1, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    x.innerProducts(with: y, into: output, workspace: workspace)
    for i in 0..<x.rowCount {
      let row = output.row(i)
      guard Entries.areFinite(y.rowCount, row) else {
        throw InvalidInput(
          "inner product of two points", found: "an overflow of \(Scalar.self)",
          expected: "points of smaller norm")
      }
      multiply(row, y.rowCount, by: scale)
    }
  }

  /// Writes |xᵢ| for every row, without overflow or underflow of the squares.
  public static func norms<Scalar: RealScalar>(
    of x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>
  ) {
    switch x {
    case .dense(let matrix):
      let d = matrix.columnCount
      matrix.withUnsafePointer { entries in
        for i in 0..<matrix.rowCount { output[i] = euclideanNorm(entries + i * d, d) }
      }
    case .sparse(let matrix):
      matrix.withUnsafePointers { view in
        for i in 0..<matrix.rowCount {
          let positions = view.positions(ofRow: i)
          output[i] = euclideanNorm(view.values + positions.lowerBound, positions.count)
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func multiply<Scalar: RealScalar>(
    _ row: UnsafeMutablePointer<Scalar>, _ count: Int, by factor: Scalar
  ) {
    for j in 0..<count { row[j] *= factor }
  }
}
