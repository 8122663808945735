// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The subsampled randomized Hadamard transform.

import LinearAlgebra
import Randomness
import Transforms
import Validation

/// The parameters of an `SRHT`.
public struct SRHTParameters: SeededDimensions {
  public var inputDimension: Int
  public var outputDimension: Int
  public var seed: UInt64
  /// Whether rows of the transform are drawn with replacement.
  public var replacement: Bool

  public init(inputDimension: Int, outputDimension: Int, seed: UInt64, replacement: Bool = false) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.seed = seed
    self.replacement = replacement
  }
}

/// The subsampled randomized Hadamard transform: S = √(1/m) P H Σ on points padded to D = 2^⌈log₂ d⌉.
///
/// Σ is a diagonal of random signs, H the ±1 Walsh-Hadamard matrix and P picks m of its D rows, with or
/// without replacement, for D from 1024 on in the order in which the last stages of the transform make
/// them. Without replacement, for m > D, there are ⌈m/D⌉ such transforms with their own signs, one after
/// the other, all but the last complete.
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and, with V = |x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ², Var⟨Sx, Sy⟩ = V/m with replacement.
/// Without it is (V r/m²)(1 − (r − 1)/(D − 1)), with r rows in the last transform, so it is exact where
/// m is a multiple of D. To embed a subspace of dimension k to within ε it needs m of order k log k / ε².
///
/// Only additions in a fixed order and one scaling: the bits are the same for dense and sparse input
/// and for any batch and tile (a zero may differ in its sign).
///
/// - Complexity: O(⌈m/D⌉ D log D) per row, or O(m nonzeros) where that is less; D numbers of scratch
///   per thread and D + 10m bytes of tables.
/// - Source: Ailon, Chazelle, "The fast Johnson-Lindenstrauss transform", SIAM J. Comput. 39, 2009;
///   Tropp, "Improved analysis of the subsampled randomized Hadamard transform", 2011.
public struct SRHT: ElementarySketch {
  public static let law = "srht"
  public let parameters: SRHTParameters
  let paddedDimension: Int
  let blocks: [Block]

  /// One transform: D signs and the rows that are kept.
  struct Block: Sendable {
    let signs: [Int8]
    let rows: HadamardSelection

    init(signs: [Int8], rows: [Int32]) {
      self.signs = signs
      self.rows = HadamardSelection(rows, length: signs.count)
    }
  }

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2²⁶.
  public init(_ parameters: SRHTParameters) throws {
    try parameters.validate(inputLimit: 1 << 26, outputLimit: 1 << 26)
    let (m, padded) = (
      parameters.outputDimension, WalshHadamard.paddedLength(parameters.inputDimension)
    )
    let key = RandomKey(seed: parameters.seed).child("SRHT")
    let height = parameters.replacement ? m : padded
    let blocks = try stride(from: 0, to: m, by: height).enumerated().map { index, start in
      let block = key.child("block", index)
      let rows = block.child("row").stream
      let count = min(height, m - start)
      let drawn =
        parameters.replacement
        ? rows.buckets(length: count, count: padded)
        : try rows.sampleWithoutReplacement(count, from: padded).map(Int32.init)
      return Block(
        signs: block.child("sign").stream.signs(count: padded),
        rows: HadamardSelection.sorted(drawn, length: padded))
    }
    self.init(parameters, blocks: blocks)
  }

  /// The sketch of ℝᵈ to ℝᵐ drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2²⁶.
  public init(
    inputDimension: Int, outputDimension: Int, replacement: Bool = false, seed: UInt64
  ) throws {
    try self.init(
      SRHTParameters(
        inputDimension: inputDimension, outputDimension: outputDimension, seed: seed,
        replacement: replacement))
  }

  /// The sketch with the given signs and rows.
  init(_ parameters: SRHTParameters, blocks: [Block]) {
    self.parameters = parameters
    self.blocks = blocks
    paddedDimension = WalshHadamard.paddedLength(parameters.inputDimension)
  }

  public var passesOnNonfinite: Bool { true }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    for i in 0..<rows.rowCount {
      transform(
        rows, row: i, at: 0, scale: Scalar(scale), into: output.row(i), workspace: workspace)
    }
  }

  /// 1/√m.
  public var scale: Double { (1 / Double(outputDimension)).squareRoot() }

  private var varianceFactor: Double {
    SampledRows.varianceFactor(
      outputDimension, of: paddedDimension, replacement: parameters.replacement)
  }

  /// V/m with replacement, (V r/m²)(1 − (r − 1)/(D − 1)) without, with V and r as above.
  public func variance(of pair: PairExpectation) -> Double { pair.signVariance * varianceFactor }

  public func image(of pair: PairExpectation) -> PairExpectation {
    let (m, diagonal) = (Double(outputDimension), pair.diagonal)
    let cross = 2 * (pair.squaredProduct - diagonal)
    return PairExpectation(
      squaredProduct: pair.squaredProduct + variance(of: pair),
      norms: pair.norms + cross * varianceFactor,
      squares: Array(repeating: (pair.norms + cross) / (m * m), count: outputDimension))
  }

  /// The least m for which the standard deviation of ⟨Sx, Sy⟩ is at most ε|x||y| for all x and y: the
  /// worst are x = y with all entries of equal size. Without replacement it never exceeds D, where the
  /// transform is exact.
  ///
  /// - Throws: `InvalidInput` unless d is from 1 to 2²⁶ and ε is above 0 and leaves m below 2³¹.
  public static func dimension(
    forRelativeError epsilon: Double, inputDimension: Int, replacement: Bool = false
  ) throws -> Int {
    try Check.dimension(inputDimension, "input dimension", upTo: 1 << 26)
    return try Planning.dimension(
      epsilon, worstVariance: Planning.signVariance(inputDimension: inputDimension),
      population: replacement ? nil : WalshHadamard.paddedLength(inputDimension))
  }
}
