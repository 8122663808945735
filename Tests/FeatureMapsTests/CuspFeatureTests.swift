// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Cusps of kernels of cosines: their features, their fit, and where a map has them.

import Foundation
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct CuspFeatureTests {
  private let lift = Lift.unit(scale: 0.5, offset: 0.3)

  private func features(
    dimension d: Int = 5, columnCount: Int = 8, design: FrequencyDesign = .plain, seed: UInt64 = 0
  ) throws -> CuspFeatures {
    try CuspFeatures(
      lift: lift, weight: 0.4,
      RandomFourierFeatureMap(
        .exponential(lengthScale: 0.3), inputDimension: d + 1, dimension: columnCount, seed: seed,
        design: design))
  }

  @Test func unbiased() throws {
    let (x, y) = ([0.9, -0.2, 0.4, 1.1, 0.3], [0.7, 0.1, 0.3, 1.2, 0.2])
    let sample = try LiftedSample(Rows.dense(Matrix(rows: [x, y])), lift: lift, rowCount: 2)
    let t = try sample.products()[0]
    let scale = 0.4 * sample.weights[0] * sample.weights[1]
    try checkMoments(
      draws: 4000, comparisons: 1, x, y,
      mean: scale * CuspFeatures.value(t, lengthScale: 0.3),
      variance: scale * scale * CuspFeatures.variance(t, lengthScale: 0.3) / 8, "cusp"
    ) { try features(seed: $0) }
  }

  @Test func exactForEqualPoints() throws {
    let points = clusteredPoints(20, 5)
    let map = try features(columnCount: 41)
    #expect(map.outputDimension == 40)
    let weights = try LiftedSample(Rows.dense(points), lift: lift, rowCount: 20).weights
    let found = try gram(map.images(of: .dense(points)))
    for i in 0..<20 {
      #expect(abs(found[i, i] - 0.4 * weights[i] * weights[i]) < 1e-13)
    }
  }

  @Test(arguments: [FrequencyDesign.plain, .orthogonal, .quasiRandom])
  func laws(_ design: FrequencyDesign) throws {
    try checkRowMapLaws(
      features(dimension: 12, columnCount: 40, design: design),
      batches: .relative(1e-12), single: 1e-3)
  }

  /// With a cusp a polynomial of degree 8 meets the NTK up to 1, without one not there.
  @Test(arguments: [1, 2, 3])
  func fit(_ depth: Int) throws {
    let zonal = try ZonalNetwork(.fullyConnected(inputDimension: 4, depth: depth), .ntk)
    let cosines = (0..<100).map { -0.9 + 0.018 * Double($0) }
    let grid = (0...400).map { -0.9 + 1.9 * Double($0) / 400 }
    func largest(_ approximation: ZonalApproximation) -> Double {
      grid.map { abs(approximation($0) - zonal($0)) }.max()! / zonal(1)
    }
    let plain = try ZonalApproximation({ zonal($0) }, degree: 8, cosines: cosines)
    #expect(plain.cuspWeight == 0 && largest(plain) > 0.02)
    let best = try ZonalApproximation.lengthScales(cosines).map {
      try largest(ZonalApproximation({ zonal($0) }, degree: 8, lengthScale: $0, cosines: cosines))
    }.min()!
    #expect(best < 0.004, "\(best)")
  }

  /// With columns enough for the points the diagonal is there, and the error falls on as 1/√D.
  @Test func errorFallsToTheEnd() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 20, depth: 2))
    var generator = CaseGenerator(seed: 9)
    let points = Rows.dense(generator.matrix(150, 20, as: Double.self))
    let exact = try kernel.matrix(points)
    let trace = (0..<150).reduce(0) { $0 + exact[$1, $1] }
    var last = Double.infinity
    for dimension in [512, 2048, 8192] {
      let maps = try (0..<3).map {
        try NetworkFeatureMap(kernel, dimension: dimension, seed: $0, sample: points)
      }
      #expect(maps.allSatisfy { $0.outputDimension <= dimension })
      let error = try maps.reduce(0.0) {
        try $0 + spectralError(of: $1.features(of: points), exact: exact, ridge: 1e-2 * trace)
          .epsilon / 3
      }
      #expect(error < 0.75 * last, "D = \(dimension): \(error)")
      last = error
      if dimension == 8192 { #expect(maps[0].cusp != nil && maps[0].missingDiagonal < 0.02) }
    }
    #expect(last < 0.05, "\(last)")
  }

  /// Columns too few for a term's length to be about right are given to others: no single point has
  /// many times its length.
  @Test func noHeavyTails() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 24, depth: 2))
    var generator = CaseGenerator(seed: 4)
    var points = generator.matrix(200, 24, as: Double.self)
    for i in 0..<200 { for j in 0..<24 { points[i, j] += 0.5 } }
    let exact = try kernel.diagonal(.dense(points))
    for dimension in [32, 64, 128] {
      for seed in 0..<4 {
        let map = try NetworkFeatureMap(
          kernel, dimension: dimension, seed: UInt64(seed), sample: Rows.dense(points))
        let features = try map.features(of: .dense(points))
        let most = (0..<200).map { i in
          features.row(i).reduce(0) { $0 + $1 * $1 } / exact[i]
        }.max()!
        #expect(most < 2, "D = \(dimension), seed \(seed): \(most)")
      }
    }
  }

  @Test func storedCusps() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2))
    let points = Rows.dense(clusteredPoints(40, 8))
    let map = try NetworkFeatureMap(kernel, dimension: 4000, sample: points)
    try #require(map.cusp != nil)
    let data = try JSONEncoder().encode(map)
    let read = try JSONDecoder().decode(NetworkFeatureMap.self, from: data)
    #expect(read == map)
    #expect(try read.features(of: points) == map.features(of: points))
    let text = try #require(String(data: data, encoding: .utf8))
    for (old, new) in [
      ("\"lengthScale\":", "\"lengthScale\":-"), ("\"weight\":", "\"weight\":-"),
      ("\"smoothness\":0.5", "\"smoothness\":1.5"),
      ("\"design\":\"quasiRandom\"", "\"design\":\"none\""),
    ] {
      let damaged = text.replacingOccurrences(of: old, with: new)
      try #require(damaged != text)
      #expect(throws: (any Error).self, "\(new)") {
        try JSONDecoder().decode(NetworkFeatureMap.self, from: Data(damaged.utf8))
      }
    }
  }
}
