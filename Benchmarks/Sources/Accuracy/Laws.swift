// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketches whose accuracy is measured.

import Sketching

struct Law: Sendable {
  let name: String
  let make: @Sendable (PolynomialSketchParameters) throws -> any PolynomialSketch

  static let all = [
    Law(name: "TensorSketch") { try TensorSketch($0) },
    Law(name: "CtR-TensorSketch") {
      try ComplexTensorSketch(ComplexTensorSketchParameters($0))
    },
    Law(name: "Rademacher") {
      try ProductSketch(ProductSketchParameters($0, weights: .rademacher))
    },
    Law(name: "CtR-Rademacher") {
      try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true))
    },
    Law(name: "TensorSRHT") { try TensorSRHT(TensorSRHTParameters($0)) },
    Law(name: "CtR-SRHT") { try TensorSRHT(TensorSRHTParameters($0, isComplex: true)) },
    Law(name: "PolySketch") { try PolySketch(PolySketchParameters($0)) },
    Law(name: "PolySketch by SRHT") {
      try PolySketch(PolySketchParameters($0, node: .tensorSRHT))
    },
  ]
}
