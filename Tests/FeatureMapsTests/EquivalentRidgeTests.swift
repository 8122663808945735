// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The ridge that suits features which leave out a part of the kernel.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct EquivalentRidgeTests {
  /// Where what is left out is a multiple of the identity, it is added to the ridge.
  @Test(arguments: [1e-6, 1e-3, 0.1], [0, 1e-4, 0.01, 0.5])
  func findsAMissingDiagonal(_ ridge: Double, _ missing: Double) throws {
    let points = clusteredPoints(40, 6)
    let gram = try LaplaceKernel(lengthScale: 2).matrix(.dense(points))
    var exact = gram
    for i in 0..<exact.rowCount { exact[i, i] += missing }
    let found = try LeaveOneOutDistance(exact, ridge: ridge, on: .allCores)
      .bestRidge(of: gram, on: .allCores)
    #expect(abs(found / (ridge + missing) - 1) < 0.01, "\(found)")
  }

  /// Features that leave nothing out keep the ridge.
  @Test func keepsTheRidgeOfExactFeatures() throws {
    let points = Rows.dense(clusteredPoints(60, 5))
    let map = try NystromFeatureMap(
      LaplaceKernel(lengthScale: 2), dimension: 60, sample: points)
    for ridge in [1e-4, 1e-2] {
      #expect(abs(try map.equivalentRidge(to: ridge, sample: points) / ridge - 1) < 0.01)
    }
  }

  /// Predictions for new points come nearer to those of a kernel with a cusp, of which landmarks leave out
  /// what acts on single points.
  @Test(arguments: 0..<2)
  func bringsPredictionsNearer(_ index: Int) throws {
    if index == 0 {
      try expectNearer(LaplaceKernel(lengthScale: 4))
    } else {
      try expectNearer(
        NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2), type: .ntk))
    }
  }

  private func expectNearer(_ kernel: some Kernel & Codable & Hashable) throws {
    let all = Rows.dense(clusteredPoints(500, 8))
    let (known, new) = (all.rows(100..<300), all.rows(300..<500))
    let map = try NystromFeatureMap(kernel, dimension: 100, sample: all.rows(0..<100))
    let ridge = try 1e-5 * kernel.diagonal(known).reduce(0, +)
    let equivalent = try map.equivalentRidge(to: ridge, sample: known)
    #expect(equivalent > 1.2 * ridge)

    func predictions(
      _ gram: Matrix<Double>, _ cross: Matrix<Double>, _ ridge: Double
    ) throws -> Matrix<Double> {
      try Cholesky(gram, addingToDiagonal: ridge).solve(cross.transposed)
    }
    let (z, w) = (try map.images(of: known), try map.images(of: new))
    let wanted = try predictions(kernel.matrix(known), kernel.matrix(new, known), ridge)
    func distance(_ ridge: Double) throws -> Double {
      let found = try predictions(z.outerGram(), w.multiplied(byTransposeOf: z), ridge)
      return zip(found.elements, wanted.elements).reduce(0) { sum, pair in
        sum + (pair.0 - pair.1) * (pair.0 - pair.1)
      }.squareRoot()
    }
    #expect(try distance(equivalent) < 0.9 * distance(ridge))
  }

  @Test func refusesWhatMakesNoSense() throws {
    let points = Rows.dense(clusteredPoints(10, 4))
    let map = try NystromFeatureMap(GaussianKernel(lengthScale: 1), dimension: 5, sample: points)
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try map.equivalentRidge(to: ridge, sample: points) }
    }
    #expect(throws: InvalidInput.self) {
      try map.equivalentRidge(to: 1, sample: points.rows(0..<2))
    }
    #expect(throws: InvalidInput.self) {
      try map.equivalentRidge(to: 1, sample: .dense(clusteredPoints(10, 3)))
    }
  }
}
