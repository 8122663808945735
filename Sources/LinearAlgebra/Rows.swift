// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of points, dense or sparse, and where they come from.

import Validation

/// Points as the rows of a dense or a sparse matrix: what every map and kernel takes.
public enum Rows<Scalar: RealScalar>: Sendable {
  case dense(Matrix<Scalar>)
  case sparse(SparseMatrix<Scalar>)

  public var rowCount: Int {
    switch self {
    case .dense(let matrix): matrix.rowCount
    case .sparse(let matrix): matrix.rowCount
    }
  }

  public var columnCount: Int {
    switch self {
    case .dense(let matrix): matrix.columnCount
    case .sparse(let matrix): matrix.columnCount
    }
  }

  /// The rows in `range`, sharing storage. Cost: O(1).
  public func rows(_ range: Range<Int>) -> Rows {
    switch self {
    case .dense(let matrix): .dense(matrix.rows(range))
    case .sparse(let matrix): .sparse(matrix.rows(range))
    }
  }

  /// The same points in another precision. O(1) where the type is the same.
  public func converted<Other: RealScalar>(to type: Other.Type) -> Rows<Other> {
    switch self {
    case .dense(let matrix): .dense(matrix.converted(to: type))
    case .sparse(let matrix): .sparse(matrix.converted(to: type))
    }
  }

  /// The rows in sparse form: those of a dense matrix without its zeros. Cost: O(1) for sparse rows, else
  /// one pass over the entries.
  package var sparse: SparseMatrix<Scalar> {
    switch self {
    case .dense(let matrix): SparseMatrix(matrix)
    case .sparse(let matrix): matrix
    }
  }

  /// The rows as a dense matrix; O(1) where they are dense already.
  public var dense: Matrix<Scalar> {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.dense
    }
  }

  /// Throws `InvalidInput` unless there are `columnCount` columns and every entry is finite.
  public func validate(columnCount expected: Int, _ name: String = "rows") throws {
    try Check.equal(columnCount, expected, "columns of \(name)")
    switch self {
    case .dense(let matrix): try matrix.validateFinite(name)
    case .sparse(let matrix):
      guard matrix.isFinite else {
        throw InvalidInput(name, found: "NaN or infinity", expected: "finite numbers")
      }
    }
  }
}

/// Anything that yields rows on demand: a matrix in memory, or a file larger than memory.
///
/// Consumers read it front to back in tiles whose boundaries are multiples of `tileRowCount`.
public protocol RowSource: Sendable {
  var rowCount: Int { get }
  var columnCount: Int { get }

  /// The rows in `range` in the given precision.
  ///
  /// - Throws: where the data behind the source cannot be read or are not what they should be.
  func rows<Scalar: RealScalar>(_ range: Range<Int>, as type: Scalar.Type) throws -> Rows<Scalar>
}

extension RowSource {
  /// All rows at once.
  public func allRows<Scalar: RealScalar>(as type: Scalar.Type) throws -> Rows<Scalar> {
    try rows(0..<rowCount, as: type)
  }

  /// The ranges of consecutive tiles of `tileRowCount` rows (the last may be shorter).
  public func tiles(of tileRowCount: Int = 1024) -> [Range<Int>] {
    stride(from: 0, to: rowCount, by: tileRowCount).map {
      $0..<Swift.min($0 + tileRowCount, rowCount)
    }
  }
}

extension Rows: RowSource {
  public func rows<Other: RealScalar>(
    _ range: Range<Int>, as type: Other.Type
  ) throws -> Rows<Other> {
    rows(range).converted(to: type)
  }
}

extension Matrix: RowSource {
  public func rows<Other: RealScalar>(
    _ range: Range<Int>, as type: Other.Type
  ) throws -> Rows<Other> {
    .dense(rows(range).converted(to: type))
  }
}

extension SparseMatrix: RowSource {
  public func rows<Other: RealScalar>(
    _ range: Range<Int>, as type: Other.Type
  ) throws -> Rows<Other> {
    .sparse(rows(range).converted(to: type))
  }
}

/// A stretch of consecutive rows of another source, renumbered from 0.
public struct RowSubset<Base: RowSource>: RowSource {
  public let base: Base
  public let range: Range<Int>

  /// - Throws: `InvalidInput` if the range is not within the base's rows.
  public init(_ base: Base, rows range: Range<Int>) throws {
    guard range.lowerBound >= 0, range.upperBound <= base.rowCount else {
      throw InvalidInput(
        "rows", found: "\(range)", expected: "a range within 0..<\(base.rowCount)")
    }
    self.base = base
    self.range = range
  }

  public var rowCount: Int { range.count }
  public var columnCount: Int { base.columnCount }

  public func rows<Scalar: RealScalar>(
    _ part: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    try base.rows(
      range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, as: type)
  }
}
