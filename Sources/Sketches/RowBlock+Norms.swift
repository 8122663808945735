// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Norms of rows in a block.

import LinearAlgebra

extension RowBlock {
  /// The sum of squares of row `i` in double precision, equal bits for dense and sparse.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func squaredNorm(ofRow i: Int) -> Double {
    var sums = SIMD4<Double>.zero
    switch entries {
    case .dense(let base, let stride):
      let row = base + i * stride
      let whole = columnCount & ~3
      for j in Swift.stride(from: 0, to: whole, by: 4) {
        let x = SIMD4(
          Double(row[j]), Double(row[j + 1]), Double(row[j + 2]), Double(row[j + 3]))
        sums += x * x
      }
      for j in whole..<columnCount { sums[j & 3] += Double(row[j]) * Double(row[j]) }
    case .sparse(let view):
      // In memory, since a lane of a register cannot be picked by a number.
      sums = withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { lanes in
        lanes.initialize(repeating: 0)
        for position in view.positions(ofRow: i) {
          let x = Double(view.values[position])
          lanes.baseAddress![Int(view.columns[position]) & 3] += x * x
        }
        return SIMD4(lanes[0], lanes[1], lanes[2], lanes[3])
      }
    }
    return (sums.x + sums.y) + (sums.z + sums.w)
  }
}
