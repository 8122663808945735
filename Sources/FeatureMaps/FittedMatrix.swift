// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fitted matrices: kept in both precisions, stored as bytes.

import Foundation
import LinearAlgebra
import Validation

/// A matrix in double precision, with a rounded copy for maps that run in single.
struct FittedMatrix: Hashable, Sendable {
  let double: Matrix<Double>
  private let single: Matrix<Float>

  var rowCount: Int { double.rowCount }
  var columnCount: Int { double.columnCount }

  init(_ matrix: Matrix<Double>) {
    double = matrix
    single = matrix.converted(to: Float.self)
  }

  func withPointer<Scalar: RealScalar, Result>(
    as type: Scalar.Type, _ body: (UnsafePointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    switch Scalar.precision {
    case .single: try single.withUnsafePointer { try body($0.cast(to: Scalar.self)) }
    case .double: try double.withUnsafePointer { try body($0.cast(to: Scalar.self)) }
    }
  }

  static func == (a: FittedMatrix, b: FittedMatrix) -> Bool { a.double == b.double }

  func hash(into hasher: inout Hasher) {
    hasher.combine(rowCount)
    hasher.combine(columnCount)
    hasher.combine(double.elements)
  }
}

extension FittedMatrix: Codable {
  private struct Stored: Codable {
    var rowCount: Int
    var columnCount: Int
    /// Little-endian doubles, row after row; base 64 in JSON.
    var entries: Data
  }

  /// - Throws: `InvalidInput` if the bytes do not fit the shape or an entry is not finite.
  init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    let count = try Check.count([stored.rowCount, stored.columnCount], "stored matrix")
    try Check.equal(stored.entries.count, 8 * count, "bytes of a stored matrix")
    let elements = stored.entries.withUnsafeBytes { bytes in
      (0..<count).map { index in
        Double(
          bitPattern: UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
      }
    }
    let matrix = try Matrix(
      rowCount: stored.rowCount, columnCount: stored.columnCount, elements: elements)
    try matrix.validateFinite("stored matrix")
    self.init(matrix)
  }

  func encode(to encoder: any Encoder) throws {
    var entries = Data(capacity: 8 * double.elements.count)
    for element in double.elements {
      withUnsafeBytes(of: element.bitPattern.littleEndian) { entries.append(contentsOf: $0) }
    }
    try Stored(rowCount: rowCount, columnCount: columnCount, entries: entries).encode(to: encoder)
  }
}

extension Matrix<Double> {
  mutating func scaleEntries(by factor: Double) {
    scaleRows(by: [Double](repeating: factor, count: rowCount))
  }

  mutating func scaleRows(by factors: [Double]) {
    let (rowCount, columnCount) = (rowCount, columnCount)
    withUnsafeMutablePointer {
      LayeredLoops.scaleRows(rowCount, columnCount, by: factors, $0, columnCount)
    }
  }

  /// A x; equal rows have equal products, to the bit.
  func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columnCount)
    return withUnsafePointer { base in
      (0..<rowCount).map { BLAS.dot(columnCount, base + $0 * columnCount, vector) }
    }
  }

  /// |row| of each row.
  var rowNorms: [Double] {
    var norms = [Double](repeating: 0, count: rowCount)
    withUnsafePointer {
      LayeredLoops.variances(rowCount, columnCount, $0, excess: nil, into: &norms)
    }
    return norms.map { $0.squareRoot() }
  }
}
