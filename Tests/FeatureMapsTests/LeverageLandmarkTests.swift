// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Landmarks by leverage: rare points are found, and images need no kernel matrix.

import Kernels
import LinearAlgebra
import NeuralKernels
import SpectralChecks
import Testing
import Validation

@testable import FeatureMaps

@Suite struct LeverageLandmarkTests {
  /// 400 points near each other and 8 apart: with as many landmarks, leverage is far better.
  @Test(arguments: [(LandmarkChoice.leverage, nil), (.leverage, 0.1), (.bless, 0.1)])
  func rarePoints(_ choice: LandmarkChoice, _ ridge: Double?) throws {
    var points = clusteredPoints(400, 10)
    for i in 0..<8 {
      for j in 0..<10 { points[50 * i, j] = i == j ? 6 : 0 }
    }
    let rows = Rows.dense(points)
    let kernel = try GaussianKernel(lengthScale: 1)
    let exact = try kernel.matrix(rows)
    func error(_ choice: LandmarkChoice) throws -> Double {
      let map = try NystromFeatureMap(
        kernel, dimension: 60, seed: 3, choice: choice, ridge: ridge, sample: rows)
      return try spectralEpsilon(features: map.features(of: rows), exact: exact, ridge: 0.1)
    }
    let (leverage, uniform) = try (error(choice), error(.uniform))
    #expect(5 * leverage < uniform, "\(leverage), uniform \(uniform)")
  }

  /// Sparse points, points of a sample with fewer, and a bad ridge.
  @Test(arguments: [LandmarkChoice.leverage, .bless])
  func otherPoints(_ choice: LandmarkChoice) throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = clusteredPoints(90, 6)
    let sparse = Rows.sparse(SparseMatrix(points))
    let found = try sparse.landmarks(choice, count: 10, for: kernel)
    let dense = try Rows.dense(points).landmarks(choice, count: 10, for: kernel)
    #expect(found.rowCount == 10 && found.dense == dense.dense)
    for ridge in [0, -1, Double.nan] {
      #expect(throws: InvalidInput.self) {
        try sparse.landmarks(choice, count: 10, for: kernel, ridge: ridge)
      }
    }
    let repeated = Rows.dense(Matrix<Double>(repeating: 1, rowCount: 100, columnCount: 3))
    #expect(try repeated.landmarks(choice, count: 5, for: kernel).rowCount <= 5)
  }

  /// A network on images: scores come from features.
  @Test(arguments: [LandmarkChoice.leverage, .bless])
  func images(_ choice: LandmarkChoice) throws {
    let network = try Network(
      input: [4, 4, 1], layers: [.conv(filter: [3, 3]), .relu, .globalAveragePool, .dense()])
    var points = clusteredPoints(60, 16)
    for j in 0..<16 { points[7, j] = j == 5 ? 20 : -3 }
    let rows = Rows.dense(points)
    let found = try rows.landmarks(choice, count: 6, for: NeuralKernel(network: network), seed: 1)
    #expect(found.rowCount == 6)
    #expect((0..<6).contains { found.dense[$0, 5] == 20 })
    let again = try rows.landmarks(
      choice, count: 6, for: NeuralKernel(network: network), seed: 1, on: Execution(threads: 1))
    #expect(again.dense == found.dense)
  }
}
