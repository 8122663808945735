// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What layers without a window do to a block.

import Kernels
import LinearAlgebra
import Validation

extension PixelRun {
  /// The index of the first pixel of a row of the block, among those of x and of y.
  private func pixels(
    _ block: PixelBlock<Scalar>, _ row: Int, _ node: Int
  ) -> (x: Int, y: Int) {
    let first = row + max(0, -block.rowOffset)
    let width = plan.graph.nodes[node].width
    return (
      first * width + max(0, -block.columnOffset),
      (first + block.rowOffset) * width + max(0, block.columnOffset)
    )
  }

  /// K = ⟨x, y⟩ / channels, and Θ = 0.
  func multiplyPixels(_ block: PixelBlock<Scalar>, _ node: Int) {
    let stride = plan.graph.nodes[node].pixelCount * lanes
    for row in 0..<block.height {
      let (p, q) = pixels(block, row, node)
      PixelRows.multiply(
        block.rowLength, channels: x.layout.channelCount,
        scale: 1 / Scalar(x.layout.channelCount), x.channel(0) + p * lanes, xStride: stride,
        y.channel(0) + q * lanes, yStride: stride, into: block.nngp + row * block.rowLength)
    }
    block.ntk?.update(repeating: 0, count: block.size)
  }

  /// K ← weight · K + bias, then Θ ← K + weight · Θ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func scale(_ block: PixelBlock<Scalar>, _ weight: Scalar, _ bias: Scalar) {
    for k in 0..<block.size { block.nngp[k] = weight * block.nngp[k] + bias }
    guard let ntk = block.ntk else { return }
    for k in 0..<block.size { ntk[k] = block.nngp[k] + weight * ntk[k] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply(_ block: PixelBlock<Scalar>, by factor: Scalar) {
    for k in 0..<block.size { block.nngp[k] *= factor }
    guard let ntk = block.ntk else { return }
    for k in 0..<block.size { ntk[k] *= factor }
  }

  func copy(_ source: PixelBlock<Scalar>, to block: PixelBlock<Scalar>) {
    block.nngp.update(from: source.nngp, count: block.size)
    if let ntk = block.ntk, let other = source.ntk { ntk.update(from: other, count: block.size) }
  }

  /// The sum of all inputs, of which one may be the block itself.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add(
    _ step: PixelPlan.Step, _ block: PixelBlock<Scalar>,
    _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>
  ) {
    let own = step.inPlace ?? step.inputs[0]
    if step.inPlace == nil { copy(blocks[own], to: block) }
    let count = step.inputs.count { $0 == own }
    if count > 1 { multiply(block, by: Scalar(count)) }
    for input in step.inputs where input != own {
      let other = blocks[input]
      for k in 0..<block.size { block.nngp[k] += other.nngp[k] }
      guard let ntk = block.ntk, let others = other.ntk else { continue }
      for k in 0..<block.size { ntk[k] += others[k] }
    }
  }

  /// Keeps √(K(x, x) + ε) of all pixels, where this is wanted.
  ///
  /// - Throws: `InvalidInput` if one overflows, or all are so small that digits are lost.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func recordDeviations(
    _ block: PixelBlock<Scalar>, _ node: Int, _ slot: Int, epsilon: Scalar
  ) throws {
    guard isRecording, block.isDiagonal else { return }
    let (values, reciprocals) = (x.values(slot), x.reciprocals(slot))
    var largest: Scalar = 0
    for k in 0..<block.size {
      let variance = max(0, block.nngp[k]) + epsilon
      // Comparisons with NaN are false.
      guard variance < .infinity else {
        throw InvalidInput(
          "variance at \(plan.graph.nodes[node].name)", found: "an overflow of \(Scalar.self)",
          expected: "points of smaller norm or layers of smaller weightStd")
      }
      largest = max(largest, variance)
      values[k] = variance.squareRoot()
      reciprocals[k] = ArcCosine.reciprocal(values[k])
    }
    guard largest == 0 || largest >= .leastNormalMagnitude else {
      throw InvalidInput(
        "variance at \(plan.graph.nodes[node].name)", found: "an underflow of \(Scalar.self)",
        expected: "points of larger norm or layers of larger weightStd")
    }
  }

  /// Runs an activation on a block; its pairs of a pixel with itself, of correlation 1, are left out and get
  /// their values from the deviations alone.
  func keepingSame(
    _ block: PixelBlock<Scalar>, _ dual: DualActivation, _ slot: Int, _ activate: () -> Void
  ) {
    guard hasSame(block) else { return activate() }
    let count = block.size / lanes * sameCount
    workspace.withScratch(Scalar.self, 2 * count) { deviations in
      let tangents = deviations + count
      forEachSame(block) { index, k in
        deviations[index] = x.values(slot)[k]
        tangents[index] = block.ntk?[k] ?? 0
        // Where the correlation is 0 every dual is quick.
        block.nngp[k] = 0
      }
      if sameCount < lanes { activate() }
      let results = dual.sameValues(UnsafeBufferPointer(start: deviations, count: count))
      forEachSame(block) { index, k in
        block.nngp[k] = results[index].value
        block.ntk?[k] = tangents[index] * results[index].derivative
      }
    }
  }

  /// Multiplies what a block has of pixels with themselves.
  func multiplySame(_ block: PixelBlock<Scalar>, by factor: Scalar) {
    forEachSame(block) { _, k in
      block.nngp[k] *= factor
      block.ntk?[k] *= factor
    }
  }

  /// Counts the pairs of a pixel with itself in a block at offset 0, and tells where each is.
  private func forEachSame(_ block: PixelBlock<Scalar>, _ body: (Int, Int) -> Void) {
    for pixel in 0..<block.size / lanes {
      for lane in 0..<sameCount { body(pixel * sameCount + lane, pixel * lanes + lane) }
    }
  }

  /// An activation without closed form, between different points or pixels.
  func apply(_ quadrature: QuadratureTile, _ block: PixelBlock<Scalar>, _ node: Int) {
    for row in 0..<block.height {
      let (p, q) = pixels(block, row, node)
      let first = row * block.rowLength
      quadrature.apply(
        left: p * lanes, leftStep: 1, right: q * lanes, count: block.rowLength, same: nil,
        nngp: block.nngp + first, ntk: block.ntk.map { $0 + first }, workspace: workspace)
    }
  }

  /// An activation in closed form on a row of a block, between different points or pixels.
  @inline(__always)
  func apply(
    _ dual: DualActivation, _ slot: Int, _ block: PixelBlock<Scalar>, _ node: Int,
    row: Int
  ) {
    let length = block.rowLength
    let (p, q) = pixels(block, row, node)
    let (nngp, ntk) = (block.nngp + row * length, block.ntk.map { $0 + row * length })
    let (left, inverseLeft) = (x.values(slot) + p * lanes, x.reciprocals(slot) + p * lanes)
    let (right, inverseRight) = (y.values(slot) + q * lanes, y.reciprocals(slot) + q * lanes)
    if case .relu = dual.activation {
      ArcCosine.applyReLU(
        length, left, inverseLeft, qStep: 1, right, inverseRight, nngp: nngp, ntk: ntk)
      return
    }
    workspace.withScratch(Scalar.self, 2 * length) { scratch in
      dual.apply(
        DualRow(
          count: length, q: left, inverseQ: inverseLeft, qStep: 1, r: right,
          inverseR: inverseRight, nngp: nngp, ntk: ntk, scratch: scratch))
    }
  }

  /// Layer normalisation.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func normalize(_ slot: Int, _ block: PixelBlock<Scalar>, _ node: Int) {
    for row in 0..<block.height {
      let (p, q) = pixels(block, row, node)
      let (left, right) = (x.reciprocals(slot) + p * lanes, y.reciprocals(slot) + q * lanes)
      let nngp = block.nngp + row * block.rowLength
      for k in 0..<block.rowLength { nngp[k] *= left[k] * right[k] }
      guard let ntk = block.ntk.map({ $0 + row * block.rowLength }) else { continue }
      for k in 0..<block.rowLength { ntk[k] *= left[k] * right[k] }
    }
  }
}
