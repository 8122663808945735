// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Arrays in NumPy's `.npy` and `.npz` files, read by tiles of rows.

import LinearAlgebra

/// An array of a `.npy` or `.npz` file as rows: entry i of the first dimension, flattened in C order.
///
/// Booleans, integers of 8 to 64 bits and floating-point numbers of 16 to 64 bits, of either byte
/// order, in C order. An `.npy` file is read tile by tile as rows are asked for; an array of an
/// `.npz` archive is unpacked into memory when it is opened. A matrix n × d has n rows; labels of
/// shape n have n rows of one column; images n × h × w × c have n rows of h·w·c columns.
public struct NumPyFile: RowSource {
  private let array: StoredArray

  /// Opens `FILE.npy` in O(1), or unpacks `FILE.npz:NAME` (`FILE.npz` if it holds one array only).
  ///
  /// - Throws: `FileError` if the file cannot be read, is not of the format, holds objects or
  ///   another type that is no number, is in Fortran order, or is longer or shorter than its header
  ///   says; if an archive is damaged or has no such array.
  public init(path: String) throws {
    if let (archive, name) = Self.archiveParts(of: path) {
      array = try Self.unpack(name, of: archive)
    } else {
      array = try Self.open(path)
    }
  }

  private static func open(_ path: String) throws -> StoredArray {
    let file = try InputFile(path: path)
    var position = 0
    let header = try NumPyHeader(path: path) { count in
      guard count <= file.count - position else {
        throw FileError(
          path, found: "\(file.count) bytes in all", expected: "a whole NumPy header")
      }
      defer { position += count }
      return try file.bytes(count, at: position)
    }
    let expected = try StoredArray.byteCount(header.shape, header.element, path: path)
    guard file.count - position == expected else {
      throw FileError(
        path, found: "\(file.count - position) bytes after the header",
        expected: "\(expected) for the shape \(StoredArray.describe(header.shape))")
    }
    return StoredArray(
      path: path, source: file, offset: position, element: header.element, shape: header.shape)
  }

  /// The extents of the array; empty for a number alone.
  public var shape: [Int] { array.shape }

  public var rowCount: Int { array.rowCount }
  public var columnCount: Int { array.columnCount }

  /// The rows in `range`, which must lie within the file, rounded to `Scalar`.
  ///
  /// - Throws: `FileError` if they cannot be read, or naming row and column of the first entry that
  ///   is NaN, infinite or too large for `Scalar`. Cost: O(entries).
  public func rows<Scalar: RealScalar>(
    _ range: Range<Int>, as type: Scalar.Type
  ) throws -> Rows<Scalar> {
    .dense(try array.rows(range, as: type))
  }

  /// The whole array as a matrix.
  ///
  /// - Throws: what `rows(_:as:)` throws.
  public func matrix<Scalar: RealScalar>(as type: Scalar.Type) throws -> Matrix<Scalar> {
    try array.rows(0..<rowCount, as: type)
  }
}
