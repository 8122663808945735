// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A vector of as many coordinates as points have, stored by those that are not 0.

import LinearAlgebra
import Validation

/// A vector that takes room for its nonzeros alone, and products with rows that cost those of the row.
struct SparseVector: Hashable, Sendable {
  /// All coordinates.
  let count: Int
  let columns: ColumnSubset
  /// One for each column.
  let values: [Double]

  /// - Parameter values: those of the columns, of which zeros are left out.
  init(count: Int, _ columns: ColumnSubset, _ values: [Double]) {
    let kept = values.indices.filter { values[$0] != 0 }
    self.count = count
    self.columns =
      kept.count == values.count ? columns : ColumnSubset(kept.map { columns.columns[$0] })
    self.values = kept.count == values.count ? values : kept.map { values[$0] }
  }

  init(_ values: [Double]) {
    self.init(count: values.count, ColumnSubset(values.indices.map(Int32.init)), values)
  }

  /// With its zeros.
  var dense: [Double] {
    var result = [Double](repeating: 0, count: count)
    for (column, value) in zip(columns.columns, values) { result[Int(column)] = value }
    return result
  }

  /// Those in some columns, zeros among them, and all others that are not 0. Cost: O(columns of both).
  func values(in picked: ColumnSubset) -> (inside: [Double], others: [Double]) {
    var (inside, others): ([Double], [Double]) = ([], [])
    var k = 0
    func passOthers(before column: Int32) {
      while k < values.count, columns.columns[k] < column {
        others.append(values[k])
        k += 1
      }
    }
    for column in picked.columns {
      passOthers(before: column)
      if k < values.count, columns.columns[k] == column {
        inside.append(values[k])
        k += 1
      } else {
        inside.append(0)
      }
    }
    passOthers(before: .max)
    return (inside, others)
  }

  /// Σ vₖ².
  var squaredNorm: Double { values.reduce(0) { $0 + $1 * $1 } }

  /// v as a row, valid only inside `body`.
  func withBlock<Result>(_ body: (RowBlock<Double>) -> Result) -> Result {
    columns.columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2) { offsets in
          (offsets[0], offsets[1]) = (0, values.count)
          return body(
            RowBlock(
              rowCount: 1, columnCount: count,
              entries: .sparse(
                SparseRowPointers(
                  offsets: offsets.baseAddress!,
                  columns: columns.baseAddress ?? UnsafePointer(bitPattern: 8)!,
                  values: values.baseAddress ?? UnsafePointer(bitPattern: 8)!))))
        }
      }
    }
  }

  /// v / ‖v‖, or nil where v is zero or not finite.
  var normalized: SparseVector? {
    FeatureMaps.normalized(values).map { SparseVector(count: count, columns, $0) }
  }
}

extension RowBlock {
  /// ⟨xᵢ, v⟩, a sum in the order of the columns: zeros of either change no bit.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func product(ofRow i: Int, with vector: SparseVector) -> Double {
    var sum = 0.0
    vector.values.withUnsafeBufferPointer { values in
      let isFull = values.count == vector.count
      switch entries {
      case .dense(let base, let stride):
        let row = base + i * stride
        if isFull {
          for j in 0..<values.count { sum += Double(row[j]) * values[j] }
        } else {
          vector.columns.columns.withUnsafeBufferPointer { columns in
            for k in 0..<values.count { sum += Double(row[Int(columns[k])]) * values[k] }
          }
        }
      case .sparse(let view):
        if isFull {
          for position in view.positions(ofRow: i) {
            sum += Double(view.values[position]) * values[Int(view.columns[position])]
          }
        } else {
          vector.columns.forEachEntry(view, row: i) { sum += Double($0) * values[$1] }
        }
      }
    }
    return sum
  }
}

extension SparseVector: Codable {
  private struct Stored: Codable {
    var count: Int
    /// nil where there is a value for every coordinate.
    var columns: [Int32]?
    var values: PackedNumbers
  }

  /// - Throws: `InvalidInput` unless the columns rise and lie within the coordinates, and the values are
  ///   finite.
  init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    try Check.dimension(stored.count, "coordinates of a vector")
    let columns = stored.columns.map(ColumnSubset.init)
    guard columns?.columns == stored.columns, columns?.columns.first ?? 0 >= 0,
      columns.map({ Int($0.columns.last ?? 0) < stored.count }) ?? true
    else {
      throw InvalidInput(
        "columns of a vector", found: "some out of order or range",
        expected: "rising ones from 0 to \(stored.count - 1)")
    }
    let values = try stored.values.values(
      count: columns?.count ?? stored.count, "values of a vector")
    self = columns.map { SparseVector(count: stored.count, $0, values) } ?? SparseVector(values)
  }

  func encode(to encoder: any Encoder) throws {
    try Stored(
      count: count, columns: values.count == count ? nil : columns.columns,
      values: PackedNumbers(values)
    ).encode(to: encoder)
  }
}
