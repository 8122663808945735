// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The steps of a network at a given width: numbers of channels, places of parameters.

import LinearAlgebra
import Randomness
import Validation

/// The pixels and channels between two layers.
private struct SignalShape {
  var pixels: PixelShape
  var channels: Int
}

/// A network with numbers of channels.
///
/// Dense and convolutional layers have `width` channels, except for the last on the way to the
/// output, which have `outputs`: those behind which only layers come that act on channels one by one.
/// In branches that are added to one without weights, such as the input of a residual block, the
/// last layer has as many channels as that.
struct FinitePlan: Sendable {
  private(set) var steps: [FiniteStep] = []
  private(set) var outputDimension = 0
  /// The layers with weights, in the order of their parameters.
  private(set) var layers: [FiniteAffine] = []
  private(set) var parameterCount = 0
  /// The most numbers that a step makes of one point.
  private(set) var largestSignal = 0
  private let width: Int

  /// - Throws: `InvalidInput` if a layer stands for no function, branches have different numbers of
  ///   channels, or there are more than `Check.largestDimension` parameters or numbers per point.
  init(_ network: Network, width: Int, outputs: Int, key: RandomKey) throws {
    self.width = width
    var shape = SignalShape(
      pixels: network.inputPixels, channels: network.inputShape[network.inputShape.count - 1])
    largestSignal = network.inputDimension
    steps = try build(network.layers, &shape, last: outputs, at: LayerPlace(), key)
    outputDimension = shape.channels
    steps = try numbered(steps)
  }

  /// The steps of layers.
  ///
  /// - Parameter last: the channels of the last layer with weights.
  private mutating func build(
    _ layers: [Layer], _ shape: inout SignalShape, last: Int, at place: LayerPlace,
    _ key: RandomKey
  ) throws -> [FiniteStep] {
    let readout = Self.readout(of: layers)
    var steps: [FiniteStep] = []
    for (index, layer) in layers.enumerated() {
      let layerPlace = place.layer(index, layer.name)
      let after = try Layer.shape(of: [layer], after: shape.pixels, at: place)
      let step = try step(
        layer, shape, after, channels: index == readout ? last : width, at: layerPlace,
        key.child("layer", index))
      if let (step, channels) = step {
        steps.append(step)
        shape.channels = channels
      }
      shape.pixels = after
      largestSignal = max(
        largestSignal,
        try Check.count(
          [after.count, shape.channels], "numbers per point at \(layerPlace.full)",
          upTo: Check.largestDimension))
    }
    return steps
  }

  /// A layer as a step with the channels after it; nil for the identity.
  private mutating func step(
    _ layer: Layer, _ shape: SignalShape, _ after: PixelShape, channels: Int,
    at place: LayerPlace, _ key: RandomKey
  ) throws -> (FiniteStep, channels: Int)? {
    switch layer {
    case .dense(let weightStd, let biasStd):
      let step = try affine(
        nil, shape.channels, channels, weightStd, biasStd, after.count, place, key)
      return (.affine(step), channels)
    case .convolution(let convolution):
      let size = convolution.window.size.reduce(1, *)
      let patches = try Check.count(
        [after.count, max(channels, size * shape.channels)], "numbers per point at \(place.full)",
        upTo: Check.largestDimension)
      largestSignal = max(largestSignal, patches)
      let step = try affine(
        FiniteWindows(convolution.window, over: shape.pixels.sides), size * shape.channels,
        channels, convolution.weightStd, convolution.biasStd, after.count, place, key)
      return (.affine(step), channels)
    case .activation(let activation):
      guard let function = activation.scalarFunction else {
        throw InvalidInput(
          place.full, found: "a kernel that is of no function",
          expected: "an activation that networks of finite width have")
      }
      return (.function(function), shape.channels)
    case .pool(let pooling):
      let windows = FiniteWindows(pooling.window, over: shape.pixels.sides)
      return (.pool(FinitePooling(windows, pooling.reduction)), shape.channels)
    case .globalAveragePool, .globalSumPool:
      let windows = FiniteWindows(covering: shape.pixels.count)
      let reduction =
        layer == .globalSumPool ? Pooling.Reduction.sum : .average(normalizeEdges: false)
      return (.pool(FinitePooling(windows, reduction)), shape.channels)
    case .flatten:
      return (.flatten(pixelCount: shape.pixels.count), shape.pixels.count * shape.channels)
    case .layerNorm(let epsilon):
      return (.normalize(epsilon: epsilon), shape.channels)
    case .dropout(let keep):
      return (.dropout(keep: keep, key.child("mask")), shape.channels)
    case .residual(let layers):
      return try sum([layers, []], shape, channels: channels, at: place, key) { _ in place }
    case .parallelSum(let branches):
      return try sum(branches, shape, channels: channels, at: place, key, inner: place.branch)
    case .identity:
      return nil
    }
  }

  private func affine(
    _ windows: FiniteWindows?, _ fanIn: Int, _ channels: Int, _ weightStd: Double,
    _ biasStd: Double, _ outputPixels: Int, _ place: LayerPlace, _ key: RandomKey
  ) throws -> FiniteAffine {
    _ = try Check.count(
      [fanIn, channels], "weights of \(place.full)", upTo: Check.largestDimension)
    return FiniteAffine(
      windows: windows, fanIn: fanIn, outputChannels: channels,
      weightScale: weightStd / Double(fanIn).squareRoot(), biasStd: biasStd,
      outputPixels: outputPixels, key: key)
  }

  /// The same steps with places for their parameters, in order.
  private mutating func numbered(_ steps: [FiniteStep]) throws -> [FiniteStep] {
    try steps.map { step in
      switch step {
      case .affine(var layer):
        layer.index = layers.count
        layer.firstParameter = parameterCount
        layers.append(layer)
        parameterCount += layer.parameterCount
        guard parameterCount <= Check.largestDimension else {
          throw InvalidInput(
            "width", found: "\(width), for which there are more than 2³¹ − 1 parameters",
            expected: "a smaller width")
        }
        return .affine(layer)
      case .sum(let branches):
        return .sum(try branches.map { try numbered($0) })
      case .function, .pool, .flatten, .normalize, .dropout:
        return step
      }
    }
  }

  /// Branches without a last layer of their own come first: they set the number of channels.
  private mutating func sum(
    _ branches: [[Layer]], _ shape: SignalShape, channels: Int, at place: LayerPlace,
    _ key: RandomKey, inner: (Int) -> LayerPlace
  ) throws -> (FiniteStep, channels: Int) {
    var channels = channels
    var steps = [[FiniteStep]](repeating: [], count: branches.count)
    let order = branches.indices.sorted { a, b in
      (Self.readout(of: branches[a]) == nil ? 0 : 1, a)
        < (Self.readout(of: branches[b]) == nil ? 0 : 1, b)
    }
    for (position, index) in order.enumerated() {
      var branch = shape
      steps[index] = try build(
        branches[index], &branch, last: channels, at: inner(index), key.child("branch", index))
      if position == 0 { channels = branch.channels }
      guard branch.channels == channels else {
        throw InvalidInput(
          place.full, found: "branches of \(channels) and \(branch.channels) channels",
          expected: "a dense or convolutional layer that makes them equal, as the width is \(width)"
        )
      }
    }
    return (.sum(steps), channels)
  }

  /// The layer with weights, or with branches that all have one, behind which channels stay what
  /// they are.
  private static func readout(of layers: [Layer]) -> Int? {
    for (index, layer) in layers.enumerated().reversed() where mixesChannels(layer) {
      switch layer {
      case .dense, .convolution: return index
      case .parallelSum(let branches):
        return branches.allSatisfy { readout(of: $0) != nil } ? index : nil
      default: return nil
      }
    }
    return nil
  }

  /// Whether a layer does more than to act on channels one by one.
  private static func mixesChannels(_ layer: Layer) -> Bool {
    switch layer {
    case .dense, .convolution, .layerNorm: true
    case .residual(let layers): layers.contains(where: mixesChannels)
    case .parallelSum(let branches): branches.contains { $0.contains(where: mixesChannels) }
    case .activation, .pool, .globalAveragePool, .globalSumPool, .flatten, .dropout, .identity:
      false
    }
  }
}
