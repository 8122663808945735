// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Squared Euclidean distances of tiles of points, safe against cancellation.

import LinearAlgebra
import Validation

/// Squared Euclidean distances of tiles of points, on one thread.
enum SquaredDistances {
  /// Writes |xᵢ − yⱼ|² for all rows of x and y, which have equal numbers of columns.
  ///
  /// By |x|² + |y|² − 2⟨x, y⟩, and where that is below 1/64 of |x|² + |y|² by the difference itself.
  ///
  /// - Parameter negligible: where |x|² + |y|² is below this, cancellation is accepted.
  /// - Throws: `InvalidInput` if a squared norm or an inner product overflows.
  static func write<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, negligible: Scalar, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    let (m, n) = (x.rowCount, y.rowCount)
    try InnerProducts.write(x, y, into: output, workspace: workspace)
    try workspace.withScratch(Scalar.self, m) { xSquares in
      try workspace.withScratch(Scalar.self, n) { ySquares in
        InnerProducts.norms(of: x, into: xSquares)
        InnerProducts.norms(of: y, into: ySquares)
        for i in 0..<m { xSquares[i] *= xSquares[i] }
        for j in 0..<n { ySquares[j] *= ySquares[j] }
        for i in 0..<m {
          let row = output.row(i)
          let cancels = combine(row, n, xSquares[i], ySquares, negligible)
          guard cancels else { continue }
          for j in 0..<n {
            let sum = xSquares[i] + ySquares[j]
            if row[j] * 64 < sum, sum > negligible {
              row[j] = direct(x, i, y, j)
            }
          }
        }
        guard Entries.areFinite(m, xSquares), Entries.areFinite(n, ySquares) else {
          throw InvalidInput(
            "squared norm of a point", found: "an overflow of \(Scalar.self)",
            expected: "points of smaller norm")
        }
      }
    }
  }

  /// Turns inner products with one x into squared distances; says whether any cancelled too far.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func combine<Scalar: RealScalar>(
    _ row: UnsafeMutablePointer<Scalar>, _ count: Int, _ square: Scalar,
    _ squares: UnsafePointer<Scalar>, _ negligible: Scalar
  ) -> Bool {
    var cancels = false
    for j in 0..<count {
      let sum = square + squares[j]
      let distance = sum - 2 * row[j]
      row[j] = distance > 0 ? distance : 0
      cancels = cancels || (distance * 64 < sum && sum > negligible)
    }
    return cancels
  }

  /// |xᵢ − yⱼ|² entry by entry. Cost: O(d), or the number of nonzeros where both are sparse.
  private static func direct<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ i: Int, _ y: Rows<Scalar>, _ j: Int
  ) -> Scalar {
    switch (x, y) {
    case (.dense(let x), .dense(let y)):
      let d = x.columnCount
      return x.withUnsafePointer { x in
        y.withUnsafePointer { y in dense(x + i * d, y + j * d, d) }
      }
    case (.sparse(let x), .sparse(let y)):
      return x.withUnsafePointers { x in
        y.withUnsafePointers { y in merged(x, x.positions(ofRow: i), y, y.positions(ofRow: j)) }
      }
    default:
      return direct(
        .dense(x.rows(i..<i + 1).dense), 0, .dense(y.rows(j..<j + 1).dense), 0)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func dense<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar {
    var sums = SIMD4<Scalar>.zero
    var k = 0
    while k + 4 <= count {
      let difference =
        SIMD4(x[k], x[k + 1], x[k + 2], x[k + 3]) - SIMD4(y[k], y[k + 1], y[k + 2], y[k + 3])
      sums += difference * difference
      k += 4
    }
    while k < count {
      sums[0] += (x[k] - y[k]) * (x[k] - y[k])
      k += 1
    }
    return sums.sum()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func merged<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ xRange: Range<Int>, _ y: SparseRowPointers<Scalar>,
    _ yRange: Range<Int>
  ) -> Scalar {
    var sum: Scalar = 0
    var (p, q) = (xRange.lowerBound, yRange.lowerBound)
    while p < xRange.upperBound || q < yRange.upperBound {
      let i = p < xRange.upperBound ? x.columns[p] : .max
      let j = q < yRange.upperBound ? y.columns[q] : .max
      let difference = (i <= j ? x.values[p] : 0) - (j <= i ? y.values[q] : 0)
      sum += difference * difference
      if i <= j { p += 1 }
      if j <= i { q += 1 }
    }
    return sum
  }
}
