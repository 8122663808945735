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
  }

  /// A column of large constants beside others: what is left when the mean is taken off.
  @Test func nearlyConstantRows() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 10, depth: 2))
    var generator = CaseGenerator(seed: 5)
    var points = generator.matrix(150, 10, as: Double.self)
    for i in 0..<150 { points[i, 9] = 100 }
    let exact = try kernel.matrix(.dense(points))
    var last = 0.45
    for dimension in [96, 2048] {
      let map = try NetworkFeatureMap(kernel, dimension: dimension, sample: Rows.dense(points))
      let found = try centredError(gram(map.features(of: .dense(points))), exact)
      #expect(found < last, "D = \(dimension): \(found)")
      last = 0.8 * found
    }
  }

  /// Directions where such rows differ are drawn more often: without that the errors are 2 and more than 1.5.
  @Test func randomFeaturesOfNearlyConstantRows() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 10, depth: 2))
    var generator = CaseGenerator(seed: 6)
    var points = generator.matrix(400, 10, as: Double.self)
    for i in 0..<400 { points[i, 9] = 100 }
    let (sample, tested) = (points.rows(0..<300), points.rows(300..<400))
    let exact = try kernel.matrix(.dense(tested))
    let errors = try [128, 512].map { dimension in
      try (0..<4).reduce(0.0) { sum, seed in
        let map = try LayeredFeatureMap(
          kernel, dimension: dimension, method: .random, seed: UInt64(seed),
          sample: Rows.dense(sample))
        return try sum + centredError(gram(map.features(of: .dense(tested))), exact) / 4
      }
    }
    #expect(errors[0] < 1.5 && errors[1] < 0.7 * errors[0], "\(errors)")
  }

  /// ‖H(A − K)H‖_F / ‖HKH‖_F with H = I − 11ᵀ/n.
  private func centredError(_ a: Matrix<Double>, _ k: Matrix<Double>) -> Double {
    func size(_ value: (Int, Int) -> Double) -> Double {
      let n = k.rowCount
      let means = (0..<n).map { i in (0..<n).reduce(0) { $0 + value(i, $1) } / Double(n) }
      let mean = means.reduce(0, +) / Double(n)
      return (0..<n).reduce(0) { sum, i in
        (0..<n).reduce(sum) { sum, j in
          let entry = value(i, j) - means[i] - means[j] + mean
          return sum + entry * entry
        }
      }
    }
    return (size { a[$0, $1] - k[$0, $1] } / size { k[$0, $1] }).squareRoot()
  }
}
