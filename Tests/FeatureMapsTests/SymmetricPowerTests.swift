// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// All monomials of a degree: as many as there are, with the power of the inner product.

import LinearAlgebra
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct SymmetricPowerTests {
  @Test func powersOfInnerProducts() {
    forAll { generator in
      let (d, degree) = (generator.int(in: 1...6), generator.int(in: 1...6))
      return (
        degree: degree, x: (0..<d).map { _ in generator.normal() },
        y: (0..<d).map { _ in generator.normal() }
      )
    } _: { degree, x, y in
      let power = SymmetricPower(dimension: x.count, degree: degree)
      let (a, b) = (monomials(power, x), monomials(power, y))
      let wanted = pow(zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }, degree)
      let size = pow(norm(x) * norm(y), degree)
      let single = monomials(power, x.map { Float($0) })
      return abs(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } - wanted) <= 1e-13 * size
        && zip(a, single).allSatisfy { abs($0 - Double($1)) <= 1e-5 * pow(norm(x), degree) }
    }
  }

  @Test func everyMonomialOnce() {
    #expect(monomials(SymmetricPower(dimension: 3, degree: 1), [2.0, 3, 5]) == [2, 3, 5])
    let squares = monomials(SymmetricPower(dimension: 3, degree: 2), [2.0, 3, 5])
    let root = 2.0.squareRoot()
    let wanted = [4, 6 * root, 10 * root, 9, 15 * root, 25]
    #expect(zip(squares, wanted).allSatisfy { abs($0 - $1) < 1e-13 } && squares.count == 6)
    for (d, degree, count) in [(1, 9, 1), (5, 3, 35), (2, 7, 8), (784, 1, 784)] {
      #expect(SymmetricPower(dimension: d, degree: degree).count == count)
      #expect(MonomialEnumeration.count(dimension: d, degree: degree, upTo: count) == count)
      #expect(MonomialEnumeration.count(dimension: d, degree: degree, upTo: count - 1) == nil)
    }
    #expect(MonomialEnumeration.count(dimension: 1 << 40, degree: 8, upTo: .max) == nil)
  }

  private func monomials<Scalar: RealScalar>(_ power: SymmetricPower, _ x: [Scalar]) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: power.count) { buffer, count in
      power.write(x, to: buffer.baseAddress!, workspace: Workspace())
      count = power.count
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
