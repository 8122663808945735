// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sketch before the layers of wide points: its moments, and the maps behind it.

import Foundation
import LinearAlgebra
import NeuralKernels
import Randomness
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct InputSketchTests {
  private static func products(
    _ points: Rows<Double>, _ m: Int, _ direction: SparseVector?, seed: UInt64
  ) throws -> Matrix<Double> {
    let sketch = try InputSketch(
      inputDimension: points.columnCount, rowCount: m, direction: direction,
      key: RandomKey(seed: seed))
    var images = try sketch.images(of: points, on: Execution(threads: 1))
    images.scaleEntries(
      by: (Double(points.columnCount) / Double(sketch.outputDimension)).squareRoot())
    return gram(images)
  }

  /// Norms are exact; inner products have the stated mean and variance.
  @Test(arguments: [false, true])
  func moments(_ isCentred: Bool) throws {
    let (m, draws) = (256, 4000)
    let points = Rows.sparse(try wideRows(7, 20_000, nonzeros: 300)).rows(at: [0, 6])
    let direction =
      isCentred ? try wideRows(40, 20_000, nonzeros: 300).meanDirection : nil
    let u = points.withUnsafeBlock { block in
      (0..<2).map { i in direction.map { block.product(ofRow: i, with: $0) } ?? 0 }
    }
    let exact = try points.multiplied(byTransposeOf: points)
    let rest = (0..<2).map { exact[$0, $0] - u[$0] * u[$0] }
    let scale = (rest[0] * rest[1]).squareRoot()
    let t = (exact[0, 1] - u[0] * u[1]) / scale
    #expect(t > 0.05 && t < 0.9)
    var values: [Double] = []
    for seed in 0..<draws {
      let found = try Self.products(points, m, direction, seed: UInt64(seed))
      for i in 0..<2 { #expect(abs(found[i, i] / exact[i, i] - 1) < 1e-12) }
      values.append((found[0, 1] - u[0] * u[1]) / scale)
    }
    let (moments, threshold) = (Moments(values), scoreThreshold(comparisons: 4))
    let mean = t - t * (1 - t * t) / Double(2 * m)
    #expect(abs(moments.meanScore(mean)) < threshold, "\(moments.mean) against \(mean)")
    let variance = (1 - t * t) * (1 - t * t) / Double(m)
    // The formulas leave out what is of order 1/m, and entries that meet twice.
    let (found, error) = (moments.variance, threshold * moments.varianceError + 0.03 * variance)
    #expect(abs(found - variance) < error, "\(found) against \(variance)")
  }

  @Test func rowsWithoutRest() throws {
    let x = try wideRows(1, 9000)
    let direction = try #require(SparseVector(Array(x.dense.row(0))).normalized)
    let zero = try SparseMatrix<Double>(
      columnCount: 9000, rowOffsets: [0, 0], columnIndices: [], values: [])
    let sketch = try InputSketch(
      inputDimension: 9000, rowCount: 64, direction: direction, key: RandomKey(seed: 1))
    let image = try sketch.images(of: .sparse(x), on: .allCores.silent)
    let scale = (65.0 / 9000).squareRoot()
    #expect(abs(image[0, 64] - scale * 9000.squareRoot()) < 1e-9)
    #expect((0..<64).allSatisfy { abs(image[0, $0]) < 1e-6 })
    let empty = try sketch.images(of: .sparse(zero), on: .allCores.silent)
    #expect(empty.elements.allSatisfy { $0 == 0 })
  }

  @Test func onlyWherePointsAreWideAndMostlyZeros() throws {
    func isSketched(_ rows: Rows<Double>) throws -> Bool {
      let kernel = try WideNetwork.biased.kernel(rows.columnCount)
      let map = try LayeredFeatureMap(kernel, dimension: 40, method: .random, sample: rows)
      return map.inputSketch != nil
    }
    let wide = try wideRows(60, 4100)
    #expect(try isSketched(.sparse(wide)))
    #expect(try isSketched(.dense(wide.dense)))
    #expect(try !isSketched(.sparse(wideRows(60, 4000))))
    var generator = CaseGenerator(seed: 3)
    let full = generator.matrix(60, 4100, density: 0.3, as: Double.self)
    #expect(try !isSketched(.dense(full)))
    #expect(try !isSketched(.sparse(SparseMatrix(full))))
  }

  @Test(arguments: WideNetwork.allCases, LayeredBudget.Method.allCases)
  func laws(_ network: WideNetwork, _ method: LayeredBudget.Method) throws {
    let d = 4200
    let kernel = try network.kernel(d)
    let sample = try wideRows(90, d)
    func map(_ sample: Rows<Double>) throws -> LayeredFeatureMap {
      try LayeredFeatureMap(
        kernel,
        budget: LayeredBudget(
          layers: [LayeredBudget.Layer](
            repeating: .init(
              landmarks: method == .random || method == .sketch ? 4 : 20,
              remainder: method == .nystrom ? 0 : 20),
            count: LayeredProgram(kernel.network).activationCount),
          remainder: method == .sketch ? .sketch : .random), seed: 2, sample: sample)
    }
    let sparse = try map(.sparse(sample))
    #expect(sparse.inputSketch != nil)
    #expect(try sparse == map(.dense(sample.dense)))
    let features = try sparse.features(of: .sparse(sample))
    #expect(try features == sparse.features(of: .dense(sample.dense)))
    #expect(try features == sparse.features(of: .sparse(sample), on: Execution(threads: 1)))
    let stored = try JSONEncoder().encode(AnyFeatureMap(sparse))
    let restored = try JSONDecoder().decode(AnyFeatureMap.self, from: stored)
    #expect(restored.map as? LayeredFeatureMap == sparse)
    #expect(try restored.map.features(of: .sparse(sample)) == features)
  }

  /// The same points with their columns scattered over twenty times as many, which are sketched: the error
  /// is hardly larger than that of directions for every column.
  @Test(arguments: [LayeredBudget.Method.random, .sketch])
  func isAlmostAsExact(_ method: LayeredBudget.Method) throws {
    let narrow = try wideRows(400, 4000, nonzeros: 100)
    let wide = try narrow.withUnsafePointers { view in
      try SparseMatrix(
        columnCount: 80_000,
        rowOffsets: [0] + (0..<400).map { view.positions(ofRow: $0).upperBound },
        columnIndices: (0..<narrow.nonzeroCount).map { 20 * view.columns[$0] + 7 },
        values: (0..<narrow.nonzeroCount).map { 20.0.squareRoot() * view.values[$0] })
    }
    func error(_ rows: SparseMatrix<Double>, isSketched: Bool) throws -> Double {
      let kernel = try WideNetwork.biased.kernel(rows.columnCount)
      let exact = try kernel.matrix(.sparse(rows))
      let errors = try (0..<4).map { seed in
        let map = try LayeredFeatureMap(
          kernel, dimension: 256, method: method, seed: UInt64(seed), sample: Rows.sparse(rows))
        #expect((map.inputSketch != nil) == isSketched)
        return try relativeFrobeniusError(
          of: map.features(of: .sparse(rows)), exact: exact, on: .allCores.silent)
      }
      return errors.reduce(0, +) / 4
    }
    let (before, after) = try (error(narrow, isSketched: false), error(wide, isSketched: true))
    #expect(after < 1.15 * before, "\(after) against \(before)")
  }

  @Test func damagedMapsAreRefused() throws {
    let sample = try wideRows(60, 4200)
    let map = try LayeredFeatureMap(
      WideNetwork.biased.kernel(4200), dimension: 40, method: .random,
      sample: Rows.sparse(sample))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(map), as: UTF8.self)
    for (old, new) in [
      ("\"rowCount\":2048", "\"rowCount\":2049"), ("\"rowCount\":2048", "\"rowCount\":0"),
      ("\"count\":4200", "\"count\":4201"), ("\"columns\":[", "\"columns\":[9999,"),
    ] {
      try #require(text.contains(old), "\(old)")
      let damaged = text.replacingOccurrences(of: old, with: new)
      #expect(throws: InvalidInput.self, "\(new)") {
        try JSONDecoder().decode(LayeredFeatureMap.self, from: Data(damaged.utf8))
      }
    }
  }
}

extension SparseMatrix<Double> {
  /// The direction of the sum of the rows.
  fileprivate var meanDirection: SparseVector? {
    Rows.sparse(self).meanDirection(weights: [Double](repeating: 1, count: rowCount))
  }
}
