// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The few columns in use among many.

import LinearAlgebra

/// Some columns in rising order, each with a place in it.
struct ColumnSubset: Hashable, Sendable {
  let columns: [Int32]

  var count: Int { columns.count }

  /// - Parameter columns: in any order, any number of times.
  init(_ columns: [Int32]) {
    var columns = columns.sorted()
    var count = 0
    for column in columns where count == 0 || columns[count - 1] != column {
      columns[count] = column
      count += 1
    }
    columns.removeLast(columns.count - count)
    self.columns = columns
  }

  /// Calls `body` with each entry of a sparse row that lies in one of the columns, and its place; places
  /// rise. Cost: O(log columns) for each entry.
  @inline(__always)
  func forEachEntry<Scalar: RealScalar>(
    _ view: SparseRowPointers<Scalar>, row i: Int, _ body: (Scalar, Int) -> Void
  ) {
    columns.withUnsafeBufferPointer { columns in
      var first = 0
      for position in view.positions(ofRow: i) {
        let column = view.columns[position]
        var end = columns.count
        while first < end {
          let middle = (first + end) / 2
          if columns[middle] < column { first = middle + 1 } else { end = middle }
        }
        if first == columns.count { return }
        if columns[first] == column { body(view.values[position], first) }
      }
    }
  }

  /// A sparse matrix of these columns alone, renumbered.
  func narrowed(_ matrix: SparseMatrix<Double>) throws -> SparseMatrix<Double> {
    var (offsets, places, values) = ([0], [Int32](), [Double]())
    matrix.withUnsafePointers { view in
      for i in 0..<matrix.rowCount {
        forEachEntry(view, row: i) {
          values.append($0)
          places.append(Int32($1))
        }
        offsets.append(values.count)
      }
    }
    return try SparseMatrix(
      columnCount: max(1, count), rowOffsets: offsets, columnIndices: places, values: values)
  }
}

extension Rows {
  /// The columns in which some row is not 0. Cost: the entries once, and the sorting of those not 0.
  var usedColumns: ColumnSubset {
    switch self {
    case .dense(let matrix):
      matrix.withUnsafePointer { entries in
        ColumnSubset(
          (0..<columnCount).filter { j in
            (0..<rowCount).contains { entries[$0 * columnCount + j] != 0 }
          }.map(Int32.init))
      }
    case .sparse(let matrix):
      matrix.withUnsafePointers { view in
        ColumnSubset(
          (0..<matrix.nonzeroCount).filter { view.values[$0] != 0 }.map { view.columns[$0] })
      }
    }
  }

  /// Whether less than a quarter of the entries is not 0, however they are stored. Cost: a look at those
  /// that are.
  var isMostlyZeros: Bool {
    let count =
      switch self {
      case .dense(let matrix): matrix.elements.count { $0 != 0 }
      case .sparse(let matrix):
        matrix.withUnsafePointers { view in
          (0..<matrix.nonzeroCount).count { view.values[$0] != 0 }
        }
      }
    return 4 * count < rowCount * columnCount
  }
}
