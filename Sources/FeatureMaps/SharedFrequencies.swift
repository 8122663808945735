// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Frequencies of millions of coordinates that share the numbers of one table.

import LinearAlgebra
import Randomness

/// Frequencies of an isotropic law with the entries W(j, f) = c_f σ(j) T(h(j) + f), for a table T of
/// independent normal numbers, places h(j) among L and signs σ(j), all independent; c_f = 1/ℓ, or that of
/// a Student law.
///
/// An entry has the right law, and those of a frequency are independent but where two coordinates have
/// one place. With δ = x − y, s = |δ|²/ℓ² and sums over pairs i ≠ j of its coordinates, that makes of
/// E cos⟨w, δ⟩ = e^(−s/2)
///
/// - a bias of e^(−s/2) ½Σ (cosh(δᵢδⱼ/ℓ²) − 1)/L, at most 0.6/L;
/// - of its variance over `count` frequencies at most 1 + 2 count/L times that of independent ones. Two
///   frequencies whose places differ by m have correlation ρ = Σ σᵢσⱼ δᵢδⱼ/|δ|² over the pairs with
///   h(i) − h(j) = m, so E ρ² ≤ 1/L; their cosines have covariance e^(−s)(cosh(ρs) − 1), at most ρ² times
///   the variance e^(−s)(cosh s − 1) of one. As much again comes from coordinates in one place, which
///   all frequencies see alike.
///
/// L is 2²⁰, or at least 32 `count`. Laws with independent entries of heavy tails, of which a few rule a
/// sum, would have the variance of fewer frequencies by the number of coordinates: they are drawn.
///
/// - Complexity: for each nonzero, in every tile of frequencies, a Philox block, and 2 operations for each
///   frequency. Memory: 4 (L + `count`) bytes, whatever the number of coordinates.
struct SharedFrequencies: Sendable {
  /// More would have a table beyond 2²⁷ numbers.
  static let largestCount = 1 << 22

  /// T.
  private let numbers: [Float]
  /// L, a power of two up to 2²⁷: a place is the upper bits of a word, a sign its lowest.
  private let placeCount: Int
  private let places: RandomStream
  /// c_f.
  private var factors: [Float]
  /// The numbers of the frequencies in use; nil for all.
  private var picked: [Int]?

  /// - Parameter placeCount: L, if not as said above.
  init(_ measure: SpectralMeasure, count: Int, key: RandomKey, placeCount: Int? = nil) {
    precondition(measure.isIsotropic && count <= Self.largestCount)
    var enough = 1 << 20
    while enough < 32 * count { enough *= 2 }
    self.placeCount = placeCount ?? enough
    places = key.child("place").stream
    factors =
      measure.degrees > 0
      ? RadialLaw.studentFactors(measure, count: count, key: key.child("student")).map(Float.init)
      : [Float](repeating: Float(1 / measure.lengthScale), count: count)
    let blockCount = (self.placeCount + count + 3) / 4
    let stream = key.child("number").stream
    numbers = [Float](unsafeUninitializedCapacity: 4 * blockCount) { buffer, initialized in
      stream.fillNormals(from: 0, count: blockCount, scale: 1, into: buffer.baseAddress!)
      initialized = 4 * blockCount
    }
  }

  /// The frequencies with the given numbers.
  func selecting(_ picked: [Int]) -> SharedFrequencies {
    var result = self
    result.picked = picked
    result.factors = picked.map { factors[$0] }
    return result
  }

  /// h and σ of a word.
  @inline(__always)
  private func place(_ word: UInt32) -> (start: Int, isNegative: Bool) {
    (Int((UInt64(word) &* UInt64(placeCount)) >> 32), word & 1 == 1)
  }

  /// Writes W(j, f)/c_f for the frequencies in `range`.
  func fill(coordinate j: Int, _ range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
    let (start, isNegative) = place(places.word(at: UInt64(j)))
    let sign: Float = isNegative ? -1 : 1
    numbers.withUnsafeBufferPointer { numbers in
      let entries = numbers.baseAddress! + start
      if let picked {
        for i in 0..<range.count { output[i] = sign * entries[picked[range.lowerBound + i]] }
      } else {
        for i in 0..<range.count { output[i] = sign * entries[range.lowerBound + i] }
      }
    }
  }

  /// Writes ⟨w_f, xᵢ⟩/c_f of sparse rows for the frequencies in `range`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply<Scalar: RealScalar>(
    _ x: SparseRowPointers<Scalar>, _ rowCount: Int, _ range: Range<Int>,
    into tile: RowOutput<Scalar>, workspace: Workspace
  ) {
    numbers.withUnsafeBufferPointer { numbers in
      for i in 0..<rowCount {
        let sum = tile.row(i)
        sum.update(repeating: 0, count: range.count)
        forEachPlace(x, x.positions(ofRow: i), workspace) { position, start, isNegative in
          let value = isNegative ? -x.values[position] : x.values[position]
          let entries = numbers.baseAddress! + start
          if let picked {
            for k in 0..<range.count {
              sum[k] += value * Scalar(entries[picked[range.lowerBound + k]])
            }
          } else {
            addMultiple(value, entries + range.lowerBound, range.count, to: sum)
          }
        }
      }
    }
  }

  /// Multiplies what belongs to the frequencies in `range` by c_f.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func scale<Scalar: RealScalar>(
    _ tile: RowOutput<Scalar>, _ rowCount: Int, _ range: Range<Int>
  ) {
    factors.withUnsafeBufferPointer { factors in
      let factors = factors.baseAddress! + range.lowerBound
      for i in 0..<rowCount {
        let row = tile.row(i)
        for k in 0..<range.count { row[k] *= Scalar(factors[k]) }
      }
    }
  }

  /// Calls `body` with the position of each entry of a row and the place and sign of its coordinate.
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
          let (start, isNegative) = place(words[k])
          body(first + k, start, isNegative)
        }
      }
    }
  }
}
