// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The small loops over rows that feature maps share, the same for dense and sparse rows.

import LinearAlgebra

extension RowBlock {
  /// The number of entries that are not zero; for sparse rows, of those stored.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func storedCount() -> Int {
    switch entries {
    case .dense(let base, let stride):
      var count = 0
      for i in 0..<rowCount {
        let row = base + i * stride
        for j in 0..<columnCount { count += row[j] != 0 ? 1 : 0 }
      }
      return count
    case .sparse(let rows):
      return rowCount > 0 ? rows.positions(ofRow: rowCount - 1).upperBound : 0
    }
  }

  /// Writes the columns and values of the entries of row `i` that are counted above; returns how
  /// many.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func copyEntries(
    ofRow i: Int, columns: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Scalar>
  ) -> Int {
    switch entries {
    case .dense(let base, let stride):
      let row = base + i * stride
      var count = 0
      for j in 0..<columnCount where row[j] != 0 {
        columns[count] = Int32(j)
        values[count] = row[j]
        count += 1
      }
      return count
    case .sparse(let rows):
      let positions = rows.positions(ofRow: i)
      columns.update(from: rows.columns + positions.lowerBound, count: positions.count)
      values.update(from: rows.values + positions.lowerBound, count: positions.count)
      return positions.count
    }
  }

  /// Writes xᵢ − u m for the columns in `range`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func writeRest(
    ofRow i: Int, columns range: Range<Int>, minus u: Double, times m: UnsafePointer<Double>,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    let start = range.lowerBound
    switch entries {
    case .dense(let base, let stride):
      let row = base + i * stride
      for j in range { output[j - start] = Scalar(Double(row[j]) - u * m[j]) }
    case .sparse(let rows):
      for j in range { output[j - start] = Scalar(0 - u * m[j]) }
      for position in rows.positions(ofRow: i) {
        let j = Int(rows.columns[position])
        if range.contains(j) {
          output[j - start] = Scalar(Double(rows.values[position]) - u * m[j])
        }
      }
    }
  }
}

/// row ← factor · row.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func scale<Scalar: RealScalar>(
  _ row: UnsafeMutablePointer<Scalar>, _ count: Int, by factor: Scalar
) {
  for j in 0..<count { row[j] *= factor }
}
