// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sparse sign embedding: a few random signs in every column.

import LinearAlgebra
import Randomness
import Validation

/// The parameters of a `SparseSignEmbedding`.
public struct SparseSignParameters: SeededDimensions {
  public var inputDimension: Int
  public var outputDimension: Int
  public var seed: UInt64
  /// s, the number of nonzeros of every column.
  public var nonzeros: Int

  public init(inputDimension: Int, outputDimension: Int, seed: UInt64, nonzeros: Int) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.seed = seed
    self.nonzeros = nonzeros
  }
}

/// The sparse sign embedding (block OSNAP): every column has s entries ±1/√s, one in each block of rows.
///
/// The m rows are cut into s blocks of ⌊m/s⌋ or ⌈m/s⌉ rows: block b holds the rows from ⌊bm/s⌋ to
/// ⌊(b + 1)m/s⌋. In each, a column has one entry of random sign in a random row, all independent: a
/// CountSketch per block. s = 1 is CountSketch; s = m has signs everywhere.
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and, with m_b rows in block b,
/// Var⟨Sx, Sy⟩ = (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²) Σ_b 1/(s²m_b), which is over m where s divides m: s
/// leaves the variance as it is and thins the tails. To embed a subspace of dimension k to within ε, m
/// of order k log k / ε² suffices with s of order log k / ε; s = 8 does in practice.
///
/// Each output is a sum in the order of the columns, scaled once. So its bits are the same for dense
/// and sparse input, for any batch and tile, and from the left or the right (a zero may differ in its
/// sign).
///
/// - Complexity: s additions per entry of a dense row, or nonzero of a sparse one, and 2m to clear and
///   scale. A table of 4ds bytes where ds ≤ 2²², none above.
/// - Source: Kane, Nelson, "Sparser Johnson-Lindenstrauss transforms", J. ACM 61, 2014; Cohen, "Nearly
///   tight oblivious subspace embeddings by trace inequalities", SODA 2016.
public struct SparseSignEmbedding: ElementarySketch {
  public static let law = "sparseSign"
  public let parameters: SparseSignParameters
  private let hash: SignedHash

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1 and s from 1 to m.
  public init(_ parameters: SparseSignParameters) throws {
    try parameters.validate()
    try Check.dimension(parameters.nonzeros, "nonzeros", upTo: parameters.outputDimension)
    self.init(
      parameters,
      hash: SignedHash(
        key: RandomKey(seed: parameters.seed).child("SparseSignEmbedding"),
        inputDimension: parameters.inputDimension, bucketCount: parameters.outputDimension,
        nonzeros: parameters.nonzeros,
        tabulated: parameters.inputDimension * parameters.nonzeros <= SignedHash.tableLimit))
  }

  /// The sketch of ℝᵈ to ℝᵐ drawn by `seed`.
  ///
  /// - Parameter nonzeros: s, the nonzeros of every column; by default 8, or m where that is less.
  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1 and s from 1 to m.
  public init(
    inputDimension: Int, outputDimension: Int, nonzeros: Int? = nil, seed: UInt64
  ) throws {
    try self.init(
      SparseSignParameters(
        inputDimension: inputDimension, outputDimension: outputDimension, seed: seed,
        nonzeros: nonzeros ?? max(1, min(8, outputDimension))))
  }

  /// The sketch with the given hash.
  init(_ parameters: SparseSignParameters, hash: SignedHash) {
    self.parameters = parameters
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
      multiply(target, outputDimension, by: Scalar(scale))
    }
  }

  /// 1/√s.
  public var scale: Double { (1 / Double(parameters.nonzeros)).squareRoot() }

  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try hash.accumulate(rows, at: offset, into: sum, on: execution)
  }

  /// (|x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ²) Σ_b 1/(s²m_b).
  public func variance(of pair: PairExpectation) -> Double {
    pair.signVariance
      * SignedHash.varianceFactor(nonzeros: parameters.nonzeros, bucketCount: outputDimension)
  }

  public func image(of pair: PairExpectation) -> PairExpectation { hash.image(of: pair) }

  /// The least m for which the standard deviation of ⟨Sx, Sy⟩ is at most ε|x||y| for all x and y: the
  /// worst are x = y with all entries of equal size.
  ///
  /// - Throws: `InvalidInput` unless d is a dimension, s above 0, and ε above 0 and m below 2³¹.
  public static func dimension(
    forRelativeError epsilon: Double, inputDimension: Int, nonzeros: Int
  ) throws -> Int {
    try Check.dimension(nonzeros, "nonzeros")
    let worst = try Planning.signVariance(inputDimension: inputDimension)
    var m = max(nonzeros, try Planning.dimension(epsilon, worstVariance: worst))
    // Blocks that differ by one row cost a little more than m equal ones would; at the next multiple
    // of s they do not differ.
    while worst * SignedHash.varianceFactor(nonzeros: nonzeros, bucketCount: m)
      > epsilon * epsilon
    {
      m += 1
    }
    try Check.dimension(m, "output dimension for relative error \(epsilon)")
    return m
  }
}
