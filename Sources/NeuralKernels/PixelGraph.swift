// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks on pixels as nodes, each after those that it reads.

import Validation

/// The layers of a network as nodes in an order of evaluation, branches resolved.
///
/// Sequences are images of height 1, vectors images of one pixel.
struct PixelGraph: Sendable {
  enum Operation: Sendable {
    case input
    case dense(weightStd: Double, biasStd: Double)
    case convolution(weightStd: Double, biasStd: Double, AxisWindow, AxisWindow)
    case activation
    case normalize(epsilon: Double)
    case dropout(keep: Double)
    case sum
    case pool(Pooling.Reduction, AxisWindow, AxisWindow)
    case globalPool(isAverage: Bool)
    case flatten
  }

  struct Node: Sendable {
    let operation: Operation
    /// The nodes that it reads.
    let inputs: [Int]
    let height: Int
    let width: Int
    /// Among the nodes that need standard deviations, which; nil for the others.
    let slot: Int?
    /// Whether Θ is still 0, as in front of the first weights.
    let isWithoutTangents: Bool
    /// The layer, for errors.
    let name: String

    var pixelCount: Int { height * width }

    /// Whether it mixes offsets, so that all blocks of its input come before any of its own.
    var isBarrier: Bool {
      switch operation {
      case .pool, .globalPool, .flatten: true
      default: false
      }
    }
  }

  let channelCount: Int
  private(set) var nodes: [Node] = []
  /// The nodes that need standard deviations, by slot.
  private(set) var slots: [Int] = []
  /// The activations, by slot; nil for other nodes with a slot.
  private(set) var activations: [DualActivation?] = []
  /// Those without closed dual, by slot.
  private(set) var pieces: [SmoothPieces?] = []

  init(_ network: Network) {
    channelCount = network.inputShape.last ?? 1
    let sides = network.inputPixels.sides
    let height = sides.count > 1 ? sides[0] : 1
    nodes.append(
      Node(
        operation: .input, inputs: [], height: height, width: sides.last ?? 1, slot: nil,
        isWithoutTangents: true, name: "input"))
    isSequence = sides.count < 2
    _ = append(network.layers, to: 0, at: LayerPlace())
  }

  private let isSequence: Bool

  private mutating func append(_ layers: [Layer], to start: Int, at place: LayerPlace) -> Int {
    var node = start
    for (index, layer) in layers.enumerated() {
      node = append(layer, to: node, at: place.layer(index, layer.name))
    }
    return node
  }

  private mutating func append(_ layer: Layer, to input: Int, at place: LayerPlace) -> Int {
    let source = nodes[input]
    switch layer {
    case .identity:
      return input
    case .dense(let weightStd, let biasStd):
      return append(.dense(weightStd: weightStd, biasStd: biasStd), [input], at: place)
    case .convolution(let convolution):
      let (rows, columns) = windows(convolution.window, over: source)
      return append(
        .convolution(
          weightStd: convolution.weightStd, biasStd: convolution.biasStd, rows, columns),
        [input], rows.outputCount, columns.outputCount, at: place)
    case .pool(let pooling):
      let (rows, columns) = windows(pooling.window, over: source)
      return append(
        .pool(pooling.reduction, rows, columns), [input], rows.outputCount, columns.outputCount,
        at: place)
    case .globalAveragePool, .globalSumPool, .flatten:
      guard source.pixelCount > 1 else { return input }
      let operation: Operation =
        switch layer {
        case .flatten: .flatten
        case .globalAveragePool: .globalPool(isAverage: true)
        default: .globalPool(isAverage: false)
        }
      return append(operation, [input], 1, 1, at: place)
    case .layerNorm(let epsilon):
      return append(.normalize(epsilon: epsilon), [input], at: place)
    case .dropout(let keep):
      return append(.dropout(keep: keep), [input], at: place)
    case .activation(let activation):
      return append(.activation, [input], activation: activation, at: place)
    case .residual(let layers):
      return append(.sum, [append(layers, to: input, at: place), input], at: place)
    case .parallelSum(let branches):
      let outputs = branches.enumerated().map {
        append($0.element, to: input, at: place.branch($0.offset))
      }
      return outputs.count == 1 ? outputs[0] : append(.sum, outputs, at: place)
    }
  }

  /// Throws where pixels are pooled that are so many that a kernel would take hours.
  func checkSizes() throws(InvalidInput) {
    for node in nodes {
      let rows: AxisWindow
      let columns: AxisWindow
      switch node.operation {
      case .pool(_, let first, let second): (rows, columns) = (first, second)
      case .globalPool: (rows, columns) = (.trivial, .trivial)
      default: continue
      }
      let source = nodes[node.inputs[0]]
      guard max(source.height, source.width) <= Self.largestSide else {
        throw InvalidInput(
          node.name, found: "\(source.height) × \(source.width) pixels to pool",
          expected: "at most \(Self.largestSide) in each direction")
      }
      for axis in [rows, columns] {
        let pairs = Double(axis.size) * Double(axis.size) * Double(axis.outputCount)
        guard pairs <= Self.largestTapCount else {
          throw InvalidInput(
            node.name, found: "a window of \(axis.size) at \(axis.outputCount) places",
            expected: "size² · places of at most \(Self.largestTapCount), or global pooling")
        }
      }
    }
  }

  private static let largestSide = 65_536
  private static let largestTapCount = 4_000_000.0

  private func windows(_ window: Window, over source: Node) -> (AxisWindow, AxisWindow) {
    let columnAxis = isSequence ? 0 : 1
    guard let columns = AxisWindow(window, over: source.width, axis: columnAxis),
      let rows = isSequence ? .trivial : AxisWindow(window, over: source.height, axis: 0)
    else { preconditionFailure("a window that does not fit") }
    return (rows, columns)
  }

  private mutating func append(
    _ operation: Operation, _ inputs: [Int], _ height: Int? = nil, _ width: Int? = nil,
    activation: Activation? = nil, at place: LayerPlace
  ) -> Int {
    var slot: Int?
    var isWithoutTangents = inputs.allSatisfy { nodes[$0].isWithoutTangents }
    switch operation {
    case .activation, .normalize:
      slot = slots.count
      slots.append(nodes.count)
      activations.append(activation.map { DualActivation($0) })
      pieces.append(activation?.smoothPieces)
    case .dense, .convolution:
      isWithoutTangents = false
    default:
      break
    }
    nodes.append(
      Node(
        operation: operation, inputs: inputs, height: height ?? nodes[inputs[0]].height,
        width: width ?? nodes[inputs[0]].width, slot: slot, isWithoutTangents: isWithoutTangents,
        name: place.full))
    return nodes.count - 1
  }
}
