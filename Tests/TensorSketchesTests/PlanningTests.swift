// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import Testing
import Validation

@testable import TensorSketches

@Suite struct PlanningTests {
  private static let parameters = PolynomialSketchParameters(
    inputDimension: 4, degree: 3, outputDimension: 1, seed: 0, scale: 0.5, offset: 0.25)
  private let x = [1.0, 0.5, -0.25, 2]
  private let y = [0.5, 0.5, 1, 1.5]

  private func check<Sketch: PolynomialSketch>(
    _ type: Sketch.Type, _ parameters: Sketch.Parameters,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let norms = [x, y].map { 0.5 * $0.reduce(0) { $0 + $1 * $1 } + 0.25 }
    let size = power(norms[0] * norms[1], 3)
    for epsilon in [0.5, 0.1, 0.03] {
      let m = try Sketch.dimension(forRelativeError: epsilon, x, y, parameters: parameters)
      func relative(_ m: Int) throws -> Double {
        var parameters = parameters
        parameters.polynomial.outputDimension = m
        return (try Sketch.variance(x, y, parameters: parameters) / size).squareRoot()
      }
      #expect(try relative(m) <= epsilon, sourceLocation: sourceLocation)
      if m > parameters.leastOutputDimension {
        #expect(try relative(m - 1) > epsilon, sourceLocation: sourceLocation)
      }
    }
    for epsilon in [0, -1, .nan, 1e-9] {
      #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
        try Sketch.dimension(forRelativeError: epsilon, x, y, parameters: parameters)
      }
    }
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try Sketch.dimension(forRelativeError: 0.1, [1], y, parameters: parameters)
    }
  }

  @Test func dimensionsAreTheLeast() throws {
    try check(TensorSketch.self, Self.parameters)
    for isComplex in [false, true] {
      try check(
        ProductSketch.self,
        ProductSketchParameters(Self.parameters, weights: .gaussian, isComplex: isComplex))
      try check(TensorSRHT.self, TensorSRHTParameters(Self.parameters, isComplex: isComplex))
    }
    try check(PolySketch.self, PolySketchParameters(Self.parameters))
    try check(
      PolySketch.self,
      PolySketchParameters(Self.parameters, leaf: .sparseSign(nonzeros: 4), node: .tensorSRHT))
  }
}
