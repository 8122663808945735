// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Nyström features: never more than the kernel, and exact where they should be.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct NystromTests {
  /// Kernels of every kind.
  private static let kernels: [any Kernel & Codable & Hashable] = {
    do {
      return [
        try GaussianKernel(lengthScale: 0.7), try MaternKernel.exponential(lengthScale: 1),
        try LaplaceKernel(lengthScale: 4), try PolynomialKernel(degree: 2, offset: 1),
        try ArcCosineKernel(order: 1), try ExponentialDotKernel(scale: 1),
        NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2)),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func difference(
    _ map: some FeatureMap, _ points: Matrix<Double>
  ) throws -> (matrix: Matrix<Double>, scale: Double) {
    var exact = try map.kernel.matrix(.dense(points))
    let found = try gram(map.features(of: .dense(points)))
    let scale = exact.elements.reduce(0) { max($0, abs($1)) }
    for i in 0..<points.rowCount {
      for j in 0..<points.rowCount { exact[i, j] -= found[i, j] }
    }
    return (exact, scale)
  }

  /// K − ZZᵀ is positive semidefinite, and falls with more landmarks.
  @Test(arguments: 0..<7, LandmarkChoice.allCases)
  func remainderIsPositive(_ index: Int, _ choice: LandmarkChoice) throws {
    func check(_ kernel: some Kernel) throws {
      let points = clusteredPoints(60, 8)
      var last = Double.infinity
      for count in [1, 5, 20] {
        let map = try NystromFeatureMap(
          kernel, dimension: count, seed: 2, choice: choice,
          sample: Rows.dense(clusteredPoints(60, 8, seed: 8)))
        #expect(map.outputDimension <= count)
        let (rest, scale) = try difference(map, points)
        let least = try SymmetricEigen.values(of: rest)[0]
        #expect(least > -1e-9 * scale * 60, "\(kernel), \(count)")
        let trace = (0..<60).reduce(0) { $0 + rest[$1, $1] }
        #expect(trace < last)
        last = trace
      }
    }
    try check(Self.kernels[index])
  }

  @Test(arguments: 0..<7)
  func exactWithAllPoints(_ index: Int) throws {
    func check(_ kernel: some Kernel) throws {
      let points = clusteredPoints(40, 8)
      let map = try NystromFeatureMap(kernel, landmarks: Rows.dense(points))
      let (rest, scale) = try difference(map, points)
      #expect(rest.elements.allSatisfy { abs($0) < 1e-7 * scale }, "\(kernel)")
      // In single precision too, but for the kink of kernels near equal points.
      let narrow = try map.features(of: .dense(points.converted(to: Float.self)))
      let wide = try map.kernel.matrix(.dense(points))
      let found = gram(narrow.converted(to: Double.self))
      #expect(agree(found, wide, .relative(1e-3)), "\(kernel)")
    }
    try check(Self.kernels[index])
  }

  /// Repeated landmarks, opposite ones and zeros change nothing but the rank.
  @Test func deficientLandmarks() throws {
    let points = clusteredPoints(30, 8)
    let landmarks = clusteredPoints(10, 8, seed: 9)
    let kernel = try ArcCosineKernel(order: 1)
    let plain = try NystromFeatureMap(kernel, landmarks: Rows.dense(landmarks))
    let zeros = Matrix<Double>(rowCount: 3, columnCount: 8)
    let repeated = try NystromFeatureMap(
      kernel, landmarks: Rows.dense(.stacked([landmarks, zeros, landmarks, landmarks])))
    #expect(plain.outputDimension == 10 && repeated.outputDimension == 10)
    #expect(
      try agree(
        gram(repeated.features(of: .dense(points))), gram(plain.features(of: .dense(points))),
        .relative(1e-7)))
    // Polynomials of degree 2 in 3 coordinates span 10 dimensions, on the sphere 9.
    let quadratic = try NystromFeatureMap(
      PolynomialKernel(degree: 2, offset: 1), landmarks: Rows.dense(clusteredPoints(25, 3)))
    #expect(quadratic.outputDimension == 9)
    #expect(
      try difference(quadratic, clusteredPoints(30, 3)).matrix.elements.allSatisfy {
        abs($0) < 1e-7
      })
  }

  /// Points of very different size are landmarks of equal worth.
  @Test func sizesDoNotMatter() throws {
    var points = clusteredPoints(20, 8)
    for i in 0..<20 {
      for j in 0..<8 { points[i, j] *= Double.pow(10, Double(i - 10)) }
    }
    let map = try NystromFeatureMap(ArcCosineKernel(order: 1), landmarks: Rows.dense(points))
    let exact = try map.kernel.matrix(.dense(points))
    let found = try gram(map.features(of: .dense(points)))
    for i in 0..<20 {
      for j in 0..<20 {
        let scale = (exact[i, i] * exact[j, j]).squareRoot()
        #expect(abs(found[i, j] - exact[i, j]) < 1e-6 * scale)
      }
    }
  }

  @Test func oneLandmark() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = clusteredPoints(5, 8)
    let map = try NystromFeatureMap(kernel, landmarks: Rows.dense(points.rows(0..<1)))
    #expect(map.outputDimension == 1)
    let features = try map.features(of: .dense(points))
    let exact = try kernel.matrix(.dense(points))
    for i in 0..<5 { #expect(abs(abs(features[i, 0]) - exact[i, 0]) < 1e-13) }
  }

  @Test func sparseLandmarks() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    let points = clusteredPoints(20, 8)
    let dense = try NystromFeatureMap(
      kernel, landmarkIndices: [3, 1, 17], of: Rows.dense(points))
    let sparse = try NystromFeatureMap(
      kernel, landmarkIndices: [3, 1, 17], of: Rows.sparse(SparseMatrix(points)))
    #expect(
      try agree(
        sparse.features(of: .dense(points)), dense.features(of: .dense(points)),
        .relative(1e-12)))
    try checkRowMapLaws(sparse, batches: .relative(1e-3), single: 1e-3)
  }

  @Test(arguments: 0..<7)
  func laws(_ index: Int) throws {
    func check(_ kernel: some Kernel & Codable & Hashable) throws {
      let map = try NystromFeatureMap(
        kernel, dimension: 15, choice: .kMeans, sample: Rows.dense(clusteredPoints(60, 8)))
      try checkRowMapLaws(map, batches: .relative(2e-3), single: 2e-3)
    }
    try check(Self.kernels[index])
  }

  @Test func sameBitsForAnyThreads() throws {
    let sample = Rows.dense(clusteredPoints(700, 8))
    let kernel = try GaussianKernel(lengthScale: 0.5)
    let maps = try [1, 2, 3].map {
      try NystromFeatureMap(
        kernel, dimension: 300, choice: .kMeans, sample: sample, on: Execution(threads: $0))
    }
    #expect(maps[1] == maps[0] && maps[2] == maps[0])
  }

  @Test func refusals() throws {
    let kernel = try ArcCosineKernel(order: 1)
    let points = Rows.dense(clusteredPoints(5, 8))
    #expect(throws: InvalidInput.self) {
      try NystromFeatureMap(kernel, landmarks: points.rows(0..<0))
    }
    #expect(throws: InvalidInput.self) {
      try NystromFeatureMap(
        kernel, landmarks: Rows.dense(Matrix<Double>(rowCount: 4, columnCount: 8)))
    }
    for bad in [[5], [-1], [0, Int.max]] {
      #expect(throws: InvalidInput.self) {
        try NystromFeatureMap(kernel, landmarkIndices: bad, of: points)
      }
    }
    for bad in [0, -1] {
      #expect(throws: InvalidInput.self) {
        try NystromFeatureMap(kernel, dimension: bad, sample: points)
      }
    }
    let network = NeuralKernel(network: try .fullyConnected(inputDimension: 9, depth: 1))
    #expect(throws: InvalidInput.self) { try NystromFeatureMap(network, landmarks: points) }
    var huge = clusteredPoints(5, 8)
    huge[2, 3] = 1e300
    #expect(throws: InvalidInput.self) {
      try NystromFeatureMap(PolynomialKernel(degree: 3), landmarks: Rows.dense(huge))
    }
    let map = try NystromFeatureMap(PolynomialKernel(degree: 3), landmarks: points)
    #expect(throws: InvalidInput.self) { try map.features(of: .dense(huge)) }
  }

  @Test func damagedStorage() throws {
    let map = try NystromFeatureMap(
      ArcCosineKernel(order: 1), landmarks: Rows.dense(clusteredPoints(5, 8)))
    let stored = try JSONEncoder().encode(map)
    func decode(_ change: (inout [String: Any]) -> Void) throws -> NystromFeatureMap<
      ArcCosineKernel
    > {
      var object = try JSONSerialization.jsonObject(with: stored) as? [String: Any] ?? [:]
      change(&object)
      return try JSONDecoder().decode(
        NystromFeatureMap<ArcCosineKernel>.self,
        from: JSONSerialization.data(withJSONObject: object))
    }
    #expect(try decode { _ in } == map)
    for rank in [0, 4, 6, -1] {
      #expect(throws: InvalidInput.self) { try decode { $0["rank"] = rank } }
    }
    #expect(throws: InvalidInput.self) {
      try decode { $0["weights"] = ["precision": "double", "bytes": "AAAA"] }
    }
    let nan = PackedNumbers([Double](repeating: .nan, count: 25))
    #expect(throws: InvalidInput.self) {
      try decode {
        $0["weights"] = ["precision": "double", "bytes": nan.bytes.base64EncodedString()]
      }
    }
  }

  @Test func packedNumbers() throws {
    for values in [[], [1.5, -0.0, 0x1p100], [0.1, 1e300, -5]] {
      let packed = PackedNumbers(values)
      #expect(packed.precision == (values.contains(0.1) ? .double : .single))
      #expect(try packed.values(count: values.count, "x") == values)
      #expect(throws: InvalidInput.self) { try packed.values(count: values.count + 1, "x") }
    }
  }
}
