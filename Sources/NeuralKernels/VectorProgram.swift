// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks on vectors as a list of steps on registers: what interpreters of kernels run.

/// The steps of a network whose signals are vectors, branches laid out one after the other.
///
/// A register holds a signal. Input and output are register 0; branches work on copies.
struct VectorProgram: Sendable {
  enum Operation: Sendable {
    case dense(weightStd: Double, biasStd: Double)
    case activation(DualActivation, SmoothPieces?)
    case normalize(epsilon: Double)
    case dropout(keep: Double)
    case copy(from: Int)
    case add(Int)
  }

  struct Step: Sendable {
    /// The register that the step changes.
    let register: Int
    let operation: Operation
    /// Among the steps that need standard deviations, which; nil for the others.
    let slot: Int?
    /// The layer, for errors.
    let name: String
  }

  private(set) var steps: [Step] = []
  private(set) var registerCount = 1
  /// The number of steps that need standard deviations.
  private(set) var slotCount = 0

  /// nil if the network works on pixels.
  init?(_ network: Network) {
    var layers = network.layers[...]
    if network.inputShape.count > 1 {
      // Images that are flattened at once are vectors.
      layers = layers.drop { $0 == .identity }
      guard layers.first == .flatten else { return nil }
    }
    append(layers, to: 0, at: LayerPlace())
  }

  private mutating func append(_ layers: ArraySlice<Layer>, to register: Int, at place: LayerPlace)
  {
    for (index, layer) in zip(layers.indices, layers) {
      let place = place.layer(index, layer.name)
      switch layer {
      case .dense(let weightStd, let biasStd):
        append(.dense(weightStd: weightStd, biasStd: biasStd), to: register, at: place)
      case .activation(let activation):
        append(
          .activation(DualActivation(activation), activation.smoothPieces), to: register,
          at: place)
      case .layerNorm(let epsilon):
        append(.normalize(epsilon: epsilon), to: register, at: place)
      case .dropout(let keep):
        append(.dropout(keep: keep), to: register, at: place)
      case .residual(let layers):
        append([layers, []], to: register, at: place) { _ in place }
      case .parallelSum(let branches):
        append(branches, to: register, at: place, inner: place.branch)
      case .identity, .flatten:
        break
      case .convolution, .pool, .globalAveragePool, .globalSumPool:
        preconditionFailure("pixels in a network on vectors")
      }
    }
  }

  /// All branches but the last run on copies, one at a time, and are summed; the last runs in place.
  private mutating func append(
    _ branches: [[Layer]], to register: Int, at place: LayerPlace,
    inner: (Int) -> LayerPlace
  ) {
    // Above all registers in use: those of outer branches are at most 2 per level below.
    let (sum, copy) = (2 * place.depth - 1, 2 * place.depth)
    for (index, branch) in branches.enumerated().dropLast() {
      let target = index == 0 ? sum : copy
      append(.copy(from: register), to: target, at: place)
      append(branch[...], to: target, at: inner(index))
      if index > 0 { append(.add(copy), to: sum, at: place) }
    }
    guard let last = branches.last else { return }
    append(last[...], to: register, at: inner(branches.count - 1))
    if branches.count > 1 { append(.add(sum), to: register, at: place) }
  }

  private mutating func append(
    _ operation: Operation, to register: Int, at place: LayerPlace
  ) {
    var slot: Int?
    switch operation {
    case .activation, .normalize:
      slot = slotCount
      slotCount += 1
    case .dense, .dropout, .copy, .add:
      break
    }
    steps.append(
      Step(register: register, operation: operation, slot: slot, name: place.full))
    registerCount = max(registerCount, register + 1)
  }
}
