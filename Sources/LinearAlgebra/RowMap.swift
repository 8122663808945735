// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps of rows, tile by tile: the common surface of sketches and feature maps.

import Validation

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

  /// Writes the image of every row, all `outputDimension` entries; reads nothing of the output.
  ///
  /// The rows have `inputDimension` columns, finite entries, and number at most `blockRowCount`.
  func map<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace)
}

extension RowMap {
  public var blockRowCount: Int { 64 }

  /// The images of all rows, `rowCount × outputDimension`.
  ///
  /// Equal bits for any number of threads, and for any tiles that start at multiples of 1024 rows.
  ///
  /// - Throws: `InvalidInput` if the rows do not fit or hold NaN or infinity; `CancellationError`.
  public func images<Scalar: RealScalar>(
    of rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try rows.validate(columnCount: inputDimension)
    _ = try Check.count([rows.rowCount, outputDimension], "shape of the output")
    return try Matrix(rowCount: rows.rowCount, columnCount: outputDimension) { base in
      nonisolated(unsafe) let output = RowOutput(base: base, stride: outputDimension)
      try Parallel.forEachBlock(of: rows.rowCount, size: blockRowCount, on: execution) {
        range, workspace in
        map(
          rows.rows(range),
          into: RowOutput(base: output.row(range.lowerBound), stride: output.stride),
          workspace: workspace)
      }
    }
  }

  /// The images of the rows of a source, one tile at a time, in order.
  ///
  /// - Parameter consume: receives the range of rows and their images.
  /// - Complexity: memory of one tile, `tileRowCount × (inputDimension + outputDimension)`.
  public func forEachTile<Source: RowSource, Scalar: RealScalar>(
    of source: Source, as type: Scalar.Type, tileRowCount: Int = 1024,
    on execution: Execution = .allCores,
    _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    precondition(tileRowCount % 1024 == 0)
    for range in source.tiles(of: tileRowCount) {
      let rows = try source.rows(range, as: type)
      try consume(range, images(of: rows, on: execution.silent))
      execution.progress?(
        Execution.Progress(completed: range.upperBound, total: source.rowCount))
    }
  }
}
