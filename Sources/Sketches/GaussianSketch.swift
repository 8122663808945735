// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The dense Gaussian sketch, whose entries are computed where they are needed.

import LinearAlgebra
import Randomness
import Validation

/// The Gaussian sketch: independent entries S_ij ~ N(0, 1/m).
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and Var⟨Sx, Sy⟩ = (|x|²|y|² + ⟨x, y⟩²)/m. It embeds a subspace of dimension k to
/// within ε ≈ 2√(k/m), the best that any m allows.
///
/// T = √m S is held as a table while md ≤ 2²¹. Beyond that, tiles of it are drawn from their counters,
/// once per block of 1024 rows, with the same values. Sparse rows give the same bits in any batch;
/// dense ones pass through a matrix product, whose bits repeat for equal blocks only.
///
/// - Complexity: 2md operations per dense row and 2m per nonzero; without a table, md normal
///   numbers per block (for sparse rows, m per column that occurs in it). A table of 16 MB at most and
///   about a megabyte of scratch per thread.
/// - Source: Indyk, Motwani, "Approximate nearest neighbors", STOC 1998.
public struct GaussianSketch: ElementarySketch, DrawnMatrix {
  public static let law = "gaussian"
  public let parameters: SketchParameters
  private let stream: RandomStream
  /// Tᵀ, the columns of T one after the other, each rounded up to a multiple of 4.
  private let table: [Double]?

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1.
  public init(_ parameters: SketchParameters) throws {
    try parameters.validate()
    self.parameters = parameters
    let stream = RandomKey(seed: parameters.seed).child("GaussianSketch").stream
    self.stream = stream
    let blockCount = (parameters.outputDimension + 3) / 4 * parameters.inputDimension
    table =
      blockCount <= 1 << 19
      ? [Double](unsafeUninitializedCapacity: 4 * blockCount) { buffer, count in
        stream.fillNormals(from: 0, count: blockCount, into: buffer.baseAddress!)
        count = 4 * blockCount
      } : nil
  }

  public var blockRowCount: Int { 1024 }
  public var passesOnNonfinite: Bool { true }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    product(rows, into: output, workspace: workspace)
  }

  /// 1/√m.
  public var scale: Double { (1 / Double(outputDimension)).squareRoot() }

  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try accumulateProduct(rows, at: offset, into: sum, on: execution)
  }

  static var rowGroup: Int { 4 }

  func draw<Scalar: RealScalar>(
    columns: Range<Int>, rows: Range<Int>, into tile: RowOutput<Scalar>
  ) {
    let blocksPerColumn = (outputDimension + 3) / 4
    let blockCount = (rows.count + 3) / 4
    // Whole columns follow each other in the stream and are drawn together.
    let whole = blockCount == blocksPerColumn && tile.stride == 4 * blocksPerColumn
    for column in whole ? columns.prefix(1) : columns[...] {
      let first = column * blocksPerColumn + rows.lowerBound / 4
      fill(
        from: first, count: whole ? blockCount * columns.count : blockCount,
        into: tile.row(column - columns.lowerBound))
    }
  }

  /// Writes the numbers of `count` blocks of four from the table or the stream.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func fill<Scalar: RealScalar>(
    from first: Int, count: Int, into output: UnsafeMutablePointer<Scalar>
  ) {
    if let table {
      table.withUnsafeBufferPointer { table in
        for i in 0..<4 * count { output[i] = Scalar(table[4 * first + i]) }
      }
      return
    }
    switch Scalar.precision {
    case .single:
      stream.fillNormals(from: UInt64(first), count: count, into: output.cast(to: Float.self))
    case .double:
      stream.fillNormals(from: UInt64(first), count: count, into: output.cast(to: Double.self))
    }
  }

  /// (|x|²|y|² + ⟨x, y⟩²)/m.
  public func variance(of pair: PairExpectation) -> Double {
    (pair.norms + pair.squaredProduct) / Double(outputDimension)
  }

  public func image(of pair: PairExpectation) -> PairExpectation {
    let m = Double(outputDimension)
    return PairExpectation(
      squaredProduct: pair.squaredProduct + variance(of: pair),
      norms: pair.norms + 2 * pair.squaredProduct / m,
      squares: Array(
        repeating: (pair.norms + 2 * pair.squaredProduct) / (m * m), count: outputDimension))
  }

  /// The least m for which the standard deviation of ⟨Sx, Sy⟩ is at most ε|x||y| for all x and y: the
  /// worst are x = y, so m = ⌈2/ε²⌉.
  ///
  /// - Throws: `InvalidInput` unless ε is above 0 and leaves m below 2³¹.
  public static func dimension(forRelativeError epsilon: Double) throws -> Int {
    try Planning.dimension(epsilon, worstVariance: 2)
  }
}
