// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What layers with a window do to blocks.

import CInnerLoops
import LinearAlgebra

extension PixelRun {
  /// Adds up the stretches of diagonals under a filter, rows first and then columns; then as a dense
  /// layer, and an activation if there is one.
  func convolve(
    _ step: PixelPlan.Step, _ block: PixelBlock<Scalar>,
    _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>, _ rows: AxisWindow,
    _ columns: AxisWindow, _ weight: Scalar, _ bias: Scalar,
    then activation: Int?
  ) {
    let node = step.node
    let next = activation.flatMap { slot in plan.graph.activations[slot].map { ($0, slot) } }
    guard !rows.wraps, !columns.wraps else {
      convolveCircularly(step, block, blocks, rows, columns, weight, bias)
      guard let (dual, slot) = next else { return }
      for row in 0..<block.height { apply(dual, slot, block, node, row: row) }
      return
    }
    let input = blocks[step.inputs[0]]
    let hasTangents = !plan.graph.nodes[plan.graph.nodes[node].inputs[0]].isWithoutTangents
    let width =
      (columns.before + columns.size) * lanes + input.rowLength
      + block.rowLength * columns.stride
    workspace.withScratch(Scalar.self, width) { scratch in
      workspace.withScratch(UnsafeMutablePointer<Scalar>?.self, 2 * rows.size) { taps in
        for row in 0..<block.height {
          let first = row * rows.stride - rows.before
          let inputs = max(0, first)..<max(0, first, min(first + rows.size, input.height))
          for (tap, inputRow) in inputs.enumerated() {
            taps[tap] = input.nngp + inputRow * input.rowLength
            taps[rows.size + tap] = input.ntk.map { $0 + inputRow * input.rowLength }
          }
          PixelRows.filter(
            sketching_filter_shape(
              row_count: inputs.count, input_count: input.rowLength / lanes,
              output_count: block.rowLength / lanes, taps: columns.size, stride: columns.stride,
              before: columns.before, lanes: lanes),
            weight: weight, bias: bias, taps, hasTangents ? taps + rows.size : nil,
            scratch: scratch, nngp: block.nngp + row * block.rowLength,
            ntk: block.ntk.map { $0 + row * block.rowLength })
          if let (dual, slot) = next { apply(dual, slot, block, node, row: row) }
        }
      }
    }
  }

  /// The same for filters that go round a border.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func convolveCircularly(
    _ step: PixelPlan.Step, _ block: PixelBlock<Scalar>,
    _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>, _ rows: AxisWindow,
    _ columns: AxisWindow, _ weight: Scalar, _ bias: Scalar
  ) {
    guard let windows = plan.runs[step.node], let rowRuns = windows.rows[block.rowOffset],
      let columnRuns = windows.columns[block.columnOffset]
    else { return }
    let source = plan.graph.nodes[plan.graph.nodes[step.node].inputs[0]]
    workspace.withScratch(Scalar.self, source.width * lanes) { sums in
      for row in 0..<block.height {
        for kind in 0..<(withTangents ? 2 : 1) {
          let target = (kind == 0 ? block.nngp : block.ntk!) + row * block.rowLength
          target.update(repeating: 0, count: block.rowLength)
          if kind == 1, source.isWithoutTangents { continue }
          var summed: Int?
          for run in columnRuns {
            if summed != run.inputOffset {
              sumRows(step, blocks, rowRuns, row, rows.stride, run.inputOffset, kind, into: sums)
              summed = run.inputOffset
            }
            PixelRows.add(
              sums + run.inputStart * lanes, to: target + run.outputs.lowerBound * lanes,
              sketching_pixel_grid(
                row_count: 1, source_step: 0, target_step: 0, count: run.outputs.count,
                stride: columns.stride, lanes: lanes))
          }
        }
        let nngp = block.nngp + row * block.rowLength
        for k in 0..<block.rowLength { nngp[k] = weight * nngp[k] + bias }
        guard let ntk = block.ntk.map({ $0 + row * block.rowLength }) else { continue }
        for k in 0..<block.rowLength { ntk[k] = nngp[k] + weight * ntk[k] }
      }
    }
  }

  /// The sum of the inputs' rows under a row of the filter.
  @inline(__always)
  private func sumRows(
    _ step: PixelPlan.Step, _ blocks: UnsafeMutablePointer<PixelBlock<Scalar>>,
    _ runs: [AxisWindow.Run], _ row: Int, _ stride: Int, _ columnOffset: Int, _ kind: Int,
    into sums: UnsafeMutablePointer<Scalar>
  ) {
    var isFirst = true
    for run in runs where run.outputs.contains(row) {
      guard
        let input = step.inputs.first(where: {
          !blocks[$0].isEmpty && blocks[$0].rowOffset == run.inputOffset
            && blocks[$0].columnOffset == columnOffset
        })
      else { continue }
      let block = blocks[input]
      let inputRow = run.inputStart + (row - run.outputs.lowerBound) * stride
      let source = (kind == 0 ? block.nngp : block.ntk!) + inputRow * block.rowLength
      if isFirst {
        for k in 0..<block.rowLength { sums[k] = source[k] }
      } else {
        for k in 0..<block.rowLength { sums[k] += source[k] }
      }
      isFirst = false
    }
  }

  /// Empties the results of a layer that pools.
  func clearStore(_ node: Int) {
    guard let (nngp, ntk) = store(node), let size = plan.stores[node]?.size else { return }
    nngp.update(repeating: 0, count: Int(size) * lanes)
    ntk?.update(repeating: 0, count: Int(size) * lanes)
    sum(node)?.update(repeating: 0, count: 2 * lanes)
  }

  /// Adds a block to the results of a layer that pools.
  func collect(_ block: PixelBlock<Scalar>, at node: Int) {
    guard !block.isEmpty else { return }
    if case .pool(_, let rows, let columns) = plan.graph.nodes[node].operation {
      collect(block, node, rowStride: rows.stride, columnStride: columns.stride)
    } else if let sum = sum(node) {
      addAll(block.nngp, block, to: sum)
      if let ntk = block.ntk { addAll(ntk, block, to: sum + lanes) }
    }
  }

  /// Sums over all pixels, row by row so that rounding errors stay small.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func addAll(
    _ values: UnsafeMutablePointer<Scalar>, _ block: PixelBlock<Scalar>,
    to sums: UnsafeMutablePointer<Double>
  ) {
    workspace.withScratch(Scalar.self, lanes) { part in
      for row in 0..<block.height {
        let start = values + row * block.rowLength
        for lane in 0..<lanes { part[lane] = start[lane] }
        for pixel in 1..<max(1, block.rowLength / lanes) {
          for lane in 0..<lanes { part[lane] += start[pixel * lanes + lane] }
        }
        for lane in 0..<lanes { sums[lane] += Double(part[lane]) }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func collect(
    _ block: PixelBlock<Scalar>, _ node: Int, rowStride: Int, columnStride: Int
  ) {
    guard let runs = plan.runs[node], let layout = plan.stores[node],
      let (nngp, ntk) = store(node)
    else { return }
    for rowRun in runs.rows[block.rowOffset] ?? [] {
      for columnRun in runs.columns[block.columnOffset] ?? [] {
        guard let start = layout.start(rowRun.outputOffset, columnRun.outputOffset) else {
          continue
        }
        let width = layout.width - abs(columnRun.outputOffset)
        let grid = sketching_pixel_grid(
          row_count: rowRun.outputs.count, source_step: rowStride * block.rowLength,
          target_step: width * lanes, count: columnRun.outputs.count, stride: columnStride,
          lanes: lanes)
        let source = rowRun.inputStart * block.rowLength + columnRun.inputStart * lanes
        let target =
          (start + rowRun.outputs.lowerBound * width + columnRun.outputs.lowerBound) * lanes
        PixelRows.add(block.nngp + source, to: nngp + target, grid)
        guard let ntk, let own = block.ntk else { continue }
        PixelRows.add(own + source, to: ntk + target, grid)
      }
    }
  }

  /// A block of the results of a layer that pools.
  func load(_ index: Int, _ block: PixelBlock<Scalar>) {
    let pixels = Double(plan.graph.nodes[plan.graph.nodes[index].inputs[0]].pixelCount)
    switch plan.graph.nodes[index].operation {
    case .pool(let reduction, let rows, let columns):
      loadStored(index, block, reduction, rows, columns)
    case .globalPool(let isAverage):
      loadSum(index, block, 1 / (isAverage ? pixels * pixels : 1))
    default:
      loadSum(index, block, 1 / pixels)
    }
  }

  private func loadSum(_ index: Int, _ block: PixelBlock<Scalar>, _ factor: Double) {
    guard let sum = sum(index) else { return }
    for lane in 0..<lanes {
      block.nngp[lane] = Scalar(sum[lane] * factor)
      if let ntk = block.ntk { ntk[lane] = Scalar(sum[lanes + lane] * factor) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func loadStored(
    _ index: Int, _ block: PixelBlock<Scalar>, _ reduction: Pooling.Reduction, _ rows: AxisWindow,
    _ columns: AxisWindow
  ) {
    guard let (nngp, ntk) = store(index),
      let start = plan.stores[index]?.start(block.rowOffset, block.columnOffset)
    else { return }
    block.nngp.update(from: nngp + start * lanes, count: block.size)
    if let own = block.ntk, let ntk { own.update(from: ntk + start * lanes, count: block.size) }
    guard case .average(let normalizeEdges) = reduction else { return }
    guard normalizeEdges else {
      let size = Scalar(rows.size) * Scalar(columns.size)
      multiply(block, by: 1 / (size * size))
      return
    }
    func weight(_ axis: AxisWindow, _ offset: Int, _ index: Int) -> Scalar {
      let first = index + max(0, -offset)
      return 1 / (Scalar(axis.coverage(first)) * Scalar(axis.coverage(first + offset)))
    }
    for row in 0..<block.height {
      let rowWeight = weight(rows, block.rowOffset, row)
      for pixel in 0..<block.rowLength / lanes {
        let factor = rowWeight * weight(columns, block.columnOffset, pixel)
        let first = row * block.rowLength + pixel * lanes
        for k in first..<first + lanes {
          block.nngp[k] *= factor
          if let ntk = block.ntk { ntk[k] *= factor }
        }
      }
    }
  }
}
