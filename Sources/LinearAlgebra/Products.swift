// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of dense matrices.

import Validation

extension Matrix {
  /// A B. Cost: 2 · rowCount · columnCount · `other.columnCount` operations.
  ///
  /// - Throws: `InvalidInput` if the shapes do not fit; `CancellationError`.
  public func multiplied(
    by other: Matrix, on execution: Execution = .allCores
  ) throws -> Matrix {
    try Check.equal(other.rowCount, columnCount, "rows of the right factor")
    return try Matrix.product(
      self, false, other, false, rowCount, other.columnCount, columnCount, execution)
  }

  /// A Bᵀ. Cost: 2 · rowCount · `other.rowCount` · columnCount operations.
  ///
  /// - Throws: `InvalidInput` if the numbers of columns differ; `CancellationError`.
  public func multiplied(
    byTransposeOf other: Matrix, on execution: Execution = .allCores
  ) throws -> Matrix {
    try Check.equal(other.columnCount, columnCount, "columns of the right factor")
    return try Matrix.product(
      self, false, other, true, rowCount, other.rowCount, columnCount, execution)
  }

  /// Aᵀ B. Cost: 2 · rowCount · columnCount · `other.columnCount` operations.
  ///
  /// - Throws: `InvalidInput` if the numbers of rows differ; `CancellationError`.
  public func transposeMultiplied(
    by other: Matrix, on execution: Execution = .allCores
  ) throws -> Matrix {
    try Check.equal(other.rowCount, rowCount, "rows of the right factor")
    return try Matrix.product(
      self, true, other, false, columnCount, other.columnCount, rowCount, execution)
  }

  /// Aᵀ A, symmetric to the last bit. Cost: rowCount · columnCount² operations.
  ///
  /// - Throws: `InvalidInput` if columnCount² overflows; `CancellationError`.
  public func gram(on execution: Execution = .allCores) throws -> Matrix {
    try Matrix.symmetricProduct(self, true, columnCount, rowCount, execution)
  }

  /// A Aᵀ, symmetric to the last bit. Cost: columnCount · rowCount² operations.
  ///
  /// - Throws: `InvalidInput` if rowCount² overflows; `CancellationError`.
  public func outerGram(on execution: Execution = .allCores) throws -> Matrix {
    try Matrix.symmetricProduct(self, false, rowCount, columnCount, execution)
  }

  /// self ← self + AᵀA for a symmetric self, as when rows arrive in tiles.
  ///
  /// Only the lower triangle of self is read. Cost: A.rowCount · A.columnCount² operations.
  ///
  /// - Throws: `InvalidInput` unless self is square with A's number of columns; `CancellationError`,
  ///   after which the entries are of no use.
  public mutating func addGram(
    of a: Matrix, on execution: Execution = .allCores
  ) throws {
    try Check.equal(rowCount, a.columnCount, "rows of the sum")
    try Check.equal(columnCount, a.columnCount, "columns of the sum")
    try withUnsafeMutablePointer { c in
      try a.withUnsafePointer { p in
        try TiledProduct.writeSymmetric(
          n: a.columnCount, k: a.rowCount,
          TiledProduct.Factor(base: p, stride: a.columnCount, transposed: true), beta: 1,
          into: RowOutput(base: c, stride: a.columnCount), on: execution)
      }
    }
  }

  /// self ← self + Aᵀ B, as when rows arrive in tiles.
  ///
  /// - Throws: `InvalidInput` unless the three shapes fit; `CancellationError`, after which the
  ///   entries are of no use.
  public mutating func addTransposedProduct(
    _ a: Matrix, _ b: Matrix, on execution: Execution = .allCores
  ) throws {
    try Check.equal(b.rowCount, a.rowCount, "rows of the right factor")
    try Check.equal(rowCount, a.columnCount, "rows of the sum")
    try Check.equal(columnCount, b.columnCount, "columns of the sum")
    try withUnsafeMutablePointer { c in
      try a.withUnsafePointer { pa in
        try b.withUnsafePointer { pb in
          try TiledProduct.write(
            m: a.columnCount, n: b.columnCount, k: a.rowCount,
            TiledProduct.Factor(base: pa, stride: a.columnCount, transposed: true),
            TiledProduct.Factor(base: pb, stride: b.columnCount), beta: 1,
            into: RowOutput(base: c, stride: b.columnCount), on: execution)
        }
      }
    }
  }

  private static func product(
    _ a: Matrix, _ transposeA: Bool, _ b: Matrix, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int,
    _ execution: Execution
  ) throws -> Matrix {
    _ = try Check.count([m, n], "shape of the product")
    return try Matrix(rowCount: m, columnCount: n) { c in
      try a.withUnsafePointer { pa in
        try b.withUnsafePointer { pb in
          try TiledProduct.write(
            m: m, n: n, k: k,
            TiledProduct.Factor(base: pa, stride: a.columnCount, transposed: transposeA),
            TiledProduct.Factor(base: pb, stride: b.columnCount, transposed: transposeB),
            into: RowOutput(base: c, stride: n), on: execution)
        }
      }
    }
  }

  private static func symmetricProduct(
    _ a: Matrix, _ transposed: Bool, _ n: Int, _ k: Int, _ execution: Execution
  ) throws -> Matrix {
    _ = try Check.count([n, n], "shape of the product")
    return try Matrix(rowCount: n, columnCount: n) { c in
      try a.withUnsafePointer { p in
        try TiledProduct.writeSymmetric(
          n: n, k: k,
          TiledProduct.Factor(base: p, stride: a.columnCount, transposed: transposed),
          into: RowOutput(base: c, stride: n), on: execution)
      }
    }
  }
}
