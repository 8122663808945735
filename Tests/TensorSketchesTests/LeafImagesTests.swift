// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows less multiples of one vector, sketched without forming them.

import LinearAlgebra
import Sketches
import TestSupport
import Testing

@testable import TensorSketches

@Suite struct LeafImagesTests {
  private func check<Sketch: PolynomialSketch>(
    _ sketch: Sketch, _ images: LeafImages,
    _ map: (RowBlock<Double>, Multiples, RowOutput<Double>) -> Void,
    _ generator: inout CaseGenerator
  ) throws -> Bool {
    let (n, d, m) = (4, sketch.inputDimension, sketch.outputDimension)
    let direction = LeafImagesTests.direction(d)
    let x = generator.matrix(n, d, density: 0.5, as: Double.self)
    let factors = (0..<n).map { _ in generator.normal() }
    var rest = x
    for i in 0..<n {
      for j in 0..<d { rest[i, j] -= factors[i] * direction[j] }
    }
    let expected = try sketch.images(of: .dense(rest))
    return [Rows.dense(x), .sparse(SparseMatrix(x))].allSatisfy { rows in
      let result = Matrix<Double>(rowCount: n, columnCount: m) { output in
        factors.withUnsafeBufferPointer { factors in
          rows.withUnsafeBlock {
            map(
              $0, Multiples(of: images, factors: factors.baseAddress!),
              RowOutput(base: output, stride: m))
          }
        }
      }
      return agree(result, expected, .relative(1e-10))
    }
  }

  private static func direction(_ d: Int) -> [Double] {
    (0..<d).map { 0.3 + Double($0 % 3) / 4 }
  }

  @Test func equalsSketchOfTheDifference() {
    forAll(cases: 60) { generator in
      (
        d: generator.int(in: 1...20), degree: generator.int(in: 1...9),
        m: generator.int(in: 1...30),
        offset: Double(generator.int(in: 0...1)), seed: generator.seed()
      )
    } _: { d, degree, m, offset, seed in
      var generator = CaseGenerator(seed: seed)
      let point = try Matrix(rows: [LeafImagesTests.direction(d)])
      let flat = try TensorSketch(
        inputDimension: d, degree: degree, outputDimension: m, seed: seed, scale: 0.7,
        offset: offset)
      let tree = try PolySketch(
        inputDimension: d, degree: degree, outputDimension: m, seed: seed, scale: 0.7,
        offset: offset)
      return try check(
        flat, Rows.dense(point).withUnsafeBlock(flat.leafImages),
        { flat.map($0, minus: $1, into: $2, workspace: Workspace()) }, &generator)
        && check(
          tree, Rows.sparse(SparseMatrix(point)).withUnsafeBlock(tree.leafImages),
          { tree.map($0, minus: $1, into: $2, workspace: Workspace()) }, &generator)
    }
  }
}
