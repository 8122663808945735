// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps fitted to points of which a few directions say everything.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

/// Points that are few, in disguise.
private enum FewPoints: String, CaseIterable, Sendable {
  case equal, one, duplicates, two, line

  /// Rows like those of `points`.
  func rows(of points: Matrix<Double>) -> Matrix<Double> {
    switch self {
    case .equal: points.rows(at: [Int](repeating: 0, count: 30))
    case .one: points.rows(0..<1)
    case .duplicates: points.rows(at: (0..<36).map { $0 % 3 })
    // The second is rare, so that a random sample misses it.
    case .two: points.rows(at: (0..<60).map { $0 == 17 ? 1 : 0 })
    case .line:
      Matrix(rowCount: 40, columnCount: points.columnCount) { output in
        for i in 0..<40 {
          for j in 0..<points.columnCount {
            output[i * points.columnCount + j] = (0.2 + Double(i) / 40) * points[0, j]
          }
        }
      }
    }
  }

  /// How far features by the method may be from the kernel.
  func bound(_ method: LayeredBudget.Method) -> Double {
    switch (self, method) {
    // A line that misses the origin is no cone: some of it is random.
    case (.line, .random), (.line, .sketch): 0.01
    default: 1e-3
    }
  }
}

@Suite struct DegenerateDataTests {
  private static let networks: [[Layer]] = [
    [.dense(), .relu, .dense(), .relu, .dense()],
    [.dense(weightStd: 1.2, biasStd: 0.3), .relu, .dense(weightStd: 1.2, biasStd: 0.3)],
    [.dense(biasStd: 0.3), .activation(.erf()), .dense(), .activation(.erf()), .dense()],
    [.dense(biasStd: 0.3), .activation(.tanh), .dense()],
  ]

  private func error(_ map: some FeatureMap, _ rows: Matrix<Double>) throws -> Double {
    try relativeFrobeniusError(of: map, Rows.dense(rows), on: .allCores)
  }

  /// Only every fourth row, those that trials would hold out, is not zero.
  @Test(arguments: [FeatureMethod.auto, .hybrid, .nystrom])
  func zeroRows(_ method: FeatureMethod) throws {
    func check(_ kernel: some Kernel & Codable & Hashable) throws {
      var generator = CaseGenerator(seed: 8)
      var rows = generator.matrix(40, 6, as: Double.self)
      for i in 0..<40 where i % 4 != 3 {
        for j in 0..<6 { rows[i, j] = 0 }
      }
      let choice = try kernel.featureMap(method: method, dimension: 64, sample: .dense(rows))
      let error = try relativeFrobeniusError(
        of: choice.map.images(of: .dense(rows)), exact: kernel.matrix(.dense(rows)), on: .allCores)
      #expect(error < 0.5, "\(kernel)")
    }
    try check(PolynomialKernel(degree: 2))
    try check(ArcCosineKernel(order: 1))
    let layers: [Layer] = [.dense(), .activation(.gelu), .dense(), .relu, .dense()]
    try check(NeuralKernel(network: try Network(input: [6], layers: layers), type: .ntk))
    try check(NeuralKernel(network: try .fullyConnected(inputDimension: 6, depth: 2)))
  }

  @Test(arguments: FewPoints.allCases, LayeredBudget.Method.allCases)
  private func vectors(_ points: FewPoints, _ method: LayeredBudget.Method) throws {
    let rows = points.rows(of: clusteredPoints(40, 12))
    for layers in Self.networks {
      let kernel = NeuralKernel(network: try Network(input: [12], layers: layers))
      let map = try LayeredFeatureMap(
        kernel, dimension: 64, method: method, sample: Rows.dense(rows))
      let found = try error(map, rows)
      #expect(found < points.bound(method), "\(points) \(method) \(layers): \(found)")
    }
  }

  @Test(arguments: FewPoints.allCases, LayeredBudget.Method.allCases)
  private func images(_ points: FewPoints, _ method: LayeredBudget.Method) throws {
    let rows = points.rows(of: smoothImages(4))
    for network in [LayeredCase.pooled, .smooth] {
      let map = try LayeredFeatureMap(
        network.kernel(), dimension: 128, method: method, sample: Rows.dense(rows))
      // Pixels differ though images do not.
      let found = try error(map, rows)
      #expect(found < (method == .sketch ? 0.06 : 0.03), "\(points) \(method) \(network): \(found)")
    }
  }

  @Test(arguments: LayeredBudget.Method.allCases)
  func constantImages(_ method: LayeredBudget.Method) throws {
    let rows = Matrix<Double>(rowCount: 12, columnCount: 72) { output in
      for i in 0..<12 * 72 { output[i] = 0.3 }
    }
    for (count, network) in [(12, LayeredCase.pooled), (1, .pooled), (12, .smooth), (1, .smooth)] {
      let map = try LayeredFeatureMap(
        network.kernel(), dimension: 128, method: method, sample: Rows.dense(rows.rows(0..<count)))
      let found = try error(map, rows)
      #expect(found < 0.01, "\(method) \(network) \(count): \(found)")
    }
  }

  @Test func distinctPatches() throws {
    let points = clusteredPoints(5, 4)
    let order = [0, 1, 0, 2, 2, 1, 0]
    let patches = PatchSample(
      nngp: points.rows(at: order), ntk: points.rows(at: order),
      weights: order.indices.map { Double($0 + 1) })
    let key = LayeredFeatureMap.key(seed: 0)
    // (Columns of landmarks and of the remainder together are those of the budget.)
    let kernel = NeuralKernel(
      network: try Network(input: [4], layers: [.dense(biasStd: 1), .relu, .dense()]), type: .nngp)
    let map = try LayeredFeatureMap(
      kernel, budget: LayeredBudget(layers: [.init(landmarks: 1, remainder: 8)]),
      sample: Rows.dense(patches.nngp))
    #expect(map.outputDimension == 9)
    let stored = try JSONDecoder().decode(
      LayeredFeatureMap.self, from: JSONEncoder().encode(map))
    #expect(stored == map && stored.outputDimension == 9)
    let distinct = try #require(patches.distinct(upTo: 3, key: key))
    #expect(distinct.nngp == points.rows(0..<3) && distinct.ntk == points.rows(0..<3))
    #expect(distinct.weights == [11, 8, 9])
    #expect(patches.distinct(upTo: 2, key: key) == nil)
    let blank = PatchSample(
      nngp: Matrix(rowCount: 4, columnCount: 2), ntk: Matrix(rowCount: 4, columnCount: 0),
      weights: [1, 1, 1, 1])
    #expect(blank.distinct(upTo: 3, key: key)?.count == 1)
  }
}
