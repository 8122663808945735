// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks whose kernel depends on two norms and one angle alone.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// The kernel of a fully connected homogeneous network as w(x) w(y) f(cos(x̃, ỹ)) + constant.
///
/// Covered: dense and identity layers and activations of one slope below 0 and one above (ReLU, leaky and
/// abReLU, the modulus) in any order, with a bias in the first layer, if that is dense (it becomes one more
/// coordinate of x̃), and in the last, if that is dense (it becomes the constant). A bias between makes the
/// kernel depend on the norms in other ways; such networks, and all other layers, are refused.
///
/// σ of slopes a and b is su + d|u|, s = (a + b)/2, d = (b − a)/2, of dual s²t + d²(2κ₁(t) − t), which is
/// s² + d² at t = 1, and derivative s² + d²(2κ₀(t) − 1).
///
/// - Source: Zandieh, Han, Avron, Shoham, Kim, Shin, "Scaling neural tangent kernels via sketching and
///   random features", 2021; the function K_relu. Other slopes: derived for this library.
struct ZonalNetwork {
  let lift: Lift
  /// What the last bias adds to every entry.
  let constant: Double
  private let layers: ArraySlice<Layer>
  private let kind: NeuralKernel.Kind
  /// The ratio NTK / NNGP after the first layer: 1 behind a dense layer, 0 without one.
  private let startsDense: Bool

  /// - Throws: `InvalidInput` naming the layer that is not covered.
  init(_ network: Network, _ kind: NeuralKernel.Kind) throws {
    for (index, layer) in network.layers.enumerated() {
      switch layer {
      case .dense, .identity: break
      case .activation(let activation) where activation.slopes.map { $0 != (0, 0) } ?? false: break
      default:
        throw InvalidInput(
          "layer \(index)", found: layer.name,
          expected:
            "dense, identity, relu, or leakyRelu, abRelu or abs of a slope that is not 0, for this feature map"
        )
      }
    }
    let perEntry = 1 / Double(network.inputDimension).squareRoot()
    var layers = network.layers[...]
    while layers.first == .identity { layers = layers.dropFirst() }
    while layers.last == .identity { layers = layers.dropLast() }
    if case .dense(let weightStd, let biasStd) = layers.first {
      lift = .unit(scale: weightStd * perEntry, offset: biasStd)
      layers = layers.dropFirst()
      startsDense = true
    } else {
      lift = .unit(scale: perEntry, offset: 0)
      startsDense = false
    }
    var constant = 0.0
    for (index, layer) in zip(layers.indices, layers) {
      guard case .dense(_, let biasStd) = layer, biasStd != 0 else { continue }
      guard index == layers.indices.last else {
        throw InvalidInput(
          "layer \(index) (dense), biasStd", found: "\(biasStd)",
          expected: "0 between the first and the last layer, for this feature map")
      }
      constant = biasStd * biasStd
    }
    self.layers = layers
    self.constant = constant
    self.kind = kind
  }

  /// f at the cosine t.
  func callAsFunction(_ t: Double) -> Double {
    var variance = 1.0
    var correlation = t
    var ntk = startsDense ? t : 0
    for layer in layers {
      switch layer {
      case .identity:
        break
      case .dense(let weightStd, _):
        variance *= weightStd * weightStd
        ntk = weightStd * weightStd * ntk + variance * correlation
      case .activation(let activation):
        guard let (low, high) = activation.slopes else { preconditionFailure("refused by init") }
        let (s, d) = ((low + high) / 2, (high - low) / 2)
        let whole = s * s + d * d
        ntk *= s * s + d * d * (2 * ArcCosine.kappa0(correlation) - 1)
        let dual = s * s * correlation + d * d * (2 * ArcCosine.kappa1(correlation) - correlation)
        correlation = dual / whole
        variance *= whole
      default:
        preconditionFailure("refused by init")
      }
    }
    return kind == .ntk ? ntk : variance * correlation
  }
}
