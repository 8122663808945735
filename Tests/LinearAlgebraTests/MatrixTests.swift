// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Matrices as values: views, copies, conversions, and what constructors refuse.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@Suite("Dense and sparse matrices")
struct MatrixTests {
  @Test("blocks of rows see the matrix, and changes stay on one side")
  func views() throws {
    var a = try Matrix<Double>(rowCount: 4, columnCount: 2, elements: [0, 1, 2, 3, 4, 5, 6, 7])
    var block = a.rows(1..<3)
    #expect(block[0, 0] == 2 && block[1, 1] == 5)
    #expect(block.rows(1..<2) == (try Matrix(rows: [[4, 5]])))
    #expect(Array(block.row(1)) == [4, 5])
    block[0, 1] = -3
    #expect(a[1, 1] == 3 && block[0, 1] == -3)
    a[2, 0] = 40
    #expect(block[1, 0] == 4 && a[2, 0] == 40)
    block.withUnsafeMutablePointer { $0[0] = 9 }
    #expect(block[0, 0] == 9 && a[1, 0] == 2)
    #expect(block.transposed == (try Matrix(rows: [[9, 4], [-3, 5]])))
    #expect(a.rows(2..<2).rowCount == 0)
    #expect(try Matrix.stacked([a.rows(0..<1), block]).rowCount == 3)
  }

  @Test("transposes of any shape", arguments: [(1, 1), (0, 3), (16, 16), (17, 33), (100, 5)])
  func transposes(m: Int, n: Int) {
    var generator = CaseGenerator(seed: 1)
    let a = generator.matrix(m, n, as: Float.self)
    #expect(a.transposed == a.naiveTranspose)
    #expect(a.transposed.transposed == a)
  }

  @Test("conversion rounds to nearest and keeps the shape")
  func conversion() throws {
    let a = try Matrix<Double>(rows: [[1.1, -1e300], [1e-60, 3]])
    let single = a.converted(to: Float.self)
    #expect(Array(single.elements) == [Float(1.1), -.infinity, 0, 3])
    #expect(single.converted(to: Double.self)[0, 0] == Double(Float(1.1)))
    #expect(a.converted(to: Double.self) == a)
    let sparse = SparseMatrix(a).converted(to: Float.self)
    #expect(sparse.dense[0, 0] == Float(1.1) && sparse.nonzeroCount == 4)
  }

  @Test("the first number that is not finite is found wherever it is")
  func nonfinite() throws {
    for count in [1, 3, 15, 16, 17, 33] {
      for place in 0..<count {
        for bad in [Float.nan, .infinity, -.infinity] {
          var a = Matrix<Float>(
            repeating: .greatestFiniteMagnitude, rowCount: count, columnCount: 1)
          #expect(a.isFinite && SparseMatrix(a).isFinite)
          a[place, 0] = bad
          #expect(a.firstNonfinite?.row == place)
          #expect(!SparseMatrix(a).isFinite)
          #expect(throws: InvalidInput.self) { try Rows.dense(a).validate(columnCount: 1) }
          #expect(throws: InvalidInput.self) {
            try Rows.sparse(SparseMatrix(a)).validate(columnCount: 1)
          }
        }
      }
    }
    let a = try Matrix<Double>(rows: [[0, 1, 2], [3, .nan, .infinity]])
    #expect(a.firstNonfinite! == (1, 1))
  }

  @Test("equality is of shapes and numbers")
  func equality() throws {
    let a = try Matrix<Double>(rows: [[1, 2, 3, 4]])
    #expect(a != (try Matrix(rows: [[1, 2], [3, 4]])))
    #expect(a != (try Matrix(rows: [[1, 2, 3, 5]])))
    #expect(a == (try Matrix(rows: [[0, 0, 0, 0], [1, 2, 3, 4]])).rows(1..<2))
    let hole = try Matrix<Double>(rows: [[.nan]])
    #expect(hole != hole)
  }

  @Test("constructors refuse what does not fit")
  func refused() {
    #expect(throws: InvalidInput.self) {
      try Matrix<Double>(rowCount: 2, columnCount: 2, elements: [1, 2, 3])
    }
    #expect(throws: InvalidInput.self) {
      try Matrix<Double>(rowCount: -1, columnCount: -3, elements: [1, 2, 3])
    }
    #expect(throws: InvalidInput.self) {
      try Matrix<Double>(rowCount: 1 << 40, columnCount: 1 << 40, elements: [])
    }
    #expect(throws: InvalidInput.self) { try Matrix<Double>(rows: [[1], [1, 2]]) }
    #expect(throws: InvalidInput.self) {
      try Matrix<Double>.stacked([.identity(2), .identity(3)])
    }
  }

  @Test("slices of a sparse matrix are those of the dense one")
  func sparseSlices() {
    forAll { generator in
      let (m, n) = (generator.int(in: 0...20), generator.int(in: 1...20))
      let start = generator.int(in: 0...m)
      return (m, n, start, generator.int(in: start...m), generator.seed())
    } _: { m, n, start, end, seed in
      var generator = CaseGenerator(seed: seed)
      let dense = generator.matrix(m, n, density: 0.3, as: Double.self)
      let slice = SparseMatrix(dense).rows(start..<end)
      let inner = slice.rows(0..<slice.rowCount / 2)
      return try slice.dense == dense.rows(start..<end)
        && slice == SparseMatrix(dense.rows(start..<end))
        && inner.dense == dense.rows(start..<start + slice.rowCount / 2)
        && slice.transposed().dense == dense.rows(start..<end).naiveTranspose
    }
  }

  @Test(
    "hostile sparse arrays are refused",
    arguments: [
      (3, [0, 1], [3], 1), (3, [0, 1], [-1], 1), (3, [0, 2], [1, 1], 2), (3, [0, 2], [2, 0], 2),
      (3, [1, 1], [0], 1), (3, [0, 2, 1], [0], 1), (3, [0, -1, 1], [0], 1), (3, [0, 5, 1], [0], 1),
      (3, [0], [0], 1), (3, [], [], 0), (3, [0, 1], [0, 1], 1), (0, [0, 0], [], 0),
      (-1, [0], [], 0), (1 << 31, [0, 0], [], 0), (3, [0, 2], [0], 1),
    ])
  func hostile(columnCount: Int, offsets: [Int], columns: [Int32], valueCount: Int) {
    #expect(throws: InvalidInput.self) {
      try SparseMatrix<Double>(
        columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
        values: Array(repeating: 1, count: valueCount))
    }
  }

  @Test("row subsets and tiles cover a source once, in order")
  func sources() throws {
    var generator = CaseGenerator(seed: 2)
    let a = generator.matrix(25, 3, as: Double.self)
    let subset = try RowSubset(a, rows: 5..<25)
    #expect(try subset.allRows(as: Double.self).dense == a.rows(5..<25))
    let tiles = try subset.tiles(of: 8).map { try subset.rows($0, as: Double.self).dense }
    #expect(tiles.map(\.rowCount) == [8, 8, 4])
    #expect(try Matrix.stacked(tiles) == a.rows(5..<25))
    #expect(throws: InvalidInput.self) { try RowSubset(a, rows: 20..<26) }
    #expect(throws: InvalidInput.self) { try Rows.dense(a).validate(columnCount: 4) }
  }
}
