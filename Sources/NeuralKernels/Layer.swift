// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The layers of networks.

/// One layer of a network, in the "ntk" parameterisation of Jacot et al. (2018): weights and biases
/// are standard normal, and scaled in the forward pass.
///
/// Signals are vectors, or pixels in one or two directions with channels at each. Layers without a
/// window act on each pixel by itself.
public enum Layer: Hashable, Sendable {
  /// z = (weightStd / √(number of inputs)) W x + biasStd · β; on pixels, the same W for each.
  case dense(weightStd: Double = 1, biasStd: Double = 0)
  /// A convolution over pixels.
  case convolution(Convolution)
  /// Sums or averages over windows of pixels.
  case pool(Pooling)
  /// The average over all pixels.
  case globalAveragePool
  /// The sum over all pixels.
  case globalSumPool
  /// All pixels' channels as one vector.
  case flatten
  /// Each pixel's channels, normalised to mean 0 and variance v / (v + epsilon), v that of before.
  case layerNorm(epsilon: Double = 1e-12)
  /// Each entry 0 with probability 1 − keep, else divided by keep; anew for each point.
  case dropout(keep: Double)
  /// The sum of the input and of these layers' output.
  case residual([Layer])
  /// The sum of the outputs of branches; one without layers is the input.
  case parallelSum([[Layer]])
  /// A function of each entry.
  case activation(Activation)
  /// z = x.
  case identity

  /// The name in network files.
  public var name: String {
    switch self {
    case .dense: "dense"
    case .convolution: "conv"
    case .pool(let pooling): pooling.reduction == .sum ? "sumPool" : "averagePool"
    case .globalAveragePool: "globalAveragePool"
    case .globalSumPool: "globalSumPool"
    case .flatten: "flatten"
    case .layerNorm: "layerNorm"
    case .dropout: "dropout"
    case .residual: "residual"
    case .parallelSum: "parallelSum"
    case .activation(let activation): activation.name
    case .identity: "identity"
    }
  }
}

extension Layer {
  /// max(x, 0) of each entry.
  public static var relu: Layer { .activation(.relu) }

  /// A convolution; see `Convolution`.
  public static func conv(
    filter: [Int], strides: [Int]? = nil, padding: Padding = .same, weightStd: Double = 1,
    biasStd: Double = 0
  ) -> Layer {
    .convolution(
      Convolution(
        filter: filter, strides: strides, padding: padding, weightStd: weightStd,
        biasStd: biasStd))
  }

  /// Averages over windows; see `Pooling`.
  public static func averagePool(
    window: [Int], strides: [Int]? = nil, padding: Padding = .valid, normalizeEdges: Bool = false
  ) -> Layer {
    .pool(
      Pooling(
        window: window, strides: strides, padding: padding,
        reduction: .average(normalizeEdges: normalizeEdges)))
  }

  /// Sums over windows; see `Pooling`.
  public static func sumPool(
    window: [Int], strides: [Int]? = nil, padding: Padding = .valid
  ) -> Layer {
    .pool(Pooling(window: window, strides: strides, padding: padding, reduction: .sum))
  }
}
