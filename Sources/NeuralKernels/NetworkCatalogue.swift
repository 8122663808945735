// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks that are known by name.

import Validation

extension Network {
  /// `[Dense, activation] × depth, Dense`: the plain network of `depth` hidden layers. The default
  /// weights keep the variance of ReLU layers.
  ///
  /// - Throws: `InvalidInput` if the depth is not from 0 to 10,000 or a number is out of its range.
  public static func fullyConnected(
    inputDimension: Int, depth: Int, weightStd: Double = 2.0.squareRoot(), biasStd: Double = 0,
    activation: Activation = .relu
  ) throws -> Network {
    try checkDepth(depth, from: 0)
    let dense = Layer.dense(weightStd: weightStd, biasStd: biasStd)
    let hidden = (0..<depth).flatMap { _ in [dense, .activation(activation)] }
    return try Network(input: [inputDimension], layers: hidden + [dense])
  }

  /// Myrtle-5, -7 or -10: groups of 3 × 3 convolutions with 2 × 2 average pooling between, global
  /// average pooling, and a dense layer.
  ///
  /// On 32 × 32 images this is the network of the source, which pools three times more to one pixel.
  ///
  /// - Parameter depth: 5 (groups of 2, 1 and 1 convolutions), 7 (2, 2, 2) or 10 (3, 3, 3).
  /// - Throws: `InvalidInput` if the depth is another, the input is not an image of 4 × 4 pixels or
  ///   more, or a number is out of its range.
  /// - Source: Shankar et al., "Neural kernels without tangents", 2020.
  public static func myrtle(
    _ depth: Int, input: [Int] = [32, 32, 3], weightStd: Double = 2.0.squareRoot(),
    biasStd: Double = 0, activation: Activation = .relu
  ) throws -> Network {
    let groups: [Int]
    switch depth {
    case 5: groups = [2, 1, 1]
    case 7: groups = [2, 2, 2]
    case 10: groups = [3, 3, 3]
    default: throw InvalidInput("depth", found: "\(depth)", expected: "5, 7 or 10")
    }
    return try Network(input: input) {
      for (index, count) in groups.enumerated() {
        if index > 0 { AveragePool(window: [2, 2]) }
        for _ in 0..<count {
          Conv(filter: [3, 3], weightStd: weightStd, biasStd: biasStd)
          activation
        }
      }
      GlobalAveragePool()
      Dense(weightStd: weightStd, biasStd: biasStd)
    }
  }

  /// `Dense, Residual[activation, Dense, activation, Dense] × blocks, activation, Dense`; on images
  /// with 3 × 3 convolutions and global average pooling in front of the last layer.
  ///
  /// - Throws: `InvalidInput` if there are not 1 to 10,000 blocks, the input is a sequence, or a number
  ///   is out of its range.
  /// - Source: He et al., "Identity mappings in deep residual networks", 2016.
  public static func residual(
    input: [Int], blocks: Int, weightStd: Double = 2.0.squareRoot(), biasStd: Double = 0,
    activation: Activation = .relu
  ) throws -> Network {
    try checkDepth(blocks, from: 1)
    let dense = Layer.dense(weightStd: weightStd, biasStd: biasStd)
    let onImages = input.count > 1
    let linear =
      onImages ? Layer.conv(filter: [3, 3], weightStd: weightStd, biasStd: biasStd) : dense
    return try Network(input: input) {
      linear
      for _ in 0..<blocks {
        Residual {
          activation
          linear
          activation
          linear
        }
      }
      activation
      if onImages { GlobalAveragePool() }
      dense
    }
  }

  /// A wide residual network: a 3 × 3 convolution, three groups of `blocks` residual blocks, the second
  /// and third group with strides of 2, global average pooling, and a dense layer.
  ///
  /// The first block of a group has a convolution as its shortcut, the others the identity. On
  /// 32 × 32 images this is the network of the source.
  ///
  /// - Throws: `InvalidInput` if there are not 1 to 10,000 blocks, the input is not an image, or a
  ///   number is out of its range.
  /// - Source: Zagoruyko and Komodakis, "Wide residual networks", 2016.
  public static func wideResidual(
    input: [Int] = [32, 32, 3], blocks: Int, weightStd: Double = 2.0.squareRoot(),
    biasStd: Double = 0, activation: Activation = .relu
  ) throws -> Network {
    try checkDepth(blocks, from: 1)
    func conv(_ stride: Int) -> Layer {
      .conv(
        filter: [3, 3], strides: [stride, stride], weightStd: weightStd, biasStd: biasStd)
    }
    func main(_ stride: Int) -> [Layer] {
      [.activation(activation), conv(stride), .activation(activation), conv(1)]
    }
    return try Network(input: input) {
      conv(1)
      for stride in [1, 2, 2] {
        ParallelSum([main(stride), [conv(stride)]])
        for _ in 1..<blocks { ParallelSum([main(1), []]) }
      }
      GlobalAveragePool()
      Dense(weightStd: weightStd, biasStd: biasStd)
    }
  }

  private static func checkDepth(_ depth: Int, from first: Int) throws {
    guard (first...10_000).contains(depth) else {
      throw InvalidInput(
        "depth", found: "\(depth)", expected: "a whole number from \(first) to 10000")
    }
  }
}
