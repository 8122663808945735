// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Power series: expansions, fits and what is refused.

import Foundation
import Kernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct PowerSeriesTests {
  @Test func binomialCoefficients() throws {
    let series = try PowerSeries.power(degree: 4, scale: 2, offset: 3)
    #expect(series.coefficients == [81, 216, 216, 96, 16])
    #expect(try PowerSeries.power(degree: 3, scale: 2, offset: 0).coefficients == [0, 0, 0, 8])
  }

  @Test func powersOfAnyDegree() {
    forAll { generator in
      (
        degree: generator.int(in: 1...64), offset: Double(generator.int(in: 0...3)) / 2,
        t: Double(generator.int(in: -10...10)) / 10
      )
    } _: { degree, offset, t in
      let value = try PowerSeries.power(degree: degree, scale: 1, offset: offset)(t)
      // Alternating sums lose digits against the sum of absolute values.
      let size = pow(abs(t) + offset, Double(degree))
      return abs(value - pow(t + offset, Double(degree))) <= 1e-12 * size
    }
  }

  @Test func expansionAroundProduct() {
    forAll { generator in
      (
        coefficients: (0...generator.int(in: 0...12)).map { _ in abs(generator.normal()) },
        s: generator.normal() / 2, v: generator.normal() / 2
      )
    } _: { coefficients, s, v in
      let series = try PowerSeries(coefficients: coefficients)
      let parts = (0...series.degree).map { k in
        series.coefficientsAroundProduct(power: k).enumerated().reduce(0.0) {
          $0 + $1.element * pow(s, Double($1.offset))
        } * pow(v, Double(k))
      }
      let size = series(abs(s) + abs(v))
      return abs(parts.reduce(0, +) - series(s + v)) <= 1e-12 * size
    }
  }

  @Test func fitRecoversPolynomials() {
    forAll(cases: 20) { generator in
      (0...generator.int(in: 0...5)).map { p in
        p == 1 ? 0 : Double(generator.int(in: 1...9))
      }
    } _: { coefficients in
      guard coefficients.contains(where: { $0 > 0 }) else { return true }
      let wanted = try PowerSeries(coefficients: coefficients)
      let found = try PowerSeries.fit({ wanted($0) }, degree: coefficients.count, on: -0.5...0.97)
      return (0...coefficients.count).allSatisfy { p in
        let (a, b) = (
          p < found.coefficients.count ? found.coefficients[p] : 0,
          p < wanted.coefficients.count ? wanted.coefficients[p] : 0
        )
        return abs(a - b) < 1e-7
      }
    }
  }

  @Test(arguments: [4, 8, 16, 64])
  func fitOfArcCosine(_ degree: Int) throws {
    let series = try PowerSeries.fit(ArcCosine.kappa1, degree: degree, on: 0...1)
    #expect(series.coefficients.allSatisfy { $0 >= 0 })
    #expect(series.degree <= degree)
    let worst = (0...1000).map {
      abs(series(Double($0) / 1000) - ArcCosine.kappa1(Double($0) / 1000))
    }
    .max()!
    // 1.5e-3 for degree 4, 4.6e-4 for 8, 1.6e-4 for 16.
    #expect(worst < 0.012 / pow(Double(degree), 1.45))
  }

  @Test func fitIsNonnegative() {
    forAll(cases: 30) { generator in
      (0...5).map { _ in generator.normal() }
    } _: { coefficients in
      let series = try PowerSeries.fit(
        { t in 4 + coefficients.reversed().reduce(0) { $0 * t + $1 } }, degree: 6, on: 0...1)
      return series.coefficients.allSatisfy { $0 >= 0 }
    }
  }

  @Test func refusals() {
    for bad in [[], [0, 0], [1, -1], [.nan], [.infinity], [Double](repeating: 1, count: 66)] {
      #expect(throws: InvalidInput.self) { try PowerSeries(coefficients: bad) }
    }
    #expect(throws: InvalidInput.self) { try PowerSeries.power(degree: 65, scale: 1, offset: 1) }
    #expect(throws: InvalidInput.self) { try PowerSeries.power(degree: 0, scale: 1, offset: 1) }
    #expect(throws: InvalidInput.self) { try PowerSeries.fit({ -1 - $0 }, degree: 3, on: 0...1) }
    #expect(throws: InvalidInput.self) { try PowerSeries.fit({ 1 / $0 }, degree: 3, on: 0...1) }
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(PowerSeries.self, from: Data("[1, -2]".utf8))
    }
  }
}
