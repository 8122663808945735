// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Whitening: the laws of maps of rows, the covariance that it leaves, and what it refuses.

import FeatureMaps
import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite("Whitening")
struct WhiteningTests {
  /// Rows with correlated entries of different size and a mean.
  private func sample(_ count: Int, _ width: Int) throws -> Matrix<Double> {
    var generator = CaseGenerator(seed: 11)
    let mixing = generator.matrix(width, width, as: Double.self)
    var rows = try generator.matrix(count, width, as: Double.self).multiplied(by: mixing)
    for i in 0..<count {
      for j in 0..<width { rows[i, j] += Double(j) - 1 }
    }
    return rows
  }

  private func covariance(_ rows: Matrix<Double>) throws -> Matrix<Double> {
    let n = Double(rows.rowCount)
    var centred = rows
    for j in 0..<rows.columnCount {
      let mean = (0..<rows.rowCount).reduce(0) { $0 + rows[$1, j] } / n
      for i in 0..<rows.rowCount { centred[i, j] -= mean }
    }
    var result = try centred.gram()
    for i in 0..<result.rowCount {
      for j in 0..<result.columnCount { result[i, j] /= n }
    }
    return result
  }

  @Test("threads, batches, sparse rows, both precisions, storage, bad input")
  func laws() throws {
    try checkRowMapLaws(
      Whitening(sample: Rows.dense(sample(50, 7))), batches: .relative(1e-5), single: 1e-4)
  }

  @Test("the covariance becomes C(C + λI)⁻¹, the mean 0")
  func covarianceOfImages() throws {
    let rows = try sample(3000, 6)
    let shrinkage = 0.2
    let white = try Whitening(sample: Rows.dense(rows), shrinkage: shrinkage)
      .images(of: .dense(rows))
    for j in 0..<6 {
      #expect(abs((0..<3000).reduce(0) { $0 + white[$1, j] }) < 1e-9 * 3000)
    }
    let before = try covariance(rows)
    let ridge = shrinkage * (0..<6).reduce(0) { $0 + before[$1, $1] } / 6
    var shrunk = before
    for j in 0..<6 { shrunk[j, j] += ridge }
    let expected = try before.multiplied(by: Cholesky(shrunk).solve(.identity(6)))
    #expect(agree(try covariance(white), expected, .relative(1e-10)))
  }

  @Test("the map is symmetric: of all that whiten, the nearest to the identity")
  func symmetry() throws {
    let whitening = try Whitening(sample: Rows.dense(sample(100, 5)))
    var corners = Matrix<Double>.identity(5)
    for i in 0..<5 {
      for j in 0..<5 { corners[i, j] += whitening.means[j] }
    }
    let matrix = try whitening.images(of: .dense(corners))
    #expect(agree(matrix, matrix.transposed, .relative(1e-12)))
  }

  @Test("directions that do not vary stay small")
  func degenerate() throws {
    let rows = try Matrix<Double>(rows: (0..<40).map { [Double($0), 3, Double($0)] })
    let white = try Whitening(sample: Rows.dense(rows)).images(of: .dense(rows))
    #expect(white.elements.allSatisfy { abs($0) < 3 })
    for i in 0..<40 { #expect(abs(white[i, 1]) < 1e-12) }
  }

  @Test("empty, constant and infinite samples are refused, and a shrinkage of 0")
  func refusals() throws {
    let rows = try sample(10, 3)
    var infinite = rows
    infinite[4, 1] = .infinity
    let constant = Matrix<Double>(repeating: 2, rowCount: 5, columnCount: 3)
    for bad in [rows.rows(0..<0), constant, infinite] {
      #expect(throws: InvalidInput.self) { try Whitening(sample: Rows.dense(bad)) }
    }
    #expect(throws: InvalidInput.self) { try Whitening(sample: Rows.dense(rows), shrinkage: 0) }
  }
}
