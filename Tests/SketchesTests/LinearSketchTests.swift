// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Each law under the laws of all sketches.

import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import Sketches

@Suite struct LinearSketchTests {
  @Test func countSketch() throws {
    try checkSketchLaws(CountSketch.init(inputDimension:outputDimension:seed:))
  }

  @Test(arguments: [1, 3, 8]) func sparseSign(nonzeros: Int) throws {
    try checkSketchLaws({
      try SparseSignEmbedding(
        inputDimension: $0, outputDimension: $1, nonzeros: max(1, min($1, nonzeros)), seed: $2)
    })
  }

  @Test(arguments: [false, true]) func srht(replacement: Bool) throws {
    try checkSketchLaws({
      try SRHT(inputDimension: $0, outputDimension: $1, replacement: replacement, seed: $2)
    })
  }

  @Test(arguments: [false, true]) func rowSampling(replacement: Bool) throws {
    try checkSketchLaws({
      try RowSampling(
        inputDimension: $0, outputDimension: $1, replacement: replacement, seed: $2)
    })
  }

  @Test func weightedRowSampling() throws {
    try checkSketchLaws({ d, m, seed in
      // Whoever has no dimension has no weights.
      let weights = (0..<max(0, min(d, 1000))).map { 1 + Double($0 % 3) }
      return try RowSampling(
        RowSamplingParameters(
          inputDimension: d, outputDimension: m, seed: seed, weights: weights))
    })
  }

  @Test func rademacher() throws {
    try checkSketchLaws(
      RademacherSketch.init(inputDimension:outputDimension:seed:), batches: .relative(1e-5))
  }

  @Test func composed() throws {
    try checkSketchLaws({ d, m, seed in
      try ComposedSketch(
        CountSketch(inputDimension: d, outputDimension: 50, seed: seed),
        then: SRHT(inputDimension: 50, outputDimension: m, seed: seed))
    })
    try checkSketchLaws(
      { d, m, seed in
        try ComposedSketch(
          GaussianSketch(inputDimension: d, outputDimension: 50, seed: seed),
          then: CountSketch(inputDimension: 50, outputDimension: m, seed: seed))
      }, batches: .relative(1e-5), merging: .relative(1e-5))
  }

  @Test func gaussian() throws {
    try checkSketchLaws(
      GaussianSketch.init(inputDimension:outputDimension:seed:), batches: .relative(1e-5),
      merging: .relative(1e-5))
  }

  @Test func gaussianWithoutTableIsTheSame() throws {
    // 2100 × 1001 numbers exceed the table; rows of S beyond 4096 need a second tile.
    for (d, m) in [(2100, 1001), (600, 5000)] {
      let sketch = try GaussianSketch(inputDimension: d, outputDimension: m, seed: 3)
      let stream = RandomKey(seed: 3).child("GaussianSketch").stream
      let columns = [0, 63, 64, d - 1]
      let basis = try SparseMatrix<Double>(
        columnCount: d, rowOffsets: [0, 1, 2, 3, 4], columnIndices: columns.map(Int32.init),
        values: [1, 1, 1, 1])
      let sparse = try sketch.apply(to: .sparse(basis))
      #expect(
        try agree(sketch.apply(to: .dense(basis.dense)), sparse, .relative(1e-14)))
      for (i, j) in columns.enumerated() {
        for k in [0, 1, m / 2, m - 1] {
          let expected = stream.normal(at: UInt64(j * ((m + 3) / 4 * 4) + k))
          #expect(abs(sparse[i, k] - expected / Double(m).squareRoot()) < 1e-15)
        }
      }
    }
  }
}
