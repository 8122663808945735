// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketch S A of a matrix whose rows arrive in blocks, or in several places.

import LinearAlgebra
import Validation

/// A sum of contributions to S A for a matrix A, d × c, that is never whole in one place.
///
///     var part = try SketchAccumulator(sketch, columnCount: c, as: Float.self)
///     try part.add(block, at: 4096)        // rows 4096, 4097, … of A
///     try part.merge(anotherPart)
///     let sketched = try part.result()     // S A
///
/// Blocks may come in any order and be cut anywhere; rows that never come count as zero, and rows that
/// come twice count twice. For the laws made of signs (CountSketch, sparse sign, Rademacher, SRHT) sums
/// of whole numbers are exact, so that any cutting and merging gives the same bits; otherwise it
/// changes the order of additions and thereby their rounding.
///
/// Memory: `sketch.partialRowCount` × c numbers.
public struct SketchAccumulator<Sketch: LinearSketch, Scalar: RealScalar>: Sendable {
  public let sketch: Sketch
  private var sum: Matrix<Scalar>

  /// The number of columns of A, c.
  public var columnCount: Int { sum.columnCount }

  /// The empty sum.
  ///
  /// - Throws: `InvalidInput` if c is not from 1 to 2³¹ − 1 or the sum has too many entries.
  public init(_ sketch: Sketch, columnCount: Int, as type: Scalar.Type) throws {
    try Check.dimension(columnCount, "columns of the matrix")
    _ = try Check.count(
      [max(sketch.partialRowCount, sketch.outputDimension), columnCount], "shape of the sum")
    self.sketch = sketch
    sum = Matrix(rowCount: sketch.partialRowCount, columnCount: columnCount)
  }

  /// Adds what the rows of A from number `offset` on contribute.
  ///
  /// - Throws: `InvalidInput`, with the sum unchanged, if the rows do not lie within A, do not have c
  ///   columns or hold NaN or infinity; `CancellationError`, after which the sum is of no use.
  /// - Complexity: one look through the rows, and what the law takes for them.
  public mutating func add(
    _ rows: Rows<Scalar>, at offset: Int, on execution: Execution = .allCores
  ) throws {
    let last = sketch.inputDimension - rows.rowCount
    guard offset >= 0, offset <= last else {
      throw InvalidInput(
        "offset of \(rows.rowCount) rows", found: "\(offset)",
        expected: last < 0 ? "at most \(sketch.inputDimension) rows" : "0 to \(last)")
    }
    try rows.validate(columnCount: columnCount)
    let (sketch, stride) = (sketch, columnCount)
    try sum.withUnsafeMutablePointer {
      try sketch.accumulate(
        rows, at: offset, into: RowOutput(base: $0, stride: stride), on: execution)
    }
  }

  /// Adds the contributions gathered by another sum.
  ///
  /// - Throws: `InvalidInput` if the other one has another sketch or number of columns.
  public mutating func merge(_ other: SketchAccumulator) throws {
    guard sketch == other.sketch else {
      throw InvalidInput(
        "sketch of the other sum", found: "other parameters", expected: "the same sketch")
    }
    try Check.equal(other.columnCount, columnCount, "columns of the other sum")
    let count = sum.rowCount * sum.columnCount
    sum.withUnsafeMutablePointer { target in
      other.sum.withUnsafePointer { addNumbers($0, count, to: target) }
    }
  }

  /// S A for the A that has come so far.
  ///
  /// - Throws: `InvalidInput` if its sums are beyond the range of `Scalar`; `CancellationError`.
  public func result(on execution: Execution = .allCores) throws -> Matrix<Scalar> {
    let result = try sketch.finish(sum, on: execution)
    guard result.isFinite else { throw InvalidInput(sumsBeyond: Scalar.self) }
    return result
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addNumbers<Scalar: RealScalar>(
  _ numbers: UnsafePointer<Scalar>, _ count: Int, to target: UnsafeMutablePointer<Scalar>
) {
  for i in 0..<count { target[i] += numbers[i] }
}

extension InvalidInput {
  /// The error of finite entries whose sums are infinite.
  init<Scalar: RealScalar>(sumsBeyond type: Scalar.Type) {
    self.init(
      "matrix", found: "sums of entries beyond \(type)",
      expected: "smaller entries, or a higher precision")
  }
}
