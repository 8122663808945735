// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks whose kernel depends on two norms and one angle alone.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// The kernel of a fully connected homogeneous network as w(x) w(y) f(cos(x̃, ỹ)) + constant.
///
/// Covered: dense, identity and ReLU layers in any order, with a bias in the first layer, if that is
/// dense (it becomes one more coordinate of x̃), and in the last, if that is dense (it becomes the
/// constant). A bias between makes the kernel depend on the norms in other ways; such networks, and
/// all other layers, are refused.
///
/// - Source: Zandieh, Han, Avron, Shoham, Kim, Shin, "Scaling neural tangent kernels via sketching and
///   random features", 2021; the function K_relu.
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
      case .dense, .identity, .activation(.relu): break
      default:
        throw InvalidInput(
          "layer \(index)", found: layer.name,
          expected: "dense, relu or identity, for this feature map")
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
      case .activation(.relu):
        ntk *= ArcCosine.kappa0(correlation) / 2
        correlation = ArcCosine.kappa1(correlation)
        variance /= 2
      default:
        preconditionFailure("refused by init")
      }
    }
    return kind == .ntk ? ntk : variance * correlation
  }
}
