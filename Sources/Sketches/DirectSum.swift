// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Two sketches side by side, each for its own coordinates.

import LinearAlgebra
import Validation

/// The parameters of a `DirectSum`: its two sketches.
public struct DirectSumParameters<First: LinearSketch, Second: LinearSketch>: Codable, Hashable,
  Sendable
{
  public var first: First
  public var second: Second

  public init(first: First, second: Second) {
    self.first = first
    self.second = second
  }
}

/// The direct sum S₁ ⊕ S₂: (x₁, x₂) ↦ (S₁x₁, S₂x₂), so inner products add up.
///
/// For independent unbiased parts it is unbiased, and its variance is the sum of theirs. Sums of more
/// parts are sums of sums. It promises for batches and sparse rows what both parts do.
///
/// - Complexity: that of the parts; sparse rows are copied, a block at a time.
public struct DirectSum<First: LinearSketch, Second: LinearSketch>: LinearSketch {
  public static var law: String { "directSum" }
  public let parameters: DirectSumParameters<First, Second>

  private var first: First { parameters.first }
  private var second: Second { parameters.second }

  /// - Throws: `InvalidInput` if the two have equal laws and seeds, or too many dimensions together.
  public init(_ parameters: DirectSumParameters<First, Second>) throws {
    let (first, second) = (parameters.first, parameters.second)
    try Check.dimension(first.inputDimension + second.inputDimension, "input dimension")
    try Check.dimension(first.outputDimension + second.outputDimension, "output dimension")
    try RandomSource.requireIndependent(first, second)
    self.parameters = parameters
  }

  /// S₁ ⊕ S₂.
  ///
  /// - Throws: `InvalidInput` if the two have equal laws and seeds, or too many dimensions together.
  public init(_ first: First, _ second: Second) throws {
    try self.init(DirectSumParameters(first: first, second: second))
  }

  public var inputDimension: Int { first.inputDimension + second.inputDimension }
  public var outputDimension: Int { first.outputDimension + second.outputDimension }
  public var randomSources: Set<RandomSource> { first.randomSources.union(second.randomSources) }
  public var blockRowCount: Int { max(first.blockRowCount, second.blockRowCount) }
  public var passesOnNonfinite: Bool { first.passesOnNonfinite && second.passesOnNonfinite }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let split = first.inputDimension
    rows.withColumns(0..<split, workspace) {
      first.mapInBlocks($0, into: output, workspace: workspace)
    }
    rows.withColumns(split..<inputDimension, workspace) {
      second.mapInBlocks(
        $0, into: output.dropping(first.outputDimension), workspace: workspace)
    }
  }

  public var partialRowCount: Int { first.partialRowCount + second.partialRowCount }

  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    let split = min(rows.rowCount, max(0, first.inputDimension - offset))
    if split > 0 {
      try first.accumulate(rows.rows(0..<split), at: offset, into: sum, on: execution)
    }
    if split < rows.rowCount {
      try second.accumulate(
        rows.rows(split..<rows.rowCount), at: offset + split - first.inputDimension,
        into: RowOutput(base: sum.row(first.partialRowCount), stride: sum.stride), on: execution)
    }
  }

  public func finish<Scalar: RealScalar>(
    _ sum: consuming Matrix<Scalar>, on execution: Execution
  ) throws -> Matrix<Scalar> {
    let split = first.partialRowCount
    return try .stacked([
      first.finish(sum.rows(0..<split), on: execution),
      second.finish(sum.rows(split..<sum.rowCount), on: execution),
    ])
  }

  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    let (x, y) = (try parts(of: x, "x"), try parts(of: y, "y"))
    return try first.variance(x.0, y.0) + second.variance(x.1, y.1)
  }

  public func moments(_ x: [Double], _ y: [Double]) throws -> PairExpectation {
    let (u, v) = (try parts(of: x, "x"), try parts(of: y, "y"))
    let (one, two) = (try first.moments(u.0, v.0), try second.moments(u.1, v.1))
    func square(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    return PairExpectation(
      squaredProduct: product * product + (try variance(x, y)),
      norms: one.norms + two.norms + square(u.0) * square(v.1) + square(u.1) * square(v.0),
      squares: one.squares + two.squares)
  }

  private func parts(of point: [Double], _ name: String) throws -> ([Double], [Double]) {
    try Check.equal(point.count, inputDimension, "entries of \(name)")
    let split = first.inputDimension
    return (Array(point[..<split]), Array(point[split...]))
  }
}

extension RowBlock {
  /// Lends the rows cut to some columns, which are numbered from 0 again.
  fileprivate func withColumns(
    _ range: Range<Int>, _ workspace: Workspace, _ body: (RowBlock) -> Void
  ) {
    switch entries {
    case .dense(let base, let stride):
      body(
        RowBlock(
          rowCount: rowCount, columnCount: range.count,
          entries: .dense(base: base + range.lowerBound, stride: stride)))
    case .sparse(let view):
      let total = rowCount == 0 ? 0 : view.positions(ofRow: rowCount - 1).upperBound
      workspace.withScratch(Int.self, rowCount + 1) { offsets in
        workspace.withScratch(Int32.self, total) { columns in
          workspace.withScratch(Scalar.self, total) { values in
            offsets[0] = 0
            for i in 0..<rowCount {
              var next = offsets[i]
              for position in view.positions(ofRow: i)
              where range.contains(Int(view.columns[position])) {
                columns[next] = view.columns[position] - Int32(range.lowerBound)
                values[next] = view.values[position]
                next += 1
              }
              offsets[i + 1] = next
            }
            body(
              RowBlock(
                rowCount: rowCount, columnCount: range.count,
                entries: .sparse(
                  SparseRowPointers(offsets: offsets, columns: columns, values: values))))
          }
        }
      }
    }
  }
}
