// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Frequencies that share the numbers of one table: their laws, and that all ways to them agree.

import Kernels
import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct SharedFrequencyTests {
  static let measures: [SpectralMeasure] = [
    .normal(lengthScale: 1.3), .student(degrees: 1, lengthScale: 1.5),
    .student(degrees: 5, lengthScale: 0.9),
  ]

  /// k(δ) = E cos⟨w, δ⟩.
  private func kernel(_ measure: SpectralMeasure, _ difference: [Double]) throws -> Double {
    let kernel: any Kernel =
      measure.degrees == 0
      ? try GaussianKernel(lengthScale: measure.lengthScale)
      : try MaternKernel(
        smoothness: Double(measure.degrees) / 2, lengthScale: measure.lengthScale)
    let zero = [Double](repeating: 0, count: difference.count)
    return try kernel.matrix(Rows.dense(Matrix(rows: [difference, zero])))[0, 1]
  }

  /// ⟨w_f, xᵢ⟩, as tiles of the frequencies are written.
  private func phases<Scalar: RealScalar>(
    _ frequencies: Frequencies, _ rows: Rows<Scalar>
  ) -> Matrix<Scalar> {
    let count = frequencies.count
    var result = Matrix<Scalar>(repeating: .nan, rowCount: rows.rowCount, columnCount: count)
    result.withUnsafeMutablePointer { output in
      rows.withUnsafeBlock { block in
        frequencies.forEachTile(block, workspace: Workspace()) { range, tile in
          for i in 0..<block.rowCount {
            (output + i * count + range.lowerBound).update(from: tile.row(i), count: range.count)
          }
        }
      }
    }
    return result
  }

  /// The mean over frequencies of cos⟨w, δ⟩, for one seed.
  private func estimate(
    _ measure: SpectralMeasure, _ difference: [Double], seed: UInt64, count: Int, placeCount: Int
  ) -> Double {
    let shared = SharedFrequencies(
      measure, count: count, key: RandomKey(seed: seed), placeCount: placeCount)
    var sums = [Double](repeating: 0, count: count)
    var entries = [Float](repeating: 0, count: count)
    for (j, value) in difference.enumerated() {
      shared.fill(coordinate: j, 0..<count, into: &entries)
      for f in 0..<count { sums[f] += value * Double(entries[f]) }
    }
    sums.withUnsafeMutableBufferPointer {
      shared.scale(RowOutput(base: $0.baseAddress!, stride: count), 1, 0..<count)
    }
    return sums.reduce(0) { $0 + Double.cos($1) } / Double(count)
  }

  /// Where places are many, mean and variance are those of independent frequencies.
  @Test(arguments: measures)
  func momentsOfIndependentOnes(_ measure: SpectralMeasure) throws {
    let limit = scoreThreshold(comparisons: 100)
    for difference in [[0.2, -0.5, 0.3], [1.6, -1.2, -0.9]] {
      let moments = Moments(
        (0..<6000).map { estimate(measure, difference, seed: $0, count: 3, placeCount: 4096) })
      let (once, twice) = try (
        kernel(measure, difference), kernel(measure, difference.map { 2 * $0 })
      )
      let variance = (1 + twice - 2 * once * once) / 6
      #expect(abs(moments.meanScore(once)) < limit, "\(measure): \(moments.mean), not \(once)")
      #expect(
        abs(moments.varianceScore(variance)) < limit,
        "\(measure): \(moments.variance), not \(variance)")
    }
  }

  /// Where they are as few as frequencies, and coordinates many, the variance is at most three times that of
  /// independent ones, and for a Gaussian kernel, which comes near the bound, above it.
  @Test(arguments: measures)
  func varianceOfFewPlaces(_ measure: SpectralMeasure) throws {
    let (count, limit) = (256, scoreThreshold(comparisons: 100))
    for length in [0.4, 1.2] {
      let difference = (0..<60).map { ($0 % 3 == 0 ? -1 : 1) * length / 60.0.squareRoot() }
      let moments = Moments(
        (0..<1500).map {
          estimate(measure, difference, seed: $0, count: count, placeCount: count)
        })
      let (once, twice) = try (
        kernel(measure, difference), kernel(measure, difference.map { 2 * $0 })
      )
      let variance = (1 + twice - 2 * once * once) / Double(2 * count)
      if measure.degrees == 0 {
        #expect(moments.varianceScore(2 * variance) > -limit, "\(moments.variance / variance)")
        #expect(moments.varianceScore(variance) > limit, "\(moments.variance / variance)")
      }
      #expect(moments.varianceScore(3 * variance) < limit, "\(moments.variance / variance)")
    }
  }

  /// Two coordinates in one place of four make the bias said in the source, and no other.
  @Test func biasOfSharedPlaces() throws {
    let exponent = 1.2 * 1.2
    let expected = Double.exp(-exponent) * (1 + (Double.cosh(exponent) - 1) / 4)
    let moments = Moments(
      (0..<20_000).map {
        estimate(.normal(lengthScale: 1), [1.2, 1.2], seed: $0, count: 1, placeCount: 4)
      })
    let limit = scoreThreshold(comparisons: 100)
    #expect(abs(moments.meanScore(expected)) < limit, "\(moments.mean), not \(expected)")
  }

  /// Stored maps hold a seed alone, so its numbers must never change.
  @Test func numbersOfASeed() {
    let shared = SharedFrequencies(.normal(lengthScale: 1), count: 100, key: RandomKey(seed: 7))
    var entries = [Float](repeating: 0, count: 2)
    let found = [0, 1, 9_999_999].flatMap { j in
      shared.fill(coordinate: j, 98..<100, into: &entries)
      return entries
    }
    #expect(found == [0.5363381, 1.0488805, 0.35069758, 0.5325265, 1.3049229, 1.3890579])
  }

  /// Dense and sparse points, both precisions, and frequencies picked see the same numbers.
  @Test(arguments: measures)
  func allWaysAgree(_ measure: SpectralMeasure) throws {
    let single = clusteredPoints(5, 300).converted(to: Float.self)
    let points = single.converted(to: Double.self)
    let frequencies = try Frequencies(
      measure, .plain, inputDimension: 300, count: 1030, key: RandomKey(seed: 2), isBounded: true,
      largestTable: 0)
    let dense = phases(frequencies, .dense(points))
    #expect(agree(phases(frequencies, .sparse(SparseMatrix(points))), dense, .relative(1e-12)))
    #expect(
      agree(phases(frequencies, .dense(single)).converted(to: Double.self), dense, .relative(1e-4)))
    #expect(
      agree(
        phases(frequencies, .sparse(SparseMatrix(single))).converted(to: Double.self), dense,
        .relative(1e-4)))
    let picked = [1029, 0, 512, 511, 512]
    let few = frequencies.selecting(picked)
    for rows in [Rows.dense(points), .sparse(SparseMatrix(points))] {
      let (all, taken) = (phases(frequencies, rows), phases(few, rows))
      #expect(
        agree(
          taken,
          Matrix(rowCount: 5, columnCount: 5) { output in
            for k in 0..<25 { output[k] = all[k / 5, picked[k % 5]] }
          }, .relative(1e-12)))
    }
  }

  /// More than 2¹⁶ coordinates and 2²⁴ entries share a table where they may; fewer have their own.
  @Test func wideRowsShare() throws {
    let (count, key) = (300, RandomKey(seed: 4))
    let measure = SpectralMeasure.normal(lengthScale: 2)
    let columns: [[Int32]] = [[7, 59_999], [], [3, 7, 500], [500, 59_999], [3]]
    let entries: [Double] = [1, -2, 3, 0.5, -4, 2, 0.25, 5]
    func expected(_ entry: (Int, Int) -> Float) -> Matrix<Double> {
      var (result, position) = (Matrix<Double>(rowCount: 5, columnCount: count), 0)
      for (i, row) in columns.enumerated() {
        for column in row {
          for f in 0..<count { result[i, f] += entries[position] * Double(entry(Int(column), f)) }
          position += 1
        }
      }
      return result
    }
    let shared = SharedFrequencies(measure, count: count, key: key)
    let drawn = DrawnFrequencies(measure, count: count, key: key)
    func sharedEntry(_ j: Int, _ f: Int) -> Float {
      var entry: Float = 0
      shared.fill(coordinate: j, f..<f + 1, into: &entry)
      return entry / 2
    }
    func ownEntry(_ j: Int, _ f: Int) -> Float {
      var entries = [Float](repeating: 0, count: count)
      drawn.fill(coordinate: j, 0..<count, into: &entries, workspace: Workspace())
      return entries[f]
    }
    for (d, isBounded, wanted) in [
      (70_000, true, expected(sharedEntry)), (70_000, false, expected(ownEntry)),
      (60_000, true, expected(ownEntry)),
    ] {
      let rows = try SparseMatrix(
        columnCount: d, rowOffsets: [0, 2, 2, 5, 7, 8], columnIndices: columns.flatMap { $0 },
        values: entries)
      let frequencies = try Frequencies(
        measure, .plain, inputDimension: d, count: count, key: key, isBounded: isBounded)
      #expect(agree(phases(frequencies, .sparse(rows)), wanted, .relative(1e-13)))
    }
  }
}
