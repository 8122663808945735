// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows made orthonormal in place.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite("Orthonormal rows")
struct OrthonormalRowsTests {
  private func check<Scalar: RealScalar>(_ m: Int, _ n: Int, _: Scalar.Type) throws {
    var generator = CaseGenerator(seed: UInt64(1000 * m + n))
    let a = generator.matrix(m, n, as: Scalar.self)
    var q = a
    try q.orthonormalizeRows()
    // The last rows of a square are small remainders of long ones.
    #expect(q.naiveProduct(q.naiveTranspose).isClose(to: .identity(m)))
    var lower = a.naiveProduct(q.naiveTranspose)
    #expect(lower.naiveProduct(q).isClose(to: a))
    let above = (0..<m).flatMap { i in (i + 1..<m).map { abs(lower[i, $0]) } }.max() ?? 0
    #expect(above <= Scalar(100 * n) * Scalar.ulpOfOne)
    lower = a
    try lower.orthonormalizeRows(on: Execution(threads: 1))
    #expect(lower == q, "bits on one thread")
  }

  @Test(
    "orthonormal, and with the spans of the rows before; the same bits on one thread",
    arguments: [(1, 1), (1, 7), (5, 9), (128, 128), (129, 129), (130, 300), (300, 301)])
  func spans(m: Int, n: Int) throws {
    try check(m, n, Double.self)
    try check(m, n, Float.self)
  }

  @Test("orthonormal rows span what they did, before others of any scale")
  func knownRows() throws {
    var generator = CaseGenerator(seed: 5)
    var q = generator.matrix(140, 400, as: Double.self)
    try q.orthonormalizeRows()
    var more = generator.matrix(20, 400, as: Double.self)
    more.scaleRows(by: (0..<20).map { $0 % 2 == 0 ? 1e-9 : 1e9 })
    var both = try Matrix.stacked([q, more])
    try both.orthonormalizeRows()
    for i in 0..<140 {
      let sign = both[i, 0] * q[i, 0] < 0 ? -1.0 : 1
      for j in 0..<400 { #expect(abs(both[i, j] - sign * q[i, j]) < 1e-13) }
    }
    #expect(both.naiveProduct(both.naiveTranspose).isClose(to: .identity(160)))
  }

  @Test("dependent rows, too many rows, no rows and entries that are no numbers are refused")
  func refusals() throws {
    var generator = CaseGenerator(seed: 6)
    let rows = generator.matrix(200, 300, as: Double.self)
    for copy in [0, 150] {
      var dependent = rows
      for j in 0..<300 { dependent[190, j] = rows[copy, j] - 2 * rows[1, j] }
      #expect {
        try dependent.orthonormalizeRows()
      } throws: {
        ($0 as? InvalidInput)?.description.contains("row 190") == true
      }
    }
    var zero = Matrix<Double>(rowCount: 2, columnCount: 3)
    #expect(throws: InvalidInput.self) { try zero.orthonormalizeRows() }
    var tall = rows.transposed
    #expect(throws: InvalidInput.self) { try tall.orthonormalizeRows() }
    var empty = Matrix<Double>(rowCount: 0, columnCount: 3)
    #expect(throws: InvalidInput.self) { try empty.orthonormalizeRows() }
    var wrong = rows
    wrong[3, 3] = .nan
    #expect(throws: InvalidInput.self) { try wrong.orthonormalizeRows() }
  }
}
