// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The file of exact variances, and the laws by their names in it.

import Foundation
import Sketching

/// A file like Tests/Goldens/variances.json.
struct GoldenVariances: Decodable {
  struct Pair: Decodable {
    let x: [Double]
    let y: [Double]
  }

  struct Row: Decodable {
    let pair: String
    let degree: Int
    let dimension: Int
    /// ⟨x, y⟩^degree.
    let exact: Double
    /// By the names of the laws.
    let variances: [String: Double]

    enum CodingKeys: String, CodingKey {
      case pair, exact
      case degree = "p"
      case dimension = "D"
      case variances = "var"
    }
  }

  let pairs: [String: Pair]
  let rows: [Row]

  init(path: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
  }
}

/// One law of the file.
struct Law: Sendable {
  let name: String
  /// The law of independent columns whose marginal is that of this law's columns.
  let columns: ColumnMoments.Weights
  let make: @Sendable (PolynomialSketchParameters) throws -> any PolynomialSketch

  static let all: [Law] =
    [
      Law(name: "tensorsketch", columns: .complexSigns) { try TensorSketch($0) },
      Law(name: "ctr_tensorsketch", columns: .complexSigns) {
        try ComplexTensorSketch(ComplexTensorSketchParameters($0))
      },
    ]
    + [
      ("gaussian", ProductSketch.Weights.gaussian, false, ColumnMoments.Weights.normals),
      ("ctr_gaussian", .gaussian, true, .complexNormals),
      ("rademacher", .rademacher, false, .signs),
      ("ctr_rademacher", .rademacher, true, .complexSigns),
    ].map { name, weights, isComplex, columns in
      Law(name: name, columns: columns) {
        try ProductSketch(ProductSketchParameters($0, weights: weights, isComplex: isComplex))
      }
    }
    + [
      ("srht_shared", TensorSRHT.Blocks.shared, false), ("srht_indep", .independent, false),
      ("ctr_srht_shared", .shared, true), ("ctr_srht_indep", .independent, true),
    ].map { name, blocks, isComplex in
      Law(name: name, columns: isComplex ? .complexSigns : .signs) {
        try TensorSRHT(TensorSRHTParameters($0, blocks: blocks, isComplex: isComplex))
      }
    }

  /// How many independent columns stand for a sketch of `dimension` features.
  func columnCount(_ dimension: Int) -> Int {
    columns.isComplex ? max(1, dimension / 2) : dimension
  }
}
