// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Quasi-random frequencies: a scrambled Halton sequence through inverse distribution functions.

import LinearAlgebra
import Randomness
import RealModule

/// The first `count` points of a Halton sequence with randomly permuted digits, coordinate by
/// coordinate.
///
/// In coordinate j with the j-th prime p, point i is Σ_k π_k(i_k) p^(−k−1) + U p^(−K): i_k are the K
/// digits of i that tell `count` points apart, π_k independent random permutations, and U is uniform,
/// drawn anew for every point. So every point is uniform on the unit cube, and every coordinate is
/// stratified; where p exceeds the number of points, they lie in that many of p equal intervals.
///
/// - Source: Halton 1960; Owen, "A randomized Halton algorithm in R", 2017, for permuted digits.
struct HaltonSequence {
  let count: Int
  private let primes: [Int]
  private let key: RandomKey

  init(count: Int, dimension: Int, key: RandomKey) {
    self.count = count
    self.key = key
    primes = HaltonSequence.primes(dimension)
  }

  /// Coordinate `j` of all points, numbers strictly between 0 and 1.
  ///
  /// - Complexity: O(count log count / log p + p) time.
  func coordinate(_ j: Int) throws -> [Double] {
    let (p, key) = (primes[j], key.child("coordinate", j))
    let jitter = key.child("jitter").stream
    var points = [Double](repeating: 0, count: count)
    var (scale, divisor, digit) = (1.0, 1, 0)
    repeat {
      let stream = key.child("digit", digit).stream
      let permutation = try stream.sampleWithoutReplacement(
        divisor == 1 ? min(p, count) : p, from: p)
      scale /= Double(p)
      for i in 0..<count { points[i] += scale * Double(permutation[i / divisor % p]) }
      divisor *= p
      digit += 1
    } while divisor < count
    for i in 0..<count {
      let value = points[i] + scale * jitter.uniform(at: UInt64(i))
      points[i] = min(max(value, 0x1p-53), 1 - 0x1p-53)
    }
    return points
  }

  /// The first `count` primes, by trial division.
  private static func primes(_ count: Int) -> [Int] {
    var primes = [2]
    var candidate = 3
    while primes.count < count {
      if primes.prefix(while: { $0 * $0 <= candidate }).allSatisfy({ candidate % $0 != 0 }) {
        primes.append(candidate)
      }
      candidate += 2
    }
    return primes
  }
}

/// Frequencies at the points of a `HaltonSequence`, as a table.
enum HaltonFrequencies {
  /// Entry (j, f) at `j · count + f`. A Student law takes ν more coordinates for its χ².
  static func table(
    _ measure: SpectralMeasure, inputDimension d: Int, count: Int, key: RandomKey
  ) throws -> [Float] {
    let degrees = measure.degrees
    let points = HaltonSequence(count: count, dimension: d + degrees, key: key)
    var squares = [Double](repeating: 0, count: count)
    for j in 0..<degrees {
      let normals = try points.coordinate(d + j).map(normalQuantile)
      for f in 0..<count { squares[f] += normals[f] * normals[f] }
    }
    let factors = squares.map {
      (degrees > 0 ? (Double(degrees) / max($0, 0x1p-66)).squareRoot() : 1) / measure.lengthScale
    }
    var table: [Float] = []
    table.reserveCapacity(d * count)
    for j in 0..<d {
      for (point, factor) in zip(try points.coordinate(j), factors) {
        table.append(Float(factor * quantile(measure, point)))
      }
    }
    return table
  }

  /// The inverse distribution function of one entry for ℓ = 1, without the χ² of a Student law.
  private static func quantile(_ measure: SpectralMeasure, _ u: Double) -> Double {
    switch measure {
    case .normal, .student: normalQuantile(u)
    case .cauchy: .tan(.pi * (u - 0.5))
    case .laplace: u < 0.5 ? .log(2 * u) : -.log(2 * (1 - u))
    }
  }
}

/// The standard normal quantile Φ⁻¹(u), 0 < u < 1, to a relative 2e-9.
///
/// - Source: Acklam, "An algorithm for computing the inverse normal cumulative distribution
///   function", 2003: rational functions for the middle and the tails.
func normalQuantile(_ u: Double) -> Double {
  if u > 0.5 { return -normalQuantile(1 - u) }
  if u < 0.02425 {
    let q = (-2 * Double.log(u)).squareRoot()
    let numerator =
      ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q
        - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783
    let denominator =
      (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q
        + 3.754408661907416) * q + 1
    return numerator / denominator
  }
  let q = u - 0.5
  let r = q * q
  let numerator =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r
      + 138.3577518672690) * r - 30.66479806614716) * r + 2.506628277459239
  let denominator =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r
      + 66.80131188771972) * r - 13.28068155288572) * r + 1
  return q * numerator / denominator
}
