// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The C loops give the same bits with any vectors, and what their definitions say.

import CInnerLoops
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@Suite struct VectorLoopTests {
  static var variants: [sketching_vectors] {
    (0...sketching_widest_vectors().rawValue).map { sketching_vectors(rawValue: $0) }
  }

  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = CaseGenerator(seed: seed)
    return Array(generator.matrix(1, count, as: Float.self).elements)
  }

  @Test func signedTransformsHaveTheBitsOfPlainOnes() {
    for (n, count) in [(1, 1), (2, 1), (8, 5), (64, 64), (256, 200), (1024, 1024), (4096, 3000)] {
      let x = Self.numbers(count, seed: 1)
      let signs = (0..<count).map { Int8([1, -1, -1, 0][($0 * 7 + $0 / 5) % 4]) }
      for factor in [1, 0.25] as [Float] {
        var expected = (0..<n).map { $0 < count ? Float(signs[$0]) * factor * x[$0] : 0 }
        sketching_walsh_hadamard_float(&expected, 1, n, sketching_vectors_plain)
        for vectors in Self.variants {
          var single = [Float](repeating: .nan, count: n)
          sketching_signed_hadamard_float(signs, x, factor, count, &single, n, vectors)
          #expect(single == expected, "\(count) of \(n)")
          var double = [Double](repeating: .nan, count: n)
          sketching_signed_hadamard_double(
            signs, x.map(Double.init), Double(factor), count, &double, n, vectors)
          #expect(
            zip(double, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 }, "\(count) of \(n)")
        }
      }
    }
  }

  @Test func spectraHaveTheSameBitsWithAnyVectors() {
    for n in [1, 2, 3, 8, 9, 33, 34, 70, 513] {
      let z = Self.numbers(2 * n + 2, seed: 2)
      let angles = (1...max(1, n / 2)).map { Double.pi * Double($0) / Double(n) }
      let (cosines, sines) = (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
      func results(_ vectors: sketching_vectors) -> [[Float]] {
        var (split, merged, product) = (z, z, z)
        sketching_split_spectrum_float(&split, n, cosines, sines, vectors)
        sketching_merge_spectrum_float(&merged, n, cosines, sines, vectors)
        sketching_multiply_spectra_float(z.reversed(), &product, n + 1, vectors)
        return [split, merged, product]
      }
      let plain = results(sketching_vectors_plain)
      for vectors in Self.variants { #expect(results(vectors) == plain, "\(n)") }
      // Splitting and merging undo each other but for the factor 2.
      var back = plain[0]
      sketching_merge_spectrum_float(&back, n, cosines, sines, sketching_vectors_plain)
      for k in 0..<2 * n { #expect(abs(back[k] - 2 * z[k]) < 1e-5, "\(n), \(k)") }
    }
  }

  @Test func rowsAreAddedWithTheirSigns() {
    // Two of the three entries of each row.
    let (rows, width, stride, nonzeros, entryStride, sums) = (30, 37, 41, 2, 3, 5)
    let a = Self.numbers(rows * stride, seed: 3)
    let entries = (0..<rows * entryStride).map { Int32($0 * 3 % sums) ^ ($0 % 3 == 0 ? -1 : 0) }
    var expected = Self.numbers(sums * stride, seed: 4)
    let start = expected
    for i in 0..<rows {
      for b in 0..<nonzeros {
        let entry = entries[i * entryStride + b]
        let (row, sign) = entry < 0 ? (Int(-1 - entry), -1 as Float) : (Int(entry), 1)
        for k in 0..<width { expected[row * stride + k] += sign * a[i * stride + k] }
      }
    }
    for vectors in Self.variants {
      var single = start
      sketching_add_signed_rows_float(
        a, stride, rows, width, entries, entryStride, nonzeros, &single, stride, vectors)
      #expect(single == expected)
      var double = start.map(Double.init)
      sketching_add_signed_rows_double(
        a.map(Double.init), stride, rows, width, entries, entryStride, nonzeros, &double, stride,
        vectors)
      #expect(zip(double, expected).allSatisfy { abs($0 - Double($1)) < 1e-4 })
    }
  }
}
