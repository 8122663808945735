// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Nonnegative least squares against all active sets.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct NonnegativeLeastSquaresTests {
  private func loss(_ a: Matrix<Double>, _ x: [Double], _ b: [Double]) -> Double {
    (0..<a.rowCount).reduce(0.0) { sum, i in
      let rest = b[i] - zip(a.row(i), x).reduce(0.0) { $0 + $1.0 * $1.1 }
      return sum + rest * rest
    }
  }

  /// The least loss of an unconstrained solution on any set of columns that comes out nonnegative.
  private func bruteForce(_ a: Matrix<Double>, _ b: [Double]) throws -> Double {
    let n = a.columnCount
    var best = loss(a, [Double](repeating: 0, count: n), b)
    let target = try Matrix(rowCount: b.count, columnCount: 1, elements: b)
    for mask in 1..<(1 << n) {
      let set = (0..<n).filter { mask >> $0 & 1 == 1 }
      let solution = try QR(a.columns(at: set)).leastSquares(target)
      guard solution.elements.allSatisfy({ $0 >= 0 }) else { continue }
      var x = [Double](repeating: 0, count: n)
      for (position, j) in set.enumerated() { x[j] = solution[position, 0] }
      best = min(best, loss(a, x, b))
    }
    return best
  }

  @Test func leastLoss() {
    forAll(cases: 100) { generator in
      let n = generator.int(in: 1...6)
      let m = n + generator.int(in: 0...4)
      return (
        a: generator.matrix(m, n, as: Double.self),
        b: (0..<m).map { _ in generator.normal() }
      )
    } _: { a, b in
      let x = try nonnegativeLeastSquares(a, b)
      guard x.allSatisfy({ $0 >= 0 }) else { return false }
      let best = try bruteForce(a, b)
      return loss(a, x, b) <= best + 1e-10 * (1 + best)
    }
  }

  @Test func edges() throws {
    let a = try Matrix(rows: [[1.0, 0], [0, 1]])
    #expect(try nonnegativeLeastSquares(a, [0, 0]) == [0, 0])
    #expect(try nonnegativeLeastSquares(a, [-1, -2]) == [0, 0])
    #expect(try nonnegativeLeastSquares(a, [1e-200, 2e-200]) == [1e-200, 2e-200])
    #expect(throws: InvalidInput.self) { try nonnegativeLeastSquares(a, [1]) }
    #expect(throws: InvalidInput.self) { try nonnegativeLeastSquares(a, [1, .nan]) }
  }
}
