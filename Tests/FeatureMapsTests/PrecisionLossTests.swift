// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps whose features of single precision would be wrong, and those that need no double precision.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct PrecisionLossTests {
  /// Points around one, as far from it as `noise` says.
  private func points(_ noise: Double) -> Rows<Float> {
    var generator = CaseGenerator(seed: 4)
    let centre = generator.matrix(1, 20, as: Double.self)
    var rows = generator.matrix(150, 20, as: Double.self)
    for i in 0..<150 {
      for j in 0..<20 { rows[i, j] = centre[0, j] + noise * rows[i, j] }
    }
    return .dense(rows.converted(to: Float.self))
  }

  /// ‖ZZᵀ − K‖_F / ‖K‖_F of features of single precision.
  private func error(_ map: some FeatureMap, _ rows: Rows<Float>) throws -> Double {
    try relativeFrobeniusError(
      of: map.features(of: rows).converted(to: Double.self),
      exact: map.kernel.matrix(rows.converted(to: Double.self)), on: .allCores)
  }

  private func network(bias: Double) throws -> NeuralKernel {
    let layer = Layer.dense(weightStd: 1.4, biasStd: bias)
    return NeuralKernel(
      network: try Network(input: [20], layers: [layer, .relu, layer, .relu, .dense()]), type: .ntk)
  }

  @Test func nearlyEqualLandmarks() throws {
    func check(_ kernel: some Kernel) throws {
      let near = points(1e-7)
      let map = try NystromFeatureMap(kernel, dimension: 64, sample: near)
      #expect(map.needsDouble)
      #expect(try error(map, near) < 1e-6)
      let apart = try NystromFeatureMap(kernel, dimension: 64, sample: points(1))
      #expect(!apart.needsDouble)
    }
    try check(network(bias: 0))
    try check(ArcCosineKernel(order: 0))
  }

  @Test(arguments: [LayeredBudget.Method.random, .hybrid])
  func nearlyEqualPointsLayerByLayer(_ method: LayeredBudget.Method) throws {
    let near = points(1e-7)
    let kernel = try network(bias: 0.2)
    let map = try LayeredFeatureMap(kernel, dimension: 64, method: method, sample: near)
    #expect(try error(map, near) < 2e-3)
    let apart = try LayeredFeatureMap(kernel, dimension: 64, method: method, sample: points(1))
    #expect(!apart.needsDouble)
    let stored = try JSONDecoder().decode(
      LayeredFeatureMap.self, from: JSONEncoder().encode(map))
    #expect(stored.needsDouble == map.needsDouble)
    #expect(stored == map)
  }

  /// `random` needs it, so that the test above sees more than maps that do not.
  @Test func randomFeaturesOfNearlyEqualPoints() throws {
    let map = try LayeredFeatureMap(
      network(bias: 0.2), dimension: 64, method: .random, sample: points(1e-7))
    #expect(map.needsDouble)
  }
}
