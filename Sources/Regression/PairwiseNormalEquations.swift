// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Normal equations of parts of a stream that merge to the bits of the whole.

import LinearAlgebra
import Validation

/// Normal equations of consecutive blocks of rows of a stream, summed in pairs.
///
/// The sum over 2ʲ blocks from a multiple of 2ʲ on is that of its two halves, wherever the stream was
/// cut between blocks. So parts that begin with block 0 and follow each other, merged in order, have the
/// bits of one stream, on any number of machines of a kind:
///
///     var first = try PairwiseNormalEquations(featureCount: 64, targetCount: 1)
///     var second = try PairwiseNormalEquations(featureCount: 64, targetCount: 1, firstBlock: 5)
///     …
///     try first.merge(second)
///     let model = try first.total.model(ridge: 0.1)
///
/// - Memory: that of `NormalEquations` for each sum that waits for its other half, log₂ of the number
///   of blocks at most, and as many more in a part that does not begin with block 0.
public struct PairwiseNormalEquations: Sendable {
  /// The numbers of the blocks that have been added.
  public private(set) var blocks: Range<Int>
  /// Sums over runs of blocks that make up `blocks`; no two of them are halves of a longer one.
  private var runs: [(blocks: Range<Int>, sums: NormalEquations)] = []
  private let empty: NormalEquations

  /// - Parameter firstBlock: the number of the first block of this part.
  /// - Throws: `InvalidInput` as `NormalEquations`, or if `firstBlock` is negative.
  public init(featureCount: Int, targetCount: Int, firstBlock: Int = 0) throws {
    guard firstBlock >= 0 else {
      throw InvalidInput("first block", found: "\(firstBlock)", expected: "a number from 0 on")
    }
    empty = try NormalEquations(featureCount: featureCount, targetCount: targetCount)
    blocks = firstBlock..<firstBlock
  }

  /// Adds the rows of the next block: features `t × D`, targets `t × k`, weights as there.
  ///
  /// - Throws: as `NormalEquations.add`; then nothing is added.
  /// - Complexity: as `NormalEquations.add`, and D² + Dk additions.
  public mutating func add<Scalar: RealScalar>(
    features: Matrix<Scalar>, targets: Matrix<Double>, weights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws {
    var sums = empty
    try sums.add(features: features, targets: targets, weights: weights, on: execution)
    try append(blocks.upperBound..<blocks.upperBound + 1, sums)
  }

  /// Adds the part that follows. Cost: D² + Dk additions for each sum that finds its other half.
  ///
  /// - Throws: `InvalidInput` if the counts of features or targets differ, or the blocks do not follow.
  public mutating func merge(_ next: PairwiseNormalEquations) throws {
    try Check.equal(next.empty.featureCount, empty.featureCount, "columns of the features")
    try Check.equal(next.empty.targetCount, empty.targetCount, "columns of the targets")
    try Check.equal(next.blocks.lowerBound, blocks.upperBound, "first block of the next part")
    for run in next.runs { try append(run.blocks, run.sums) }
  }

  /// The sums over all blocks. Cost: D² + Dk additions for each sum that waits.
  public var total: NormalEquations {
    get throws {
      var result = empty
      for run in runs { try result.merge(run.sums) }
      return result
    }
  }

  private mutating func append(_ range: Range<Int>, _ sums: NormalEquations) throws {
    var (range, sums) = (range, sums)
    // A run and its predecessor of equal length are halves if that starts at a multiple of both.
    while let last = runs.last, last.blocks.count == range.count,
      last.blocks.lowerBound.isMultiple(of: 2 * range.count)
    {
      runs.removeLast()
      var both = last.sums
      try both.merge(sums)
      (range, sums) = (last.blocks.lowerBound..<range.upperBound, both)
    }
    runs.append((range, sums))
    blocks = blocks.lowerBound..<range.upperBound
  }
}
