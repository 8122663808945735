// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random Fourier features against their kernels, in the mean and in the spread.

import Foundation
import Kernels
import LinearAlgebra
import Randomness
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct RandomFourierTests {
  /// Every shift-invariant kernel.
  private static let kernels: [any ShiftInvariantKernel & Codable & Hashable] = {
    do {
      return [
        try GaussianKernel(lengthScale: 1.3), try MaternKernel.exponential(lengthScale: 1.5),
        try MaternKernel(smoothness: 1.5, lengthScale: 1.2),
        try MaternKernel(smoothness: 2.5, lengthScale: 0.9),
        try LaplaceKernel(lengthScale: 3), try CauchyKernel(lengthScale: 2),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private let x = [0.7, -0.4, 0.2]
  private let others = [[0.7, -0.4, 0.2], [0.5, 0.1, -0.1], [-0.9, 0.8, 1.1]]

  private func value(_ kernel: some Kernel, _ x: [Double], _ y: [Double]) throws -> Double {
    try kernel.matrix(Rows.dense(Matrix(rows: [x])), .dense(Matrix(rows: [y])))[0, 0]
  }

  @Test(arguments: 0..<6)
  func plainHasTheKnownMoments(_ index: Int) throws {
    func check(_ kernel: some ShiftInvariantKernel) throws {
      for y in others {
        let theory = try RandomFourierFeatureMap(
          kernel, inputDimension: 3, dimension: 6, design: .plain)
        try checkMoments(
          draws: 6000, x, y, mean: value(kernel, x, y), variance: theory.variance(x, y),
          "\(kernel) at \(y)"
        ) {
          try RandomFourierFeatureMap(
            kernel, inputDimension: 3, dimension: 6, seed: $0, design: .plain)
        }
      }
    }
    try check(Self.kernels[index])
  }

  /// Orthogonal frames in part and in full, and scrambled points, have the right mean.
  @Test(arguments: 0..<6, [FrequencyDesign.orthogonal, .quasiRandom])
  func designsAreUnbiased(_ index: Int, _ design: FrequencyDesign) throws {
    func check(_ kernel: some ShiftInvariantKernel) throws {
      guard design == .quasiRandom || kernel.spectralMeasure.isIsotropic else {
        #expect(throws: InvalidInput.self) {
          try RandomFourierFeatureMap(kernel, inputDimension: 3, dimension: 8, design: design)
        }
        return
      }
      for y in others.dropFirst() {
        let products = try (0..<4000).map { seed in
          try sketchedProduct(
            RandomFourierFeatureMap(
              kernel, inputDimension: 3, dimension: 8, seed: seed, design: design), x, y)
        }
        let score = try Moments(products).meanScore(value(kernel, x, y))
        #expect(abs(score) < 4.5, "\(kernel) at \(y): \(score)")
      }
    }
    try check(Self.kernels[index])
  }

  @Test func structuredIsNearlyUnbiased() throws {
    var generator = CaseGenerator(seed: 4)
    let points = generator.matrix(2, 40, as: Double.self).elements.map { 0.12 * $0 }
    let (x, y) = (Array(points.prefix(40)), Array(points.suffix(40)))
    for kernel in [0.6, 1.2].map({ try? GaussianKernel(lengthScale: $0) }) {
      let kernel = try #require(kernel)
      let products = try (0..<1000).map { seed in
        try sketchedProduct(
          RandomFourierFeatureMap(
            kernel, inputDimension: 40, dimension: 160, seed: seed, design: .structuredOrthogonal),
          x, y)
      }
      #expect(try abs(Moments(products).mean - value(kernel, x, y)) < 0.01)
    }
  }

  /// The squared errors of both designs over fixed seeds, compared pair by pair.
  private func advantage(
    of design: FrequencyDesign, _ kernel: GaussianKernel, _ points: Matrix<Double>,
    dimension: Int
  ) throws -> (score: Double, ratio: Double) {
    let exact = try kernel.matrix(.dense(points))
    func errors(_ design: FrequencyDesign) throws -> [Double] {
      try (0..<60 as Range<UInt64>).map { seed in
        let map = try RandomFourierFeatureMap(
          kernel, inputDimension: points.columnCount, dimension: dimension, seed: seed,
          design: design)
        let found = try gram(map.features(of: .dense(points)))
        return zip(found.elements, exact.elements).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
      }
    }
    let (plain, other) = try (errors(.plain), errors(design))
    let gain = Moments(zip(plain, other).map { $0 - $1 })
    return (gain.mean / gain.meanError, Moments(other).mean / Moments(plain).mean)
  }

  @Test func evenDesignsBeatPlainOnes() throws {
    let points = clusteredPoints(20, 16)
    let kernel = try GaussianKernel(lengthScale: 0.8)
    for design in [FrequencyDesign.orthogonal, .structuredOrthogonal] {
      let (score, ratio) = try advantage(of: design, kernel, points, dimension: 64)
      #expect(score > 4.5, "\(design): \(score)")
      #expect(ratio < 0.6, "\(design): \(ratio)")
    }
    let flat = clusteredPoints(20, 3)
    let (score, ratio) = try advantage(of: .quasiRandom, kernel, flat, dimension: 128)
    #expect(score > 4.5, "\(score)")
    #expect(ratio < 0.3, "\(ratio)")
  }

  @Test(arguments: FrequencyDesign.allCases)
  func errorFallsWithTheDimension(_ design: FrequencyDesign) throws {
    let points = clusteredPoints(40, 8)
    let kernel = try GaussianKernel(lengthScale: 0.7)
    let exact = try kernel.matrix(.dense(points))
    let errors = try [128, 2048].map { dimension in
      let map = try RandomFourierFeatureMap(
        kernel, inputDimension: 8, dimension: dimension, seed: 3, design: design)
      return try spectralError(
        of: map.features(of: .dense(points)), exact: exact, ridge: 0.1
      ).epsilon
    }
    #expect(errors[1] < 0.45 * errors[0], "\(errors)")
  }

  @Test(arguments: 0..<6)
  func laws(_ index: Int) throws {
    func check(_ kernel: some ShiftInvariantKernel & Codable & Hashable) throws {
      for design in FrequencyDesign.allCases
      where kernel.spectralMeasure.isIsotropic || [.plain, .quasiRandom].contains(design) {
        let map = try RandomFourierFeatureMap(
          kernel, inputDimension: 7, dimension: 43, seed: 5, design: design)
        #expect(map.outputDimension == 42)
        // Long frequencies turn the rounding of a phase into more than that of a cosine.
        let isHeavy = kernel.spectralMeasure.degrees == 1 || kernel is LaplaceKernel
        let tolerance = isHeavy ? 5e-2 : 1e-3
        try checkRowMapLaws(map, batches: .relative(tolerance), single: tolerance)
        // The diagonal is exact.
        let points = clusteredPoints(5, 7)
        let features = try map.features(of: .dense(points))
        #expect((0..<5).allSatisfy { abs(gram(features)[$0, $0] - 1) < 1e-13 })
      }
    }
    try check(Self.kernels[index])
  }

  /// Frequencies too many for a table are the same ones.
  @Test(arguments: 0..<6)
  func drawnFrequenciesAreThoseOfTheTable(_ index: Int) throws {
    let measure = Self.kernels[index].spectralMeasure
    let points = clusteredPoints(5, 300).converted(to: Float.self)
    func phases<Scalar: RealScalar>(
      _ largestTable: Int, _ rows: Rows<Scalar>
    ) throws -> Matrix<Scalar> {
      let frequencies = try Frequencies(
        measure, .plain, inputDimension: 300, count: 1030, key: RandomKey(seed: 2),
        largestTable: largestTable)
      var result = Matrix<Scalar>(rowCount: 5, columnCount: 1030)
      result.withUnsafeMutablePointer { output in
        rows.withUnsafeBlock { block in
          frequencies.forEachTile(block, workspace: Workspace()) { range, tile in
            for i in 0..<5 {
              (output + i * 1030 + range.lowerBound).update(from: tile.row(i), count: range.count)
            }
          }
        }
      }
      return result
    }
    let wide = Rows.dense(points.converted(to: Double.self))
    let table = try phases(Frequencies.largestTable, wide)
    #expect(try agree(phases(0, wide), table, .bits))
    let sparse = Rows.sparse(SparseMatrix(points.converted(to: Double.self)))
    #expect(try agree(phases(0, sparse), table, .relative(1e-13)))
    #expect(
      try agree(phases(0, .dense(points)).converted(to: Double.self), table, .relative(1e-5)))
  }

  /// More than 2¹⁶ coordinates and 2²⁴ entries are not tabulated; rows share what is drawn for a column.
  @Test func wideRowsShareDrawnFrequencies() throws {
    let (d, count, key) = (70_000, 300, RandomKey(seed: 4))
    let measure = try GaussianKernel(lengthScale: 2).spectralMeasure
    let frequencies = try Frequencies(measure, .plain, inputDimension: d, count: count, key: key)
    #expect(frequencies.blockRowCount == 1024)
    let narrow = try Frequencies(measure, .plain, inputDimension: 60_000, count: count, key: key)
    #expect(narrow.blockRowCount == 256)
    let columns: [[Int32]] = [[7, 69_999], [], [3, 7, 500], [500, 69_999], [3]]
    let entries: [Double] = [1, -2, 3, 0.5, -4, 2, 0.25, 5]
    let rows = try SparseMatrix(
      columnCount: d, rowOffsets: [0, 2, 2, 5, 7, 8], columnIndices: columns.flatMap { $0 },
      values: entries)
    let drawn = DrawnFrequencies(measure, count: count, key: key)
    var expected = Matrix<Double>(rowCount: 5, columnCount: count)
    var position = 0
    for (i, row) in columns.enumerated() {
      for column in row {
        let w = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
          drawn.fill(
            coordinate: Int(column), 0..<count, into: buffer.baseAddress!, workspace: Workspace())
          initialized = count
        }
        for f in 0..<count { expected[i, f] += entries[position] * Double(w[f]) }
        position += 1
      }
    }
    var found = Matrix<Double>(repeating: .nan, rowCount: 5, columnCount: count)
    found.withUnsafeMutablePointer { output in
      Rows.sparse(rows).withUnsafeBlock { block in
        frequencies.forEachTile(block, workspace: Workspace()) { range, tile in
          for i in 0..<5 {
            (output + i * count + range.lowerBound).update(from: tile.row(i), count: range.count)
          }
        }
      }
    }
    #expect(agree(found, expected, .relative(1e-13)))
  }

  @Test func manyCoordinates() throws {
    let d = 10_000_000
    let columns = (0..<50).map { Int32($0 * 199_999) }
    let point = try SparseMatrix<Float>(
      columnCount: d, rowOffsets: [0, 50, 50], columnIndices: columns,
      values: columns.indices.map { 0.02 * Float($0) })
    let kernel = try GaussianKernel(lengthScale: 3)
    let map = try RandomFourierFeatureMap(kernel, inputDimension: d, dimension: 4096)
    #expect(map.design == .plain)
    let features = try map.features(of: .sparse(point)).converted(to: Double.self)
    let exact = try kernel.matrix(.sparse(point))[0, 1]
    #expect(abs(gram(features)[0, 1] - Double(exact)) < 4.5 * (1 / 4096.0).squareRoot())
    #expect(throws: InvalidInput.self) {
      try RandomFourierFeatureMap(kernel, inputDimension: d, dimension: 4096, design: .orthogonal)
    }
  }

  @Test func refusals() throws {
    let kernel = try GaussianKernel(lengthScale: 1)
    for bad in [0, 1, -1, Int.min, 1 << 40] {
      #expect(throws: InvalidInput.self) {
        try RandomFourierFeatureMap(kernel, inputDimension: 3, dimension: bad)
      }
    }
    // Of one coordinate, so that no table is too large.
    #expect(throws: InvalidInput.self) {
      try RandomFourierFeatureMap(
        LaplaceKernel(lengthScale: 1), inputDimension: 1, dimension: 1 << 26, design: .plain)
    }
    for bad in [0, -1, Int.max] {
      #expect(throws: InvalidInput.self) {
        try RandomFourierFeatureMap(kernel, inputDimension: bad, dimension: 4)
      }
    }
    for scale in [1e-31, 1e31] {
      #expect(throws: InvalidInput.self) {
        try RandomFourierFeatureMap(
          GaussianKernel(lengthScale: scale), inputDimension: 3, dimension: 4)
      }
    }
    let map = try RandomFourierFeatureMap(kernel, inputDimension: 3, dimension: 4)
    #expect(throws: InvalidInput.self) { try map.variance(x, x) }
    let plain = try RandomFourierFeatureMap(
      kernel, inputDimension: 3, dimension: 4, design: .plain)
    #expect(throws: InvalidInput.self) { try plain.variance([1], x) }
    #expect(throws: InvalidInput.self) { try plain.variance(x, [.nan, 0, 0]) }
    let huge = try Matrix(rows: [[Float](repeating: 3e38, count: 3)])
    #expect(throws: InvalidInput.self) {
      try RandomFourierFeatureMap(
        GaussianKernel(lengthScale: 1e-3), inputDimension: 3, dimension: 40
      ).features(of: .dense(huge))
    }
  }
}
