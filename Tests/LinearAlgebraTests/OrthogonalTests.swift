// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// QR, least squares and the singular value decomposition.

import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@Suite("QR, least squares, SVD")
struct OrthogonalTests {
  private func check<Scalar: RealScalar>(_ m: Int, _ n: Int, _: Scalar.Type) throws {
    var generator = CaseGenerator(seed: UInt64(1000 * m + n))
    let a = generator.matrix(m, n, as: Scalar.self)
    let k = min(m, n)
    let qr = try QR(a)
    #expect(qr.orthonormal.rowCount == m && qr.orthonormal.columnCount == k)
    #expect(qr.upper.rowCount == k && qr.upper.columnCount == n)
    #expect(qr.orthonormal.naiveProduct(qr.upper).isClose(to: a))
    #expect(
      qr.orthonormal.naiveTranspose.naiveProduct(qr.orthonormal).isClose(to: .identity(k)))
    for i in 0..<k { for j in 0..<i { #expect(qr.upper[i, j] == 0) } }
    let svd = try SVD(a)
    #expect(
      svd.left.naiveProduct(.diagonal(svd.values)).naiveProduct(svd.rightTransposed)
        .isClose(to: a))
    #expect(svd.left.naiveTranspose.naiveProduct(svd.left).isClose(to: .identity(k)))
    #expect(
      svd.rightTransposed.naiveProduct(svd.rightTransposed.naiveTranspose)
        .isClose(to: .identity(k)))
    #expect(zip(svd.values, svd.values.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(svd.values.last! >= 0)
    #expect(svd.rank() == k)
  }

  @Test(
    "reconstruction, orthogonality and form",
    arguments: [(1, 1), (5, 1), (1, 5), (7, 4), (4, 7), (30, 30), (90, 40), (40, 90)])
  func reconstruction(m: Int, n: Int) throws {
    try check(m, n, Double.self)
    try check(m, n, Float.self)
  }

  @Test("known singular values, of full and of deficient rank")
  func singularValues() throws {
    let values = [1e3, 5, 1, 1e-3, 1e-13, 0]
    let left = try QR(Matrix<Double>.symmetric(spectrum: [1, 2, 3, 4, 5, 6], seed: 1)).orthonormal
    let right = try QR(Matrix<Double>.symmetric(spectrum: [1, 2, 3, 4, 5, 6], seed: 2)).orthonormal
    let a = left.naiveProduct(.diagonal(values)).naiveProduct(right)
    let svd = try SVD(a)
    for i in 0..<6 { #expect(abs(svd.values[i] - values[i]) < 1e-11) }
    #expect(svd.rank() == 4)
    #expect(svd.rank(tolerance: 1e-4) == 3)
    #expect(try SVD(Matrix<Double>(rowCount: 3, columnCount: 2)).rank() == 0)
  }

  @Test("least squares: the residual is orthogonal to the columns, and exact data are met")
  func leastSquares() throws {
    var generator = CaseGenerator(seed: 3)
    let a = generator.matrix(60, 12, as: Double.self)
    let b = generator.matrix(60, 4, as: Double.self)
    let qr = try QR(a)
    let x = try qr.leastSquares(b)
    let fit = a.naiveProduct(x)
    var residual = b
    for i in 0..<60 { for j in 0..<4 { residual[i, j] -= fit[i, j] } }
    #expect(
      a.naiveTranspose.naiveProduct(residual).isClose(
        to: Matrix(rowCount: 12, columnCount: 4), 1e-12))
    #expect(try qr.leastSquares(fit).isClose(to: x, 1e-12))
    // The line through (0, 1), (1, 2), (2, 4): intercept 5/6, slope 3/2.
    let line = try QR(Matrix<Double>(rows: [[1, 0], [1, 1], [1, 2]]))
      .leastSquares(Matrix(rows: [[1], [2], [4]]))
    #expect(line.isClose(to: try Matrix(rows: [[5.0 / 6], [1.5]]), 1e-14))
  }

  @Test("dependent columns are found out")
  func rankDeficient() throws {
    var generator = CaseGenerator(seed: 4)
    var a = generator.matrix(20, 5, as: Double.self)
    let b = generator.matrix(20, 1, as: Double.self)
    for i in 0..<20 { a[i, 4] = a[i, 0] - 2 * a[i, 2] }
    #expect(throws: RankDeficient.self) { try QR(a).leastSquares(b) }
    for i in 0..<20 { a[i, 4] = 0 }
    #expect(throws: RankDeficient(reciprocalCondition: 0)) { try QR(a).leastSquares(b) }
    let a32 = generator.matrix(20, 5, as: Float.self)
    #expect(throws: Never.self) { try QR(a32).leastSquares(a32) }
  }

  @Test("input that makes no sense is refused")
  func refused() throws {
    for (m, n) in [(0, 0), (0, 3), (3, 0)] {
      #expect(throws: InvalidInput.self) { try QR(Matrix<Double>(rowCount: m, columnCount: n)) }
      #expect(throws: InvalidInput.self) { try SVD(Matrix<Double>(rowCount: m, columnCount: n)) }
    }
    #expect(throws: InvalidInput.self) { try QR(Matrix<Double>(rows: [[1, .nan]])) }
    #expect(throws: InvalidInput.self) { try SVD(Matrix<Float>(rows: [[1, .infinity]])) }
    let wide = try QR(Matrix<Double>(rows: [[1, 2]]))
    #expect(throws: InvalidInput.self) { try wide.leastSquares(Matrix(rows: [[1]])) }
    let tall = try QR(Matrix<Double>(rows: [[1], [2]]))
    #expect(throws: InvalidInput.self) { try tall.leastSquares(Matrix(rows: [[1]])) }
    #expect(throws: InvalidInput.self) { try tall.leastSquares(Matrix(rows: [[1], [.nan]])) }
  }
}
