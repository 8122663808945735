// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The leading Hermite coefficients of an activation, at any standard deviation and fast.

import LinearAlgebra

/// αⱼ(s) = E[σ(sz) hⱼ(z)] and βⱼ(s) = E[σ′(sz) hⱼ(z)] for j < `count`, with hⱼ the normalised Hermite
/// polynomials, so that the dual is Σ αⱼ(s) αⱼ(t) ρʲ and its derivative Σ βⱼ(s) βⱼ(t) ρʲ.
///
/// Cost at one deviation s: `count` operations for homogeneous activations, waves and exponentials; 80 values of σ
/// and of σ′ and 160 · `count` operations for others up to s = 8, four times as much up to 32 and 16 times
/// beyond. Where there are kinks elsewhere than at 0 eight times as much, and still errors of up to 1e-2 in what
/// jumps there.
package struct HermiteCoefficients: Sendable {
  package let count: Int
  private let form: Form

  private enum Form {
    /// αⱼ(s) = s αⱼ(1), and the same βⱼ for all s.
    case homogeneous(values: [Double], slopes: [Double])
    /// a sin(bx + c).
    case wave(amplitude: Double, frequency: Double, phase: Double)
    /// a e^(bx).
    case exponential(amplitude: Double, rate: Double)
    /// For deviations up to 8, up to 32, and beyond.
    case integral([Integral])
  }

  package init(_ activation: Activation, count: Int) {
    self.count = count
    if case .expNormalized(let gamma, let shift) = activation {
      // With the signs of the sine of `ActivationDraw`, two by two.
      var power = Double.exp(gamma * shift)
      let values = (0..<count).map { j in
        defer { power *= gamma / Double(j + 1) }
        return j % 4 < 2 ? power.squareRoot() : -power.squareRoot()
      }
      form = .homogeneous(values: values, slopes: values.map { $0 * gamma.squareRoot() })
      return
    }
    if let wave = activation.wave {
      form = .wave(amplitude: wave.amplitude, frequency: wave.frequency, phase: wave.phase)
      return
    }
    if case .exp(let a, let b) = activation {
      form = .exponential(amplitude: a, rate: b)
      return
    }
    guard let function = activation.scalarFunction else {
      preconditionFailure("every other activation is a function")
    }
    guard activation.slopes != nil else {
      let isKinked = activation.smoothPieces?.kinks.contains { $0 != 0 } ?? false
      let widths = isKinked ? [0.5] : [4, 1, 0.25]
      form = .integral(
        widths.map { Integral(function, count: count, limit: 8, panelWidth: $0) })
      return
    }
    var (values, slopes) = (
      [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
    )
    Integral(function, count: count, limit: 12, panelWidth: 1)
      .write(at: 1, values: &values, slopes: &slopes)
    form = .homogeneous(values: values, slopes: slopes)
  }

  /// Writes αⱼ and βⱼ at one standard deviation.
  package func write(
    at deviation: Double, values: UnsafeMutablePointer<Double>,
    slopes: UnsafeMutablePointer<Double>
  ) {
    switch form {
    case .homogeneous(let a, let b):
      for j in 0..<count {
        values[j] = deviation * a[j]
        slopes[j] = b[j]
      }
    case .wave(let a, let b, let c):
      // E[e^(itz) hⱼ(z)] = (it)ʲ e^(−t²/2)/√j!
      let t = b * deviation
      var size = a * Double.exp(-0.5 * t * t)
      for j in 0..<count {
        let phase = c + Double(j % 4) * .pi / 2
        values[j] = size * Double.sin(phase)
        slopes[j] = size * b * Double.cos(phase)
        size *= t / Double(j + 1).squareRoot()
      }
    case .exponential(let a, let b):
      let t = b * deviation
      var size = a * Double.exp(0.5 * t * t)
      for j in 0..<count {
        values[j] = size
        slopes[j] = size * b
        size *= t / Double(j + 1).squareRoot()
      }
    case .integral(let levels):
      let level = deviation <= 8 ? 0 : deviation <= 32 ? 1 : 2
      levels[min(level, levels.count - 1)].write(at: deviation, values: values, slopes: slopes)
    }
  }

  /// The coefficients by quadrature on panels cut at 0.
  private struct Integral: Sendable {
    let function: ScalarFunction
    let nodes: [Double]
    /// Weights times hⱼ at all nodes, one row for each node.
    let basis: [Double]
    let count: Int

    init(_ function: ScalarFunction, count: Int, limit: Double, panelWidth: Double) {
      var (nodes, basis) = ([Double](), [Double]())
      for lower in stride(from: -limit, to: limit, by: panelWidth) {
        GaussLegendre.panel.forEachNormalNode(lower, lower + panelWidth) { z, weight in
          nodes.append(z)
          var (before, last) = (0.0, weight)
          for j in 0..<count {
            basis.append(last)
            let next = (z * last - Double(j).squareRoot() * before) / Double(j + 1).squareRoot()
            (before, last) = (last, next)
          }
        }
      }
      (self.function, self.nodes, self.basis, self.count) = (function, nodes, basis, count)
    }

    func write(
      at deviation: Double, values: UnsafeMutablePointer<Double>,
      slopes: UnsafeMutablePointer<Double>
    ) {
      values.update(repeating: 0, count: count)
      slopes.update(repeating: 0, count: count)
      basis.withUnsafeBufferPointer { basis in
        guard var row = basis.baseAddress else { return }
        for z in nodes {
          let (value, slope) = (function.value(deviation * z), function.derivative(deviation * z))
          for j in 0..<count {
            values[j] += value * row[j]
            slopes[j] += slope * row[j]
          }
          row += count
        }
      }
    }
  }
}
