// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The split of a kernel of one number: exact on its anchors, never too much elsewhere.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct ScalarFactorsTests {
  private func kernel(_ series: [Double], _ s: Double) -> Double {
    series.reversed().reduce(0) { $0 * s + $1 }
  }

  private func approximation(_ factors: ScalarFactors, _ u: Double, _ v: Double) -> Double {
    (0..<factors.count).reduce(0.0) { $0 + factors.value($1, at: u) * factors.value($1, at: v) }
  }

  @Test func exactOnAnchors() {
    forAll { generator in
      (
        series: (0...generator.int(in: 0...8)).map { _ in abs(generator.normal()) },
        anchors: (0..<generator.int(in: 1...4)).map { _ in generator.normal() },
        u: generator.normal()
      )
    } _: { series, anchors, u in
      let factors = ScalarFactors(series: series, anchors: anchors)
      return anchors.allSatisfy { anchor in
        let exact = kernel(series, u * anchor)
        let size = (kernel(series, u * u) * kernel(series, anchor * anchor)).squareRoot()
        return abs(approximation(factors, u, anchor) - exact) <= 1e-6 * size
          && (factors.count < anchors.count
            || abs(approximation(factors, u, anchor) - exact) <= 1e-10 * size)
      }
    }
  }

  @Test func remainderIsPositiveSemidefinite() {
    forAll { generator in
      (
        series: (0...generator.int(in: 1...8)).map { _ in abs(generator.normal()) },
        anchors: (0..<generator.int(in: 2...4)).map { _ in generator.normal() },
        points: (0..<6).map { _ in generator.normal() }
      )
    } _: { series, anchors, points in
      let factors = ScalarFactors(series: series, anchors: anchors)
      var rest = Matrix<Double>(rowCount: 6, columnCount: 6)
      for i in 0..<6 {
        for j in 0..<6 {
          rest[i, j] =
            kernel(series, points[i] * points[j]) - approximation(factors, points[i], points[j])
        }
      }
      let size = points.map { kernel(series, $0 * $0) }.max()!
      return try SymmetricEigen.values(of: rest)[0] >= -1e-9 * size
    }
  }

  @Test func onePowerNeedsOneFactor() {
    let factors = ScalarFactors(series: [0, 0, 3], anchors: [0.5, 0.2])
    #expect(factors.count == 1)
    #expect(abs(approximation(factors, 0.7, -0.4) - 3 * 0.28 * 0.28) < 1e-15)
  }

  @Test func vanishingKernels() {
    #expect(ScalarFactors(series: [0, 1], anchors: [0]).count == 0)
    #expect(ScalarFactors(series: [0], anchors: [1, 2]).count == 0)
    // What vanishes on one anchor may not on another.
    #expect(ScalarFactors(series: [0, 1], anchors: [0, 1]).count == 1)
    let constant = ScalarFactors(series: [4, 1], anchors: [0])
    #expect(constant.count == 1 && constant.value(0, at: 0.3) == 2)
  }
}
