// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Arrays written to NumPy's `.npy` files, tile by tile.

import LinearAlgebra
import Validation

/// Writes one array, front to back, to an `.npy` file that appears whole when it is finished.
///
///     let writer = try NumPyWriter(path: "Z.npy", shape: [n, m], precision: .single)
///     for tile in source.tiles() { try writer.append(map.features(of: source.rows(tile, …))) }
///     try writer.finish()
///
/// See `AtomicFile` for what happens where it is not finished.
public final class NumPyWriter {
  let file: AtomicFile
  private let shape: [Int]
  private let precision: Precision
  private var missing: Int
  /// How many rows, entries of the first dimension, an earlier program had written.
  public private(set) var completedRowCount = 0

  /// Begins the file of an array of the given extents, stored in `precision`.
  ///
  /// - Throws: `InvalidInput` unless there are 1 to 64 extents, all at least 1, and the array can be
  ///   counted; `FileError` if the file cannot be begun.
  public convenience init(path: String, shape: [Int], precision: Precision) throws {
    let element: ElementType =
      precision == .single ? .native(Float.self) : .native(Double.self)
    try self.init(path: path, shape: shape, precision: precision, element: element)
  }

  /// Begins the file of an array, or goes on with the rows that an interrupted program left at
  /// `partial`, in the same folder: `completedRowCount` says how many; append the others.
  ///
  /// The caller knows that they are rows of the same array; the header is compared. Until it is
  /// finished the file stays at `partial`, whatever happens.
  ///
  /// - Parameter tileRowCount: rows are kept in multiples of this number.
  /// - Throws: as the other initialiser; `FileError` if another program writes to `partial`.
  public convenience init(
    path: String, shape: [Int], precision: Precision, continuing partial: String,
    tileRowCount: Int
  ) throws {
    let element: ElementType =
      precision == .single ? .native(Float.self) : .native(Double.self)
    let file = { try AtomicFile(path: path, keepingAt: partial) }
    try self.init(shape: shape, precision: precision, element: element, file: file)
    let header = NumPyHeader(element: element, shape: shape).bytes
    let rowSize = missing / shape[0] * element.size
    let rows = max(0, self.file.byteCount(startingWith: header) - header.count) / rowSize
    completedRowCount = rows >= shape[0] ? shape[0] : rows / tileRowCount * tileRowCount
    if completedRowCount > 0 {
      try self.file.truncate(to: header.count + completedRowCount * rowSize)
      missing -= missing / shape[0] * completedRowCount
    } else {
      try self.file.truncate(to: 0)
      try header.withUnsafeBytes(self.file.write)
    }
  }

  private convenience init(
    path: String, shape: [Int], precision: Precision, element: ElementType
  ) throws {
    let file = { try AtomicFile(path: path) }
    try self.init(shape: shape, precision: precision, element: element, file: file)
    try NumPyHeader(element: element, shape: shape).bytes.withUnsafeBytes(self.file.write)
  }

  private init(
    shape: [Int], precision: Precision, element: ElementType, file: () throws -> AtomicFile
  ) throws {
    try Check.dimension(shape.count, "dimensions of the output", upTo: 64)
    for extent in shape { try Check.dimension(extent, "extent of the output", upTo: .max) }
    missing = try Check.count(shape, "shape of the output")
    self.shape = shape
    self.precision = precision
    self.file = try file()
  }

  /// Appends the entries of a tile, rounded to the file's precision.
  ///
  /// The tile's columns are all of the array's trailing dimensions from some dimension on: with the
  /// shape R × n × m, tiles have m or n·m columns.
  ///
  /// - Throws: `InvalidInput` if the tile has other columns or more entries than are missing;
  ///   `FileError` if the disk does not take it, and nothing is left of the file.
  public func append<Scalar: RealScalar>(_ tile: Matrix<Scalar>) throws {
    guard widths.contains(tile.columnCount) else {
      throw InvalidInput(
        "columns of a tile of \(file.path)", found: "\(tile.columnCount)",
        expected: widths.map(String.init).joined(separator: " or "))
    }
    try take(tile.elements.count)
    switch precision {
    case .single: try write(tile.converted(to: Float.self))
    case .double: try write(tile.converted(to: Double.self))
    }
  }

  /// Makes the file appear at its path.
  ///
  /// - Throws: `InvalidInput` if entries are missing; `FileError` if the disk fails. Nothing is left
  ///   of the file then.
  public func finish() throws {
    guard missing == 0 else {
      file.cancel()
      throw InvalidInput(
        "entries written to \(file.path)", found: "\(missing) too few",
        expected: "the shape \(StoredArray.describe(shape))")
    }
    try file.finish()
  }

  /// Gives the file up and leaves nothing behind.
  public func cancel() { file.cancel() }

  /// Writes a whole matrix, in its own precision.
  public static func write<Scalar: RealScalar>(_ matrix: Matrix<Scalar>, to path: String) throws {
    let writer = try NumPyWriter(
      path: path, shape: [matrix.rowCount, matrix.columnCount], precision: Scalar.precision)
    try writer.append(matrix)
    try writer.finish()
  }

  /// Writes whole numbers, such as classes, as a one-dimensional array of 64-bit integers.
  public static func write(_ labels: [Int], to path: String) throws {
    let writer = try NumPyWriter(
      path: path, shape: [labels.count], precision: .double,
      element: ElementType(kind: .int64, isBigEndian: ElementType.native(Double.self).isBigEndian))
    try labels.map(Int64.init).withUnsafeBytes(writer.file.write)
    try writer.file.finish()
  }

  /// The columns that tiles may have.
  private var widths: [Int] {
    shape.count < 2 ? [1] : (1..<shape.count).map { shape[$0...].reduce(1, *) }
  }

  private func take(_ count: Int) throws {
    guard count <= missing else {
      throw InvalidInput(
        "entries written to \(file.path)", found: "\(count - missing) too many",
        expected: "the shape \(StoredArray.describe(shape))")
    }
    missing -= count
  }

  private func write<Scalar: RealScalar>(_ tile: Matrix<Scalar>) throws {
    try tile.withUnsafePointer { pointer in
      try file.write(
        UnsafeRawBufferPointer(
          start: pointer, count: tile.elements.count * MemoryLayout<Scalar>.size))
    }
  }
}
