// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points sampled by their leverage, and the two ways to draw them.

import LinearAlgebra
import Randomness
import Validation

/// Some of n points, each with the probability with which it was taken.
///
/// Σ_{j ∈ J} wⱼ φ(xⱼ)φ(xⱼ)ᵀ has the mean Σᵢ φ(xᵢ)φ(xᵢ)ᵀ: weights are the inverse probabilities.
public struct RidgeSample: Hashable, Codable, Sendable {
  /// λ, to which the scores belong.
  public let ridge: Double
  /// The points taken, in rising order.
  public let indices: [Int]
  /// The probability with which each of them was taken.
  public let probabilities: [Double]
  /// The sampler's estimate of s_λ.
  public let statisticalDimension: Double

  /// wⱼ = 1/pⱼ.
  public var weights: [Double] { probabilities.map { 1 / $0 } }
}

extension RidgeLeverageScores {
  /// Takes each point independently with probability min(1, `oversampling` · lᵢ).
  ///
  /// Some `oversampling` · s_λ points; none where s_λ is far below 1.
  ///
  /// - Throws: `InvalidInput` unless `oversampling` is finite and above 0.
  public func sample(oversampling: Double, seed: UInt64 = 0) throws -> RidgeSample {
    try Check.positive(oversampling, "oversampling")
    return candidates.independent(oversampling, key: RandomKey(seed: seed).child("ridge sample"))
  }

  /// Takes each point with probability min(1, 4 lᵢ ln(10 max(s_λ, 1))/ε²), so that the weighted sample
  /// B has (AᵀA + λI)/(1 + ε) ⪯ BᵀB + λI ⪯ (1 + ε)(AᵀA + λI).
  ///
  /// The form is that of the matrix Chernoff bound; the 4 is measured: on coherent, clustered,
  /// evenly spread and real tables of s_λ from 5 to 60 at least 99 in 100 samples keep the bound.
  ///
  /// - Throws: `InvalidInput` unless ε is finite and above 0.
  public func sample(forEpsilon epsilon: Double, seed: UInt64 = 0) throws -> RidgeSample {
    try Check.positive(epsilon, "epsilon")
    return try sample(
      oversampling: 4 * Double.log(10 * max(statisticalDimension, 1)) / (epsilon * epsilon),
      seed: seed)
  }

  /// Takes exactly `count` points with probabilities proportional to the scores, at most 1; all points
  /// with a score above 0 where there are no more.
  ///
  /// - Throws: `InvalidInput` unless the count is positive.
  public func sample(count: Int, seed: UInt64 = 0) throws -> RidgeSample {
    try Check.dimension(count, "number of points to take")
    return try candidates.fixedSize(count, key: RandomKey(seed: seed).child("ridge sample"))
  }

  private var candidates: RidgeCandidates {
    RidgeCandidates(
      ridge: ridge, indices: Array(values.indices), rate: 1, scores: values)
  }
}

/// Points among which a sampler draws: all, or a uniform part of them.
struct RidgeCandidates {
  let ridge: Double
  /// In rising order.
  let indices: [Int]
  /// The share of all points that these are.
  let rate: Double
  let scores: [Double]

  var statisticalDimension: Double { scores.reduce(0, +) / rate }

  /// Takes point i with probability min(`rate`, `oversampling` · lᵢ) in all.
  ///
  /// - Parameter range: without an oversampling given, its largest value, and the least to which it
  ///   falls where it makes more than 6,144 points.
  func independent(
    _ oversampling: Double?, within range: ClosedRange<Double> = 6...16, key: RandomKey
  ) -> RidgeSample {
    let wanted = 6144 / max(statisticalDimension, .leastNormalMagnitude)
    let oversampling = oversampling ?? max(range.lowerBound, min(range.upperBound, wanted))
    let stream = key.child("independent").stream
    return taking(scores.map { min(1, oversampling * $0 / rate) }) { position, probability in
      stream.uniform(at: UInt64(position)) < probability
    }
  }

  /// Systematic sampling in random order: the chances along a line, and points on it one unit apart.
  func fixedSize(_ count: Int, key: RandomKey) throws -> RidgeSample {
    let chances = InclusionChances.proportional(to: scores, count: count)
    let order = try key.child("order").stream.sampleWithoutReplacement(
      scores.count, from: scores.count)
    let wanted = min(count, chances.count { $0 > 0 })
    var taken = [Bool](repeating: false, count: scores.count)
    var (sum, next, left) = (0.0, key.child("start").stream.uniform(at: 0), wanted)
    for position in order where left > 0 && chances[position] > 0 {
      sum += chances[position]
      guard chances[position] == 1 || sum > next else { continue }
      taken[position] = true
      next += 1
      left -= 1
    }
    // Rounding may leave the last mark just beyond the end of the line.
    for position in order.reversed() where left > 0 && chances[position] > 0 && !taken[position] {
      taken[position] = true
      left -= 1
    }
    return taking(chances) { position, _ in taken[position] }
  }

  private func taking(
    _ chances: [Double], where isTaken: (Int, Double) -> Bool
  ) -> RidgeSample {
    let positions = chances.indices.filter { isTaken($0, chances[$0]) }
    return RidgeSample(
      ridge: ridge, indices: positions.map { indices[$0] },
      probabilities: positions.map { chances[$0] * rate },
      statisticalDimension: statisticalDimension)
  }
}

enum InclusionChances {
  /// min(1, c · weight) with c such that they add up to `count`; 1 for all weights above 0 where those
  /// are no more than `count`.
  static func proportional(to weights: [Double], count: Int) -> [Double] {
    let falling = weights.filter { $0 > 0 }.sorted(by: >)
    guard falling.count > count else { return weights.map { $0 > 0 ? 1 : 0 } }
    var rest = falling.reduce(0, +)
    // The largest weights are certain as long as c · weight ≥ 1.
    var certain = 0
    while certain < count, falling[certain] * Double(count - certain) >= rest {
      rest -= falling[certain]
      certain += 1
    }
    let factor = Double(count - certain) / max(rest, .leastNormalMagnitude)
    let limit = certain > 0 ? falling[certain - 1] : .infinity
    return weights.map { $0 >= limit ? 1 : min(1, max(0, factor * $0)) }
  }
}
