// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Randomness
import TestSupport
import Testing
import Validation

@testable import Sketches

@Suite struct SparseSignTests {
  @Test(arguments: [(37, 1), (37, 4), (40, 8), (5, 5)])
  func isTheDefinition(m: Int, s: Int) throws {
    let d = 200
    let sketch = try SparseSignEmbedding(
      inputDimension: d, outputDimension: m, nonzeros: s, seed: 12)
    let drawn = try matrix(of: sketch)
    let key = RandomKey(seed: 12).child("SparseSignEmbedding")
    var expected = Matrix<Double>(rowCount: m, columnCount: d)
    for j in 0..<d {
      for b in 0..<s {
        let start = b * m / s
        let count = (b + 1) * m / s - start
        #expect(count == m / s || count == m / s + 1)
        let index = UInt64(j * s + b)
        let row = start + key.child("bucket").stream.bucket(at: index, count: count)
        let sign = Double(key.child("sign").stream.sign(at: index))
        expected[row, j] = sign * (1 / Double(s)).squareRoot()
      }
    }
    #expect(drawn == expected)
  }

  @Test func tableAndCounterAgree() {
    let key = RandomKey(seed: 5)
    for (d, m, s) in [(1, 3, 3), (127, 30, 7), (900, 1 << 20, 5), (3, 20_000, 9001)] {
      let table = SignedHash(
        key: key, inputDimension: d, bucketCount: m, nonzeros: s, tabulated: true)
      let counter = SignedHash(
        key: key, inputDimension: d, bucketCount: m, nonzeros: s, tabulated: false)
      let expected = (0..<d).flatMap { j in (0..<s).map { table.entry(at: j, $0) } }
      #expect((0..<d).flatMap { j in (0..<s).map { counter.entry(at: j, $0) } } == expected)
      for hash in [table, counter] {
        var stretched: [Int32] = []
        hash.forEachStretch { range, entries in
          stretched += (0..<range.count * s).map { entries[$0] }
        }
        #expect(stretched == expected)
        hash.forEachStretch(of: d / 2..<d) { range, entries in
          for j in range {
            for b in 0..<s {
              #expect(entries[(j - range.lowerBound) * s + b] == expected[j * s + b])
            }
          }
        }
        hash.withReader { reader in
          for j in 0..<d {
            let entries = reader.entries(ofColumn: j)
            #expect((0..<s).map { entries[$0] } == Array(expected[j * s..<(j + 1) * s]))
          }
        }
      }
    }
  }

  @Test func leftIsRightOfTheTransposeToTheBit() throws {
    var generator = CaseGenerator(seed: 6)
    let a = generator.matrix(500, 200, density: 0.3, as: Float.self)
    let sketch = try SparseSignEmbedding(
      inputDimension: 500, outputDimension: 60, nonzeros: 7, seed: 1)
    let right = try sketch.apply(to: .dense(a.transposed)).transposed
    for threads in 1...3 {
      let execution = Execution(threads: threads)
      #expect(try sketch.applyFromLeft(to: .dense(a), on: execution) == right)
      #expect(try sketch.applyFromLeft(to: .sparse(SparseMatrix(a)), on: execution) == right)
    }
  }

  @Test func oneNonzeroHasTheVarianceOfCountSketch() throws {
    let (x, y) = ([1.0, 2, -1], [0.5, 1, 3])
    let count = try CountSketch(inputDimension: 3, outputDimension: 12, seed: 0)
    for s in [1, 2, 3, 4, 6, 12] {
      let sparse = try SparseSignEmbedding(
        inputDimension: 3, outputDimension: 12, nonzeros: s, seed: 0)
      #expect(try abs(sparse.variance(x, y) - count.variance(x, y)) < 1e-14)
    }
    let uneven = try SparseSignEmbedding(
      inputDimension: 3, outputDimension: 12, nonzeros: 5, seed: 0)
    #expect(try uneven.variance(x, y) > count.variance(x, y))
  }

  @Test func nonzerosAreFromOneToTheRows() {
    for s in [0, -1, 9, Int.max, Int.min] {
      #expect(throws: InvalidInput.self) {
        try SparseSignEmbedding(inputDimension: 3, outputDimension: 8, nonzeros: s, seed: 0)
      }
    }
  }
}
