// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks written as a list of layers in Swift.

/// A part of a network in a builder: one layer or several.
public protocol NetworkPart {
  var layers: [Layer] { get }
}

extension Layer: NetworkPart {
  public var layers: [Layer] { [self] }
}

extension Activation: NetworkPart {
  public var layers: [Layer] { [.activation(self)] }
}

/// A dense layer; see `Layer.dense(weightStd:biasStd:)`.
public struct Dense: NetworkPart {
  public let layers: [Layer]

  public init(weightStd: Double = 1, biasStd: Double = 0) {
    layers = [.dense(weightStd: weightStd, biasStd: biasStd)]
  }
}

/// A convolution; see `Convolution`.
public struct Conv: NetworkPart {
  public let layers: [Layer]

  public init(
    filter: [Int], strides: [Int]? = nil, padding: Padding = .same, weightStd: Double = 1,
    biasStd: Double = 0
  ) {
    layers = [
      .conv(
        filter: filter, strides: strides, padding: padding, weightStd: weightStd,
        biasStd: biasStd)
    ]
  }
}

/// Averages over windows; see `Pooling`.
public struct AveragePool: NetworkPart {
  public let layers: [Layer]

  public init(
    window: [Int], strides: [Int]? = nil, padding: Padding = .valid, normalizeEdges: Bool = false
  ) {
    layers = [
      .averagePool(
        window: window, strides: strides, padding: padding, normalizeEdges: normalizeEdges)
    ]
  }
}

/// Sums over windows; see `Pooling`.
public struct SumPool: NetworkPart {
  public let layers: [Layer]

  public init(window: [Int], strides: [Int]? = nil, padding: Padding = .valid) {
    layers = [.sumPool(window: window, strides: strides, padding: padding)]
  }
}

/// The average over all pixels.
public struct GlobalAveragePool: NetworkPart {
  public var layers: [Layer] { [.globalAveragePool] }

  public init() {}
}

/// The sum over all pixels.
public struct GlobalSumPool: NetworkPart {
  public var layers: [Layer] { [.globalSumPool] }

  public init() {}
}

/// All pixels' channels as one vector.
public struct Flatten: NetworkPart {
  public var layers: [Layer] { [.flatten] }

  public init() {}
}

/// See `Layer.layerNorm(epsilon:)`.
public struct LayerNorm: NetworkPart {
  public let layers: [Layer]

  public init(epsilon: Double = 1e-12) { layers = [.layerNorm(epsilon: epsilon)] }
}

/// See `Layer.dropout(keep:)`.
public struct Dropout: NetworkPart {
  public let layers: [Layer]

  public init(keep: Double) { layers = [.dropout(keep: keep)] }
}

/// max(x, 0) of each entry.
public struct ReLU: NetworkPart {
  public var layers: [Layer] { [.relu] }

  public init() {}
}

/// z = x.
public struct Identity: NetworkPart {
  public var layers: [Layer] { [.identity] }

  public init() {}
}

/// The sum of the input and the output of the layers listed.
public struct Residual: NetworkPart {
  public let layers: [Layer]

  public init(@NetworkBuilder _ layers: () throws -> [Layer]) rethrows {
    self.layers = [.residual(try layers())]
  }
}

/// The sum of the outputs of branches: `ParallelSum([[.relu, .dense()], []])`.
public struct ParallelSum: NetworkPart {
  public let layers: [Layer]

  public init(_ branches: [[Layer]]) { layers = [.parallelSum(branches)] }
}

/// Collects the parts listed in a closure, with `if` and `for`.
@resultBuilder
public enum NetworkBuilder {
  public static func buildExpression(_ part: some NetworkPart) -> [Layer] { part.layers }
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap(\.self) }
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap(\.self) }
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  public static func buildEither(first part: [Layer]) -> [Layer] { part }
  public static func buildEither(second part: [Layer]) -> [Layer] { part }
}

extension Network {
  /// The network of the layers listed in the closure.
  ///
  /// - Throws: as `init(input:layers:)`.
  public init(input shape: [Int], @NetworkBuilder _ layers: () throws -> [Layer]) throws {
    try self.init(input: shape, layers: layers())
  }
}
