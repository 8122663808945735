// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exact variances of all product-like sketches against an independent implementation.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import TensorSketches

@Suite struct GoldenVarianceTests {
  private struct File: Decodable {
    struct Pair: Decodable {
      let x: [Double]
      let y: [Double]
    }
    struct Row: Decodable {
      let pair: String
      let p: Int
      let dimension: Int
      let exact: Double
      let variances: [String: Double]

      enum CodingKeys: String, CodingKey {
        case pair, p, exact
        case dimension = "D"
        case variances = "var"
      }
    }
    let pairs: [String: Pair]
    let rows: [Row]
  }

  typealias Maker = @Sendable (PolynomialSketchParameters) throws -> any PolynomialSketch

  /// The laws by the names in the file.
  static let laws: [String: Maker] = [
    "gaussian": { try ProductSketch(ProductSketchParameters($0, weights: .gaussian)) },
    "ctr_gaussian": {
      try ProductSketch(ProductSketchParameters($0, weights: .gaussian, isComplex: true))
    },
    "rademacher": { try ProductSketch(ProductSketchParameters($0, weights: .rademacher)) },
    "ctr_rademacher": {
      try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true))
    },
    "srht_indep": { try TensorSRHT(TensorSRHTParameters($0, blocks: .independent)) },
    "srht_shared": { try TensorSRHT(TensorSRHTParameters($0, blocks: .shared)) },
    "ctr_srht_indep": {
      try TensorSRHT(TensorSRHTParameters($0, blocks: .independent, isComplex: true))
    },
    "ctr_srht_shared": {
      try TensorSRHT(TensorSRHTParameters($0, blocks: .shared, isComplex: true))
    },
    "tensorsketch": { try TensorSketch($0) },
    "ctr_tensorsketch": { try ComplexTensorSketch(ComplexTensorSketchParameters($0)) },
  ]

  @Test(arguments: laws.keys.sorted())
  func variancesAreTheGoldenOnes(name: String) throws {
    let url = URL(filePath: Goldens.path("variances.json"))
    let goldens = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    let make = try #require(Self.laws[name])
    var (count, drawn) = (0, 0)
    for row in goldens.rows {
      let (x, y) = try (#require(goldens.pairs[row.pair]).x, #require(goldens.pairs[row.pair]).y)
      // One feature is too few for a pair.
      guard let expected = row.variances[name] else { continue }
      var parameters = PolynomialSketchParameters(
        inputDimension: x.count, degree: row.p, outputDimension: row.dimension, seed: 0)
      let sketch = try make(parameters)
      let place = "\(name), \(row.pair), degree \(row.p), D = \(row.dimension)"
      #expect(abs(kernel(sketch, x, y) - row.exact) <= 1e-12 * abs(row.exact), "\(place)")
      let variance = try sketch.variance(x, y)
      // The reference subtracts powers from each other, which costs digits where they are close.
      let rounding = 1e-15 * row.exact * row.exact
      #expect(
        abs(variance - expected) <= 1e-12 * expected + rounding,
        "\(place): \(variance), not \(expected)")
      count += 1
      // A sample of the rows by draws; the benchmarks draw for all.
      guard row.p <= 3, expected == 0 || count % 47 == 0 else { continue }
      drawn += 1
      func draw(_ seed: UInt64) throws -> AnySketch {
        parameters.seed = seed
        return AnySketch(base: try make(parameters))
      }
      try checkMoments(
        draws: expected == 0 ? 50 : 20_000, x, y, mean: row.exact, variance: expected, place, draw)
    }
    #expect(count >= 280 && drawn > 1)
  }
}

/// A sketch of any law, as a map.
private struct AnySketch: RowMap {
  let base: any PolynomialSketch

  var inputDimension: Int { base.inputDimension }
  var outputDimension: Int { base.outputDimension }
  var blockRowCount: Int { base.blockRowCount }

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    base.map(rows, into: output, workspace: workspace)
  }
}
