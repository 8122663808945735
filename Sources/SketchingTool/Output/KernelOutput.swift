// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel matrices on their way to a file.

import Foundation
import Sketching

/// The file of a kernel matrix: of one set of points, or of two.
struct KernelOutput {
  let path: String
  let points: Points
  let others: Points?
  let precision: Precision
  /// Where the work survives an interruption, if it shall.
  let partial: PartialOutput?

  /// Writes the matrix block by block. Of a symmetric one each block goes to two places.
  ///
  /// - Returns: how many numbers an earlier run had left.
  func writeBlocks<Scalar: RealScalar>(
    _ kernel: some Kernel, as type: Scalar.Type, on execution: Execution
  ) throws -> Int {
    let writer = try NumPyBlockWriter(
      path: path, rowCount: points.rowCount, columnCount: (others ?? points).rowCount,
      precision: precision, continuing: partial?.path)
    let resumed = try kernel.matrixGrid(points, others)
      .entryCount(ofFirst: writer.completedCount)
    var lastMark: ContinuousClock.Instant?
    try discardingBadData(writer.cancel) {
      try kernel.forEachBlock(
        points, others, from: writer.completedCount, as: type,
        on: execution.stage("kernel numbers")
      ) { index, rows, columns, values in
        try writer.write(values, row: rows.lowerBound, column: columns.lowerBound)
        if others == nil, rows != columns {
          try writer.write(
            values.transposed, row: columns.lowerBound, column: rows.lowerBound)
        }
        let now = ContinuousClock.now
        if partial != nil, lastMark.map({ now - $0 >= .seconds(1) }) ?? true {
          try writer.mark(index + 1)
          lastMark = now
        }
      }
    }
    try writer.finish()
    partial?.forget()
    return resumed
  }

  /// Appends the rows one after the other, for outputs that have no places.
  func writeRows<Scalar: RealScalar>(
    _ kernel: some Kernel, as type: Scalar.Type, on execution: Execution
  ) throws -> Int {
    let writer = try NumPyWriter(
      path: path, shape: [points.rowCount, (others ?? points).rowCount], precision: precision)
    let execution = execution.stage("kernel rows")
    if let others {
      try kernel.forEachTile(points, others, as: type, on: execution) { try writer.append($1) }
    } else {
      try kernel.forEachTile(points, as: type, on: execution) { try writer.append($1) }
    }
    try writer.finish()
    return 0
  }

  /// Writes the diagonal alone.
  ///
  /// - Returns: how many numbers an earlier run had left.
  func writeDiagonal<Scalar: RealScalar>(
    _ kernel: some Kernel, as type: Scalar.Type, on execution: Execution
  ) throws -> Int {
    let writer = try NumPyWriter(
      path: path, shape: [points.rowCount], precision: precision, partial: partial)
    let resumed = writer.completedRowCount
    let execution = execution.stage("kernel diagonal")
    try discardingBadData(writer.cancel) {
      for range in points.tiles() where range.lowerBound >= resumed {
        let values = try kernel.diagonal(points.rows(range, as: type), on: execution.silent)
        try writer.append(Matrix(rowCount: values.count, columnCount: 1, elements: values))
        execution.report(range.upperBound, of: points.rowCount)
      }
    }
    try writer.finish()
    partial?.forget()
    return resumed
  }

  /// Runs `body`; where the points turn out to be bad, nothing of them is kept.
  private func discardingBadData(_ cancel: () -> Void, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      if error is InvalidInput || [points.path, others?.path].contains((error as? FileError)?.path)
      {
        cancel()
        partial?.discard()
      }
      throw error
    }
  }
}
