// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import Sketches

@Suite struct CountSketchTests {
  @Test func isTheDefinition() throws {
    let (d, m, seed) = (1000, 37, 12 as UInt64)
    let s = try matrix(
      of: CountSketch(inputDimension: d, outputDimension: m, seed: seed))
    let key = RandomKey(seed: seed).child("CountSketch")
    for j in 0..<d {
      let bucket = key.child("bucket").stream.bucket(at: UInt64(j), count: m)
      let sign = Double(key.child("sign").stream.sign(at: UInt64(j)))
      for i in 0..<m { #expect(s[i, j] == (i == bucket ? sign : 0)) }
    }
  }

  @Test func tableAndCounterAgree() {
    let key = RandomKey(seed: 5)
    for (d, m) in [(1, 1), (127, 3), (129, 1 << 20), (4096, 5), (9001, 100)] {
      let table = SignedHash(key: key, inputDimension: d, bucketCount: m, tabulated: true)
      let counter = SignedHash(key: key, inputDimension: d, bucketCount: m, tabulated: false)
      var stretched: [Int32] = []
      counter.forEachStretch { range, entries in
        #expect(range.lowerBound == stretched.count)
        stretched += (0..<range.count).map { entries[$0] }
      }
      #expect(stretched == (0..<d).map { table.entry(at: $0) })
      #expect(stretched == (0..<d).map { counter.entry(at: $0) })
      #expect(stretched.allSatisfy { (-m..<m).contains(Int($0)) })
    }
  }

  @Test func leftIsRightOfTheTransposeToTheBit() throws {
    var generator = CaseGenerator(seed: 6)
    let a = generator.matrix(2500, 40, density: 0.3, as: Float.self)
    let sketch = try CountSketch(inputDimension: 2500, outputDimension: 60, seed: 1)
    let right = try sketch.apply(to: .dense(a.transposed)).transposed
    for threads in 1...3 {
      let execution = Execution(threads: threads)
      #expect(try sketch.applyFromLeft(to: .dense(a), on: execution) == right)
      #expect(try sketch.applyFromLeft(to: .sparse(SparseMatrix(a)), on: execution) == right)
    }
  }

  @Test func hugeInputCostsItsNonzeros() throws {
    let d = 2_000_000_000
    let sketch = try CountSketch(inputDimension: d, outputDimension: 100, seed: 2)
    let columns = [0, 4_194_303, 4_194_304, 123_456_789, 1_999_999_999]
    let rows = try SparseMatrix<Double>(
      columnCount: d, rowOffsets: [0, 2, 2, 5], columnIndices: columns.map(Int32.init),
      values: [1, 2, 3, 4, 5])
    let result = try sketch.apply(to: .sparse(rows))
    let key = RandomKey(seed: 2).child("CountSketch")
    var expected = Matrix<Double>(rowCount: 3, columnCount: 100)
    for (position, column) in columns.enumerated() {
      let bucket = key.child("bucket").stream.bucket(at: UInt64(column), count: 100)
      let sign = Double(key.child("sign").stream.sign(at: UInt64(column)))
      expected[position < 2 ? 0 : 2, bucket] += sign * Double(position + 1)
    }
    #expect(result == expected)
  }

  @Test func denseRowsWithoutTable() throws {
    let d = SignedHash.tableLimit + 10
    let sketch = try CountSketch(inputDimension: d, outputDimension: 8, seed: 3)
    let x = Matrix<Float>(rowCount: 1, columnCount: d) { p in
      for j in 0..<d { p[j] = Float(j % 3) }
    }
    let dense = try sketch.apply(to: .dense(x))
    #expect(try sketch.apply(to: .sparse(SparseMatrix(x))) == dense)
    #expect(try sketch.applyFromLeft(to: .dense(x.transposed)).transposed == dense)
  }

  @Test func sketchesOfPartsAddUp() throws {
    var generator = CaseGenerator(seed: 8)
    let x = generator.matrix(4, 90, as: Double.self)
    let sketch = try CountSketch(inputDimension: 90, outputDimension: 16, seed: 4)
    var halves = [x, x]
    for i in 0..<4 {
      for j in 0..<90 { halves[j < 45 ? 1 : 0][i, j] = 0 }
    }
    let parts = try halves.map { try sketch.apply(to: .dense($0)) }
    let sum = try Matrix(
      rowCount: 4, columnCount: 16,
      elements: zip(parts[0].elements, parts[1].elements).map { $0 + $1 })
    #expect(try agree(sketch.apply(to: .dense(x)), sum, .relative(1e-14)))
  }
}
