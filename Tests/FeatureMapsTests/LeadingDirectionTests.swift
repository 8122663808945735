// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps that keep the leading directions of whole images' features.

import Foundation
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct LeadingDirectionTests {
  /// On the sample the error is that of the singular values left out, and V has orthonormal columns.
  @Test(arguments: [(9, 30), (40, 12)], [1, 4, 7])
  func projection(_ shape: (rows: Int, columns: Int), count: Int) throws {
    var generator = CaseGenerator(seed: 3)
    var features = generator.matrix(shape.rows, shape.columns, as: Double.self)
    for i in 0..<shape.rows {
      for j in 0..<shape.columns { features[i, j] /= Double(1 + j * j) }
    }
    let leading = try LeadingDirections(of: features, count: count, on: .allCores)
    let directions = leading.others.double
    #expect(leading.prefix == 0 && leading.inputDimension == shape.columns)
    #expect(leading.outputDimension == count)
    let products = try directions.gram()
    for i in 0..<count {
      for j in 0..<count { #expect(abs(products[i, j] - (i == j ? 1 : 0)) < 1e-12) }
    }
    let kept = try features.multiplied(by: directions)
    let values = try SymmetricEigen<Double>.values(of: features.outerGram())
    let left = try SymmetricEigen<Double>.values(
      of: difference(features.outerGram(), kept.outerGram()))
    let largest = values.last ?? 0
    let most = values.dropLast(count).last ?? 0
    #expect(abs((left.last ?? 0) - most) < 1e-12 * largest)
    #expect((left.first ?? 0) > -1e-12 * largest)
  }

  /// Of fewer images than columns all inner products stay, and of other images those of the first features.
  @Test(arguments: [7, 20])
  func fewImages(_ count: Int) throws {
    var generator = CaseGenerator(seed: 4)
    let features = generator.matrix(6, 24, as: Double.self)
    let directions = try LeadingDirections(of: features, count: count, on: .allCores)
    #expect(directions.prefix == count - 6 && directions.outputDimension == count)
    func kept(_ rows: Matrix<Double>) -> Matrix<Double> {
      rows.withUnsafePointer { base in
        Matrix(rowCount: rows.rowCount, columnCount: count) {
          directions.apply(rows.rowCount, base, into: RowOutput(base: $0, stride: count))
        }
      }
    }
    let all = try features.outerGram()
    for (a, b) in zip(try kept(features).outerGram().elements, all.elements) {
      #expect(abs(a - b) < 1e-12)
    }
    let other = generator.matrix(1, 24, as: Double.self)
    let same = kept(other).row(0).prefix(count - 6) == other.row(0).prefix(count - 6)
    #expect(same)
    // What others share with the sample's features stays, too.
    let (found, wanted) = (
      try kept(other).multiplied(byTransposeOf: kept(features)),
      try other.multiplied(byTransposeOf: features)
    )
    for (a, b) in zip(found.elements, wanted.elements) { #expect(abs(a - b) < 1e-12) }
  }

  private func difference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    var result = a
    for i in 0..<a.rowCount {
      for j in 0..<a.columnCount { result[i, j] -= b[i, j] }
    }
    return result
  }

  /// Zeros have one direction; equal rows one too.
  @Test func lowRank() throws {
    for entry in [0, 2.0] {
      let features = Matrix<Double>(repeating: entry, rowCount: 5, columnCount: 8)
      let directions = try LeadingDirections(of: features, count: 3, on: .allCores)
      let areFinite = directions.others.double.elements.allSatisfy(\.isFinite)
      #expect(directions.outputDimension == 1 && areFinite)
    }
  }

  /// At one number of columns, directions of more landmarks' features are more exact on other images
  /// than fewer landmarks.
  @Test(arguments: [LayeredCase.pooled, .biased, .flat, .residual])
  func errors(_ network: LayeredCase) throws {
    let (sample, points) = (Rows.dense(smoothImages(80)), smoothImages(20, seed: 3))
    for type in NeuralKernel.Kind.allCases {
      let kernel = try network.kernel(type)
      let map = try LayeredFeatureMap(kernel, dimension: 40, sample: sample)
      let plain = try LayeredFeatureMap(
        kernel, budget: LayeredBudget(for: kernel, dimension: 40, sampleCount: 39), sample: sample)
      #expect(map.outputDimension <= 40 && map.directions != nil && plain.directions == nil)
      let (found, other) = (try offDiagonalError(map, points), try offDiagonalError(plain, points))
      // In sums of branches other parts of the error rule.
      #expect(found < 1.001 * other && found < 0.03, "\(type): \(found), \(other)")
    }
  }

  /// Fitted on few images, a map has more landmarks than columns, and its features of these images lack
  /// less of their norms.
  @Test(arguments: [LayeredCase.pooled, .flat])
  func fewImagesOfAMap(_ network: LayeredCase) throws {
    let points = smoothImages(40)
    let kernel = try network.kernel(.ntk)
    let map = try LayeredFeatureMap(kernel, dimension: 160, sample: .dense(points))
    let plain = try LayeredFeatureMap(
      kernel, budget: LayeredBudget(for: kernel, dimension: 160, sampleCount: 159),
      sample: .dense(points))
    #expect(map.directions?.prefix == 120 && map.outputDimension == 160)
    let exact = try kernel.diagonal(.dense(points)).reduce(0, +)
    func missing(_ map: LayeredFeatureMap) throws -> Double {
      try exact - map.features(of: .dense(points)).elements.reduce(0) { $0 + $1 * $1 }
    }
    let (found, other) = (try missing(map), try missing(plain))
    #expect(found < 0.95 * other && found > 0, "\(network): \(found), \(other) of \(exact)")
  }

  @Test func storage() throws {
    let sample = Rows.dense(smoothImages(30))
    let kernel = try LayeredCase.pooled.kernel()
    let map = try LayeredFeatureMap(kernel, dimension: 12, sample: sample)
    let data = try JSONEncoder().encode(map)
    let read = try JSONDecoder().decode(LayeredFeatureMap.self, from: data)
    #expect(read == map)
    let features = try map.features(of: sample)
    #expect(try read.features(of: sample) == features)
    var stored = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    let narrow = FittedMatrix(Matrix<Double>(repeating: 1, rowCount: 5, columnCount: 3))
    let others = try JSONSerialization.jsonObject(with: JSONEncoder().encode(narrow))
    let width = map.directions?.inputDimension ?? 0
    for prefix in [0, width - 5 + 1, -1, .max] {
      stored["directions"] = ["prefix": prefix, "others": others]
      let damaged = try JSONSerialization.data(withJSONObject: stored)
      #expect(throws: InvalidInput.self) {
        try JSONDecoder().decode(LayeredFeatureMap.self, from: damaged)
      }
    }
  }

  /// Images that are all the same, or black, give finite features, and one column is enough.
  @Test func constantImages() throws {
    let kernel = try LayeredCase.pooled.kernel()
    for entry in [0, 0.5] {
      let images = Matrix<Double>(repeating: entry, rowCount: 30, columnCount: 72)
      let map = try? LayeredFeatureMap(kernel, dimension: 8, sample: .dense(images))
      guard let map else {
        #expect(entry == 0)
        continue
      }
      let features = try map.features(of: .dense(images))
      let areFinite = features.elements.allSatisfy(\.isFinite)
      #expect(areFinite)
      #expect(map.outputDimension == 1)
    }
  }
}
