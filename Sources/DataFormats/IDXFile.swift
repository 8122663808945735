// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Arrays in the IDX format of the MNIST family, plain or gzipped.
//
// Two zero bytes, one for the type, one for the number of dimensions, then each extent in 32 bits
// and the elements in C order; all numbers big-endian.

import LinearAlgebra

/// An array of an IDX file as rows: entry i of the first dimension, flattened in C order.
///
/// Numbers are those in the file: pixels are 0 to 255. A plain file is read tile by tile as rows are
/// asked for; a gzipped one is unpacked into memory, still as bytes, when it is opened.
public struct IDXFile: RowSource {
  private let array: StoredArray

  /// Opens an IDX file, plain or gzipped. Cost: O(1), or O(unpacked bytes).
  ///
  /// - Throws: `FileError` if the file cannot be read, is not of the format, has more than 4
  ///   dimensions, or is longer or shorter than its header says.
  public init(path: String) throws {
    let file = try InputFile(path: path)
    let isPacked = try file.bytes(min(2, file.count), at: 0) == [0x1f, 0x8b]
    let reader = try UnpackingReader(file, 0..<file.count, packing: isPacked ? .gzip : .stored)
    let (element, shape) = try Self.header(reader, path: path)
    let expected = try StoredArray.byteCount(shape, element, path: path)
    let offset = 4 + 4 * shape.count
    let source: any ByteSource
    if isPacked {
      guard expected <= UnpackingReader.largestSize(ofPacked: file.count) else {
        throw FileError(
          path, found: "\(file.count) packed bytes",
          expected: "\(expected) unpacked ones for the shape \(StoredArray.describe(shape))")
      }
      let buffer = try ByteBuffer(count: expected, path: path)
      try reader.read(into: buffer.pointer, count: expected)
      try reader.finish()
      source = buffer
    } else {
      guard file.count - offset == expected else {
        throw FileError(
          path, found: "\(file.count - offset) bytes after the header",
          expected: "\(expected) for the shape \(StoredArray.describe(shape))")
      }
      source = file
    }
    array = StoredArray(
      path: path, source: source, offset: isPacked ? 0 : offset, element: element, shape: shape)
  }

  private static func header(
    _ reader: UnpackingReader, path: String
  ) throws -> (ElementType, [Int]) {
    let magic = try reader.bytes(4)
    let kinds: [UInt8: ElementType.Kind] = [
      0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
    ]
    guard magic[0] == 0, magic[1] == 0, let kind = kinds[magic[2]], (1...4).contains(magic[3])
    else {
      throw FileError(
        path, found: "the first bytes \(magic.withUnsafeBytes(FileError.quote))",
        expected: "an IDX array: two zeros, a type from 8 to 14 but 10, and 1 to 4 dimensions")
    }
    let extents = try reader.bytes(4 * Int(magic[3]))
    let shape = stride(from: 0, to: extents.count, by: 4).map { start in
      extents[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return (ElementType(kind: kind, isBigEndian: true), shape)
  }

  /// The one to four extents of the array.
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
}
