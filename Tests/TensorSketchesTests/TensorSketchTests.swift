// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Sketches
import TestSupport
import Testing

@testable import TensorSketches

/// The hash of an entry: where ±1 goes.
func place(_ entry: Int32) -> (bucket: Int, sign: Double) {
  entry < 0 ? (Int(~entry), -1) : (Int(entry), 1)
}

@Suite struct TensorSketchTests {
  /// The CountSketch of the tensor power by its definition.
  @Test(arguments: [(3, 1, 5), (3, 2, 4), (2, 3, 7), (3, 4, 6)])
  func isTheCountSketchOfTheTensorPower(d: Int, q: Int, m: Int) throws {
    let parameters = PolynomialSketchParameters(
      inputDimension: d, degree: q, outputDimension: m, seed: 0, scale: 2.25, offset: 0.75)
    var generator = CaseGenerator(seed: 4)
    let hashes = (0..<q).map { _ in
      SignedHash(
        entries: (0...d).map { _ in Int32(generator.int(in: -m...m - 1)) }, bucketCount: m)
    }
    let x = (0..<d).map { _ in generator.normal() }
    let extended = x.map { 1.5 * $0 } + [(0.75).squareRoot()]
    var expected = [Double](repeating: 0, count: m)
    for index in allWords(length: q, base: d + 1) {
      var (bucket, value) = (0, 1.0)
      for (t, i) in index.enumerated() {
        let (h, s) = place(hashes[t].entry(at: i))
        bucket += h
        value *= s * extended[i]
      }
      expected[bucket % m] += value
    }
    let sketch = try TensorSketch(parameters, hashes: hashes)
    let result = try sketch.apply(to: .dense(Matrix(rows: [x])))
    #expect(try agree(result, Matrix(rows: [expected]), .relative(1e-13)))
  }

  @Test func degreeOneIsACountSketchToTheBit() throws {
    var generator = CaseGenerator(seed: 5)
    let entries = (0..<20).map { _ in Int32(generator.int(in: -8...7)) }
    let hash = SignedHash(entries: entries, bucketCount: 8)
    let sketch = try TensorSketch(
      PolynomialSketchParameters(inputDimension: 20, degree: 1, outputDimension: 8, seed: 0),
      hashes: [hash])
    let x = generator.matrix(3, 20, as: Float.self)
    let result = try sketch.apply(to: .dense(x))
    for i in 0..<3 {
      var expected = [Float](repeating: 0, count: 8)
      for (j, value) in x.row(i).enumerated() {
        let (bucket, sign) = place(entries[j])
        expected[bucket] += Float(sign) * value
      }
      #expect(Array(result.row(i)) == expected)
    }
  }

  @Test(arguments: [
    (2, 2, 2, 0), (2, 2, 3, 0), (2, 3, 2, 0), (1, 3, 3, 0), (1, 2, 3, 1), (3, 2, 1, 0),
    (2, 3, 1, 4),
    (1, 3, 2, 9),
  ])
  func overAllHashes(d: Int, q: Int, m: Int, offset: Int) throws {
    let (x, y) = (Array([1.0, -3, 2][..<d]), Array([2.0, 1, 3][..<d]))
    let parameters = PolynomialSketchParameters(
      inputDimension: d, degree: q, outputDimension: m, seed: 0, scale: 4, offset: Double(offset))
    let size = d + (offset > 0 ? 1 : 0)
    let single = allWords(length: size, base: 2 * m).map { word in
      SignedHash(entries: word.map { Int32($0 - m) }, bucketCount: m)
    }
    let sketches = try allWords(length: q, base: single.count).map { choice in
      try TensorSketch(parameters, hashes: choice.map { single[$0] })
    }
    let sketch = try TensorSketch(parameters)
    let pair = WholePair(padded(x, scale: 4, offset), padded(y, scale: 4, offset))
    try checkExactly(
      sketches, x, y, .tensorSketch(Array(repeating: pair, count: q), columns: m),
      stated: sketch.variance(x, y), "TensorSketch \(d) \(q) \(m)")
  }

  /// Over all hashes into 2C buckets, which are C buckets with the signs 1, i, −1 and −i.
  @Test(arguments: [
    (2, 2, 2, 0), (2, 2, 4, 0), (2, 1, 6, 0), (1, 3, 6, 0), (1, 2, 5, 1), (3, 1, 4, 0),
    (1, 2, 3, 9),
  ])
  func overAllComplexHashes(d: Int, q: Int, m: Int, offset: Int) throws {
    let (x, y) = (Array([1.0, -3, 2][..<d]), Array([2.0, 1, 3][..<d]))
    let parameters = ComplexTensorSketchParameters(
      PolynomialSketchParameters(
        inputDimension: d, degree: q, outputDimension: m, seed: 0, scale: 4, offset: Double(offset))
    )
    let size = d + (offset > 0 ? 1 : 0)
    let count = m / 2
    let single = allWords(length: size, base: 4 * count).map { word in
      SignedHash(entries: word.map { Int32($0 - 2 * count) }, bucketCount: 2 * count)
    }
    let sketches = try allWords(length: q, base: single.count).map { choice in
      try ComplexTensorSketch(parameters, hashes: choice.map { single[$0] })
    }
    let sketch = try ComplexTensorSketch(parameters)
    let pair = WholePair(padded(x, scale: 4, offset), padded(y, scale: 4, offset))
    let variance =
      wholePower(pair.a + pair.b, q) + wholePower(pair.a + pair.c, q) - 2 * wholePower(pair.a, q)
    try checkExactly(
      sketches, x, y,
      ExactMoments(
        mean: wholePower(pair.product, q), variance: variance, over: 2 * count, unit: 1),
      stated: sketch.variance(x, y), "ComplexTensorSketch \(d) \(q) \(m)")
  }

  /// Hashes of many coordinates are computed rather than kept: the same ones.
  @Test func computedHashesAreTheTabulatedOnes() throws {
    let d = 10_000
    func hash(_ tabulated: Bool) -> SignedHash {
      SignedHash(
        key: .init(seed: 3), inputDimension: d, bucketCount: 1000, tabulated: tabulated)
    }
    let (kept, computed) = (hash(true), hash(false))
    for count in 0...9 {
      let columns = (0..<count).map { Int32(($0 * 1117 + count) % d) }.sorted()
      let row = try SparseMatrix<Double>(
        columnCount: d, rowOffsets: [0, count], columnIndices: columns,
        values: columns.map { 1 + Double($0) })
      func sketch(_ hash: SignedHash) -> [Double] {
        var output = [Double](repeating: 0, count: 1000)
        Rows.sparse(row).withUnsafeBlock { hash.add(row: 0, of: $0, to: &output) }
        return output
      }
      #expect(sketch(kept) == sketch(computed), "\(count)")
      #expect(sketch(kept).contains { $0 != 0 } == (count > 0))
    }
  }

  @Test func manyCoordinatesCostNothing() throws {
    let d = 10_000_000
    let x = try SparseMatrix<Double>(
      columnCount: d, rowOffsets: [0, 2, 4], columnIndices: [3, Int32(d - 1), 3, Int32(d - 2)],
      values: [0.6, 0.8, 0.8, 0.6])
    let m = 4096
    let sketch = try TensorSketch(inputDimension: d, degree: 3, outputDimension: m, seed: 1)
    let hashes = TensorSketch.hashes(
      dimensions: [d, d, d], outputDimension: m, seed: 1)
    var expected = Matrix<Double>(rowCount: 2, columnCount: m)
    for (row, points) in [[(3, 0.6), (d - 1, 0.8)], [(3, 0.8), (d - 2, 0.6)]].enumerated() {
      for word in allWords(length: 3, base: 2) {
        let factors = zip(word, hashes).map { index, hash in
          let (bucket, sign) = place(hash.entry(at: points[index].0))
          return (bucket, sign * points[index].1)
        }
        expected[row, factors.reduce(0) { $0 + $1.0 } % m] += factors.reduce(1) { $0 * $1.1 }
      }
    }
    #expect(try agree(sketch.apply(to: .sparse(x)), expected, .relative(1e-12)))
  }
}
