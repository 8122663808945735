// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random directions at right angles to each other.

import LinearAlgebra
import Randomness

/// `count` rows of uniform direction at right angles to the orthonormal vectors in `avoiding`, orthogonal
/// in blocks that fill the space, and so long that the mean of their outer products is a projection.
///
/// - Throws: `CancellationError`.
/// - Complexity: about 4 `width`² operations for each row; memory of up to twice the rows.
/// - Source: Yu, Suresh, Choromanski, Holtmann-Rice, Kumar, "Orthogonal random features", 2016.
func orthogonalRows(
  _ count: Int, _ width: Int, _ key: RandomKey, avoiding: [[Double]] = [], on execution: Execution
) throws -> Matrix<Double> {
  let rank = width - avoiding.count
  guard count > 0, rank > 0 else { return Matrix(rowCount: count, columnCount: width) }
  return try Matrix.stacked(
    stride(from: 0, to: count, by: rank).enumerated().map { block, start in
      let rowCount = min(rank, count - start)
      let key = key.child("frame", block)
      var rows = normals(rowCount, width, key, behind: avoiding)
      try rows.orthonormalizeRows(on: execution)
      if !avoiding.isEmpty { rows = rows.rows(avoiding.count..<rows.rowCount) }
      // The signs of a frame by reflections are not those of a uniform one.
      let signs = key.child("sign").stream.signs(count: rowCount)
      rows.scaleRows(by: signs.map { Double($0) * Double(rank).squareRoot() })
      return rows
    })
}

/// Given rows and `count` more of standard normal numbers.
private func normals(
  _ count: Int, _ width: Int, _ key: RandomKey, behind rows: [[Double]]
) -> Matrix<Double> {
  Matrix(rowCount: rows.count + count, columnCount: width) { output in
    for (i, row) in rows.enumerated() { (output + i * width).update(from: row, count: width) }
    let first = output + rows.count * width
    let whole = count * width / 4
    key.stream.fillNormals(from: 0, count: whole, into: first)
    for j in 4 * whole..<count * width { first[j] = key.stream.normal(at: UInt64(j)) }
  }
}
