// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Generated architectures.

import NeuralKernels
import TestSupport

extension CaseGenerator {
  /// Up to `count` layers on vectors, branches included.
  mutating func vectorLayers(upTo count: Int, depth: Int = 0) -> [Layer] {
    (0..<int(in: 1...max(1, count))).map { _ in vectorLayer(depth: depth) }
  }

  private mutating func vectorLayer(depth: Int) -> Layer {
    switch int(in: 0...(depth < 2 ? 11 : 9)) {
    case 0...3: .dense(weightStd: 0.5 + abs(normal()), biasStd: int(in: 0...1) == 0 ? 0 : 0.3)
    case 4: .identity
    case 5: .layerNorm(epsilon: int(in: 0...1) == 0 ? 1e-12 : 0.1)
    case 6: .dropout(keep: 0.8)
    case 7...9: .activation(boundedActivation())
    case 10: .residual(vectorLayers(upTo: 3, depth: depth + 1))
    default:
      .parallelSum(
        (0..<int(in: 1...3)).map { _ in
          int(in: 0...3) == 0 ? [] : vectorLayers(upTo: 3, depth: depth + 1)
        })
    }
  }

  /// An activation in closed form of which neither variances nor rounding errors grow out of hand.
  mutating func boundedActivation() -> Activation {
    let all: [Activation] = [
      .relu, .leakyReLU(), .abReLU(a: -0.5, b: 1), .abs, .erf(a: 1.5, b: 0.7, c: 0.2), .sigmoidLike,
      .gelu, .sin(a: 1.2, b: 0.9, c: 0.3), .cos(), .rbf(gamma: 0.4), .gaussian(), .gabor,
      .expNormalized(gamma: 0.7, shift: -1), .rectifiedMonomial(degree: 1),
    ]
    return all[int(in: 0...all.count - 1)]
  }

  /// A window over up to 4 pixels each way.
  mutating func window(_ directions: Int) -> [Int] { (0..<directions).map { _ in int(in: 1...4) } }

  /// Any layer, its inner ones too, such that pixels of either number of directions go through it.
  mutating func anyLayer(directions: Int, depth: Int = 0) -> Layer {
    let weightStd = abs(normal())
    let paddings = Padding.allCases
    switch int(in: 0...(depth < 2 ? 14 : 12)) {
    case 0: return .dense(weightStd: weightStd, biasStd: abs(normal()) * 1e-9)
    case 1, 2:
      return .conv(
        filter: window(directions), strides: int(in: 0...1) == 0 ? nil : window(directions),
        padding: paddings[int(in: 0...1) * 2], weightStd: weightStd, biasStd: weightStd / 3)
    case 3:
      return .averagePool(
        window: window(directions), padding: .same, normalizeEdges: int(in: 0...1) == 0)
    case 4:
      return .sumPool(window: window(directions), strides: window(directions), padding: .circular)
    case 5: return .layerNorm(epsilon: weightStd * 1e-7)
    case 6: return .dropout(keep: 1 / (1 + weightStd))
    case 7: return .identity
    case 8...12:
      let all = TestActivation.all.map(\.activation).filter {
        if case .function = $0 { false } else { true }
      }
      return .activation(all[int(in: 0...all.count - 1)])
    case 13:
      return .residual(
        [.dense(), .activation(.relu), anyLayer(directions: 0, depth: 3)].filter(\.keepsPixels))
    default: return .parallelSum([[.identity, .dense(weightStd: weightStd)], []])
    }
  }
}

extension Layer {
  fileprivate var keepsPixels: Bool {
    switch self {
    case .convolution, .pool: false
    default: true
    }
  }
}
