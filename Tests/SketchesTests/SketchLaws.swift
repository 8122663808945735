// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The laws that every linear sketch obeys: a sketch inherits these checks by naming itself.

import LinearAlgebra
import Randomness
import TestSupport
import Testing
import Validation

@testable import Sketches

/// S as a dense matrix, by what it does to the basis.
func matrix<Sketch: LinearSketch>(of sketch: Sketch) throws -> Matrix<Double> {
  try sketch.apply(to: .dense(.identity(sketch.inputDimension))).transposed
}

func checkSketchLaws<Sketch: LinearSketch>(
  _ make: (Int, Int, UInt64) throws -> Sketch, batches: Agreement = .bits,
  merging: Agreement = .bits, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for (d, m) in [(1, 1), (1, 7), (5, 1), (20, 8), (7, 40), (33, 33), (130, 16)] {
    let sketch = try make(d, m, 7)
    #expect(sketch.inputDimension == d && sketch.outputDimension == m)
    try checkRowMapLaws(sketch, batches: batches, sourceLocation: sourceLocation)
    try checkLinearity(sketch, sourceLocation: sourceLocation)
    try checkLeft(sketch, sourceLocation)
    try checkMerging(sketch, merging, as: Float.self, sourceLocation)
    try checkMerging(sketch, merging, as: Double.self, sourceLocation)
    #expect(try make(d, m, 7) == sketch, sourceLocation: sourceLocation)
    if d * m > 1000 {
      #expect(
        try matrix(of: make(d, m, 8)) != matrix(of: sketch), "the seed is ignored",
        sourceLocation: sourceLocation)
    }
  }
  checkDimensionLaws(sourceLocation: sourceLocation) { try make($0, $1, 1) }
  let sketch = try make(3, 4, 1)
  #expect(try sketch.variance([1, 2, 3], [0, 1, -1]) >= 0, sourceLocation: sourceLocation)
  for bad in [[1.0, 2], [1, 2, .nan], [1, 2, .infinity]] {
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try sketch.variance(bad, [1, 2, 3])
    }
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try sketch.variance([1, 2, 3], bad)
    }
  }
}

/// S A against the definition, dense and sparse, on 1, 2 and 3 threads.
func checkLeft<Sketch: LinearSketch>(
  _ sketch: Sketch, _ location: SourceLocation = #_sourceLocation
) throws {
  let (d, m) = (sketch.inputDimension, sketch.outputDimension)
  var generator = CaseGenerator(seed: 9)
  let a = generator.matrix(d, 150, density: 0.5, as: Double.self)
  let s = try matrix(of: sketch)
  let expected = Matrix<Double>(rowCount: m, columnCount: 150) { output in
    for i in 0..<m {
      for j in 0..<150 {
        output[i * 150 + j] = (0..<d).reduce(0) { $0 + s[i, $1] * a[$1, j] }
      }
    }
  }
  let result = try sketch.applyFromLeft(to: .dense(a), on: Execution(threads: 1))
  #expect(agree(result, expected, .relative(1e-12)), "S A is wrong", sourceLocation: location)
  for threads in [2, 3] {
    #expect(
      try sketch.applyFromLeft(to: .dense(a), on: Execution(threads: threads)) == result,
      sourceLocation: location)
  }
  let sparse = try sketch.applyFromLeft(to: .sparse(SparseMatrix(a)))
  #expect(agree(sparse, expected, .relative(1e-12)), "sparse S A", sourceLocation: location)
  #expect(throws: InvalidInput.self, sourceLocation: location) {
    try sketch.applyFromLeft(to: .dense(generator.matrix(d + 1, 2, as: Double.self)))
  }
  var bad = a
  bad[d - 1, 3] = .nan
  for rows in [Rows.dense(bad), .sparse(SparseMatrix(bad))] {
    #expect(throws: InvalidInput.self, sourceLocation: location) {
      try sketch.applyFromLeft(to: rows)
    }
  }
  // Finite entries whose sums are not.
  let huge = Matrix<Float>(
    repeating: .greatestFiniteMagnitude, rowCount: d, columnCount: 1)
  var total = try SketchAccumulator(sketch, columnCount: 1, as: Float.self)
  for _ in 0..<9 { try total.add(.dense(huge), at: 0) }
  #expect(throws: InvalidInput.self, sourceLocation: location) { try total.result() }
}

/// Sums of blocks of rows, cut and merged in several ways, against the sketch of the whole.
func checkMerging<Sketch: LinearSketch, Scalar: RealScalar>(
  _ sketch: Sketch, _ agreement: Agreement, as type: Scalar.Type,
  _ location: SourceLocation = #_sourceLocation
) throws {
  let d = sketch.inputDimension
  var generator = CaseGenerator(seed: 10)
  let a = Matrix<Scalar>(rowCount: d, columnCount: 20) { output in
    for i in 0..<d * 20 { output[i] = Scalar(generator.int(in: -9...9)) }
  }
  let whole = try sketch.applyFromLeft(to: .dense(a))
  for cuts in [[0, d], [0, 1, d], [0, d / 3, d / 2, d], Array(0...d)] {
    // Blocks come backwards, in turn to two sums, dense and sparse.
    var sums = try [0, 1].map { _ in
      try SketchAccumulator(sketch, columnCount: 20, as: Scalar.self)
    }
    for (index, (start, end)) in zip(cuts, cuts.dropFirst()).enumerated().reversed() {
      let block = a.rows(start..<end)
      let rows = index % 3 == 0 ? Rows.sparse(SparseMatrix(block)) : .dense(block)
      try sums[index % 2].add(rows, at: start, on: Execution(threads: 1 + index % 2))
    }
    try sums[0].merge(sums[1])
    #expect(
      try agree(sums[0].result(), whole, agreement), "parts \(cuts) do not merge",
      sourceLocation: location)
  }
}
