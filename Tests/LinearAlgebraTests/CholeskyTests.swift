// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Cholesky decomposition: factor, solutions, determinant, failures.

import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@Suite("Cholesky")
struct CholeskyTests {
  /// X Xᵀ + I for a random n × n X.
  private func positive<Scalar: RealScalar>(_ n: Int, _: Scalar.Type) throws -> Matrix<Scalar> {
    var generator = CaseGenerator(seed: UInt64(n))
    var result = try generator.matrix(n, n, as: Scalar.self).outerGram()
    for i in 0..<n { result[i, i] += 1 }
    return result
  }

  private func check<Scalar: RealScalar>(_ n: Int, _: Scalar.Type) throws {
    let a = try positive(n, Scalar.self)
    let factor = try Cholesky(a)
    let tolerance = Double(n) * 10 * Double(Scalar.ulpOfOne)
    #expect(try factor.lower.multiplied(byTransposeOf: factor.lower).isClose(to: a, tolerance))
    for i in 0..<n { for j in i + 1..<max(n, i + 1) { #expect(factor.lower[i, j] == 0) } }
    var generator = CaseGenerator(seed: 1)
    let x = generator.matrix(n, 3, as: Scalar.self)
    let b = try a.multiplied(by: x)
    #expect(try factor.solve(b).isClose(to: x, 1000 * tolerance))
    #expect(
      try factor.lower.multiplied(by: factor.solveLower(b)).isClose(to: b, tolerance))
    #expect(
      try factor.lower.transposed.multiplied(by: factor.solveLowerTransposed(b))
        .isClose(to: b, tolerance))
    let whitened = try factor.whiten(a)
    #expect(whitened.isClose(to: .identity(n), 1000 * tolerance))
  }

  @Test(
    "reconstruction and solutions around the edges of blocks",
    arguments: [1, 2, 100, 255, 256, 257, 384, 385, 600])
  func reconstruction(n: Int) throws {
    try check(n, Double.self)
    try check(n, Float.self)
  }

  @Test("a known factor, the shift and the determinant")
  func known() throws {
    let lower = try Matrix<Double>(rows: [[2, 0, 0], [-1, 3, 0], [0.5, 4, 0.25]])
    let a = lower.naiveProduct(lower.naiveTranspose)
    #expect(try Cholesky(a).lower.isClose(to: lower))
    #expect(abs(try Cholesky(a).logDeterminant - 2 * Double.log(1.5)) < 1e-14)
    var shifted = a
    for i in 0..<3 { shifted[i, i] += 0.5 }
    #expect(try Cholesky(a, addingToDiagonal: 0.5).lower == Cholesky(shifted).lower)
    #expect(try Cholesky(Matrix<Double>(rows: [[4]])).solve([2]) == [0.5])
    // A determinant far beyond the range of Double.
    let large = Matrix<Double>.diagonal(Array(repeating: 1e200, count: 10))
    #expect(abs(try Cholesky(large).logDeterminant - 10 * Double.log(1e200)) < 1e-9)
  }

  @Test("only the lower triangle is read")
  func lowerTriangle() throws {
    var a = try positive(300, Double.self)
    let expected = try Cholesky(a).lower
    for i in 0..<300 { for j in i + 1..<300 { a[i, j] = 1e6 } }
    #expect(try Cholesky(a).lower == expected)
  }

  @Test("the first pivot that is not positive is named", arguments: [0, 1, 255, 256, 299])
  func notPositive(pivot: Int) throws {
    var a = Matrix<Double>.identity(300)
    a[pivot, pivot] = -1
    #expect(throws: NotPositiveDefinite(pivot: pivot)) { try Cholesky(a) }
    a[pivot, pivot] = 0
    #expect(throws: NotPositiveDefinite(pivot: pivot)) { try Cholesky(a) }
    // Singular only through earlier rows.
    if pivot > 0 {
      a[pivot, pivot] = 1
      a[pivot, 0] = 1
      #expect(throws: NotPositiveDefinite(pivot: pivot)) { try Cholesky(a) }
    }
  }

  @Test("bits do not depend on the number of threads")
  func threads() throws {
    let a = try positive(700, Double.self)
    let factors = try threadCounts.map { try Cholesky(a, on: $0) }
    #expect(factors.allSatisfy { $0.lower == factors[0].lower })
    let solutions = try zip(factors, threadCounts).map { try $0.solve(a, on: $1) }
    #expect(solutions.allSatisfy { $0 == solutions[0] })
  }

  @Test("input that makes no sense is refused")
  func refused() throws {
    #expect(throws: InvalidInput.self) { try Cholesky(Matrix<Double>(rowCount: 2, columnCount: 3)) }
    #expect(throws: InvalidInput.self) { try Cholesky(Matrix<Double>(rowCount: 0, columnCount: 0)) }
    #expect(throws: InvalidInput.self) { try Cholesky(Matrix<Double>(rows: [[.nan]])) }
    #expect(throws: InvalidInput.self) { try Cholesky(Matrix<Float>(rows: [[.infinity]])) }
    #expect(throws: InvalidInput.self) {
      try Cholesky(Matrix<Double>.identity(2), addingToDiagonal: .nan)
    }
    let factor = try Cholesky(Matrix<Double>.identity(2))
    #expect(throws: InvalidInput.self) { try factor.solve([1, 2, 3]) }
    #expect(throws: InvalidInput.self) { try factor.solve([1, .nan]) }
    #expect(throws: InvalidInput.self) { try factor.whiten(Matrix(rowCount: 2, columnCount: 3)) }
    #expect(throws: CancellationError.self) {
      try Cholesky(.identity(600), on: Execution(threads: 2, isCancelled: { true }))
        as Cholesky<Float>
    }
  }
}
