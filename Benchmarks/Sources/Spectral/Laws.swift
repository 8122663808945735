// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketches held against the spectral rule.

import Sketching

/// A law of sketches of ⟨x, y⟩^degree.
struct Law: Sendable {
  let name: String
  let degree: Int
  /// Whether the rule is to hold on all data: not where one hash of each coordinate decides alone.
  var obeysRule: Bool { !["CountSketch", "PolySketch"].contains(name) }
  /// The features of the points, and v.
  let sketch:
    @Sendable (Rows<Double>, _ dimension: Int, _ seed: UInt64) throws -> (any RowMap, Double)

  /// Pairs of so many points tell v to a few hundredths.
  private static let sampleRowCount = 100

  private static func sample(_ points: Rows<Double>) -> Rows<Double> {
    points.rows(0..<min(sampleRowCount, points.rowCount))
  }

  private static func linear<Sketch: LinearSketch>(
    _ name: String, _ make: @escaping @Sendable (Int, Int, UInt64) throws -> Sketch
  ) -> Law {
    Law(name: name, degree: 1) { points, dimension, seed in
      let sketch = try make(points.columnCount, dimension, seed)
      return (sketch, seed > 0 ? 0 : try sketch.varianceRatio(on: sample(points)))
    }
  }

  private static func power<Sketch: PolynomialSketch>(
    _ name: String, _ degree: Int,
    _ make: @escaping @Sendable (PolynomialSketchParameters) throws -> Sketch
  ) -> Law {
    Law(name: name, degree: degree) { points, dimension, seed in
      let sketch = try make(
        PolynomialSketchParameters(
          inputDimension: points.columnCount, degree: degree, outputDimension: dimension,
          seed: seed))
      return (sketch, seed > 0 ? 0 : try sketch.varianceRatio(on: sample(points)))
    }
  }

  static let all: [Law] =
    [
      linear("Gaussian", GaussianSketch.init(inputDimension:outputDimension:seed:)),
      linear("Rademacher", RademacherSketch.init(inputDimension:outputDimension:seed:)),
      linear("SRHT") { try SRHT(inputDimension: $0, outputDimension: $1, seed: $2) },
      linear("8-sparse signs") {
        try SparseSignEmbedding(inputDimension: $0, outputDimension: $1, nonzeros: 8, seed: $2)
      },
      linear("CountSketch", CountSketch.init(inputDimension:outputDimension:seed:)),
    ]
    + [2, 3].flatMap { degree in
      [
        power("TensorSketch", degree) { try TensorSketch($0) },
        power("Gaussian products", degree) {
          try ProductSketch(ProductSketchParameters($0, weights: .gaussian))
        },
        power("Rademacher products", degree) {
          try ProductSketch(ProductSketchParameters($0, weights: .rademacher))
        },
        power("CtR-Rademacher", degree) {
          try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true))
        },
        power("TensorSRHT", degree) { try TensorSRHT(TensorSRHTParameters($0)) },
        power("CtR-SRHT", degree) {
          try TensorSRHT(TensorSRHTParameters($0, isComplex: true))
        },
        power("PolySketch", degree) { try PolySketch(PolySketchParameters($0)) },
      ]
    }
}
