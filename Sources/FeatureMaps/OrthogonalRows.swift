// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random directions at right angles to each other.

import LinearAlgebra
import Randomness

/// `count` rows of uniform direction at right angles to the orthonormal vectors in `avoiding`, orthogonal
/// in blocks that fill the space, and so long that the mean of their outer products is a projection.
///
/// - Complexity: about 4 `width`² operations for each row, on all cores; memory of the rows.
/// - Source: Yu, Suresh, Choromanski, Holtmann-Rice, Kumar, "Orthogonal random features", 2016.
func orthogonalRows(
  _ count: Int, _ width: Int, _ key: RandomKey, avoiding: [[Double]] = []
) throws -> Matrix<Double> {
  let rank = width - avoiding.count
  guard count > 0, rank > 0 else { return Matrix(rowCount: count, columnCount: width) }
  return try Matrix.stacked(
    stride(from: 0, to: count, by: rank).enumerated().map { block, start in
      let rowCount = min(rank, count - start)
      let key = key.child("frame", block)
      var rows = normals(rowCount, width, key)
      if !avoiding.isEmpty { rows = try Matrix.stacked([Matrix(rows: avoiding), rows]) }
      try rows.orthonormalizeRows()
      if !avoiding.isEmpty { rows = rows.rows(avoiding.count..<rows.rowCount) }
      // The signs of a frame by reflections are not those of a uniform one.
      let signs = key.child("sign").stream.signs(count: rowCount)
      rows.scaleRows(by: signs.map { Double($0) * Double(rank).squareRoot() })
      return rows
    })
}

/// `count × width` standard normal numbers.
private func normals(_ count: Int, _ width: Int, _ key: RandomKey) -> Matrix<Double> {
  let blocks = (count * width + 3) / 4
  let numbers = [Double](unsafeUninitializedCapacity: 4 * blocks) { buffer, initialized in
    if let base = buffer.baseAddress { key.stream.fillNormals(from: 0, count: blocks, into: base) }
    initialized = 4 * blocks
  }
  return Matrix(rowCount: count, columnCount: width) { output in
    for i in 0..<count * width { output[i] = numbers[i] }
  }
}
