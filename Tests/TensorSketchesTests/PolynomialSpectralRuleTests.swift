// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The spectral rule for sketches of degree 2 and 3, on the spectra of real data.

import LinearAlgebra
import Sketches
import TestSupport
import Testing
import Validation

@testable import TensorSketches

@Suite struct PolynomialSpectralRuleTests {
  @Test(arguments: RealSpectra.names, [2, 3]) func holds(name: String, degree: Int) throws {
    let points = try RealSpectra.points(name)
    let sample = Rows.dense(points.rows(0..<40))
    let inner = gram(points)
    let exact = try Matrix<Double>(
      rowCount: inner.rowCount, columnCount: inner.columnCount,
      elements: inner.elements.map { power($0, degree) })
    func check<Sketch: PolynomialSketch>(
      _ law: String, _ make: (PolynomialSketchParameters) throws -> Sketch
    ) throws {
      for dimension in [512, 2048] {
        let ratio = try make(
          PolynomialSketchParameters(
            inputDimension: points.columnCount, degree: degree, outputDimension: dimension,
            seed: 0)
        ).varianceRatio(on: sample)
        let limits = try RealSpectra.statisticalDimensions.map {
          try SpectralRule.epsilon(
            statisticalDimension: $0, dimension: dimension, varianceRatio: ratio)
        }
        try RealSpectra.checkRule(
          "\(law), degree \(degree), to \(dimension) on \(name)", points, exact: exact,
          limits: limits
        ) {
          try make(
            PolynomialSketchParameters(
              inputDimension: points.columnCount, degree: degree, outputDimension: dimension,
              seed: $0))
        }
      }
    }
    try check("TensorSketch") { try TensorSketch($0) }
    try check("Rademacher") {
      try ProductSketch(ProductSketchParameters($0, weights: .rademacher))
    }
    try check("CtR-Rademacher") {
      try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true))
    }
    try check("TensorSRHT") { try TensorSRHT(TensorSRHTParameters($0)) }
    try check("CtR-SRHT") { try TensorSRHT(TensorSRHTParameters($0, isComplex: true)) }
    try check("PolySketch") { try PolySketch(PolySketchParameters($0)) }
  }

  /// At x = y with many entries of equal size: half of 3^q − 1 and 2^q − 1.
  @Test func varianceRatiosOfPowers() throws {
    let d = 4096
    let point = Matrix<Double>(repeating: 1 / 64, rowCount: 1, columnCount: d)
    for degree in [1, 2, 3] {
      func parameters(_ dimension: Int) -> PolynomialSketchParameters {
        PolynomialSketchParameters(
          inputDimension: d, degree: degree, outputDimension: dimension, seed: 0)
      }
      func check(_ sketch: some PolynomialSketch, _ expected: Double) throws {
        #expect(try abs(sketch.varianceRatio(on: .dense(point)) - expected) < 0.01)
      }
      let real = ProductSketchParameters(parameters(8), weights: .rademacher)
      try check(ProductSketch(real), (power(3.0, degree) - 1) / 2)
      let complex = ProductSketchParameters(parameters(8), weights: .rademacher, isComplex: true)
      try check(ProductSketch(complex), power(2.0, degree) - 1)
      try check(TensorSketch(parameters(1 << 16)), power(2.0, degree) - 1)
    }
  }

  /// The kernel of the ratio has the scale and the offset.
  @Test func varianceRatioOfShiftedKernels() throws {
    let parameters = PolynomialSketchParameters(
      inputDimension: 3, degree: 2, outputDimension: 7, seed: 0, scale: 0.5, offset: 2)
    let sketch = try TensorSketch(parameters)
    let (x, y) = ([1.0, 2, 3], [0.5, -1, 0])
    func kernel(_ x: [Double], _ y: [Double]) -> Double {
      power(0.5 * zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } + 2, 2)
    }
    var (variances, gaussian) = (0.0, 0.0)
    for (a, b) in [(x, x), (x, y), (y, x), (y, y)] {
      variances += try sketch.variance(a, b)
      gaussian += kernel(a, a) * kernel(b, b) + kernel(a, b) * kernel(a, b)
    }
    let ratio = try sketch.varianceRatio(on: .dense(Matrix(rows: [x, y])))
    #expect(abs(ratio - 7 * variances / gaussian) < 1e-12 * ratio)
    #expect(throws: InvalidInput.self) {
      try sketch.varianceRatio(on: .dense(Matrix(rows: [[1, 2]])))
    }
  }
}
