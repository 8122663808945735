// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse rows gone through column by column.

import TestSupport
import Testing

@testable import LinearAlgebra

@Suite struct RowsByColumnTests {
  /// Every column with entries comes once, in the order of first entries, with all of them.
  @Test(arguments: [0.001, 0.02, 0.5, 1])
  func everyColumnOnce(density: Double) throws {
    var generator = CaseGenerator(seed: 7)
    let dense = generator.matrix(90, 2000, density: density, as: Double.self)
    // Neither the first nor the last rows.
    Rows.sparse(SparseMatrix(dense).rows(3..<80)).withUnsafeBlock { block in
      guard case .sparse(let view) = block.entries else { return }
      var columns: [Int] = []
      var found = Matrix<Double>(rowCount: 90, columnCount: 2000)
      view.forEachColumn(rowCount: 70, workspace: Workspace()) {
        columns.append($0)
      } entry: { row, value in
        #expect(found[3 + row, columns.last!] == 0)
        found[3 + row, columns.last!] = value
      }
      var expected = Matrix<Double>(rowCount: 90, columnCount: 2000)
      var (order, seen) = ([Int](), Set<Int>())
      for i in 3..<73 {
        for j in 0..<2000 where dense[i, j] != 0 {
          expected[i, j] = dense[i, j]
          if seen.insert(j).inserted { order.append(j) }
        }
      }
      #expect(columns == order)
      #expect(found == expected)
    }
  }

  @Test func noRows() {
    let empty = SparseMatrix(Matrix<Float>(rowCount: 2, columnCount: 5))
    Rows.sparse(empty).withUnsafeBlock { block in
      guard case .sparse(let view) = block.entries else { return }
      for count in [0, 2] {
        view.forEachColumn(rowCount: count, workspace: Workspace()) {
          Issue.record("column \($0)")
        } entry: { row, value in
          Issue.record("entry \(value) of row \(row)")
        }
      }
    }
  }
}
