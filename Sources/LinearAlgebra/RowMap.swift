// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps of rows, tile by tile: the common surface of sketches and feature maps.

import Validation

/// Some rows seen through pointers: what inner loops read, in memory of any owner.
public struct RowBlock<Scalar: RealScalar> {
  public enum Entries {
    /// Row i starts at `base + i · stride`.
    case dense(base: UnsafePointer<Scalar>, stride: Int)
    case sparse(SparseRowPointers<Scalar>)
  }

  public let rowCount: Int
  public let columnCount: Int
  public let entries: Entries

  @inlinable
  public init(rowCount: Int, columnCount: Int, entries: Entries) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.entries = entries
  }

  /// The rows in `range`. Cost: O(1).
  public func rows(_ range: Range<Int>) -> RowBlock {
    let part: Entries =
      switch entries {
      case .dense(let base, let stride):
        .dense(base: base + range.lowerBound * stride, stride: stride)
      case .sparse(let view): .sparse(view.dropping(range.lowerBound))
      }
    return RowBlock(rowCount: range.count, columnCount: columnCount, entries: part)
  }
}

extension Rows {
  /// Lends the rows as pointers, valid only inside `body`. Cost: O(1).
  public func withUnsafeBlock<Result>(
    _ body: (RowBlock<Scalar>) throws -> Result
  ) rethrows -> Result {
    switch self {
    case .dense(let matrix):
      try matrix.withUnsafePointer {
        try body(
          RowBlock(
            rowCount: rowCount, columnCount: columnCount,
            entries: .dense(base: $0, stride: columnCount)))
      }
    case .sparse(let matrix):
      try matrix.withUnsafePointers {
        try body(
          RowBlock(rowCount: rowCount, columnCount: columnCount, entries: .sparse($0)))
      }
    }
  }
}

/// Rows of numbers to be written by a map: `columnCount` entries each, `stride` apart.
public struct RowOutput<Scalar: RealScalar> {
  public let base: UnsafeMutablePointer<Scalar>
  public let stride: Int

  @inlinable
  public init(base: UnsafeMutablePointer<Scalar>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// The first entry of row `i`.
  @inlinable
  public func row(_ i: Int) -> UnsafeMutablePointer<Scalar> { base + i * stride }

  /// The same rows from column `column` on.
  @inlinable
  public func dropping(_ column: Int) -> RowOutput {
    RowOutput(base: base + column, stride: stride)
  }
}

/// A map x ∈ ℝᵈ ↦ z ∈ ℝᴰ of single points, applied to rows in blocks.
///
/// Conforming types write one block on one thread; everything about tiles, threads, progress and
/// checking of input is here, once.
public protocol RowMap: Sendable {
  /// d, the number of entries of a point.
  var inputDimension: Int { get }
  /// D, the number of entries of its image.
  var outputDimension: Int { get }
  /// How many rows are mapped at once by one thread; a power of two up to 1024. Part of the map's
  /// meaning: where a matrix product is inside, bits repeat for equal blocks only.
  var blockRowCount: Int { get }
  /// Whether NaN or infinity anywhere in a row leaves some in its image, as sums do: then a look at
  /// the image, mostly the smaller of the two, stands for one at the row. By default false.
  var passesOnNonfinite: Bool { get }

  /// Writes the image of every row, all `outputDimension` entries; reads nothing of the output.
  ///
  /// The rows have `inputDimension` columns and number at most `blockRowCount`. Their entries are
  /// finite unless `passesOnNonfinite`.
  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace)
}

extension RowMap {
  public var blockRowCount: Int { 64 }
  public var passesOnNonfinite: Bool { false }

  /// The images of all rows, `rowCount × outputDimension`.
  ///
  /// Equal bits for any number of threads, and for any tiles that start at multiples of 1024 rows.
  ///
  /// - Throws: `InvalidInput` if the rows do not fit, hold NaN or infinity, or have images beyond the
  ///   range of `Scalar`; `CancellationError`.
  public func images<Scalar: RealScalar>(
    of rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try images(of: rows, firstRow: 0, on: execution)
  }

  /// - Parameter firstRow: the number of the first row, for error messages.
  private func images<Scalar: RealScalar>(
    of rows: Rows<Scalar>, firstRow: Int, on execution: Execution
  ) throws -> Matrix<Scalar> {
    try Check.equal(rows.columnCount, inputDimension, "columns of rows")
    if !passesOnNonfinite { try rows.validate(columnCount: inputDimension) }
    _ = try Check.count([rows.rowCount, outputDimension], "shape of the output")
    return try Matrix(rowCount: rows.rowCount, columnCount: outputDimension) { base in
      nonisolated(unsafe) let output = RowOutput(base: base, stride: outputDimension)
      try Parallel.forEachBlock(of: rows.rowCount, size: blockRowCount, on: execution) {
        range, workspace in
        rows.rows(range).withUnsafeBlock { block in
          map(
            block, into: RowOutput(base: output.row(range.lowerBound), stride: output.stride),
            workspace: workspace)
        }
        for row in range where !Entries.areFinite(outputDimension, output.row(row)) {
          try rows.validate(columnCount: inputDimension)
          throw InvalidInput(
            "row \(firstRow + row)", found: "a point whose image is beyond \(Scalar.self)",
            expected: "points of smaller norm, or a higher precision")
        }
      }
    }
  }

  /// The images of the rows of a source, one tile at a time, in order.
  ///
  /// - Parameters:
  ///   - start: the first row, where earlier ones are done; a multiple of the tile's rows, or
  ///     all of them.
  ///   - consume: receives the range of rows and their images.
  /// - Throws: as `images(of:on:)`, and what the source and `consume` throw.
  /// - Complexity: memory of one tile, `tileRowCount × (inputDimension + outputDimension)`.
  public func forEachTile<Source: RowSource, Scalar: RealScalar>(
    of source: Source, from start: Int = 0, as type: Scalar.Type, tileRowCount: Int = 1024,
    on execution: Execution = .allCores,
    _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    guard start < source.rowCount else { return }
    precondition(tileRowCount % 1024 == 0 && start % tileRowCount == 0)
    for range in source.tiles(of: tileRowCount) where range.lowerBound >= start {
      let rows = try source.rows(range, as: type)
      try consume(
        range, images(of: rows, firstRow: range.lowerBound, on: execution.silent))
      execution.report(range.upperBound, of: source.rowCount)
    }
  }
}
