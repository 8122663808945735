// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Data named by their hash.

import LinearAlgebra

/// A matrix of numbers named by its shape and the SHA-256 of its entries.
///
/// The hash is of the entries row after row as 64-bit little-endian floats, as
/// `hashlib.sha256(x.astype('<f8').tobytes())` has it in Python; sparse rows count as dense, and −0 as
/// it is.
public struct DataDigest: Codable, Hashable, Sendable {
  public let rowCount: Int
  public let columnCount: Int
  /// 64 hexadecimal digits.
  public let sha256: String

  /// - Complexity: some 4 ns for each entry; memory of 1024 dense rows.
  public init<Scalar: RealScalar>(_ rows: Rows<Scalar>) {
    var hash = SHA256()
    for range in rows.tiles() {
      let tile = rows.rows(range).dense.converted(to: Double.self)
      let words = tile.elements.map { $0.bitPattern.littleEndian }
      words.withUnsafeBytes { hash.update($0) }
    }
    rowCount = rows.rowCount
    columnCount = rows.columnCount
    sha256 = hash.hexadecimal
  }
}
