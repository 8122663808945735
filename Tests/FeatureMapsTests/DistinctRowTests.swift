// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Samples with repeated rows: landmarks are different ones.

import Kernels
import LinearAlgebra
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct DistinctRowTests {
  /// Every row twice, and one five times more.
  private func repeated(_ n: Int, _ d: Int) throws -> Matrix<Double> {
    let points = clusteredPoints(n, d)
    return try Matrix.stacked([points, points] + (0..<5).map { _ in points.rows(0..<1) })
  }

  @Test func groups() throws {
    let points = Rows.dense(try repeated(30, 6))
    let sparse = Rows.sparse(try SparseMatrix(repeated(30, 6)))
    for rows in [points, sparse] {
      #expect(rows.distinct(among: Array(0..<65)) == Array(0..<30))
      #expect(rows.distinct(among: [40, 10, 3, 60, 0]) == [40, 3, 60])
    }
    // Zeros of either sign, stored or not, are equal; the column counts.
    let zeros = try SparseMatrix(
      columnCount: 3, rowOffsets: [0, 1, 3, 4, 5], columnIndices: [1, 0, 1, 2, 1],
      values: [1.0, -0.0, 1, 1, 2])
    for rows in [Rows.sparse(zeros), Rows.dense(zeros.dense)] {
      #expect(rows.distinct(among: [0, 1, 2, 3]) == [0, 2, 3])
    }
  }

  @Test func landmarksAreDifferent() throws {
    let points = Rows.dense(try repeated(60, 8))
    let kernel = try GaussianKernel(lengthScale: 0.5)
    for count in [20, 50, 60, 90] {
      let map = try NystromFeatureMap(kernel, dimension: count, seed: 3, sample: points)
      #expect(map.landmarks.rowCount == min(count, 60))
      #expect(map.outputDimension == min(count, 60))
    }
    // All the same rows: one says all.
    let one = Rows.dense(try Matrix(rows: [[Double]](repeating: [1, 2], count: 9)))
    #expect(try NystromFeatureMap(kernel, dimension: 4, sample: one).landmarks.rowCount == 1)
  }
}
