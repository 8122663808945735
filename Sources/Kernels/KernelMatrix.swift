// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel matrices: fixed tiles spread over threads, in memory or streamed by rows.

import LinearAlgebra
import Validation

extension Kernel {
  /// K with Kᵢⱼ = k(xᵢ, yⱼ), `x.rowCount × y.rowCount`.
  ///
  /// Equal bits for any number of threads, and the same as those of `forEachTile`.
  ///
  /// - Throws: `InvalidInput` if the rows do not fit each other or the kernel, hold NaN or infinity,
  ///   or a value of the kernel overflows; `CancellationError`.
  public func matrix<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try x.validate(columnCount: inputDimension ?? y.columnCount, "x")
    try y.validate(columnCount: x.columnCount, "y")
    _ = try Check.count([x.rowCount, y.rowCount], "shape of the kernel matrix")
    return try Matrix(rowCount: x.rowCount, columnCount: y.rowCount) { base in
      let block = KernelBlock(kernel: self, x: x, y: y)
      try block.write(into: RowOutput(base: base, stride: y.rowCount), on: execution)
    }
  }

  /// K with Kᵢⱼ = k(xᵢ, xⱼ), exactly symmetric. Half the work of `matrix(x, x)`, and on the diagonal
  /// the two points are known to be the same, which spares kernels with a kink there rounding errors.
  ///
  /// - Throws: as `matrix(_:_:on:)`.
  public func matrix<Scalar: RealScalar>(
    _ x: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try x.validate(columnCount: inputDimension ?? x.columnCount, "x")
    let n = x.rowCount
    _ = try Check.count([n, n], "shape of the kernel matrix")
    return try Matrix(rowCount: n, columnCount: n) { base in
      let block = KernelBlock(kernel: self, x: x, y: x, positions: (0, 0))
      try block.writeSymmetric(into: base, on: execution)
    }
  }

  /// k(xᵢ, xᵢ) for every row.
  ///
  /// - Throws: as `matrix(_:_:on:)`.
  public func diagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> [Scalar] {
    try x.validate(columnCount: inputDimension ?? x.columnCount, "x")
    return try Array(unsafeUninitializedCapacity: x.rowCount) { buffer, count in
      if let base = buffer.baseAddress {
        nonisolated(unsafe) let output = base
        try Parallel.forEachBlock(of: x.rowCount, size: tileSide, on: execution) {
          range, workspace in
          let part = output + range.lowerBound
          try evaluateDiagonal(x.rows(range), into: part, workspace: workspace)
          try checkValues(RowOutput(base: part, stride: range.count), 1, range.count)
        }
      }
      count = x.rowCount
    }
  }

  /// The rows of K with Kᵢⱼ = k(xᵢ, yⱼ), some hundred at a time, in order.
  ///
  /// - Parameter consume: receives a range of rows of x and their values, `range.count ×
  ///   y.rowCount`.
  /// - Throws: as `matrix(_:_:on:)`, and what the sources and `consume` throw.
  /// - Complexity: y is read once for each tile of rows. Memory of one tile: 64 M numbers or 128
  ///   rows, whichever is more.
  public func forEachTile<Scalar: RealScalar>(
    _ x: some RowSource, _ y: some RowSource, as type: Scalar.Type,
    on execution: Execution = .allCores, _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    try forEachTile(x, y, areSame: false, on: execution, consume)
  }

  /// The rows of the symmetric K with Kᵢⱼ = k(xᵢ, xⱼ), some hundred at a time, in order: the bits of
  /// `matrix(_:on:)`, and its work where the rows are one tile, at most a thousand; twice as much beyond.
  ///
  /// - Throws: as `forEachTile(_:_:as:on:_:)`.
  public func forEachTile<Scalar: RealScalar>(
    _ x: some RowSource, as type: Scalar.Type,
    on execution: Execution = .allCores, _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    try forEachTile(x, x, areSame: true, on: execution, consume)
  }

  private func forEachTile<Scalar: RealScalar>(
    _ x: some RowSource, _ y: some RowSource, areSame: Bool, on execution: Execution,
    _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
  ) throws {
    let columnCount = y.rowCount
    let rowTile = max(1, min(8, (1 << 26) / max(1, columnCount) / kernelTileSide)) * kernelTileSide
    if areSame, 1...rowTile ~= x.rowCount {
      let all = 0..<x.rowCount
      let points = try x.rows(all, as: Scalar.self)
      try consume(
        all, matrix(points, on: execution.counting(all, of: all.count, all, of: all.count)))
      execution.report(all.count, of: all.count)
      return
    }
    for rows in x.tiles(of: rowTile) {
      let xRows = try x.rows(rows, as: Scalar.self)
      try xRows.validate(columnCount: inputDimension ?? y.columnCount, "x")
      let tile = try Matrix<Scalar>(rowCount: rows.count, columnCount: columnCount) { base in
        for columns in y.tiles(of: 32 * kernelTileSide) {
          let yRows = try y.rows(columns, as: Scalar.self)
          try yRows.validate(columnCount: xRows.columnCount, "y")
          let block = KernelBlock(
            kernel: self, x: xRows, y: yRows,
            positions: areSame ? (rows.lowerBound, columns.lowerBound) : nil)
          try block.write(
            into: RowOutput(base: base + columns.lowerBound, stride: columnCount),
            on: execution.counting(rows, of: x.rowCount, columns, of: columnCount))
        }
      }
      try consume(rows, tile)
      execution.report(rows.upperBound, of: x.rowCount)
    }
  }
}

extension Execution {
  /// Progress within some rows and columns of a matrix, told as rows of the matrix.
  fileprivate func counting(
    _ rows: Range<Int>, of rowCount: Int, _ columns: Range<Int>, of columnCount: Int
  ) -> Execution {
    guard progress != nil else { return self }
    var part = self
    part.progress = { [self] inner in
      let share =
        (Double(columns.lowerBound)
          + Double(columns.count) * Double(inner.completed) / Double(inner.total))
        / Double(columnCount)
      report(rows.lowerBound + Int(share * Double(rows.count)), of: rowCount)
    }
    return part
  }
}
