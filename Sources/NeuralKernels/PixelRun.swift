// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Pairs of images on their way through a network on pixels.

import Kernels
import LinearAlgebra
import Validation

/// The covariances of all pairs of pixels at one offset: row by row of the first image's pixels, and for
/// each pixel one number for each pair of images.
struct PixelBlock<Scalar: RealScalar>: BitwiseCopyable {
  /// Of the second image's pixel from the first one's.
  var rowOffset = 0
  var columnOffset = 0
  var height = 0
  /// The numbers in a row: its pixels times the pairs of images.
  var rowLength = 0
  let nngp: UnsafeMutablePointer<Scalar>
  let ntk: UnsafeMutablePointer<Scalar>?

  var isEmpty: Bool { height == 0 || rowLength == 0 }
  var isDiagonal: Bool { rowOffset == 0 && columnOffset == 0 }
  var size: Int { height * rowLength }
}

/// Takes a few pairs of images at once, x₀ with y₀, x₁ with y₁ and so on, through a plan.
struct PixelRun<Scalar: RealScalar> {
  let plan: PixelPlan
  let x: PixelImages<Scalar>
  let y: PixelImages<Scalar>
  /// How many pairs are of one point, x that is y. They come first.
  let sameCount: Int
  /// Whether deviations are recorded in x, which is y, rather than read.
  let isRecording: Bool
  let workspace: Workspace
  /// The kept blocks, by node: all of K, then all of Θ.
  private let stores: [UnsafeMutablePointer<Scalar>?]
  /// The sums of global pooling, by node: those of K, one for each pair, then those of Θ.
  private let sums: [UnsafeMutablePointer<Double>?]
  let withTangents: Bool
  private let quadratures: Quadratures

  var lanes: Int { x.count }

  /// Whether a block has pairs of a pixel with itself.
  func hasSame(_ block: PixelBlock<Scalar>) -> Bool { block.isDiagonal && sameCount > 0 }

  /// The bytes that a pair needs in scratch memory.
  static func bytesPerPair(_ plan: PixelPlan, _ layout: PixelLayout) -> Double {
    let numbers = 2 * plan.sizePerPair + 2 * Double(layout.rowCount)
    // Two coefficients and two tails of 8 bytes for each term, deviation and image.
    let expanded = zip(plan.graph.slots, plan.graph.pieces).reduce(0.0) { sum, slot in
      guard slot.1 != nil else { return sum }
      return sum + 32 * Double(plan.graph.nodes[slot.0].pixelCount * HermiteExpansion.termCount)
    }
    return numbers * Double(MemoryLayout<Scalar>.size) + expanded
  }

  /// Computes the deviations of all images in x.
  ///
  /// - Throws: `InvalidInput` if one of them overflows.
  static func recordDeviations(
    _ plan: PixelPlan, of x: PixelImages<Scalar>, workspace: Workspace
  ) throws {
    try with(
      plan, x, x, sameCount: x.count, isRecording: true, withTangents: false, workspace: workspace
    ) { run in
      _ = try run.runStages()
    }
  }

  /// Hands K or Θ of every pair to `body`.
  static func kernels(
    _ plan: PixelPlan, _ x: PixelImages<Scalar>, _ y: PixelImages<Scalar>, sameCount: Int,
    _ kind: NeuralKernel.Kind, workspace: Workspace, _ body: (UnsafePointer<Scalar>) -> Void
  ) throws {
    try with(
      plan, x, y, sameCount: sameCount, isRecording: false, withTangents: kind == .ntk,
      workspace: workspace
    ) { run in
      try run.runStages { block in
        body(block.ntk ?? block.nngp)
      }
    }
  }

  private static func with(
    _ plan: PixelPlan, _ x: PixelImages<Scalar>, _ y: PixelImages<Scalar>, sameCount: Int,
    isRecording: Bool, withTangents: Bool, workspace: Workspace, _ body: (PixelRun) throws -> Void
  ) throws {
    let (nodeCount, lanes, kinds) = (plan.graph.nodes.count, x.count, withTangents ? 2 : 1)
    let total = plan.stores.values.reduce(0) { $0 + Int($1.size) * kinds * lanes }
    try workspace.withScratch(Scalar.self, total) { base in
      try workspace.withScratch(Double.self, plan.stores.count * 2 * lanes) { sumBase in
        var stores = [UnsafeMutablePointer<Scalar>?](repeating: nil, count: nodeCount)
        var sums = [UnsafeMutablePointer<Double>?](repeating: nil, count: nodeCount)
        var (next, nextSum) = (base, sumBase)
        for (node, store) in plan.stores.sorted(by: { $0.key < $1.key }) {
          stores[node] = next
          next += Int(store.size) * kinds * lanes
          sums[node] = nextSum
          nextSum += 2 * lanes
        }
        try body(
          PixelRun(
            plan: plan, x: x, y: y, sameCount: sameCount, isRecording: isRecording,
            workspace: workspace, stores: stores, sums: sums, withTangents: withTangents,
            quadratures: Quadratures()))
      }
    }
  }

  private func runStages(_ body: (PixelBlock<Scalar>) -> Void = { _ in }) throws {
    for stage in plan.stages {
      let (capacity, kinds) = (stage.pixelCount * lanes, withTangents ? 2 : 1)
      if let barrier = stage.barrier { clearStore(barrier) }
      try workspace.withScratch(Scalar.self, stage.bufferCount * capacity * kinds) { buffers in
        try workspace.withScratch(PixelBlock<Scalar>.self, stage.steps.count) { blocks in
          // Offset 0 first: what others need is recorded there.
          try run(stage, 0, 0, buffers, blocks, body)
          for rowOffset in stage.offsets.rows {
            for columnOffset in stage.offsets.columns where rowOffset != 0 || columnOffset != 0 {
              try run(stage, rowOffset, columnOffset, buffers, blocks, body)
            }
          }
        }
      }
    }
  }

  /// Takes one offset through a stage. An activation in closed form goes with the convolution before it,
  /// row by row.
  private func run(
    _ stage: PixelPlan.Stage, _ rowOffset: Int, _ columnOffset: Int,
    _ buffers: UnsafeMutablePointer<Scalar>, _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>,
    _ body: (PixelBlock<Scalar>) -> Void
  ) throws {
    let capacity = stage.pixelCount * lanes
    var isDone = false
    for (index, step) in stage.steps.enumerated() {
      let node = step.node
      var block = PixelBlock(
        nngp: buffers + step.buffer * capacity,
        ntk: withTangents ? buffers + (stage.bufferCount + step.buffer) * capacity : nil)
      if let row = step.rowOffset(rowOffset), let column = step.columnOffset(columnOffset) {
        (block.rowOffset, block.columnOffset) = (row, column)
        block.height = max(0, plan.graph.nodes[node].height - abs(row))
        block.rowLength = max(0, plan.graph.nodes[node].width - abs(column)) * lanes
      }
      blocks[index] = block
      if isDone || block.isEmpty {
        isDone = false
        continue
      }
      var activation: Int?
      if case .convolution = plan.graph.nodes[node].operation, index + 1 < stage.steps.count,
        stage.steps[index + 1].inPlace == index, !hasSame(block)
      {
        activation = closedSlot(stage.steps[index + 1].node)
      }
      try run(step, block, blocks, then: activation)
      isDone = activation != nil
    }
    guard let result = stage.result else { return }
    if let barrier = stage.barrier {
      collect(blocks[result], at: barrier)
    } else {
      body(blocks[result])
    }
  }

  /// The slot of a node that is an activation in closed form; nil for others.
  private func closedSlot(_ node: Int) -> Int? {
    guard case .activation = plan.graph.nodes[node].operation,
      let slot = plan.graph.nodes[node].slot, plan.graph.pieces[slot] == nil
    else { return nil }
    return slot
  }

  private func run(
    _ step: PixelPlan.Step, _ block: PixelBlock<Scalar>,
    _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>, then activation: Int?
  ) throws {
    let node = step.node
    let operation = plan.graph.nodes[node].operation
    if let input = step.inputs.first, step.inPlace == nil {
      switch operation {
      case .convolution, .sum, .pool, .globalPool, .flatten: break
      default: copy(blocks[input], to: block)
      }
    }
    switch operation {
    case .input:
      multiplyPixels(block, node)
    case .dense(let weightStd, let biasStd):
      scale(
        block, try variance(weightStd, of: 1, "weightStd", node),
        try variance(biasStd, of: 1, "biasStd", node))
    case .convolution(let weightStd, let biasStd, let rows, let columns):
      try convolve(
        step, block, blocks, rows, columns,
        variance(
          weightStd, of: Double(rows.size) * Double(columns.size), "weightStd", node),
        variance(biasStd, of: 1, "biasStd", node), then: activation)
    case .activation:
      guard let slot = plan.graph.nodes[node].slot, let dual = plan.graph.activations[slot] else {
        return
      }
      try recordDeviations(block, node, slot, epsilon: 0)
      keepingSame(block, dual, slot) {
        if let pieces = plan.graph.pieces[slot] {
          apply(quadrature(pieces, slot, node), block, node)
        } else {
          for row in 0..<block.height { apply(dual, slot, block, node, row: row) }
        }
      }
    case .normalize(let epsilon):
      guard let slot = plan.graph.nodes[node].slot else { return }
      try recordDeviations(block, node, slot, epsilon: Scalar(epsilon))
      normalize(slot, block, node)
    case .dropout(let keep):
      // Masks of different points and of different pixels are independent, of mean 1.
      if hasSame(block) { multiplySame(block, by: Scalar(1 / keep)) }
    case .sum:
      add(step, block, blocks)
    case .pool, .globalPool, .flatten:
      load(node, block)
    }
  }

  /// The dual of an activation without closed form, once its deviations are known.
  private final class Quadratures {
    var tiles: [Int: QuadratureTile] = [:]
  }

  private func quadrature(_ pieces: SmoothPieces, _ slot: Int, _ node: Int) -> QuadratureTile {
    if let tile = quadratures.tiles[slot] { return tile }
    let count = plan.graph.nodes[node].pixelCount * lanes
    let tile = QuadratureTile(pieces, x.values(slot), count, y.values(slot), count)
    quadratures.tiles[slot] = tile
    return tile
  }

  /// The variance of a weight, of `count` that share it, in the scalar's type.
  ///
  /// - Throws: `InvalidInput` if it is not within the type's range.
  private func variance(
    _ deviation: Double, of count: Double, _ name: String, _ node: Int
  ) throws -> Scalar {
    let value = Scalar(deviation * deviation / count)
    guard deviation == 0 || value.isNormal else {
      throw InvalidInput(
        "\(plan.graph.nodes[node].name), \(name)", found: "\(deviation)",
        expected: "0 or a number whose square is within the range of \(Scalar.self)")
    }
    return value
  }

  /// The kept blocks of a node, K and Θ.
  func store(_ node: Int) -> (
    nngp: UnsafeMutablePointer<Scalar>, ntk: UnsafeMutablePointer<Scalar>?
  )? {
    guard let base = stores[node], let size = plan.stores[node]?.size else { return nil }
    return (base, withTangents ? base + Int(size) * lanes : nil)
  }

  func sum(_ node: Int) -> UnsafeMutablePointer<Double>? { sums[node] }
}
