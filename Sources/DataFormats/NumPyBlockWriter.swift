// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Matrices written to NumPy's `.npy` files block by block, in any order.

import Foundation
import LinearAlgebra
import Validation

/// Writes one matrix, blocks of it at any place, to an `.npy` file that appears whole when it is
/// finished. The caller sees to it that the blocks cover the matrix.
///
/// With a partial file, what is done survives the program: `mark(_:)` notes how much, and
/// `completedCount` tells the next program. See `AtomicFile` for what happens without.
public final class NumPyBlockWriter {
  /// What an earlier program had marked; 0 if none.
  public private(set) var completedCount = 0
  private let file: AtomicFile
  private let rowCount: Int
  private let columnCount: Int
  private let element: ElementType
  private let headerSize: Int

  /// Begins the file of a matrix, stored in `precision`.
  ///
  /// - Parameter partial: where the file stays until it is finished, in the same folder, whatever
  ///   happens; what another program left there is gone on with. The caller knows that it is of the
  ///   same matrix; the header is compared.
  /// - Throws: `InvalidInput` unless both extents are at least 1 and the matrix can be counted;
  ///   `FileError` if the file cannot be begun, or another program writes to `partial`.
  public init(
    path: String, rowCount: Int, columnCount: Int, precision: Precision,
    continuing partial: String? = nil
  ) throws {
    for extent in [rowCount, columnCount] {
      try Check.dimension(extent, "extent of the output", upTo: .max)
    }
    let count = try Check.count([rowCount, columnCount], "shape of the output")
    element = precision == .single ? .native(Float.self) : .native(Double.self)
    (self.rowCount, self.columnCount) = (rowCount, columnCount)
    let header = NumPyHeader(element: element, shape: [rowCount, columnCount]).bytes
    headerSize = header.count
    file = try partial.map { try AtomicFile(path: path, keepingAt: $0) } ?? AtomicFile(path: path)
    byteCount = header.count + count * element.size
    if partial != nil, file.byteCount(startingWith: header) == byteCount + Mark.size {
      completedCount = Mark(try file.read(Mark.size, at: byteCount)).count
    }
    if completedCount == 0 {
      try file.truncate(to: 0)
      try header.withUnsafeBytes { try file.write($0, at: 0) }
      try file.truncate(to: byteCount + (partial == nil ? 0 : Mark.size))
    }
  }

  /// The bytes of the finished file.
  private let byteCount: Int

  /// Writes a block with its first entry at the given place, rounded to the file's precision.
  ///
  /// - Throws: `InvalidInput` if the block goes beyond the matrix; `FileError` if the disk does not take
  ///   it.
  public func write<Scalar: RealScalar>(
    _ block: Matrix<Scalar>, row: Int, column: Int
  ) throws {
    guard row >= 0, column >= 0, row + block.rowCount <= rowCount,
      column + block.columnCount <= columnCount
    else {
      throw InvalidInput(
        "place of a block of \(file.path)",
        found: "\(block.rowCount) × \(block.columnCount) at (\(row), \(column))",
        expected: "a block within \(rowCount) × \(columnCount)")
    }
    switch element.size {
    case MemoryLayout<Float>.size: try put(block.converted(to: Float.self), row, column)
    default: try put(block.converted(to: Double.self), row, column)
    }
  }

  /// Notes in a partial file that the caller's first `count` pieces of work are done, after all that
  /// was written has reached the disk.
  public func mark(_ count: Int) throws {
    try file.synchronize()
    try Mark(count: count).bytes.withUnsafeBytes { try file.write($0, at: byteCount) }
  }

  /// Makes the file appear at its path.
  ///
  /// - Throws: `FileError` if the disk fails.
  public func finish() throws {
    try file.truncate(to: byteCount)
    try file.finish()
  }

  /// Gives the file up; only a partial one stays.
  public func cancel() { file.cancel() }

  private func put<Scalar: RealScalar>(_ block: Matrix<Scalar>, _ row: Int, _ column: Int) throws {
    let size = MemoryLayout<Scalar>.size
    let width = block.columnCount
    try block.withUnsafePointer { base in
      if width == columnCount {
        return try file.write(
          UnsafeRawBufferPointer(start: base, count: block.rowCount * width * size),
          at: headerSize + row * width * size)
      }
      for i in 0..<block.rowCount {
        try file.write(
          UnsafeRawBufferPointer(start: base + i * width, count: width * size),
          at: headerSize + ((row + i) * columnCount + column) * size)
      }
    }
  }
}

/// How much of a partial file is done, as its last bytes: a number and its complement.
private struct Mark {
  static let size = 16
  var count: Int

  init(count: Int) { self.count = count }

  /// 0 for bytes that are no mark.
  init(_ bytes: [UInt8]) {
    func number(_ part: ArraySlice<UInt8>) -> UInt64 {
      part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let (value, complement) = (number(bytes[..<8]), number(bytes[8...]))
    count = value == ~complement ? Int(clamping: value) : 0
  }

  var bytes: [UInt8] {
    let value = UInt64(count)
    return [value, ~value].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
  }
}
