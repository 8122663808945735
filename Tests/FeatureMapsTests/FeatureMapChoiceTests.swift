// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps chosen by measuring, and maps of any type from storage.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct FeatureMapChoiceTests {
  private static let kernels: [any Kernel & Codable & Hashable] = {
    do {
      return [
        try GaussianKernel(lengthScale: 0.7), try MaternKernel(smoothness: 1.5, lengthScale: 1),
        try LaplaceKernel(lengthScale: 4), try CauchyKernel(lengthScale: 2),
        try ExponentialDotKernel(scale: 1), try PolynomialKernel(degree: 2, offset: 1),
        try DotProductKernel(coefficients: [1, 0.5, 0.2]), try ArcCosineKernel(order: 1),
        NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2)),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// The best is first, it is what is made, and it comes back from storage.
  @Test(arguments: 0..<9, [30, 100])
  func choosesTheBest(_ index: Int, _ dimension: Int) throws {
    func check<K: Kernel & Codable & Hashable>(_ kernel: K) throws {
      let points = clusteredPoints(80, 8)
      let choice = try kernel.featureMap(dimension: dimension, sample: Rows.dense(points))
      let errors = choice.candidates.map(\.relativeError)
      #expect(choice.candidates.count >= 2 && errors == errors.sorted())
      #expect(choice.candidates.allSatisfy { $0.dimension <= dimension })
      #expect(choice.map.outputDimension <= dimension)
      #expect(choice.summary.hasPrefix(choice.candidates[0].method))
      let kind = choice.candidates[0].method.prefix(6)
      #expect(kind == "hybrid" ? choice.map.law.hasPrefix("hybrid") : true)
      #expect(kind == "nystro" ? choice.map is NystromFeatureMap<K> : true)
      let error = try relativeFrobeniusError(
        of: choice.map, Rows.dense(points), on: .allCores)
      #expect(error < 2 * errors[0] + 1e-6, "\(choice.summary)")
      let z = try choice.map.images(of: .dense(points))

      let stored = try JSONEncoder().encode(AnyFeatureMap(choice.map))
      let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
      #expect(type(of: restored.map) == type(of: choice.map))
      #expect(try restored.map.images(of: .dense(points)) == z)
    }
    try check(Self.kernels[index])
  }

  /// Hybrid maps are tried where there are fewer points than columns.
  @Test func hybridsAreTried() throws {
    let kernel = try GaussianKernel(lengthScale: 0.7)
    func methods(_ dimension: Int, _ rows: Rows<Double>) throws -> Set<String> {
      try Set(
        kernel.featureMap(dimension: dimension, sample: rows).candidates.map {
          String($0.method.prefix { $0 != "," })
        })
    }
    let points = clusteredPoints(80, 8)
    #expect(
      try methods(30, .dense(points)) == ["nystrom", "random Fourier features", "sketch"])
    #expect(try methods(90, .dense(points)).contains("hybrid"))
    let sparse = try kernel.featureMap(
      dimension: 30, sample: Rows.sparse(SparseMatrix(points))
    ).candidates
    #expect(sparse.allSatisfy { !$0.method.contains("k-means") })
  }

  @Test func refusals() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = Rows.dense(clusteredPoints(20, 8))
    #expect(throws: InvalidInput.self) { try kernel.featureMap(dimension: 0, sample: points) }
    #expect(throws: InvalidInput.self) {
      try kernel.featureMap(dimension: 9, sample: points.rows(0..<7))
    }
    let zeros = Rows.dense(Matrix<Double>(rowCount: 20, columnCount: 8))
    #expect(throws: InvalidInput.self) {
      try ArcCosineKernel(order: 1).featureMap(dimension: 9, sample: zeros)
    }
    let foreign = Data(#"{"law": "none"}"#.utf8)
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(AnyFeatureMap.self, from: foreign)
    }
  }
}

extension StorableFeatureMap {
  fileprivate var law: String { Self.law }
}
