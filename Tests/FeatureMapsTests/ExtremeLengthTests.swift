// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points so short or long that their squares leave single precision.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct ExtremeLengthTests {
  /// Squares of the entries are zero in single precision, or infinite.
  @Test(arguments: [-100, 70])
  func lengthsBeyondSinglePrecision(_ exponent: Int) throws {
    let points = clusteredPoints(30, 12)
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    var scaled = points
    scaled.scaleEntries(by: scale)
    func check(_ kernel: some Kernel, degree: Int, _ map: some FeatureMap) throws {
      for rows in [Rows.dense(scaled), .sparse(SparseMatrix(scaled))] {
        let features = try map.features(of: rows.converted(to: Float.self)).converted(
          to: Double.self)
        var found = features
        found.scaleEntries(by: degree == 0 ? 1 : 1 / scale)
        let error = try relativeFrobeniusError(
          of: found, exact: kernel.matrix(.dense(points)), on: .allCores)
        #expect(error < 0.01, "\(map): \(error)")
      }
    }
    let sample = Rows.dense(scaled)
    for order in 0...1 {
      let kernel = try ArcCosineKernel(order: order)
      try check(
        kernel, degree: order, NystromFeatureMap(kernel, dimension: 30, sample: sample))
    }
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 12, depth: 2))
    try check(kernel, degree: 1, NystromFeatureMap(kernel, dimension: 30, sample: sample))
    try check(
      kernel, degree: 1,
      LayeredFeatureMap(
        kernel, budget: LayeredBudget(layers: [.init(landmarks: 30), .init(landmarks: 30)]),
        sample: sample))
  }
}
