// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The laws of single frequencies, scrambled Halton points, orthogonal frames.

import Foundation
import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct FrequencyTests {
  @Test func normalQuantiles() {
    for u in [1e-9, 1e-4, 0.02, 0.0243, 0.1, 0.3, 0.4999, 0.5, 0.7, 0.98, 0.9999] {
      let probability = erfc(-normalQuantile(u) / 2.0.squareRoot()) / 2
      #expect(abs(probability - u) < 1e-7 * u, "of \(u)")
    }
  }

  /// In every coordinate each of n intervals of the finest complete level holds as many points.
  @Test func haltonPointsAreStratified() throws {
    for count in [1, 2, 8, 81, 125, 300] {
      let points = HaltonSequence(count: count, dimension: 70, key: RandomKey(seed: 3))
      for (j, p) in [(0, 2), (1, 3), (2, 5), (69, 349)] {
        let coordinate = try points.coordinate(j)
        #expect(coordinate.count == count)
        #expect(coordinate.allSatisfy { 0 < $0 && $0 < 1 })
        var cells = p
        while cells < count { cells *= p }
        let used = Set(coordinate.map { Int($0 * Double(cells)) })
        #expect(used.count == count, "\(count) points in base \(p)")
      }
    }
  }

  @Test func haltonPointsAreUniform() throws {
    for (j, cells) in [(0, 8.0), (3, 7), (40, 179)] {
      let values = try (0..<3000).map { seed in
        try HaltonSequence(count: 5, dimension: 41, key: RandomKey(seed: seed)).coordinate(j)[3]
      }
      let moments = Moments(values)
      #expect(abs(moments.meanScore(0.5)) < 4.5)
      #expect(abs(moments.varianceScore(1.0 / 12)) < 4.5)
      // Within the finest intervals too.
      let rests = Moments(values.map { ($0 * cells).truncatingRemainder(dividingBy: 1) })
      #expect(abs(rests.meanScore(0.5)) < 4.5)
      #expect(abs(rests.varianceScore(1.0 / 12)) < 4.5)
    }
  }

  /// The frequencies as rows, read off the unit vectors.
  private func rows(
    _ measure: SpectralMeasure, _ design: FrequencyDesign, _ d: Int, _ count: Int, seed: UInt64 = 1
  ) throws -> Matrix<Double> {
    let frequencies = try Frequencies(
      measure, design, inputDimension: d, count: count, key: RandomKey(seed: seed))
    var result = Matrix<Double>(rowCount: d, columnCount: count)
    result.withUnsafeMutablePointer { output in
      Rows.dense(Matrix<Double>.identity(d)).withUnsafeBlock { block in
        frequencies.forEachTile(block, workspace: Workspace()) { range, tile in
          for i in 0..<d {
            (output + i * count + range.lowerBound).update(from: tile.row(i), count: range.count)
          }
        }
      }
    }
    return result.transposed
  }

  @Test func framesAreOrthogonal() throws {
    for (design, d) in [(FrequencyDesign.orthogonal, 12), (.structuredOrthogonal, 16)] {
      let measure = SpectralMeasure.student(degrees: 3, lengthScale: 2)
      let w = try rows(measure, design, d, 2 * d + 5)
      let products = gram(w)
      for i in 0..<products.rowCount {
        for j in 0..<i where i / d == j / d {
          let size = (products[i, i] * products[j, j]).squareRoot()
          #expect(abs(products[i, j]) < 1e-6 * size, "\(design) \(i) \(j)")
        }
      }
      // Another block is another frame.
      #expect(abs(products[0, d]) > 1e-6)
    }
  }

  /// Lengths are χ_d/ℓ, for every design of the Gaussian kernel.
  @Test(arguments: FrequencyDesign.allCases)
  func lengths(_ design: FrequencyDesign) throws {
    let d = 8
    var squares: [Double] = []
    for seed in 0..<400 {
      let w = try rows(.normal(lengthScale: 0.5), design, d, 5, seed: UInt64(seed))
      squares.append(gram(w)[3, 3])
    }
    let moments = Moments(squares)
    #expect(abs(moments.meanScore(4 * Double(d))) < 4.5)
    #expect(abs(moments.varianceScore(16 * 2 * Double(d))) < 4.5)
  }
}
