// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products against their definition, dense against sparse, and bits against threads.

import LinearAlgebra
import TestSupport
import Testing
import Validation

private struct Shape: CustomStringConvertible {
  var m: Int
  var n: Int
  var k: Int
  var density: Double
  var seed: UInt64
  var description: String { "m \(m) n \(n) k \(k) density \(density) seed \(seed)" }

  init(_ generator: inout CaseGenerator) {
    (m, n, k) = (generator.int(in: 0...40), generator.int(in: 0...40), generator.int(in: 0...40))
    density = [1, 0.3, 0.05, 0][generator.int(in: 0...3)]
    seed = generator.seed()
  }

  static func shrink(_ shape: Shape) -> [Shape] {
    [\Shape.m, \.n, \.k].flatMap { side in
      smaller(shape[keyPath: side], downTo: 0).map { value in
        var copy = shape
        copy[keyPath: side] = value
        return copy
      }
    }
  }
}

@Suite("Products")
struct ProductTests {
  private func checkDense<Scalar: RealScalar>(_: Scalar.Type) {
    forAll(cases: 100, Shape.init, shrink: Shape.shrink) { shape in
      var generator = CaseGenerator(seed: shape.seed)
      let a = generator.matrix(shape.m, shape.k, as: Scalar.self)
      let b = generator.matrix(shape.k, shape.n, as: Scalar.self)
      let expected = a.naiveProduct(b)
      let gram = a.naiveTranspose.naiveProduct(a)
      var sum = gram
      try sum.addGram(of: a)
      var product = expected
      try product.addTransposedProduct(a.naiveTranspose, b)
      return try a.multiplied(by: b).isClose(to: expected)
        && a.multiplied(byTransposeOf: b.naiveTranspose).isClose(to: expected)
        && a.naiveTranspose.transposeMultiplied(by: b).isClose(to: expected)
        && a.gram().isClose(to: gram)
        && a.outerGram().isClose(to: a.naiveProduct(a.naiveTranspose))
        && sum.isClose(to: gram.doubled)
        && product.isClose(to: expected.doubled)
        && a.transposed == a.naiveTranspose
    }
  }

  @Test("dense products of any shape agree with the definition")
  func dense() {
    checkDense(Double.self)
    checkDense(Float.self)
  }

  private func checkSparse<Scalar: RealScalar>(_: Scalar.Type) {
    forAll(cases: 150, Shape.init, shrink: Shape.shrink) { shape in
      guard shape.k > 0 else { return true }
      var generator = CaseGenerator(seed: shape.seed)
      let a = generator.matrix(shape.m, shape.k, density: shape.density, as: Scalar.self)
      let b = generator.matrix(shape.n, shape.k, density: 0.4, as: Scalar.self)
      let tall = generator.matrix(shape.m, shape.n, as: Scalar.self)
      let (sparseA, sparseB) = (SparseMatrix(a), SparseMatrix(b))
      let expected = a.naiveProduct(b.naiveTranspose)
      let (rowsA, rowsB) = (Rows.sparse(sparseA), Rows.sparse(sparseB))
      return try sparseA.dense == a
        && sparseA.multiplied(by: b.naiveTranspose).isClose(to: expected)
        && sparseA.multiplied(byTransposeOf: sparseB).isClose(to: expected)
        && Rows.dense(a).multiplied(byTransposeOf: rowsB).isClose(to: expected)
        && rowsA.multiplied(byTransposeOf: .dense(b)).isClose(to: expected)
        && Rows.dense(a).multiplied(byTransposeOf: .dense(b)).isClose(to: expected)
        && sparseA.transposeMultiplied(by: tall).isClose(to: a.naiveTranspose.naiveProduct(tall))
        && sparseA.transposed().dense == a.naiveTranspose
    }
  }

  @Test("sparse products of any shape agree with the dense ones")
  func sparse() {
    checkSparse(Double.self)
    checkSparse(Float.self)
  }

  @Test("a tile of inner products stays inside its rows and reads slices rightly")
  func tileBounds() throws {
    var generator = CaseGenerator(seed: 5)
    let x = generator.matrix(13, 30, density: 0.3, as: Double.self)
    let y = generator.matrix(9, 30, density: 0.3, as: Double.self)
    let expected = x.rows(2..<13).naiveProduct(y.rows(1..<8).naiveTranspose)
    let forms: [(Matrix<Double>) -> Rows<Double>] = [{ .dense($0) }, { .sparse(SparseMatrix($0)) }]
    let workspace = Workspace()
    for formX in forms {
      for formY in forms {
        var output = Matrix<Double>(repeating: -7, rowCount: 11, columnCount: 12)
        output.withUnsafeMutablePointer {
          formX(x).rows(2..<13).innerProducts(
            with: formY(y).rows(1..<8), into: RowOutput(base: $0 + 3, stride: 12),
            workspace: workspace)
        }
        for i in 0..<11 {
          for j in 0..<12 {
            let inside = (3..<10).contains(j)
            #expect(abs(output[i, j] - (inside ? expected[i, j - 3] : -7)) < 1e-13)
          }
        }
      }
    }
  }

  @Test("few and many entries of a sparse side give the same bits against dense rows")
  func gatherAndLanes() throws {
    var generator = CaseGenerator(seed: 6)
    let x = generator.matrix(7, 64, as: Double.self)
    let y = SparseMatrix(generator.matrix(50, 64, density: 0.2, as: Double.self))
    let whole = try Rows.dense(x).multiplied(byTransposeOf: .sparse(y))
    for j in 0..<50 {
      // One row of y has fewer entries than columns and is gathered; fifty together are not.
      let single = try Rows.dense(x).multiplied(byTransposeOf: .sparse(y.rows(j..<j + 1)))
      for i in 0..<7 { #expect(single[i, 0] == whole[i, j]) }
    }
  }

  @Test("rows with very many columns meet in those in use, to the same bits as scattered ones")
  func merging() throws {
    var generator = CaseGenerator(seed: 7)
    let x = SparseMatrix(generator.matrix(9, 40, density: 0.4, as: Double.self))
    let y = SparseMatrix(generator.matrix(6, 40, density: 0.4, as: Double.self))
    func widened(_ matrix: SparseMatrix<Double>) throws -> SparseMatrix<Double> {
      var (offsets, columns, values) = ([0], [Int32](), [Double]())
      for i in 0..<matrix.rowCount {
        let row = matrix.rows(i..<i + 1).dense
        for j in 0..<40 where row[0, j] != 0 {
          columns.append(Int32(j * 50_000_000))
          values.append(row[0, j])
        }
        offsets.append(values.count)
      }
      return try SparseMatrix(
        columnCount: 2_000_000_000, rowOffsets: offsets, columnIndices: columns, values: values)
    }
    let narrow = try x.multiplied(byTransposeOf: y)
    #expect(try widened(x).multiplied(byTransposeOf: widened(y)) == narrow)
    #expect(narrow.isClose(to: x.dense.naiveProduct(y.dense.naiveTranspose)))
  }

  @Test("bits do not depend on the number of threads, at any edge of tile")
  func threads() throws {
    var generator = CaseGenerator(seed: 8)
    for (m, n, k) in [(1030, 130, 70), (300, 2100, 33), (129, 257, 300)] {
      let a = generator.matrix(m, k, as: Float.self)
      let b = generator.matrix(n, k, as: Float.self)
      let s = SparseMatrix(generator.matrix(m, k, density: 0.1, as: Float.self))
      let results = try threadCounts.map { execution in
        try [
          a.multiplied(byTransposeOf: b, on: execution),
          b.transposeMultiplied(by: b, on: execution),
          a.outerGram(on: execution), b.gram(on: execution),
          s.multiplied(by: b.transposed, on: execution),
          s.transposeMultiplied(by: a, on: execution),
          Rows.sparse(s).multiplied(byTransposeOf: .dense(b), on: execution),
        ]
      }
      #expect(results[1] == results[0])
      #expect(results[2] == results[0])
      #expect(results[0][0].isClose(to: a.naiveProduct(b.naiveTranspose), 1e-5))
      #expect(results[0][2].isClose(to: a.naiveProduct(a.naiveTranspose), 1e-5))
      #expect(results[0][2] == results[0][2].naiveTranspose)
      #expect(results[0][3] == results[0][3].naiveTranspose)
    }
  }

  @Test("shapes that do not fit are refused")
  func shapes() {
    let a = Matrix<Double>(rowCount: 2, columnCount: 3)
    let b = Matrix<Double>(rowCount: 4, columnCount: 5)
    let s = SparseMatrix(a)
    #expect(throws: InvalidInput.self) { try a.multiplied(by: b) }
    #expect(throws: InvalidInput.self) { try a.multiplied(byTransposeOf: b) }
    #expect(throws: InvalidInput.self) { try a.transposeMultiplied(by: b) }
    #expect(throws: InvalidInput.self) { try s.multiplied(by: b) }
    #expect(throws: InvalidInput.self) { try s.transposeMultiplied(by: b) }
    #expect(throws: InvalidInput.self) { try s.multiplied(byTransposeOf: SparseMatrix(b)) }
    var sum = Matrix<Double>(rowCount: 3, columnCount: 4)
    #expect(throws: InvalidInput.self) { try sum.addGram(of: a) }
    #expect(throws: InvalidInput.self) { try sum.addTransposedProduct(a, b) }
    #expect(throws: InvalidInput.self) { try sum.addTransposedProduct(a, a) }
    #expect(throws: CancellationError.self) {
      try a.gram(on: Execution(threads: 1, isCancelled: { true }))
    }
  }
}
