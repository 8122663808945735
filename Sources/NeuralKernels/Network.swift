// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks as plain data: the one description that all interpreters read.

import Validation

/// A neural network of infinite width: the shape of its input and its layers in order.
///
///     let network = try Network(input: [28, 28, 1]) {
///       Conv(filter: [3, 3], weightStd: 2.squareRoot())
///       ReLU()
///       GlobalAveragePool()
///       Dense()
///     }
///
/// A network is valid once it exists, and ends in a vector. `NeuralKernel` is its exact kernel.
///
/// Kernels take the input of every activation and sum to be Gaussian and independent of parallel
/// branches. Behind a dense or convolutional layer that is so; elsewhere, as for a ReLU directly on
/// the input, the kernel is that of the network with a fixed random layer put in between.
public struct Network: Hashable, Sendable {
  /// The shape of one input: `[d]`, `[length, channels]` or `[height, width, channels]`.
  public let inputShape: [Int]
  public let layers: [Layer]

  /// The number of entries of one input; images come row by row, channels last.
  public var inputDimension: Int { inputShape.reduce(1, *) }

  /// The pixels of the input.
  var inputPixels: PixelShape { PixelShape(sides: inputShape.dropLast()) }

  /// - Throws: `InvalidInput` naming the layer if a parameter is out of its range or a layer does not
  ///   fit what comes in; if there are no layers, pixels are left at the end, layers are nested more
  ///   than 64 deep, or the shape is not one to three positive numbers.
  public init(input shape: [Int], layers: [Layer]) throws {
    try self.init(input: shape, layers: layers, place: LayerPlace())
  }

  /// The same, with the place of the layers in a file.
  init(
    input shape: [Int], layers: [Layer], place: LayerPlace,
    inputName: String = "input of the network"
  ) throws {
    guard (1...3).contains(shape.count), shape.allSatisfy({ $0 >= 1 }) else {
      throw InvalidInput(
        inputName, found: "\(shape)",
        expected: "[d], [length, channels] or [height, width, channels], each at least 1")
    }
    _ = try Check.count(shape, inputName, upTo: Check.largestDimension)
    guard !layers.isEmpty else {
      throw InvalidInput("layers of the network", found: "none", expected: "at least one")
    }
    let input = PixelShape(sides: shape.dropLast())
    let output = try Layer.shape(of: layers, after: input, at: place)
    guard output.isVector else {
      let last = layers.count - 1
      throw InvalidInput(
        place.layer(last, layers[last].name).output, found: output.text,
        expected: "a vector, as after flatten, globalAveragePool or globalSumPool")
    }
    inputShape = shape
    self.layers = layers
  }
}
