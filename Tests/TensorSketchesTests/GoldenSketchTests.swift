// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketches of fixed seeds, which must never change: stored ones are drawn again elsewhere.

import LinearAlgebra
import TestSupport
import Testing

@testable import TensorSketches

@Suite struct GoldenSketchTests {
  /// The laws by the names of their files, from 8 to 18 numbers, with seed 7.
  static let laws: [String: @Sendable (PolynomialSketchParameters) throws -> any PolynomialSketch] =
    [
      "tensorsketch": { try TensorSketch($0) },
      "ctr-tensorsketch": { try ComplexTensorSketch(ComplexTensorSketchParameters($0)) },
      "tensorsrht": { try TensorSRHT(TensorSRHTParameters($0)) },
      "product-srht": { try TensorSRHT(TensorSRHTParameters($0, blocks: .independent)) },
      "ctr-srht": { try TensorSRHT(TensorSRHTParameters($0, isComplex: true)) },
      "product-gaussian": { try ProductSketch(ProductSketchParameters($0, weights: .gaussian)) },
      "product-rademacher": {
        try ProductSketch(ProductSketchParameters($0, weights: .rademacher))
      },
      "ctr-gaussian": {
        try ProductSketch(ProductSketchParameters($0, weights: .gaussian, isComplex: true))
      },
      "ctr-rademacher": {
        try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true))
      },
      "polysketch": { try PolySketch(PolySketchParameters($0)) },
    ]

  @Test(arguments: laws.keys.sorted())
  func featuresAreTheStoredOnes(name: String) throws {
    let x = try Goldens.matrix("kernels/X_gauss20x8.npy")
    let stored = try Goldens.matrix("sketches/\(name).npy")
    let make = try #require(Self.laws[name])
    let sketch = try make(
      PolynomialSketchParameters(
        inputDimension: 8, degree: name == "polysketch" ? 8 : 3, outputDimension: 18, seed: 7))
    // Fourier transforms and matrix products round differently on other machines.
    #expect(try agree(sketch.apply(to: .dense(x)), stored, .relative(1e-13)))
  }
}
