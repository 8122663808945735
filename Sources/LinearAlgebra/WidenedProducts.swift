// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of a tall matrix of either precision with double-precision blocks, in double precision.

extension Matrix {
  /// The rows widened at a time.
  private static var widenedRowCount: Int { 4096 }

  private var widenedTiles: [Range<Int>] { tiles(of: Self.widenedRowCount) }

  /// Z C, `rowCount × k`. Cost: 2 rowCount · columnCount · k operations.
  package func widenedProduct(
    with c: Matrix<Double>, on execution: Execution
  ) throws -> Matrix<Double> {
    guard rowCount > 0 else { return Matrix<Double>(rowCount: 0, columnCount: c.columnCount) }
    return try .stacked(
      widenedTiles.map {
        try rows($0).converted(to: Double.self).multiplied(by: c, on: execution.silent)
      })
  }

  /// Zᵀ X, `columnCount × k`. Cost as above.
  package func widenedTransposedProduct(
    with x: Matrix<Double>, on execution: Execution
  ) throws -> Matrix<Double> {
    var sum = Matrix<Double>(rowCount: columnCount, columnCount: x.columnCount)
    for range in widenedTiles {
      try sum.addTransposedProduct(
        rows(range).converted(to: Double.self), x.rows(range), on: execution.silent)
    }
    return sum
  }

  /// ZᵀZ, `columnCount × columnCount`. Cost: rowCount · columnCount² operations.
  package func widenedGram(on execution: Execution) throws -> Matrix<Double> {
    var sum = Matrix<Double>(rowCount: columnCount, columnCount: columnCount)
    for range in widenedTiles {
      try sum.addGram(of: rows(range).converted(to: Double.self), on: execution.silent)
    }
    return sum
  }
}
