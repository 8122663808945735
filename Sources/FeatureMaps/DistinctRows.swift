// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which rows of a sample are different.

import LinearAlgebra

extension Rows {
  /// The first of each group of equal rows among those with the given numbers, in their order.
  ///
  /// - Complexity: O(entries) operations, and a table of the different rows.
  func distinct(among indices: [Int]) -> [Int] {
    withUnsafeBlock { block in
      var groups: [UInt64: [Int]] = [:]
      return indices.filter { index in
        let hash = block.hash(ofRow: index)
        let others = groups[hash] ?? []
        if others.contains(where: { block.areEqual($0, index) }) { return false }
        groups[hash] = others + [index]
        return true
      }
    }
  }
}

extension RowBlock {
  /// A number that is the same for equal rows, dense or sparse.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func hash(ofRow i: Int) -> UInt64 {
    var hash: UInt64 = 0
    func add(_ column: Int, _ value: Scalar) {
      // Zeros that are stored count as those that are not, and so do negative ones.
      guard value != 0 else { return }
      hash = (hash ^ Double(value).bitPattern ^ UInt64(column) << 20) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    switch entries {
    case .dense(let base, let stride):
      for j in 0..<columnCount { add(j, base[i * stride + j]) }
    case .sparse(let rows):
      for position in rows.positions(ofRow: i) {
        add(Int(rows.columns[position]), rows.values[position])
      }
    }
    return hash
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func areEqual(_ i: Int, _ j: Int) -> Bool {
    switch entries {
    case .dense(let base, let stride):
      return (0..<columnCount).allSatisfy { base[i * stride + $0] == base[j * stride + $0] }
    case .sparse(let rows):
      func nonzeros(_ row: Int) -> [Int] {
        rows.positions(ofRow: row).filter { rows.values[$0] != 0 }
      }
      let (first, second) = (nonzeros(i), nonzeros(j))
      return first.count == second.count
        && zip(first, second).allSatisfy {
          rows.columns[$0] == rows.columns[$1] && rows.values[$0] == rows.values[$1]
        }
    }
  }
}
