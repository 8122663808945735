// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Least squares on rows sampled by leverage.

import LinearAlgebra
import Randomness
import Sketches
import Testing
import Validation

@testable import LeverageScores

@Suite struct LeverageRowSamplingTests {
  private func residual(
    _ a: Matrix<Double>, _ x: Matrix<Double>, _ b: Matrix<Double>
  ) throws -> Double {
    let product = try a.multiplied(by: x)
    return zip(product.elements, b.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      .squareRoot()
  }

  /// Nearly the least residual on all data, dense or sparse; uniform rows miss the rare directions.
  @Test(arguments: DataSet.allCases)
  func leastSquares(_ data: DataSet) throws {
    let (n, d) = (3000, 12)
    let a = data.points(n, d)
    let noise = RandomKey(seed: 5).stream
    let b = Matrix<Double>(rowCount: n, columnCount: 2) { output in
      for k in 0..<2 * n { output[k] = a[k / 2, k % 2] + noise.normal(at: UInt64(k)) }
    }
    let least = try residual(a, QR(a).leastSquares(b), b)
    for rows in [Rows.dense(a), .sparse(SparseMatrix(a))] {
      let ratios = try (0..<9 as Range<UInt64>).map {
        try residual(a, rows.leastSquares(b, sampleCount: 500, seed: $0), b) / least
      }.sorted()
      #expect(ratios[0] >= 1 - 1e-12 && ratios[8] < 1.08, "\(ratios)")
    }
    if data == .coherent {
      let uniform = try RowSampling(inputDimension: n, outputDimension: 500, seed: 1)
      let leverage = try RowSampling(
        byLeverageOf: .dense(a), outputDimension: 500, seed: 1)
      let rank = try [uniform, leverage].map {
        try SVD($0.applyFromLeft(to: .dense(a))).values.map { $0 > 5 }.count { $0 }
      }
      #expect(rank[1] >= 11 && rank[0] < rank[1])
    }
  }

  @Test func badInput() throws {
    let a = DataSet.even.points(30, 4)
    let b = Matrix<Double>(rowCount: 30, columnCount: 1)
    #expect(throws: InvalidInput.self) {
      try Rows.dense(a).leastSquares(b.rows(0..<9), sampleCount: 20)
    }
    #expect(throws: InvalidInput.self) { try Rows.dense(a).leastSquares(b, sampleCount: 3) }
    #expect(throws: InvalidInput.self) { try Rows.dense(a).leastSquares(b, sampleCount: 0) }
    #expect(throws: InvalidInput.self) {
      try Rows.dense(a.transposed).leastSquares(b.rows(0..<4), sampleCount: 20)
    }
    let flat = Rows.dense(Matrix<Double>(repeating: 1, rowCount: 30, columnCount: 2))
    #expect(throws: RankDeficient.self) { try flat.leastSquares(b, sampleCount: 20) }
    // A row of zeros, and as many rows as columns.
    var square = DataSet.even.points(4, 4)
    #expect(try Rows.dense(square).leastSquares(b.rows(0..<4), sampleCount: 200).isFinite)
    for j in 0..<4 { square[1, j] = 0 }
    #expect(throws: RankDeficient.self) {
      try Rows.dense(square).leastSquares(b.rows(0..<4), sampleCount: 20)
    }
  }
}
