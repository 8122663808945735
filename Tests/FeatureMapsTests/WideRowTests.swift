// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Every method on sparse points of up to ten million coordinates: as on dense ones, and as quickly.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct WideRowTests {
  /// Kernels that together have every method, for points of d coordinates and |x|² = d.
  enum Case: String, CaseIterable, Sendable {
    case biased, smooth, relu, gaussian, laplace, cauchy, matern, polynomial, exponential

    var methods: [FeatureMethod] {
      switch self {
      case .biased, .smooth: [.auto, .nystrom, .random, .sketch, .hybrid]
      case .relu: [.auto, .nystrom, .random, .sketch, .hybrid, .leverage]
      case .gaussian: [.auto, .nystrom, .random, .sketch, .hybrid, .leverage]
      case .laplace, .cauchy, .matern: [.nystrom, .random, .hybrid, .leverage]
      case .polynomial: [.nystrom, .sketch, .hybrid, .leverage]
      case .exponential: [.nystrom, .random, .sketch, .hybrid, .leverage]
      }
    }

    func kernel(_ d: Int) throws -> any Kernel & Codable & Hashable {
      let root = Double(d).squareRoot()
      switch self {
      case .biased: return try WideNetwork.biased.kernel(d)
      case .smooth: return try WideNetwork.smooth.kernel(d)
      case .relu:
        return NeuralKernel(
          network: try Network(input: [d], layers: [.dense(), .relu, .dense(), .relu, .dense()]),
          type: .ntk)
      case .gaussian: return try GaussianKernel(lengthScale: root)
      case .laplace: return try LaplaceKernel(lengthScale: 5 * root)
      case .cauchy: return try CauchyKernel(lengthScale: root)
      case .matern: return try MaternKernel.exponential(lengthScale: root)
      case .polynomial: return try PolynomialKernel(degree: 3, scale: 1 / Double(d), offset: 1)
      case .exponential: return try ExponentialDotKernel(scale: 1 / Double(d))
      }
    }
  }

  private func map(
    _ kernel: any Kernel & Codable & Hashable, _ method: FeatureMethod, _ dimension: Int,
    _ sample: Rows<Double>
  ) throws -> any StorableFeatureMap {
    try kernel.featureMap(method: method, dimension: dimension, seed: 3, sample: sample).map
  }

  @Test(arguments: Case.allCases)
  func sparseAsDense(_ kernel: Case) throws {
    let d = 4500
    let rows = try wideRows(120, d)
    let exact = try kernel.kernel(d)
    for method in kernel.methods {
      let map = try map(exact, method, 40, .sparse(rows))
      let sparse = try map.images(of: Rows.sparse(rows))
      let dense = try map.images(of: Rows.dense(rows.dense))
      // Cusps of kernels and small eigenvalues of landmarks make more of the rounding of products.
      let isBlunt = [.sketch, .random, .leverage].contains(method)
      #expect(agree(sparse, dense, .relative(isBlunt ? 1e-9 : 1e-5)), "\(method)")
    }
  }

  /// So many coordinates that a table for each column of features, or points as dense rows, fit no memory.
  @Test(.timeLimit(.minutes(2)), arguments: Case.allCases)
  func tenMillionColumns(_ kernel: Case) throws {
    let d = 10_000_000
    let rows = try wideRows(300, d)
    let exact = try kernel.kernel(d)
    for method in kernel.methods {
      let map = try map(exact, method, 40, .sparse(rows))
      let features = try map.images(of: Rows.sparse(rows).converted(to: Float.self))
      #expect(features.elements.allSatisfy { $0.isFinite }, "\(method)")
      #expect(try JSONEncoder().encode(AnyFeatureMap(map)).count < 8_000_000, "\(method)")
    }
  }

  @Test func coordinateKernels() throws {
    let rows = try wideRows(40, 700)
    func check(_ kernel: some Kernel) throws {
      let dense = try kernel.matrix(.dense(rows.dense))
      #expect(try agree(kernel.matrix(.sparse(rows)), dense, .relative(1e-12)))
      let (x, y) = (rows.rows(0..<9), rows.rows(9..<40))
      #expect(
        try agree(
          kernel.matrix(.sparse(x), .dense(y.dense)),
          kernel.matrix(.sparse(x), .sparse(y)), .relative(1e-12)))
    }
    try check(LaplaceKernel(lengthScale: 40))
    try check(CauchyKernel(lengthScale: 20))
  }

  /// Plain frequencies where transforms would run over zeros, whichever form these have.
  @Test func frequenciesForZeros() throws {
    let (kernel, rows) = (try GaussianKernel(lengthScale: 50), try wideRows(60, 3000))
    for sample in [Rows.sparse(rows), .dense(rows.dense)] {
      let map = try kernel.featureMap(method: .random, dimension: 20, sample: sample).map
      #expect((map as? RandomFourierFeatureMap<GaussianKernel>)?.design == .plain)
    }
    let full = clusteredPoints(60, 3000)
    let map = try kernel.featureMap(method: .random, dimension: 20, sample: Rows.dense(full)).map
    #expect((map as? RandomFourierFeatureMap<GaussianKernel>)?.design == .structuredOrthogonal)
  }
}
