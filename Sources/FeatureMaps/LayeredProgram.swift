// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A network as the steps of its layered map: what is fused, before anything is fitted.

import NeuralKernels

/// A convolution or a dense layer: μ = (weightStd/√|window| · the window's pixels, biasStd).
struct LinearPart: Hashable, Sendable {
  let window: PixelWindow
  let weightStd: Double
  let biasStd: Double

  /// What every coordinate of the window's pixels is multiplied by.
  var scale: Double { weightStd / Double(window.size).squareRoot() }
  var hasBias: Bool { biasStd != 0 }

  /// The coordinates of μ for pixels of `width`.
  func width(_ width: Int) -> Int { window.size * width + (hasBias ? 1 : 0) }
}

/// An activation with the linear layer and the normalisation before it and the pooling after it.
struct ActivationPart: Hashable, Sendable {
  let linear: LinearPart?
  /// ε of a layer normalisation.
  let normalization: Double?
  let dual: DualActivation
  var pool: PixelPool?
  /// Which of the network's activations this is, branches in order.
  let index: Int
}

/// One step of a network's map.
indirect enum LayeredStep: Hashable, Sendable {
  case linear(LinearPart)
  case activation(ActivationPart)
  case pool(PixelPool)
  case flatten(PixelGrid)
  case normalize(epsilon: Double)
  case dropout(keep: Double)
  case sum([[LayeredStep]])
}

/// The steps of a network.
struct LayeredProgram: Hashable, Sendable {
  let input: PixelGrid
  let channelCount: Int
  private(set) var steps: [LayeredStep] = []
  private(set) var activationCount = 0

  /// - Parameter channelCount: of the input's pixels, where not as the network says.
  init(_ network: Network, channelCount: Int? = nil) {
    let sides = network.inputShape.dropLast()
    input = PixelGrid(height: sides.count == 2 ? sides[0] : 1, width: sides.last ?? 1)
    self.channelCount = channelCount ?? network.inputShape.last ?? 1
    var grid = input
    steps = parse(network.layers, &grid)
  }

  /// Whether features of several pixels come out side by side, each with its part of the columns.
  var splitsColumns: Bool { LayeredProgram.splitsColumns(steps) }

  private static func splitsColumns(_ steps: [LayeredStep]) -> Bool {
    for step in steps.reversed() {
      switch step {
      case .flatten: return true
      case .activation: return false
      case .sum(let branches):
        if branches.contains(where: splitsColumns) { return true }
      case .linear, .pool, .normalize, .dropout: break
      }
    }
    return false
  }

  /// The steps of layers on pixels `grid`, which becomes that of the output.
  private mutating func parse(_ layers: [Layer], _ grid: inout PixelGrid) -> [LayeredStep] {
    var builder = StepBuilder()
    for layer in layers {
      switch layer {
      case .identity:
        break
      case .dense(let weightStd, let biasStd):
        builder.append(
          LinearPart(
            window: PixelWindow(pointwiseOver: grid), weightStd: weightStd, biasStd: biasStd))
      case .convolution(let convolution):
        let window = PixelWindow(convolution.window, over: grid)
        builder.append(
          LinearPart(
            window: window, weightStd: convolution.weightStd, biasStd: convolution.biasStd))
        grid = window.output
      case .layerNorm(let epsilon):
        builder.append(normalization: epsilon)
      case .activation(let activation):
        builder.append(DualActivation(activation), index: activationCount)
        activationCount += 1
      case .pool(let pooling):
        let window = PixelWindow(pooling.window, over: grid)
        builder.append(PixelPool(window, pooling.reduction))
        grid = window.output
      case .globalAveragePool:
        builder.append(PixelPool(PixelWindow(allOf: grid), .average(normalizeEdges: false)))
        grid = .vector
      case .globalSumPool:
        builder.append(PixelPool(PixelWindow(allOf: grid), .sum))
        grid = .vector
      case .flatten:
        if grid != .vector { builder.append(.flatten(grid)) }
        grid = .vector
      case .dropout(let keep):
        builder.append(.dropout(keep: keep))
      case .residual(let layers):
        builder.append(.sum(parse([layers, []], &grid)))
      case .parallelSum(let branches):
        builder.append(.sum(parse(branches, &grid)))
      }
    }
    return builder.finish()
  }

  private mutating func parse(
    _ branches: [[Layer]], _ grid: inout PixelGrid
  ) -> [[LayeredStep]] {
    let start = grid
    return branches.map { branch in
      grid = start
      return parse(branch, &grid)
    }
  }
}

/// Steps in the making: linear layers and normalisations wait for the activation that takes them in.
private struct StepBuilder {
  private var steps: [LayeredStep] = []
  private var linear: LinearPart?
  private var normalization: Double?

  mutating func append(_ part: LinearPart) {
    flush()
    linear = part
  }

  mutating func append(normalization epsilon: Double) {
    if normalization != nil { flush() }
    normalization = epsilon
  }

  mutating func append(_ dual: DualActivation, index: Int) {
    steps.append(
      .activation(
        ActivationPart(
          linear: linear, normalization: normalization, dual: dual, pool: nil, index: index)))
    (linear, normalization) = (nil, nil)
  }

  mutating func append(_ pool: PixelPool) {
    if linear == nil, normalization == nil, case .activation(var part)? = steps.last,
      part.pool == nil
    {
      part.pool = pool
      steps[steps.count - 1] = .activation(part)
    } else {
      append(.pool(pool))
    }
  }

  mutating func append(_ step: LayeredStep) {
    flush()
    steps.append(step)
  }

  mutating func finish() -> [LayeredStep] {
    flush()
    return steps
  }

  private mutating func flush() {
    if let linear { steps.append(.linear(linear)) }
    if let normalization { steps.append(.normalize(epsilon: normalization)) }
    (linear, normalization) = (nil, nil)
  }
}
