// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sketches of points that are nearly parallel.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct NearlyParallelTests {
  /// Cosines of pairs beyond those that the polynomial is fitted to otherwise.
  @Test func nearlyParallelRows() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 12, depth: 2))
    let points = clusteredPoints(40, 12)
    let near = Matrix<Double>(rowCount: 40, columnCount: 12) { output in
      for i in 0..<40 {
        for j in 0..<12 {
          output[i * 12 + j] = Double(i + 1) * (points[0, j] + 1e-3 * points[i, j])
        }
      }
    }
    let line = Matrix<Double>(rowCount: 40, columnCount: 12) { output in
      for i in 0..<40 {
        for j in 0..<12 { output[i * 12 + j] = Double(i + 1) * points[0, j] }
      }
    }
    for rows in [line, near] {
      let map = try NetworkFeatureMap(kernel, dimension: 128, sample: Rows.dense(rows))
      let found = try relativeFrobeniusError(of: map, Rows.dense(rows), on: .allCores)
      #expect(found < 0.005, "\(found)")
    }
    // Others are left alone.
    var generator = CaseGenerator(seed: 3)
    let others = Rows.dense(generator.matrix(40, 12, as: Double.self))
    let zonal = try ZonalNetwork(kernel.network, kernel.type)
    let smallest = try #require(
      try LiftedSample(others, lift: zonal.lift, rowCount: 256).products().first)
    #expect(
      try NetworkFeatureMap.series(of: zonal, degree: 8, for: others)
        == PowerSeries.fit({ zonal($0) }, degree: 8, on: smallest...0.97))
  }
}
