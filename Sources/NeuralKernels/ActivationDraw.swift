// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Activations at random inputs: what random features of a dual evaluate.

import LinearAlgebra

/// Functions f and f′ of u ~ N(0, s²), s and e with
/// E[f(u, s, 0) f(v, t, 0)] = k(s², t², E uv) and E[f′ f′] = ∂k/∂c, where k is the dual of an activation.
///
/// With e > 0 they are those of u + N(0, e²), averaged over that noise.
package struct ActivationDraw: Sendable {
  private let activation: Activation
  private let function: ScalarFunction?
  private let wave: (amplitude: Double, frequency: Double, phase: Double)?

  package init(_ activation: Activation) {
    self.activation = activation
    function = activation.scalarFunction
    wave = activation.wave
  }

  /// More panels for more noise, within which an activation may turn.
  private static let noiseNodes = [1, 4, 16, 64].map { panelCount in
    var nodes: [(node: Double, weight: Double)] = []
    let width = 12 / Double(panelCount)
    for panel in 0..<panelCount {
      let lower = -6 + width * Double(panel)
      GaussLegendre.panel.forEachNormalNode(lower, lower + width) { nodes.append(($0, $1)) }
    }
    return nodes
  }

  /// f and f′.
  ///
  /// Cost: one value of σ and of σ′; behind noise of others than piecewise linear functions and waves 20 of each
  /// up to e = 1, four times as many up to 4, 16 times up to 16 and 64 times beyond.
  package func callAsFunction(
    _ u: Double, deviation: Double, noise: Double = 0
  ) -> (value: Double, derivative: Double) {
    guard noise > 0 else { return plain(u, deviation) }
    if let (below, above) = activation.slopes {
      let share = 0.5 * Double.erfc(-u / noise * 0.5.squareRoot())
      let density = (0.5 / .pi).squareRoot() * Double.exp(-0.5 * u / noise * (u / noise))
      let step = above - below
      return (below * u + step * (u * share + noise * density), below + step * share)
    }
    if let wave {
      let fade = Double.exp(-0.5 * (wave.frequency * noise) * (wave.frequency * noise))
      let angle = wave.frequency * u + wave.phase
      return (
        fade * wave.amplitude * Double.sin(angle),
        fade * wave.amplitude * wave.frequency * Double.cos(angle)
      )
    }
    var sums = (value: 0.0, derivative: 0.0)
    let level = noise <= 1 ? 0 : noise <= 4 ? 1 : noise <= 16 ? 2 : 3
    for (z, weight) in Self.noiseNodes[level] {
      let (value, derivative) = plain(u + noise * z, deviation)
      sums.value += weight * value
      sums.derivative += weight * derivative
    }
    return sums
  }

  @inline(__always)
  private func plain(_ u: Double, _ deviation: Double) -> (value: Double, derivative: Double) {
    if let function { return (function.value(u), function.derivative(u)) }
    guard case .expNormalized(let gamma, let shift) = activation else {
      preconditionFailure("every other activation is a function")
    }
    // e^(γρ) is a Gaussian kernel on the sphere: 2 sin sin of normal angles of variance γ.
    let angle = deviation > 0 ? gamma.squareRoot() * u / deviation : 0
    let wave = (2 * Double.exp(gamma * (1 + shift))).squareRoot() * Double.sin(angle + .pi / 4)
    return (deviation * wave, gamma.squareRoot() * wave)
  }

  /// s where f(u) − su is even, so that it has nothing of su in any product; nil where that is nowhere so.
  package var oddSlope: Double? {
    guard let value = function?.value else { return nil }
    let slope = (value(1) - value(-1)) / 2
    let isLinear = (1...60).allSatisfy { index in
      // Multiples of the golden ratio: those of a common step would not see a rest of that period.
      let u = 6 * (0.618_033_988_749_894_9 * Double(index)).truncatingRemainder(dividingBy: 1)
      return abs((value(u) - value(-u)) / 2 - slope * u) <= 1e-12 * max(1, abs(slope * u))
    }
    return isLinear ? slope : nil
  }

  /// Whether, with m the mean of f over N(0, 1), the mean of (f − m)² at u and −u varies less than that
  /// at two independent draws: so for functions that neither are odd or even nor lack just a constant of it.
  package var gainsFromOpposites: Bool {
    let nodes = (0..<400).map { index in
      let u = 6 * (Double(index) + 0.5) / 400
      let (a, b) = (self(u, deviation: 1).value, self(-u, deviation: 1).value)
      return (weight: Double.exp(-0.5 * u * u), a: a, b: b)
    }
    let weights = nodes.reduce(0) { $0 + $1.weight }
    let centre = nodes.reduce(0) { $0 + $1.weight * ($1.a + $1.b) / 2 } / weights
    var (mean, pairs, squares) = (0.0, 0.0, 0.0)
    for (weight, a, b) in nodes {
      let (a, b) = (a - centre, b - centre)
      let pair = (a * a + b * b) / 2
      mean += weight * pair
      pairs += weight * pair * pair
      squares += weight * (a * a * a * a + b * b * b * b) / 2
    }
    mean /= weights
    return pairs / weights - mean * mean < (squares / weights - mean * mean) / 2
  }
}
