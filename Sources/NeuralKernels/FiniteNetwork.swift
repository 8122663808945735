// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks of finite width: the functions of which exact kernels are the limit.

import LinearAlgebra
import Randomness
import Validation

/// A network with weights: the function f that a `Network` describes, at a given width.
///
///     let finite = try FiniteNetwork(network, width: 512, seed: 1)
///     let values = try finite.outputs(of: x)
///     let tangent = try finite.empiricalNTK(x)
///
/// In the "ntk" parameterisation: all parameters are independent standard normal numbers, and a dense
/// or convolutional layer with f inputs computes (weightStd / √f) W x + biasStd · β. Over seeds, the
/// mean of `empiricalNTK` tends to the NTK, that of `empiricalNNGP` to the NNGP, as the width
/// grows: with one hidden layer or none they are the kernels at any width, with more they are off by
/// O(1/width). Where an activation or a sum acts on the input itself the kernels have a layer in
/// between (see `Network`), and this function has not.
///
/// Hidden layers have `width` channels. The last layer with weights has `outputs`, if only layers
/// that act on channels one by one come behind it; else the output is as wide as hidden
/// layers. A branch that is added to one without weights gets the channels of that. Dropout masks are
/// fixed by the seed and the bits of the point, so that f is one function; equal points have
/// equal masks. In double precision.
public struct FiniteNetwork: Sendable {
  public let network: Network
  /// The channels of hidden layers.
  public let width: Int
  /// Names the random numbers: parameters and dropout masks.
  public let seed: UInt64
  /// All weights and biases, layer by layer in the order of the network: those of a layer are W,
  /// `inputs × channels`, and then its biases, if biasStd > 0. Convolutions have their inputs pixel
  /// by pixel, channels last.
  public let parameters: [Double]
  let plan: FinitePlan

  /// The number of entries of f(x).
  public var outputDimension: Int { plan.outputDimension }

  /// The network with parameters drawn from the seed. Cost: 2 ns for each.
  ///
  /// - Parameters:
  ///   - width: 1 or more.
  ///   - outputs: the channels of the last layer with weights.
  /// - Throws: `InvalidInput` if the width or the outputs are below 1; the network has a layer that is
  ///   no function, or adds branches of different numbers of channels; parameters or the numbers
  ///   between two layers are more than 2³¹ − 1.
  public init(
    _ network: Network, width: Int, outputs: Int = 1, seed: UInt64 = 0
  ) throws {
    let plan = try Self.plan(network, width, outputs, seed)
    var parameters = [Double](repeating: 0, count: plan.parameterCount)
    for layer in plan.layers { layer.draw(into: &parameters) }
    self.init(
      network: network, width: width, seed: seed, parameters: parameters, plan: plan)
  }

  /// The network with given parameters, in the order of `parameters`.
  ///
  /// - Throws: `InvalidInput` as above, or unless there are as many parameters as the network has, all
  ///   finite.
  public init(
    _ network: Network, width: Int, outputs: Int = 1, parameters: [Double], seed: UInt64 = 0
  ) throws {
    let plan = try Self.plan(network, width, outputs, seed)
    try Check.equal(parameters.count, plan.parameterCount, "number of parameters")
    if let index = parameters.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput(
        "parameter \(index)", found: "\(parameters[index])", expected: "a finite number")
    }
    self.init(
      network: network, width: width, seed: seed, parameters: parameters, plan: plan)
  }

  private init(
    network: Network, width: Int, seed: UInt64, parameters: [Double], plan: FinitePlan
  ) {
    self.network = network
    self.width = width
    self.seed = seed
    self.parameters = parameters
    self.plan = plan
  }

  private static func plan(
    _ network: Network, _ width: Int, _ outputs: Int, _ seed: UInt64
  ) throws -> FinitePlan {
    try Check.dimension(width, "width")
    try Check.dimension(outputs, "outputs")
    return try FinitePlan(
      network, width: width, outputs: outputs, key: RandomKey(seed: seed).child("network"))
  }

  /// f(x) for every row, `rowCount × outputDimension`.
  ///
  /// Cost: a matrix product for each layer. Memory: two layers' numbers for 16 points and thread.
  ///
  /// - Throws: `InvalidInput` if the rows have not the network's input dimension, hold NaN or
  ///   infinity, or an output overflows; `CancellationError`.
  public func outputs(
    of x: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try x.validate(columnCount: network.inputDimension, "x")
    _ = try Check.count([x.rowCount, outputDimension], "shape of the outputs")
    return try Matrix(rowCount: x.rowCount, columnCount: outputDimension) { base in
      nonisolated(unsafe) let output = base
      try forEachBlock(of: x, on: execution) { range, pass in
        var trace: FinitePass.Trace?
        let values = pass.run(plan.steps, pass.input, trace: &trace).values
        guard let bad = values.firstIndex(where: { !$0.isFinite }) else {
          (output + range.lowerBound * outputDimension).update(from: values, count: values.count)
          return
        }
        throw overflow(range.lowerBound + bad / outputDimension)
      }
    }
  }

  func overflow(_ row: Int) -> InvalidInput {
    InvalidInput(
      "row \(row)", found: "an overflow of Double in the network",
      expected: "points of smaller norm or layers of smaller weightStd")
  }

  /// Calls `body` for blocks of rows, in parallel.
  func forEachBlock(
    of x: Rows<Double>, on execution: Execution,
    _ body: @Sendable (Range<Int>, FinitePass) throws -> Void
  ) throws {
    // Few enough points that a block's numbers fit the memory of one worker.
    let size = max(1, min(16, (1 << 24) / max(1, plan.largestSignal)))
    let channels = network.inputShape[network.inputShape.count - 1]
    try Parallel.forEachBlock(of: x.rowCount, size: size, on: execution) { range, _ in
      let signal = Signal(
        pointCount: range.count, pixelCount: network.inputDimension / channels,
        channelCount: channels, values: Array(x.rows(range).dense.elements))
      try parameters.withUnsafeBufferPointer { buffer in
        try withUnsafePointer(to: 0.0) { none in
          try body(
            range, FinitePass(parameters: buffer.baseAddress ?? none, input: signal))
        }
      }
    }
  }
}
