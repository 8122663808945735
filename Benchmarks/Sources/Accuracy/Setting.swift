// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points, a polynomial kernel of them, and the errors of its sketches.

import Sketching

/// Points x_1, …, x_n and the kernel (γ⟨x, y⟩ + r)^q.
struct Setting {
  let degree: Int
  let scale: Double
  let offset: Double
  let images: Rows<Float>
  let rows: [[Double]]
  let exact: Matrix<Double>
  /// The mean square of the entries of `exact`.
  let meanSquare: Double

  init(_ points: Rows<Double>, degree: Int, scale: Double, offset: Double) throws {
    (self.degree, self.scale, self.offset) = (degree, scale, offset)
    images = points.converted(to: Float.self)
    let dense = points.dense
    rows = (0..<dense.rowCount).map { Array(dense.row($0)) }
    exact = try PolynomialKernel(degree: degree, scale: scale, offset: offset).matrix(points)
    meanSquare = exact.elements.reduce(0) { $0 + $1 * $1 } / Double(exact.elements.count)
  }

  func parameters(dimension: Int, seed: UInt64) -> PolynomialSketchParameters {
    PolynomialSketchParameters(
      inputDimension: images.columnCount, degree: degree, outputDimension: dimension, seed: seed,
      scale: scale, offset: offset)
  }

  /// ‖ZZᵀ − K‖_F / ‖K‖_F of one sketch.
  func relativeError(_ sketch: some PolynomialSketch) throws -> Double {
    let z = try sketch.apply(to: images).converted(to: Double.self)
    let approximate = try PolynomialKernel(degree: 1).matrix(.dense(z))
    let squares = zip(approximate.elements, exact.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    return (squares / Double(exact.elements.count) / meanSquare).squareRoot()
  }

  /// The root of the expected square of that, from the exact variance of every seventh pair: enough
  /// for three digits.
  func expectedError(_ sketch: some PolynomialSketch) throws -> Double {
    var (sum, count) = (0.0, 0)
    for i in stride(from: 0, to: rows.count, by: 7) {
      for j in stride(from: i % 7, to: rows.count, by: 7) {
        sum += try sketch.variance(rows[i], rows[j])
        count += 1
      }
    }
    return (sum / Double(count) / meanSquare).squareRoot()
  }
}
