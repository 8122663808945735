// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// CountSketch: one random sign in a random place of every column.

import LinearAlgebra
import Randomness
import Validation

/// CountSketch: S[h(j), j] = s(j) for random buckets h(j) and signs s(j), all else 0.
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and Var⟨Sx, Sy⟩ = (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²)/m. To embed a subspace of
/// dimension k to within ε it needs m of order k²/ε².
///
/// Each output is a sum in the order of the columns. So its bits are the same for dense and sparse
/// input, for any batch and tile, and from the left or the right (a zero may differ in its sign).
///
/// - Complexity: d additions per dense row, one per nonzero of a sparse row, and m to clear. A table
///   of 4d bytes where d ≤ 2²², none above.
/// - Source: Charikar, Chen, Farach-Colton, "Finding frequent items in data streams", ICALP 2002;
///   Clarkson, Woodruff, "Low rank approximation and regression in input sparsity time", STOC 2013.
public struct CountSketch: ElementarySketch {
  public static let law = "countSketch"
  public let parameters: SketchParameters
  let hash: SignedHash

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1.
  public init(_ parameters: SketchParameters) throws {
    try parameters.validate()
    self.parameters = parameters
    hash = SignedHash(
      key: RandomKey(seed: parameters.seed).child("CountSketch"),
      inputDimension: parameters.inputDimension, bucketCount: parameters.outputDimension,
      tabulated: parameters.inputDimension <= SignedHash.tableLimit)
  }

  /// The sketch with the given hash.
  init(hash: SignedHash) {
    parameters = SketchParameters(
      inputDimension: hash.inputDimension, outputDimension: hash.bucketCount, seed: 0)
    self.hash = hash
  }

  public var passesOnNonfinite: Bool { true }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    for i in 0..<rows.rowCount {
      let target = output.row(i)
      target.update(repeating: 0, count: outputDimension)
      hash.add(row: i, of: rows, to: target)
    }
  }

  public var scale: Double { 1 }

  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try hash.accumulate(rows, at: offset, into: sum, on: execution)
  }

  /// (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²)/m.
  public func variance(of pair: PairExpectation) -> Double {
    pair.signVariance / Double(outputDimension)
  }

  public func image(of pair: PairExpectation) -> PairExpectation { hash.image(of: pair) }

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
