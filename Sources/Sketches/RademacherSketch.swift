// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The dense sketch of random signs, which are computed where they are needed.

import LinearAlgebra
import Randomness
import Validation

/// The Rademacher sketch: independent entries S_ij = ±1/√m.
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and Var⟨Sx, Sy⟩ = (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²)/m, never above that of the
/// Gaussian sketch. It embeds a subspace of dimension k to within ε ≈ 2√(k/m).
///
/// S is never stored: 128 signs cost one call of the generator, less than reading them back. Sparse
/// rows give the same bits in any batch; dense ones pass through a matrix product, whose bits repeat
/// for equal blocks only.
///
/// - Complexity: 2md operations per dense row and 2m per nonzero; md signs per block of 1024 rows (for
///   sparse rows, m per column that occurs in it). About a megabyte of scratch per thread.
/// - Source: Achlioptas, "Database-friendly random projections", J. Comput. Syst. Sci. 66, 2003.
public struct RademacherSketch: ElementarySketch, DrawnMatrix {
  public static let law = "rademacher"
  public let parameters: SketchParameters
  private let stream: RandomStream

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1.
  public init(_ parameters: SketchParameters) throws {
    try parameters.validate()
    self.parameters = parameters
    stream = RandomKey(seed: parameters.seed).child("RademacherSketch").stream
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

  static var rowGroup: Int { 128 }

  /// Column j has the blocks of words from j⌈m/128⌉ on: bit i of them is set where row i is −1.
  func draw<Scalar: RealScalar>(
    columns: Range<Int>, rows: Range<Int>, into tile: RowOutput<Scalar>
  ) {
    let blocksPerColumn = (outputDimension + 127) / 128
    for column in columns {
      let output = tile.row(column - columns.lowerBound)
      let first = UInt64(column * blocksPerColumn + rows.lowerBound / 128)
      switch Scalar.precision {
      case .single:
        stream.fillSigns(fromBlock: first, count: rows.count, into: output.cast(to: Float.self))
      case .double:
        stream.fillSigns(fromBlock: first, count: rows.count, into: output.cast(to: Double.self))
      }
    }
  }

  /// (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²)/m.
  public func variance(of pair: PairExpectation) -> Double {
    pair.signVariance / Double(outputDimension)
  }

  public func image(of pair: PairExpectation) -> PairExpectation {
    let (m, diagonal) = (Double(outputDimension), pair.diagonal)
    let cross = 2 * (pair.squaredProduct - diagonal)
    return PairExpectation(
      squaredProduct: pair.squaredProduct + variance(of: pair), norms: pair.norms + cross / m,
      squares: Array(repeating: (pair.norms + cross) / (m * m), count: outputDimension))
  }

  /// The least m for which the standard deviation of ⟨Sx, Sy⟩ is at most ε|x||y| for all x and y: the
  /// worst are x = y with all entries of equal size.
  ///
  /// - Throws: `InvalidInput` unless d is a dimension and ε is above 0 and leaves m below 2³¹.
  public static func dimension(
    forRelativeError epsilon: Double, inputDimension: Int
  ) throws -> Int {
    try Planning.dimension(
      epsilon, worstVariance: Planning.signVariance(inputDimension: inputDimension))
  }
}
