// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps as stored values, checked when they are read.

import NeuralKernels
import Randomness
import Validation

extension LayeredFeatureMap: Codable {
  private struct Stored: Codable {
    var law: String
    var kernel: NeuralKernel
    var budget: LayeredBudget
    var seed: UInt64
    var input: StoredInputSketch?
    /// What is fitted for activations, and for linear layers and sums, each in the order of the steps.
    var activations: [ActivationFit]
    var compressions: [Compression]
    var directions: LeadingDirections?
    var needsDouble: Bool
  }

  public static let law = "layeredFeatureMap"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together;
  ///   `CancellationError`.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    let network = stored.kernel.network
    let key = LayeredFeatureMap.key(seed: stored.seed)
    let inputSketch = try stored.input.map {
      try InputSketch(
        inputDimension: network.inputDimension, rowCount: $0.rowCount, direction: $0.direction,
        key: key)
    }
    let program = LayeredProgram(network, channelCount: inputSketch?.outputDimension)
    guard inputSketch == nil || program.input == .vector else {
      throw InvalidInput("input of the map", found: "a sketch", expected: "none, of pixels")
    }
    try stored.budget.validate(activationCount: program.activationCount)
    var parts = StoredParts(
      budget: stored.budget, withTangents: stored.kernel.type == .ntk,
      key: key, activations: stored.activations[...],
      compressions: stored.compressions[...])
    var shape = program.inputShape
    let stages = try parts.stages(program.steps, after: &shape)
    guard parts.activations.isEmpty, parts.compressions.isEmpty else {
      throw InvalidInput("parts of the map", found: "too many", expected: "those of its network")
    }
    try self.init(
      stored.kernel, stored.budget, stored.seed, inputSketch, input: program.inputShape,
      stages: stages, directions: stored.directions, needsDouble: stored.needsDouble)
  }

  public func encode(to encoder: any Encoder) throws {
    var stored = Stored(
      law: Self.law, kernel: kernel, budget: budget, seed: seed,
      input: inputSketch.map {
        StoredInputSketch(rowCount: $0.rowCount, direction: $0.direction)
      },
      activations: [], compressions: [], directions: directions, needsDouble: needsDouble)
    func store(_ stages: [LayeredStage]) {
      for stage in stages {
        switch stage {
        case .activation(let stage): stored.activations.append(stage.fit)
        case .linear(let stage): stored.compressions.append(stage.compression)
        case .sum(let branches, let compression):
          for branch in branches { store(branch) }
          stored.compressions.append(compression)
        case .pool, .flatten, .normalize, .dropout: break
        }
      }
    }
    store(stages)
    try stored.encode(to: encoder)
  }
}

/// What an input's sketch is made of, beside the seed of the map.
private struct StoredInputSketch: Codable {
  var rowCount: Int
  var direction: SparseVector?
}

/// Fitted parts on their way back into the steps of a network.
private struct StoredParts {
  let budget: LayeredBudget
  let withTangents: Bool
  let key: RandomKey
  var activations: ArraySlice<ActivationFit>
  var compressions: ArraySlice<Compression>

  mutating func stages(
    _ steps: [LayeredStep], after shape: inout SignalShape
  ) throws -> [LayeredStage] {
    var result: [LayeredStage] = []
    for step in steps {
      let stage = try stage(step, shape)
      shape = stage.output(after: shape)
      result.append(stage)
    }
    return result
  }

  private mutating func stage(_ step: LayeredStep, _ shape: SignalShape) throws -> LayeredStage {
    switch step {
    case .pool(let pool): return .pool(pool)
    case .flatten: return .flatten
    case .normalize(let epsilon): return .normalize(epsilon: epsilon)
    case .dropout(let keep): return .dropout(keep: keep)
    case .linear(let part):
      return .linear(
        try LinearStage(
          part, input: LayeredSignal<Double>.settled(shape), compression: next(&compressions),
          withTangents: withTangents))
    case .activation(let part):
      let (fit, most) = (try next(&activations), budget.layers[part.index].remainder)
      let remainder = fit.remainder ?? most
      guard 0...most ~= remainder else {
        throw InvalidInput(
          "columns of a remainder", found: "\(remainder)", expected: "0 to \(most)")
      }
      // Without landmarks any width would do, and random directions could fill the memory.
      try Check.dimension(fit.landmarks.rowCount, "number of landmarks")
      _ = try Check.count(
        [remainder, fit.landmarks.columnCount + fit.tangents.columnCount], "random directions",
        upTo: 1 << 28)
      return .activation(
        try ActivationStage(
          part, input: part.linear == nil ? shape : LayeredSignal<Double>.settled(shape), fit: fit,
          remainder: remainder, withTangents: withTangents,
          key: key.child("activation", part.index), on: .allCores))
    case .sum(let branches):
      let inner = try branches.map { branch in
        var start = shape
        return try stages(branch, after: &start)
      }
      let compression = try next(&compressions)
      let sum = LayeredStage.sum(of: inner, after: shape).shape
      try compression.validate(nngp: sum.nngp, ntk: sum.ntk)
      return .sum(inner, compression)
    }
  }

  private func next<Part>(_ parts: inout ArraySlice<Part>) throws -> Part {
    guard let part = parts.popFirst() else {
      throw InvalidInput("parts of the map", found: "too few", expected: "those of its network")
    }
    return part
  }
}
