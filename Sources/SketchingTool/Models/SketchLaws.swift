// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The laws of sketches by their names on the command line.

import Sketching

/// Makes the map of a law for points of `inputDimension` entries.
typealias SketchMaker =
  @Sendable (_ inputDimension: Int, _ outputDimension: Int, _ seed: UInt64) throws -> any RowMap

enum SketchLaws {
  static let all = NamedForms<SketchMaker>(
    "law",
    [
      linear("countsketch", CountSketch.self),
      linear("gaussian", GaussianSketch.self),
      linear("rademacher", RademacherSketch.self),
      .init("sparse-sign", ["nonzeros": 4]) { values in
        let nonzeros = try Check.whole(values["nonzeros"]!, "law sparse-sign, nonzeros")
        return {
          try SparseSignEmbedding(
            inputDimension: $0, outputDimension: $1, nonzeros: nonzeros, seed: $2)
        }
      },
      .init("srht") { _ in { try SRHT(inputDimension: $0, outputDimension: $1, seed: $2) } },
      polynomial("tensorsketch", degree: 3) { try TensorSketch($0) },
      tensorSRHT("tensorsrht", blocks: .shared),
      product("product-gaussian", .gaussian),
      product("product-rademacher", .rademacher),
      tensorSRHT("product-srht", blocks: .independent),
      product("ctr-gaussian", .gaussian, isComplex: true),
      product("ctr-rademacher", .rademacher, isComplex: true),
      tensorSRHT("ctr-srht", blocks: .shared, isComplex: true),
      polynomial("ctr-tensorsketch", degree: 3) {
        try ComplexTensorSketch(ComplexTensorSketchParameters($0))
      },
      polynomial("polysketch", degree: 8) { try PolySketch(PolySketchParameters($0)) },
    ])

  private static func linear<Sketch: LinearSketch>(
    _ name: String, _ type: Sketch.Type
  ) -> NamedForms<SketchMaker>.Form where Sketch.Parameters == SketchParameters {
    .init(name) { _ in
      { inputDimension, outputDimension, seed in
        try Sketch(
          SketchParameters(
            inputDimension: inputDimension, outputDimension: outputDimension, seed: seed))
      }
    }
  }

  private static func product(
    _ name: String, _ weights: ProductSketch.Weights, isComplex: Bool = false
  ) -> NamedForms<SketchMaker>.Form {
    polynomial(name, degree: 3) {
      try ProductSketch(ProductSketchParameters($0, weights: weights, isComplex: isComplex))
    }
  }

  private static func tensorSRHT(
    _ name: String, blocks: TensorSRHT.Blocks, isComplex: Bool = false
  ) -> NamedForms<SketchMaker>.Form {
    polynomial(name, degree: 3) {
      try TensorSRHT(TensorSRHTParameters($0, blocks: blocks, isComplex: isComplex))
    }
  }

  private static func polynomial(
    _ name: String, degree: Double,
    _ make: @escaping @Sendable (PolynomialSketchParameters) throws -> any RowMap
  ) -> NamedForms<SketchMaker>.Form {
    .init(name, ["degree": degree]) { values in
      let degree = try Check.whole(values["degree"]!, "law \(name), degree")
      return { inputDimension, outputDimension, seed in
        try make(
          PolynomialSketchParameters(
            inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
            seed: seed))
      }
    }
  }
}
