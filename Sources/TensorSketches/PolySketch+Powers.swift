// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// All powers of a point from one tree, leaf by leaf, like a binary counter.

import LinearAlgebra
import Sketches
import Transforms

extension PolySketch {
  /// Writes the sketches of the powers (γ⟨x, y⟩ + r)ʲ of a block of rows, `n × m` each.
  ///
  /// - Parameter outputs: where power j goes is `outputs[j − 1]`; powers that are nil, or beyond the
  ///   end, are not wanted and cost nothing beyond what the wanted ones need. At most q outputs.
  /// - Complexity: for all of 1 … q, the leaves and about 2q + q log₂(q)/2 pairs of transforms per
  ///   row; 2 log₂ q + 4 vectors of m numbers of scratch.
  public func powers<Scalar: RealScalar>(
    of rows: RowBlock<Scalar>, into outputs: [RowOutput<Scalar>?], workspace: Workspace
  ) {
    powers(of: rows, minus: nil, into: outputs, workspace: workspace)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func powers<Scalar: RealScalar>(
    of rows: RowBlock<Scalar>, minus multiples: Multiples?, into outputs: [RowOutput<Scalar>?],
    workspace: Workspace
  ) {
    precondition(outputs.count <= degree)
    guard let last = outputs.lastIndex(where: { $0 != nil }) else { return }
    let arithmetic = NodeArithmetic<Scalar>(parameters.node, transform)
    let levelCount = nodes.count + 1
    let stride = arithmetic.vectorStride + arithmetic.transformStride
    workspace.withScratch(Scalar.self, (levelCount + 2) * stride) { scratch in
      var counter = TreeCounter(
        tree: self, multiples: multiples, arithmetic: arithmetic, scratch: scratch,
        workspace: workspace, stride: stride, levelCount: levelCount)
      for i in 0..<rows.rowCount {
        let exponent = input.exponent(ofRow: i, of: rows)
        counter.reset()
        for leaf in 0...last {
          counter.add(leaf: leaf, row: i, of: rows, exponent: exponent)
          guard let output = outputs[leaf] else { continue }
          let (power, scale) = counter.power()
          Entrywise.scale(
            power, by: scale * input.factor(ofPower: leaf + 1, exponent: exponent),
            into: output.row(i), count: outputDimension)
        }
      }
    }
  }
}

/// The complete trees of the leaves of one row so far: one per binary digit of their number.
private struct TreeCounter<Scalar: RealScalar> {
  let tree: PolySketch
  let multiples: Multiples?
  let arithmetic: NodeArithmetic<Scalar>
  let scratch: UnsafeMutablePointer<Scalar>
  let workspace: Workspace
  let stride: Int
  let levelCount: Int
  /// Which levels' trees have had their transform as a left child computed.
  private var knownTransforms: UInt64 = 0
  private var leafCount = 0

  init(
    tree: PolySketch, multiples: Multiples?, arithmetic: NodeArithmetic<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>, workspace: Workspace, stride: Int, levelCount: Int
  ) {
    self.tree = tree
    self.multiples = multiples
    self.arithmetic = arithmetic
    self.scratch = scratch
    self.workspace = workspace
    self.stride = stride
    self.levelCount = levelCount
  }

  /// The sketch by the complete tree of a level, up to `scale(ofLevel:)`.
  private func value(_ level: Int) -> UnsafeMutablePointer<Scalar> { scratch + level * stride }

  /// Its transform as a left child.
  private func transform(_ level: Int) -> UnsafeMutablePointer<Scalar> {
    value(level) + arithmetic.vectorStride
  }

  /// What is being merged from the right.
  private var current: UnsafeMutablePointer<Scalar> { value(levelCount) }
  private var right: UnsafeMutablePointer<Scalar> { transform(levelCount) }
  private var nodeScratch: UnsafeMutablePointer<Scalar> { value(levelCount + 1) }

  private func scale(ofLevel level: Int) -> Scalar { level == 0 ? 1 : arithmetic.resultScale }

  mutating func reset() {
    leafCount = 0
    knownTransforms = 0
  }

  /// Sketches the row by the next leaf and merges trees of equal size.
  mutating func add(leaf: Int, row: Int, of rows: RowBlock<Scalar>, exponent: Int) {
    let level = (leaf + 1).trailingZeroBitCount
    let sketch = level == 0 ? value(0) : current
    tree.leaves[leaf].write(
      row: row, of: rows, exponent: exponent, by: tree.input, to: sketch, count: arithmetic.m,
      workspace: workspace)
    multiples?.subtract(row: row, exponent: exponent, leaf: leaf, from: sketch)
    leafCount = leaf + 1
    for below in 0..<level {
      merge(
        below, node: leaf >> (below + 1), right: current, rightScale: scale(ofLevel: below),
        into: below + 1 == level ? value(level) : current)
    }
    // The trees below have been merged.
    knownTransforms &= ~((1 << UInt64(level)) - 1)
  }

  /// The sketch of the power of as many factors as there are leaves, up to the scale beside it.
  mutating func power() -> (UnsafePointer<Scalar>, scale: Scalar) {
    let lowest = leafCount.trailingZeroBitCount
    var (result, scale) = (value(lowest), scale(ofLevel: lowest))
    var rest = leafCount & (leafCount - 1)
    while rest > 0 {
      let level = rest.trailingZeroBitCount
      merge(
        level, node: leafCount >> (level + 1), right: result, rightScale: scale, into: current)
      (result, scale) = (current, arithmetic.resultScale)
      rest &= rest - 1
    }
    return (UnsafePointer(result), scale)
  }

  /// Writes the sketch by a node of the complete tree of `level` and what follows it, up to the
  /// arithmetic's scale.
  private mutating func merge(
    _ level: Int, node index: Int, right child: UnsafeMutablePointer<Scalar>, rightScale: Scalar,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    let node = tree.nodes[level].isEmpty ? nil : tree.nodes[level][index]
    if knownTransforms & (1 << UInt64(level)) == 0 {
      arithmetic.transform(
        value(level), scale: scale(ofLevel: level), by: node, .left, scratch: nodeScratch,
        into: transform(level))
      knownTransforms |= 1 << UInt64(level)
    }
    arithmetic.transform(
      child, scale: rightScale, by: node, .right, scratch: nodeScratch, into: right)
    arithmetic.join(transform(level), right, into: output)
  }
}
