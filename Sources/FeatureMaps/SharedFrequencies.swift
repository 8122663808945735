// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Frequencies of millions of coordinates that share the numbers of one table.

import LinearAlgebra
import Randomness

/// Frequencies with the entries W(j, f) = σ(j) t(h(j) + f), for a table t of independent draws of a
/// spectral measure, random places h(j) among L and random signs σ(j).
///
/// All laws being symmetric, the entries of a frequency are independent draws but where two coordinates
/// have one place, of which the chance is 1/L. Frequencies share numbers of different coordinates only.
///
/// With t = |x − y|²/ℓ² of a Gaussian kernel that makes a bias of e^(−t/2) Σ (cosh(δᵢδⱼ/ℓ²) − 1)/L over the pairs
/// of coordinates of δ = x − y, at most 0.6/L; of a Laplace kernel, where no square dampens pairs, k/4L for k
/// coordinates that differ. It adds at most count/L of itself to the variance: as cosh(ρt) − 1 ≤
/// ρ²(cosh t − 1) for ρ ≤ 1, the covariance of two frequencies is at most ρ² of the variance of one, and
/// E ρ² ≤ 1/L.
/// L is 2²⁰, or at least 32 count up to 2²⁷, or at least count.
///
/// - Complexity: a Philox block and `count` additions for each nonzero; memory: 4 (L + count) bytes,
///   whatever the number of coordinates.
struct SharedFrequencies: Sendable {
  /// t.
  private let numbers: [Float]
  /// L, a power of two.
  private let placeCount: Int
  private let places: RandomStream
  /// Per frequency, what its entries are multiplied by; empty where that is 1 for all.
  private let factors: [Float]
  /// The numbers of the frequencies in use; nil for all.
  private var picked: [Int]?

  /// - Parameter placeCount: L, if not as said above.
  init(_ measure: SpectralMeasure, count: Int, key: RandomKey, placeCount: Int? = nil) {
    var enough = 1 << 20
    while enough < count || (enough < 32 * count && enough < 1 << 27) { enough *= 2 }
    self.placeCount = placeCount ?? enough
    places = key.child("place").stream
    factors =
      measure.degrees > 0
      ? RadialLaw.studentFactors(measure, count: count, key: key.child("student")).map(Float.init)
      : []
    let law: SpectralMeasure = measure.degrees > 0 ? .normal(lengthScale: 1) : measure
    numbers = DrawnFrequencies.table(
      law, coordinates: (self.placeCount + count + 1023) / 1024, count: 1024,
      key: key.child("shared"))
  }

  /// The frequencies with the given numbers.
  func selecting(_ picked: [Int]) -> SharedFrequencies {
    var result = self
    result.picked = picked
    return result
  }

  /// Where the entries of a coordinate start, and whether they change their signs.
  @inline(__always)
  private func place(of word: UInt32) -> (start: Int, isNegative: Bool) {
    (Int((UInt64(word) &* UInt64(placeCount)) >> 32), word & 1 == 1)
  }

  /// Writes the entries of coordinate `j` of the frequencies in `range`.
  func fill(coordinate j: Int, _ range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
    let (start, isNegative) = place(of: places.word(at: UInt64(j)))
    numbers.withUnsafeBufferPointer { numbers in
      let entries = numbers.baseAddress! + start
      for i in 0..<range.count {
        let f = picked?[range.lowerBound + i] ?? range.lowerBound + i
        let factor = factors.isEmpty ? 1 : factors[f]
        output[i] = (isNegative ? -factor : factor) * entries[f]
      }
    }
  }

  /// Writes ⟨w_f, xᵢ⟩ of sparse rows for the frequencies in `range`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ rowCount: Int, _ range: Range<Int>,
    into tile: RowOutput<Scalar>, workspace: Workspace
  ) {
    // Where some are picked, all are summed, and of each row's sums those taken.
    let summed = picked == nil ? range : 0..<((picked?.max() ?? -1) + 1)
    let width = picked == nil ? 0 : summed.count
    numbers.withUnsafeBufferPointer { numbers in
      let base = numbers.baseAddress! + summed.lowerBound
      workspace.withScratch(Scalar.self, width) { all in
        for i in 0..<rowCount {
          let sum = picked == nil ? tile.row(i) : all
          sum.update(repeating: 0, count: summed.count)
          forEachPlace(x, x.positions(ofRow: i), workspace) { position, start, isNegative in
            let value = x.values[position]
            addMultiple(isNegative ? -value : value, base + start, summed.count, to: sum)
          }
          if let picked {
            for k in 0..<range.count { tile.row(i)[k] = sum[picked[range.lowerBound + k]] }
          }
          guard !factors.isEmpty else { continue }
          for k in 0..<range.count {
            let f = picked?[range.lowerBound + k] ?? range.lowerBound + k
            tile.row(i)[k] *= Scalar(factors[f])
          }
        }
      }
    }
  }

  /// Calls `body` with the position of each entry of a row and the place of its coordinate.
  @inline(__always)
  private func forEachPlace<Scalar>(
    _ x: SparseRowPointers<Scalar>, _ positions: Range<Int>, _ workspace: Workspace,
    _ body: (Int, Int, Bool) -> Void
  ) {
    let batch = 64
    workspace.withScratch(UInt32.self, batch) { words in
      for first in stride(from: positions.lowerBound, to: positions.upperBound, by: batch) {
        let count = min(batch, positions.upperBound - first)
        places.fillWords(at: x.columns + first, count: count, into: words)
        for k in 0..<count {
          let (start, isNegative) = place(of: words[k])
          body(first + k, start, isNegative)
        }
      }
    }
  }
}
