// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse rows found by the columns that they use, however many columns there are.

/// The entries of some sparse rows, chained by column: a hash table from the columns in use to the first
/// entry there, and from each entry to the next in the same column.
///
/// - Complexity: O(entries) time and memory to build, whatever the number of columns; a look-up for each
///   entry multiplied with it, and an addition for each pair of entries that meet.
struct RowsByColumn<Scalar: RealScalar> {
  private let values: UnsafePointer<Scalar>
  /// The row of each entry, and the entry after it in its column, or −1.
  private let rows: UnsafeMutablePointer<Int>
  private let next: UnsafeMutablePointer<Int>
  /// By slot a column, or −1, and its first entry.
  private let columns: UnsafeMutablePointer<Int32>
  private let first: UnsafeMutablePointer<Int>
  /// Slots are the upper bits of a multiple of the column.
  private let shift: UInt32

  /// Lends the rows in this form.
  static func with<Result>(
    _ x: SparseRowPointers<Scalar>, rowCount: Int, _ workspace: Workspace,
    _ body: (RowsByColumn) -> Result
  ) -> Result {
    let count = rowCount > 0 ? x.positions(ofRow: rowCount - 1).upperBound : 0
    let bits = max(4, Int.bitWidth - count.leadingZeroBitCount + 1)
    return workspace.withScratch(Int.self, 2 * count + 1 << bits) { numbers in
      workspace.withScratch(Int32.self, 1 << bits) { columns in
        columns.update(repeating: -1, count: 1 << bits)
        let table = RowsByColumn(
          values: x.values, rows: numbers, next: numbers + count, columns: columns,
          first: numbers + 2 * count, shift: UInt32(32 - min(32, bits)))
        table.insert(x, rowCount)
        return body(table)
      }
    }
  }

  private func insert(_ x: SparseRowPointers<Scalar>, _ rowCount: Int) {
    for i in 0..<rowCount {
      for position in x.positions(ofRow: i) {
        let slot = slot(of: x.columns[position])
        next[position] = columns[slot] < 0 ? -1 : first[slot]
        rows[position] = i
        (columns[slot], first[slot]) = (x.columns[position], position)
      }
    }
  }

  /// Where a column is, or would be.
  @inline(__always)
  private func slot(of column: Int32) -> Int {
    let mask = UInt32.max >> shift
    var slot = (UInt32(bitPattern: column) &* 0x9E37_79B1) >> shift
    while columns[Int(slot)] >= 0, columns[Int(slot)] != column { slot = (slot &+ 1) & mask }
    return Int(slot)
  }

  /// Writes ⟨xᵢ, yⱼ⟩ at `i · stride + j · otherStride`, sums in rising order of columns.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply(
    _ y: SparseRowPointers<Scalar>, rowCount: Int, of xCount: Int, _ stride: Int,
    _ otherStride: Int, into output: UnsafeMutablePointer<Scalar>
  ) {
    for j in 0..<rowCount {
      let sums = output + j * otherStride
      for i in 0..<xCount { sums[i * stride] = 0 }
      for position in y.positions(ofRow: j) {
        let slot = slot(of: y.columns[position])
        guard columns[slot] >= 0 else { continue }
        var entry = first[slot]
        while entry >= 0 {
          sums[rows[entry] * stride] += y.values[position] * values[entry]
          entry = next[entry]
        }
      }
    }
  }

  /// The first entry of a column comes last in its chain, so that each column is met once, there.
  fileprivate func forEachColumn(
    of x: SparseRowPointers<Scalar>, count: Int, _ column: (Int) -> Void,
    _ entry: (Int, Scalar) -> Void
  ) {
    for position in 0..<count where next[position] < 0 {
      let index = x.columns[position]
      column(Int(index))
      var current = first[slot(of: index)]
      while current >= 0 {
        entry(rows[current], values[current])
        current = next[current]
      }
    }
  }
}

extension SparseRowPointers {
  /// Calls `column` once for each column with entries in the first `rowCount` rows, in the order in which
  /// they occur, each time followed by `entry` with the row and value of all its entries.
  ///
  /// - Complexity: O(entries), whatever the number of columns.
  package func forEachColumn(
    rowCount: Int, workspace: Workspace, _ column: (Int) -> Void, entry: (Int, Scalar) -> Void
  ) {
    let count = rowCount > 0 ? positions(ofRow: rowCount - 1).upperBound : 0
    RowsByColumn.with(self, rowCount: rowCount, workspace) {
      $0.forEachColumn(of: self, count: count, column, entry)
    }
  }
}
