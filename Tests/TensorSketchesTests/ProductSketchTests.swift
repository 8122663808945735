// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import TensorSketches

@Suite struct ProductSketchTests {
  @Test(arguments: [
    (2, 1, 3, false, 0), (2, 2, 2, false, 0), (3, 2, 2, false, 0), (1, 3, 2, false, 1),
    (2, 1, 4, true, 0), (2, 2, 2, true, 0), (2, 3, 3, true, 0), (1, 2, 2, true, 9),
  ])
  func overAllSigns(d: Int, q: Int, m: Int, isComplex: Bool, offset: Int) throws {
    let (x, y) = (Array([1.0, -3, 2][..<d]), Array([2.0, 1, 3][..<d]))
    let parameters = ProductSketchParameters(
      PolynomialSketchParameters(
        inputDimension: d, degree: q, outputDimension: m, seed: 0, scale: 4,
        offset: Double(offset)), weights: .rademacher, isComplex: isComplex)
    let (width, count) = (d + (offset > 0 ? 1 : 0), isComplex ? m / 2 : m)
    let units: [(Double, Double)] =
      isComplex ? [(1, 0), (0, 1), (-1, 0), (0, -1)] : [(1, 0), (-1, 0)]
    let sketches = allWords(length: q * width * count, base: units.count).lazy.map { word in
      let table = stride(from: 0, to: word.count, by: count).flatMap { start in
        let row = word[start..<start + count].map { units[$0] }
        return row.map(\.0) + (isComplex ? row.map(\.1) : [])
      }
      return ProductSketch(
        parameters,
        weights: ProductWeights(
          table, law: .rademacher, isComplex: isComplex, dimension: width, columnCount: count))
    }
    let sketch = try ProductSketch(parameters)
    let pair = WholePair(padded(x, scale: 4, offset), padded(y, scale: 4, offset))
    let (a, b, c) = (pair.a, pair.b, pair.c)
    let variance =
      isComplex
      ? wholePower(a + b, q) + wholePower(a + c, q) - 2 * wholePower(a, q)
      : wholePower(a + b + c, q) - wholePower(a, q)
    // Of an odd number of columns the last is zero.
    let columns = isComplex ? 2 * count : count
    try checkExactly(
      sketches, x, y,
      ExactMoments(
        mean: wholePower(pair.product, q), variance: variance, over: columns, unit: count),
      stated: sketch.variance(x, y), "ProductSketch \(d) \(q) \(m) \(isComplex) \(offset)")
  }

  /// Complex weights do not raise the variance where Σ xᵢyᵢxⱼyⱼ over i ≠ j is not negative; for
  /// (1, 1) and (1, −1) it is −2, and they do: from 0 to 8/m.
  @Test(arguments: 1...6) func complexWeightsAgainstReal(degree: Int) throws {
    func variances(_ x: [Double], _ y: [Double]) throws -> (real: Double, complex: Double) {
      let sketches = try [false, true].map { isComplex in
        try ProductSketch(
          ProductSketchParameters(
            PolynomialSketchParameters(
              inputDimension: x.count, degree: degree, outputDimension: 8, seed: 0),
            weights: .rademacher, isComplex: isComplex))
      }
      return (try sketches[0].variance(x, y), try sketches[1].variance(x, y))
    }
    for x in [[0.5, 1.5, 0.75], [2, 0, 1], [1, 1, 1]] {
      let (real, complex) = try variances(x, [1.25, 0.5, 1])
      #expect(complex <= real * (1 + 1e-14))
    }
    if degree == 2 {
      let (real, complex) = try variances([1, 1], [1, -1])
      #expect(abs(real) < 1e-15 && abs(complex - 1) < 1e-15)
    }
  }

  /// Beyond the table's limit the weights are drawn tile by tile: the product by its definition.
  @Test(arguments: [ProductSketch.Weights.gaussian, .rademacher], [false, true])
  func drawnWeightsAreOneMatrix(law: ProductSketch.Weights, isComplex: Bool) throws {
    let (d, m, q) = (1500, 1411, 2)
    let parameters = ProductSketchParameters(
      PolynomialSketchParameters(
        inputDimension: d, degree: q, outputDimension: m, seed: 9, offset: 0.25),
      weights: law, isComplex: isComplex)
    let sketch = try ProductSketch(parameters)
    // Unit vectors show the weights; a point's features are the products of its projections.
    var generator = CaseGenerator(seed: 2)
    let x = generator.matrix(3, d, density: 0.01, as: Double.self)
    let dense = try sketch.apply(to: .dense(x))
    let sparse = try sketch.apply(to: .sparse(SparseMatrix(x)))
    #expect(agree(dense, sparse, .relative(1e-12)))
    let weights = sketch.drawnWeights
    let count = isComplex ? m / 2 : m
    var row = [Double](
      repeating: 0, count: count * (isComplex ? 2 : 1) + ProductWeights.slack)
    var expected = Matrix<Double>(rowCount: 3, columnCount: m)
    for i in 0..<3 {
      var product = [(Double, Double)](
        repeating: (1 / Double(count).squareRoot(), 0), count: count)
      for t in 0..<q {
        var sum = [(Double, Double)](repeating: (0, 0), count: count)
        for j in 0...d {
          let value = j == d ? 0.5 : x[i, j]
          guard value != 0 else { continue }
          weights.draw(factor: t, coordinate: j, 0..<count, into: &row)
          for k in 0..<count {
            sum[k].0 += weights.scale * value * row[k]
            if isComplex { sum[k].1 += weights.scale * value * row[count + k] }
          }
        }
        for k in 0..<count {
          let ((a, b), (c, e)) = (product[k], sum[k])
          product[k] = (a * c - b * e, a * e + b * c)
        }
      }
      for k in 0..<count {
        expected[i, k] = product[k].0
        if isComplex { expected[i, count + k] = product[k].1 }
      }
    }
    #expect(agree(dense, expected, .relative(1e-12)))
  }

  @Test func tabulatedAndDrawnWeightsAreTheSame() {
    for (law, isComplex) in [
      (ProductSketch.Weights.gaussian, false), (.gaussian, true), (.rademacher, false),
      (.rademacher, true),
    ] {
      // The number of factors alone decides whether there is a table.
      func weights(degree: Int) -> ProductWeights {
        ProductWeights(
          key: .init(seed: 1), law: law, isComplex: isComplex, dimension: 40, columnCount: 300,
          degree: degree)
      }
      let (tabulated, drawn) = (weights(degree: 3), weights(degree: 300))
      for (t, j, range) in [(0, 0, 0..<300), (2, 39, 128..<300), (1, 7, 256..<259)] {
        var a = [Double](repeating: 0, count: 603)
        var b = a
        tabulated.draw(factor: t, coordinate: j, range, into: &a)
        drawn.draw(factor: t, coordinate: j, range, into: &b)
        let count = range.count * (isComplex ? 2 : 1)
        #expect(a[..<count] == b[..<count], "\(law), \(isComplex)")
        #expect(Set(a[..<range.count]).count > 1)
      }
    }
  }

  @Test func manyCoordinatesCostNothing() throws {
    let d = 10_000_000
    let x = try SparseMatrix<Double>(
      columnCount: d, rowOffsets: [0, 2, 4], columnIndices: [3, Int32(d - 1), 3, Int32(d - 2)],
      values: [0.6, 0.8, 0.8, 0.6])
    for (law, isComplex) in [(ProductSketch.Weights.gaussian, false), (.rademacher, true)] {
      let sketch = try ProductSketch(
        weights: law, inputDimension: d, degree: 3, outputDimension: 8, seed: 1,
        isComplex: isComplex)
      let (weights, columns) = (sketch.drawnWeights, isComplex ? 4 : 8)
      var expected = Matrix<Double>(rowCount: 2, columnCount: 8)
      for (row, points) in [[(3, 0.6), (d - 1, 0.8)], [(3, 0.8), (d - 2, 0.6)]].enumerated() {
        var product = [(re: Double, im: Double)](
          repeating: (1 / Double(columns).squareRoot(), 0), count: columns)
        for t in 0..<3 {
          var sums = [Double](repeating: 0, count: 8)
          for (column, value) in points {
            var drawn = [Double](repeating: 0, count: 8 + ProductWeights.slack)
            weights.draw(factor: t, coordinate: column, 0..<columns, into: &drawn)
            for k in 0..<8 { sums[k] += drawn[k] * value }
          }
          for k in 0..<columns {
            let (a, b) = (sums[k], isComplex ? sums[k + 4] : 0)
            let (re, im) = product[k]
            product[k] = (re * a - im * b, re * b + im * a)
          }
        }
        for k in 0..<columns {
          expected[row, k] = product[k].re
          if isComplex { expected[row, k + 4] = product[k].im }
        }
      }
      #expect(try agree(sketch.apply(to: .sparse(x)), expected, .relative(1e-12)))
    }
    // Numbers of the last coordinate are those of the streams, whatever is a table elsewhere.
    let stream = RandomKey(seed: 1).child("ProductSketch").child("factor", 2).child("sign").stream
    let last = try ProductSketch(
      weights: .rademacher, inputDimension: d, degree: 3, outputDimension: 8, seed: 1)
    var signs = [Double](repeating: 0, count: 8)
    last.drawnWeights.draw(factor: 2, coordinate: d - 1, 0..<8, into: &signs)
    let first = 128 * UInt64(d - 1)
    for k in 0..<8 { #expect(signs[k] == Double(stream.sign(at: first + UInt64(k)))) }
  }
}
