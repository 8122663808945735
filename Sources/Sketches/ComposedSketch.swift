// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// One sketch after another.

import LinearAlgebra
import Validation

/// The parameters of a `ComposedSketch`: its two sketches.
public struct ComposedParameters<First: LinearSketch, Second: ElementarySketch>: Codable, Hashable,
  Sendable
{
  public var first: First
  public var second: Second

  public init(first: First, second: Second) {
    self.first = first
    self.second = second
  }
}

/// The composition S₂S₁: a cheap sketch to a middling dimension, then a good one to a small one.
///
/// For independent unbiased parts E⟨S₂S₁x, S₂S₁y⟩ = ⟨x, y⟩ and
/// Var⟨S₂S₁x, S₂S₁y⟩ = Var⟨S₁x, S₁y⟩ + E Var(⟨S₂u, S₂v⟩ | u = S₁x, v = S₁y), both of them exact.
///
/// It promises for batches and sparse rows what both parts do. A partial sum is one of S₁; S₂ follows in
/// `finish`.
///
/// - Complexity: that of the parts; per thread, the images of a block of rows under S₁.
public struct ComposedSketch<First: LinearSketch, Second: ElementarySketch>: LinearSketch {
  public static var law: String { "composed" }
  public let parameters: ComposedParameters<First, Second>

  private var first: First { parameters.first }
  private var second: Second { parameters.second }

  /// - Throws: `InvalidInput` unless S₂ takes what S₁ gives and the two have different seeds (or laws).
  public init(_ parameters: ComposedParameters<First, Second>) throws {
    try Check.equal(
      parameters.second.inputDimension, parameters.first.outputDimension,
      "input dimension of the second sketch")
    try RandomSource.requireIndependent(parameters.first, parameters.second)
    self.parameters = parameters
  }

  /// S₂S₁.
  ///
  /// - Throws: `InvalidInput` unless S₂ takes what S₁ gives and the two have different seeds (or laws).
  public init(_ first: First, then second: Second) throws {
    try self.init(ComposedParameters(first: first, second: second))
  }

  public var inputDimension: Int { first.inputDimension }
  public var outputDimension: Int { second.outputDimension }
  public var randomSources: Set<RandomSource> { first.randomSources.union(second.randomSources) }
  public var blockRowCount: Int { max(first.blockRowCount, second.blockRowCount) }
  public var passesOnNonfinite: Bool { first.passesOnNonfinite && second.passesOnNonfinite }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let width = first.outputDimension
    workspace.withScratch(Scalar.self, rows.rowCount * width) { base in
      first.mapInBlocks(rows, into: RowOutput(base: base, stride: width), workspace: workspace)
      second.mapInBlocks(
        RowBlock(
          rowCount: rows.rowCount, columnCount: width,
          entries: .dense(base: UnsafePointer(base), stride: width)),
        into: output, workspace: workspace)
    }
  }

  public var partialRowCount: Int { first.partialRowCount }

  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try first.accumulate(rows, at: offset, into: sum, on: execution)
  }

  public func finish<Scalar: RealScalar>(
    _ sum: consuming Matrix<Scalar>, on execution: Execution
  ) throws -> Matrix<Scalar> {
    let image = try first.finish(sum, on: execution)
    let columnCount = image.columnCount
    var result = Matrix<Scalar>(rowCount: second.partialRowCount, columnCount: columnCount)
    try result.withUnsafeMutablePointer {
      try second.accumulate(
        .dense(image), at: 0, into: RowOutput(base: $0, stride: columnCount), on: execution)
    }
    return try second.finish(result, on: execution)
  }

  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    try first.variance(x, y) + second.variance(of: first.moments(x, y))
  }

  public func moments(_ x: [Double], _ y: [Double]) throws -> PairExpectation {
    second.image(of: try first.moments(x, y))
  }
}
