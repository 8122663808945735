// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tables of numbers and rows of points as stored values.

import Foundation
import LinearAlgebra
import Validation

/// Numbers as the bytes of their little-endian IEEE forms, which JSON holds as base64: a tenth of the
/// time and half of the space of decimals, and the same bits.
struct PackedNumbers: Codable {
  /// Single where every number is one of single precision.
  let precision: Precision
  let bytes: Data

  init(_ values: some Sequence<Double>) {
    let values = Array(values)
    if values.allSatisfy({ Double(Float($0)) == $0 }) {
      precision = .single
      bytes = Self.bytes(of: values.map { Float($0).bitPattern.littleEndian })
    } else {
      precision = .double
      bytes = Self.bytes(of: values.map { $0.bitPattern.littleEndian })
    }
  }

  private static func bytes<Word: FixedWidthInteger>(of words: [Word]) -> Data {
    words.withUnsafeBytes { Data($0) }
  }

  /// The numbers.
  ///
  /// - Throws: `InvalidInput` unless there are `count` of them, all finite.
  func values(count: Int, _ name: String) throws -> [Double] {
    let size = precision == .single ? 4 : 8
    guard bytes.count % size == 0, bytes.count / size == count else {
      throw InvalidInput(
        "bytes of the \(name)", found: "\(bytes.count)", expected: "\(size) for each of \(count)")
    }
    let values = bytes.withUnsafeBytes { buffer in
      (0..<count).map { index in
        switch precision {
        case .single:
          Double(
            Float(
              bitPattern: UInt32(
                littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))))
        case .double:
          Double(
            bitPattern: UInt64(
              littleEndian: buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
        }
      }
    }
    guard values.allSatisfy(\.isFinite) else {
      throw InvalidInput(name, found: "NaN or infinity", expected: "finite numbers")
    }
    return values
  }
}

/// Rows of points as a stored value.
struct StoredRows: Codable {
  private struct Sparse: Codable {
    var offsets: [Int]
    var columns: [Int32]
  }

  private let rowCount: Int
  private let columnCount: Int
  private let values: PackedNumbers
  /// The CSR arrays of sparse rows.
  private let sparse: Sparse?

  init(_ rows: Rows<Double>) {
    (rowCount, columnCount) = (rows.rowCount, rows.columnCount)
    switch rows {
    case .dense(let matrix):
      (values, sparse) = (PackedNumbers(matrix.elements), nil)
    case .sparse(let matrix):
      (values, sparse) = matrix.withUnsafePointers { view in
        let count = matrix.nonzeroCount
        return (
          PackedNumbers(UnsafeBufferPointer(start: view.values, count: count)),
          Sparse(
            offsets: [0] + (0..<matrix.rowCount).map { view.positions(ofRow: $0).upperBound },
            columns: Array(UnsafeBufferPointer(start: view.columns, count: count)))
        )
      }
    }
  }

  /// - Throws: `InvalidInput` if the parts do not fit together.
  func rows(_ name: String) throws -> Rows<Double> {
    try Check.dimension(columnCount, "columns of the \(name)")
    try Check.dimension(rowCount, "rows of the \(name)")
    guard let sparse else {
      let count = try Check.count([rowCount, columnCount], "shape of the \(name)")
      return .dense(
        try Matrix(
          rowCount: rowCount, columnCount: columnCount, elements: values.values(count: count, name))
      )
    }
    try Check.equal(sparse.offsets.count, rowCount + 1, "row offsets of the \(name)")
    return .sparse(
      try SparseMatrix(
        columnCount: columnCount, rowOffsets: sparse.offsets, columnIndices: sparse.columns,
        values: values.values(count: sparse.columns.count, name)))
  }
}
