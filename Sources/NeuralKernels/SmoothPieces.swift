// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Functions that are smooth between kinks, and the panels on which they are integrated.

import LinearAlgebra

/// A continuous function with its derivative, smooth between kinks on a scale of about 1.
struct SmoothPieces: Sendable {
  let value: @Sendable (Double) -> Double
  let derivative: @Sendable (Double) -> Double
  let kinks: [Double]
  /// E[σ(v)] and E[σ′(v)] for v of a mean and a standard deviation, where there is a closed form.
  var means: (@Sendable (Double, Double) -> SmoothedPieces.Means)?

  /// The ends of panels over z in [−limit, limit] on which z ↦ σ(scale · z + offset) is close to a
  /// polynomial: kinks, points that leave kinks and 0 in steps that double, and a grid of `width`.
  func panelEnds(
    scale: Double, offset: Double = 0, limit: Double, width: Double, into ends: inout [Double]
  ) {
    ends.removeAll(keepingCapacity: true)
    let count = Int((2 * limit / width).rounded(.up))
    for i in 0...count { ends.append(-limit + 2 * limit * Double(i) / Double(count)) }
    func add(_ x: Double) {
      let z = (x - offset) / scale
      if z.magnitude < limit { ends.append(z) }
    }
    if scale > 0 {
      let reach = scale * limit + offset.magnitude
      for kink in kinks { add(kink) }
      for centre in [0] + kinks {
        var step = 1.0
        while step < 2 * reach + centre.magnitude {
          add(centre - step)
          add(centre + step)
          step *= 2
        }
      }
    }
    ends.sort()
  }
}

extension Activation {
  /// The function, where its dual comes by quadrature; nil where it has a closed form.
  var smoothPieces: SmoothPieces? {
    switch self {
    case .elu(let alpha): .elu(alpha: alpha, scale: 1)
    case .selu: .elu(alpha: 1.6732632423543773, scale: 1.0507009873554805)
    case .tanh:
      SmoothPieces(
        value: { .tanh($0) },
        derivative: {
          let t = Double.tanh($0)
          return (1 - t) * (1 + t)
        }, kinks: [])
    case .sigmoid:
      SmoothPieces(
        value: sigmoidValue, derivative: { sigmoidValue($0) * sigmoidValue(-$0) }, kinks: [])
    case .softplus:
      SmoothPieces(value: softplusValue, derivative: sigmoidValue, kinks: [])
    case .swish:
      SmoothPieces(
        value: { $0 * sigmoidValue($0) },
        derivative: { sigmoidValue($0) * (1 + $0 * sigmoidValue(-$0)) }, kinks: [])
    case .mish:
      SmoothPieces(
        value: { $0 * .tanh(softplusValue($0)) },
        derivative: {
          let t = Double.tanh(softplusValue($0))
          return t + $0 * (1 - t) * (1 + t) * sigmoidValue($0)
        }, kinks: [])
    case .hardTanh:
      SmoothPieces(
        value: { max(-1, min(1, $0)) }, derivative: { $0.magnitude < 1 ? 1 : 0 }, kinks: [-1, 1],
        means: SmoothedPieces.hardTanh)
    case .function(let function):
      SmoothPieces(
        value: { function($0) }, derivative: { function.derivative($0) }, kinks: function.kinks)
    default: nil
    }
  }
}

extension SmoothPieces {
  fileprivate static func elu(alpha: Double, scale: Double) -> SmoothPieces {
    SmoothPieces(
      value: { $0 > 0 ? scale * $0 : scale * alpha * .expMinusOne($0) },
      derivative: { $0 > 0 ? scale : scale * alpha * .exp($0) }, kinks: [0],
      means: { SmoothedPieces.elu(mean: $0, deviation: $1, alpha: alpha, scale: scale) })
  }
}

@Sendable private func sigmoidValue(_ x: Double) -> Double {
  let e = Double.exp(-x.magnitude)
  return x >= 0 ? 1 / (1 + e) : e / (1 + e)
}

@Sendable private func softplusValue(_ x: Double) -> Double {
  max(x, 0) + .log(onePlus: .exp(-x.magnitude))
}
