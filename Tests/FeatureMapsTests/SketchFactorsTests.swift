// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How sketched activations see lengths and angles: exact on anchors, close between them.

import LinearAlgebra
import NeuralKernels
import RealModule
import Testing

@testable import FeatureMaps

@Suite struct SketchFactorsTests {
  private typealias Anchor = SketchPlan.Anchor

  private func plan(_ anchors: [Anchor]) -> SketchPlan {
    SketchPlan(
      direction: [1], tangentDirection: [1], anchors: anchors,
      terms: SketchPlan.emptyTerms(degree: 4, anchorCount: anchors.count))
  }

  /// Σ_f g_df g_df′ of the values and of the derivatives for every degree d.
  private func approximation(
    _ activation: Activation, _ anchors: [Anchor], _ x: Anchor, _ y: Anchor
  ) -> (values: [Double], slopes: [Double]) {
    let plan = plan(anchors)
    let factors = SketchFactors(activation, plan)
    let count = plan.terms.count
    func write(_ point: Anchor) -> (g: [Double], h: [Double]) {
      var g = [Double](repeating: 0, count: count)
      var h = g
      var scratch = [Double](repeating: 0, count: 2 * factors.coefficients.count)
      factors.write(
        deviation: point.deviation, cosine: point.cosine, values: &g, slopes: &h,
        scratch: &scratch)
      return (g, h)
    }
    let (a, b) = (write(x), write(y))
    var result = (
      values: [Double](repeating: 0, count: 5), slopes: [Double](repeating: 0, count: 5)
    )
    for (index, term) in plan.terms.enumerated() {
      result.values[term.degree] += a.g[index] * b.g[index]
      result.slopes[term.degree] += a.h[index] * b.h[index]
    }
    return result
  }

  /// G_d of both, from its definition.
  private func exact(
    _ activation: Activation, _ x: Anchor, _ y: Anchor
  ) -> (values: [Double], slopes: [Double]) {
    let coefficients = SketchFactors(activation, plan([x])).coefficients
    let count = coefficients.count
    func write(_ point: Anchor) -> (a: [Double], b: [Double]) {
      var a = [Double](repeating: 0, count: count)
      var b = a
      coefficients.write(at: point.deviation, values: &a, slopes: &b)
      return (a, b)
    }
    let (p, q) = (write(x), write(y))
    func sum(_ c: [Double], _ d: [Double], _ degree: Int) -> Double {
      var (binomial, sum) = (1.0, 0.0)
      for j in degree..<count {
        if j > degree { binomial *= Double(j) / Double(j - degree) }
        sum += c[j] * d[j] * binomial * Double.pow(x.cosine * y.cosine, j - degree)
      }
      return sum
    }
    return ((0...4).map { sum(p.a, q.a, $0) }, (0...4).map { sum(p.b, q.b, $0) })
  }

  private let anchors = [
    Anchor(deviation: 1, cosine: 0.75), Anchor(deviation: 1, cosine: 0.4),
    Anchor(deviation: 1, cosine: 0.95),
  ]

  @Test(arguments: [Activation.relu, .gelu, .erf()])
  func exactOnAnchors(_ activation: Activation) {
    let other = Anchor(deviation: 1.3, cosine: 0.6)
    for anchor in anchors {
      let (found, wanted) = (
        approximation(activation, anchors, anchor, other), exact(activation, anchor, other)
      )
      for (a, b) in zip(found.values + found.slopes, wanted.values + wanted.slopes) {
        #expect(abs(a - b) <= 1e-7 * (1 + abs(b)), "\(anchor)")
      }
    }
  }

  /// Between three anchors a hundredth of what one alone leaves, or less.
  @Test func closeBetweenAnchors() {
    var (one, three) = (0.0, 0.0)
    for u in stride(from: 0.35, through: 0.95, by: 0.05) {
      for v in stride(from: 0.35, through: 0.95, by: 0.05) {
        let (x, y) = (Anchor(deviation: 1, cosine: u), Anchor(deviation: 1, cosine: v))
        let wanted = exact(.relu, x, y)
        let beside = ((1 - u * u) * (1 - v * v)).squareRoot()
        for (count, isOne) in [(1, true), (3, false)] {
          let found = approximation(.relu, Array(anchors.prefix(count)), x, y)
          for degree in 1...4 {
            let error =
              abs(found.slopes[degree] - wanted.slopes[degree]) * Double.pow(beside, degree)
            if isOne { one = max(one, error) } else { three = max(three, error) }
          }
        }
      }
    }
    #expect(one > 0.005 && three < 0.05 * one, "\(one), \(three)")
  }

  @Test func equalAnchorsCountOnce() {
    let twice = [anchors[0], anchors[0]]
    let found = approximation(.relu, twice, anchors[1], anchors[2])
    let once = approximation(.relu, [anchors[0]], anchors[1], anchors[2])
    #expect(found.values == once.values && found.slopes == once.slopes)
  }
}
