// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Subsets, selections and normalised rows of a source.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite("Row sources")
struct RowSourceTests {
  private func matrix(_ rowCount: Int, _ columnCount: Int) -> Matrix<Double> {
    var generator = CaseGenerator(seed: 11)
    return generator.matrix(rowCount, columnCount, density: 0.6, as: Double.self)
  }

  @Test("a selection read in any tiles is the rows of its numbers, dense or sparse")
  func selection() throws {
    let points = matrix(50, 7)
    let indices = [0, 3, 4, 19, 30, 49]
    for rows in [Rows.dense(points), .sparse(SparseMatrix(points))] {
      let selection = try RowSelection(rows, rows: indices)
      #expect(selection.rowCount == indices.count && selection.columnCount == 7)
      for range in [0..<6, 0..<0, 2..<5, 5..<6] {
        let tile = try selection.rows(range, as: Double.self).dense
        #expect(tile == points.rows(at: Array(indices[range])))
      }
    }
  }

  @Test(
    "numbers that do not rise or lie outside are refused",
    arguments: [[3, 3], [2, 1], [-1], [50]])
  func badSelection(indices: [Int]) {
    #expect(throws: InvalidInput.self) { try RowSelection(matrix(50, 2), rows: indices) }
  }

  @Test("a subset starts where it says")
  func subset() throws {
    let points = matrix(20, 3)
    let part = try RowSubset(points, rows: 5..<15)
    #expect(try part.rows(2..<4, as: Double.self).dense == points.rows(7..<9))
    #expect(throws: InvalidInput.self) { try RowSubset(points, rows: 5..<21) }
  }

  @Test("normalised rows have length one, whatever their scale; rows of zeros stay")
  func unitRows() throws {
    var points = matrix(5, 4)
    for j in 0..<4 {
      points[0, j] = 0
      points[1, j] *= 1e-200
      points[2, j] *= 1e200
    }
    for rows in [Rows.dense(points), .sparse(SparseMatrix(points))] {
      let unit = try UnitRows(rows).allRows(as: Double.self).dense
      for i in 0..<5 {
        let length = unit.row(i).reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - (i == 0 ? 0 : 1)) < 1e-14)
        for j in 0..<4 { #expect(unit[i, j] * points[i, j] >= 0) }
      }
    }
  }

  @Test("columns by number")
  func columns() {
    let points = matrix(3, 5)
    let picked = points.columns(at: [4, 0])
    #expect(
      picked
        == Matrix(rowCount: 3, columnCount: 2) { output in
          for i in 0..<3 {
            output[2 * i] = points[i, 4]
            output[2 * i + 1] = points[i, 0]
          }
        })
    #expect(points.columns(1..<5).columnCount == 4)
  }
}
