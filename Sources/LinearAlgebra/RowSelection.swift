// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Some rows of a source or a matrix, by their numbers.

import Validation

/// The rows of another source with the given numbers, renumbered from 0: a random half, a held-out
/// part.
public struct RowSelection<Base: RowSource>: RowSource {
  public let base: Base
  /// The selected rows of the base, in rising order.
  public let indices: [Int]

  /// - Throws: `InvalidInput` unless the indices rise and lie within the base's rows.
  public init(_ base: Base, rows indices: [Int]) throws {
    var previous = -1
    for index in indices {
      guard index > previous, index < base.rowCount else {
        throw InvalidInput(
          "selected row", found: "\(index)",
          expected: "above \(previous) and below \(base.rowCount)")
      }
      previous = index
    }
    self.base = base
    self.indices = indices
  }

  public var rowCount: Int { indices.count }
  public var columnCount: Int { base.columnCount }

  /// Reads every base row between the first and the last selected one: for selections whose gaps are
  /// small against what a tile may hold.
  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    let picked = indices[range]
    guard let first = picked.first, let last = picked.last else {
      return try base.rows(0..<0, as: type)
    }
    return try base.rows(first..<last + 1, as: type).rows(at: picked.map { $0 - first })
  }
}

extension Rows {
  /// Copies of the rows with the given numbers, in that order. Cost: O(entries copied).
  public func rows(at indices: [Int]) -> Rows {
    switch self {
    case .dense(let matrix): .dense(matrix.rows(at: indices))
    case .sparse(let matrix): .sparse(matrix.rows(at: indices))
    }
  }
}

extension Matrix {
  /// Copies of the rows with the given numbers, in that order. Cost: O(entries copied).
  public func rows(at indices: [Int]) -> Matrix {
    precondition(indices.allSatisfy { 0 <= $0 && $0 < rowCount }, "row out of range")
    return Matrix(rowCount: indices.count, columnCount: columnCount) { output in
      withUnsafePointer { input in
        for (position, index) in indices.enumerated() {
          (output + position * columnCount).update(
            from: input + index * columnCount, count: columnCount)
        }
      }
    }
  }
}

extension Matrix {
  /// A copy of the columns in `range`. Cost: O(entries copied); O(1) for all.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(0 <= range.lowerBound && range.upperBound <= columnCount, "column out of range")
    if range.count == columnCount { return self }
    return Matrix(rowCount: rowCount, columnCount: range.count) { output in
      withUnsafePointer { input in
        for i in 0..<rowCount {
          (output + i * range.count).update(
            from: input + i * columnCount + range.lowerBound, count: range.count)
        }
      }
    }
  }

  /// Copies of the columns with the given numbers, in that order. Cost: O(entries copied).
  public func columns(at indices: [Int]) -> Matrix {
    precondition(indices.allSatisfy { 0 <= $0 && $0 < columnCount }, "column out of range")
    return Matrix(rowCount: rowCount, columnCount: indices.count) { output in
      withUnsafePointer { input in
        for i in 0..<rowCount {
          for (position, index) in indices.enumerated() {
            output[i * indices.count + position] = input[i * columnCount + index]
          }
        }
      }
    }
  }
}

extension SparseMatrix {
  /// Copies of the rows with the given numbers, in that order. Cost: O(nonzeros copied).
  public func rows(at indices: [Int]) -> SparseMatrix {
    precondition(indices.allSatisfy { 0 <= $0 && $0 < rowCount }, "row out of range")
    var offsets = [0]
    var columns: [Int32] = []
    var values: [Scalar] = []
    withUnsafePointers { view in
      for index in indices {
        for position in view.positions(ofRow: index) {
          columns.append(view.columns[position])
          values.append(view.values[position])
        }
        offsets.append(values.count)
      }
    }
    return SparseMatrix(
      columnCount: columnCount, offsets: offsets[...], columns: columns[...], values: values[...])
  }
}
