// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel matrices in square blocks, in an order that can be taken up again.

import LinearAlgebra
import Validation

/// The blocks of a kernel matrix in order: by rows of blocks, those of a symmetric matrix from the
/// diagonal on. They are squares of 8 × 8 tiles but for the last rows and columns.
public struct KernelMatrixGrid: Hashable, Sendable {
  public let rowCount: Int
  public let columnCount: Int
  /// Whether blocks below the diagonal are left out.
  public let isSymmetric: Bool
  /// The rows and columns of a block.
  public let side: Int

  init(rowCount: Int, columnCount: Int, isSymmetric: Bool, tileSide: Int) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.isSymmetric = isSymmetric
    side = 8 * tileSide
  }

  private var across: Int { (columnCount + side - 1) / side }
  private var down: Int { (rowCount + side - 1) / side }

  /// The number of blocks.
  public var count: Int { isSymmetric ? down * (down + 1) / 2 : down * across }

  /// The rows and columns of every block from number `start` on.
  func blocks(from start: Int) -> some Sequence<(rows: Range<Int>, columns: Range<Int>)> {
    var (row, column, rest) = (0, 0, start)
    while row < down, rest >= across - column {
      rest -= across - column
      row += 1
      column = isSymmetric ? row : 0
    }
    column += rest
    return sequence(state: (row, column)) { place in
      guard place.0 < down else { return nil }
      let (i, j) = place
      place = j + 1 < across ? (i, j + 1) : (i + 1, isSymmetric ? i + 1 : 0)
      return (
        i * side..<min((i + 1) * side, rowCount), j * side..<min((j + 1) * side, columnCount)
      )
    }
  }

  /// How many numbers the first `count` blocks hold.
  public func entryCount(ofFirst count: Int) -> Int {
    blocks(from: 0).prefix(count).reduce(0) { $0 + $1.rows.count * $1.columns.count }
  }
}

extension Kernel {
  /// The blocks of K with Kᵢⱼ = k(xᵢ, yⱼ), or of the symmetric one of x alone.
  ///
  /// - Throws: `InvalidInput` if the matrix cannot be counted.
  public func matrixGrid(
    _ x: some RowSource, _ y: (some RowSource)?
  ) throws -> KernelMatrixGrid {
    _ = try Check.count(
      [x.rowCount, y?.rowCount ?? x.rowCount], "shape of the kernel matrix")
    return KernelMatrixGrid(
      rowCount: x.rowCount, columnCount: y?.rowCount ?? x.rowCount, isSymmetric: y == nil,
      tileSide: tileSide)
  }

  /// The blocks of `matrixGrid(x, y)` in order, with the bits of `matrix(_:_:on:)` or `matrix(_:on:)`.
  /// Progress counts numbers.
  ///
  /// - Parameters:
  ///   - y: the points of the columns; nil for those of x. Then K is symmetric, blocks below the
  ///     diagonal are left out, and the work is half.
  ///   - start: the number of the first block wanted.
  ///   - consume: receives the number of a block, its rows and columns, and its values.
  /// - Throws: as `matrix(_:_:on:)`, and what the sources and `consume` throw.
  /// - Complexity: x is read once and y once for each row of blocks. Memory of one block and its points.
  public func forEachBlock<Scalar: RealScalar>(
    _ x: some RowSource, _ y: (some RowSource)?, from start: Int = 0, as type: Scalar.Type,
    on execution: Execution = .allCores,
    _ consume: (Int, Range<Int>, Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    let grid = try matrixGrid(x, y)
    let total = grid.entryCount(ofFirst: grid.count)
    var done = grid.entryCount(ofFirst: start)
    execution.report(done, of: total)
    var read: (range: Range<Int>, points: Rows<Scalar>)?
    for (index, (rows, columns)) in zip(start..., grid.blocks(from: start)) {
      let rowPoints: Rows<Scalar>
      if let read, read.range == rows {
        rowPoints = read.points
      } else {
        rowPoints = try x.rows(rows, as: type)
        try rowPoints.validate(columnCount: inputDimension ?? rowPoints.columnCount, "x")
        read = (rows, rowPoints)
      }
      let isDiagonal = grid.isSymmetric && rows == columns
      let columnPoints =
        isDiagonal ? rowPoints : try y?.rows(columns, as: type) ?? x.rows(columns, as: type)
      if !isDiagonal { try columnPoints.validate(columnCount: rowPoints.columnCount, "y") }
      let block = KernelBlock(
        kernel: self, x: rowPoints, y: columnPoints,
        positions: grid.isSymmetric ? (rows.lowerBound, columns.lowerBound) : nil)
      let part = execution.counting(from: done, entries: rows.count * columns.count, of: total)
      let values = try Matrix<Scalar>(rowCount: rows.count, columnCount: columns.count) { base in
        if isDiagonal {
          try block.writeSymmetric(into: base, on: part)
        } else {
          try block.write(into: RowOutput(base: base, stride: columns.count), on: part)
        }
      }
      try consume(index, rows, columns, values)
      done += rows.count * columns.count
      execution.report(done, of: total)
    }
  }
}

extension Execution {
  /// Progress within a block, told as numbers of the matrix.
  fileprivate func counting(from first: Int, entries: Int, of total: Int) -> Execution {
    guard progress != nil else { return self }
    var part = self
    part.progress = { [self] inner in
      let share = Double(inner.completed) / Double(max(1, inner.total))
      report(first + Int(share * Double(entries)), of: total)
    }
    return part
  }
}
