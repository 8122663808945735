// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Vectors stored by their nonzeros, and the columns that rows use.

import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct SparseVectorTests {
  @Test func productsAndForms() throws {
    forAll(cases: 80) { generator in
      (
        d: generator.int(in: 1...40), density: Double(generator.int(in: 0...4)) / 4,
        seed: generator.seed()
      )
    } _: { d, density, seed in
      var generator = CaseGenerator(seed: seed)
      let x = generator.matrix(5, d, density: 0.5, as: Double.self)
      let values = Array(generator.matrix(1, d, density: density, as: Double.self).elements)
      let vector = SparseVector(values)
      let restored = try JSONDecoder().decode(
        SparseVector.self, from: JSONEncoder().encode(vector))
      let expected = (0..<5).map { i in
        (0..<d).reduce(0.0) { $0 + x[i, $1] * values[$1] }
      }
      return vector.dense == values && restored == vector
        && [Rows.dense(x), .sparse(SparseMatrix(x))].allSatisfy { rows in
          rows.withUnsafeBlock { block in
            (0..<5).map { block.product(ofRow: $0, with: vector) } == expected
          }
        }
    }
  }

  @Test func usedColumns() throws {
    let x = try Matrix<Double>(rows: [[0, 2, 0, 0, 1], [0, 0, 0, 3, -1]])
    let stored = try SparseMatrix<Double>(
      columnCount: 5, rowOffsets: [0, 3, 5], columnIndices: [1, 2, 4, 3, 4],
      values: [2, 0, 1, 3, -1])
    for rows in [Rows.dense(x), .sparse(SparseMatrix(x)), .sparse(stored)] {
      #expect(rows.usedColumns.columns == [1, 3, 4])
      #expect(
        try rows.usedColumns.narrowed(stored).dense == Matrix(rows: [[2, 0, 1], [0, 3, -1]]))
      #expect(!rows.isMostlyZeros)
      let mean = try #require(rows.meanDirection(weights: [1, 0.5]))
      #expect(mean.columns.columns == [1, 3, 4] && abs(mean.squaredNorm - 1) < 1e-15)
      #expect(rows.meanDirection(weights: [0, 0]) == nil)
    }
  }

  @Test(arguments: [
    "{\"count\":0", "{\"count\":3,\"columns\":[1,0]", "{\"count\":3,\"columns\":[0,3]",
    "{\"count\":3,\"columns\":[-1,2]", "{\"count\":3,\"columns\":[1,1]", "{\"count\":3",
  ])
  func damaged(_ start: String) throws {
    let numbers = String(
      decoding: try JSONEncoder().encode(PackedNumbers([1, 2])), as: UTF8.self)
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(
        SparseVector.self, from: Data("\(start),\"values\":\(numbers)}".utf8))
    }
  }
}
