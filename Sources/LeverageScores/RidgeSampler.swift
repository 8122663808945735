// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Samples and scores of points of any kernel without its matrix.

import Kernels
import LinearAlgebra
import Randomness
import Validation

/// How ridge leverage scores are found without the kernel matrix.
public enum RidgeSampler: String, Hashable, Codable, CaseIterable, Sendable {
  /// By recursive halving of the points: a sample of a random half measures the whole. Costs |J| kernel
  /// values and |J|² operations for each of 2n points, for a sample J.
  ///
  /// - Source: Musco, Musco, "Recursive sampling for the Nyström method", NeurIPS 2017.
  case recursive
  /// By halving the ridge, from one so large that nothing matters: looks at some q n max k(x, x)/λ
  /// points only, for an oversampling q, so that many points cost no more than few.
  ///
  /// - Source: Rudi, Calandriello, Carratino, Rosasco, "On fast leverage score sampling and optimal
  ///   learning", NeurIPS 2018.
  case bless

  /// The oversampling where none is given: the scores of recursive halving err upwards, by 2 at most.
  var oversampling: ClosedRange<Double> { self == .recursive ? 3...8 : 6...16 }
}

extension Kernel {
  /// Some `oversampling` · s_λ of the points, each taken independently with a probability min(1,
  /// `oversampling` · l̃ᵢ) for approximate scores l̃ᵢ at the ridge λ.
  ///
  /// The same for any number of threads. Kernel values are computed in the points' precision: λ should
  /// stand clear of its rounding, for single precision 10⁻⁵ k(x, x) and above.
  ///
  /// - Parameter oversampling: the theory asks for a multiple of ln s_λ. Without one 16, for recursive halving,
  ///   whose scores err upwards by up to 2, 8: that gives scores within a factor of 2 on all data tried.
  ///   Less, down to 6 and 3, where it makes more than 6,144 points.
  /// - Throws: `InvalidInput` if λ or `oversampling` is not above 0, λ is below the rounding of K, there
  ///   are no points, or they do not fit or are not finite; `CancellationError`.
  /// - Complexity: see `RidgeSampler`; memory of |J|² + 4,096 |J| numbers.
  public func ridgeSample<Scalar: RealScalar>(
    of points: Rows<Scalar>, ridge: Double, by sampler: RidgeSampler = .recursive,
    oversampling: Double? = nil, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> RidgeSample {
    if let oversampling { try Check.positive(oversampling, "oversampling") }
    let key = RandomKey(seed: seed).child("ridge sampler")
    let scored = try scoredPoints(points, ridge: ridge, on: execution)
    let sample = try candidates(
      among: scored, ridge: ridge, by: sampler, oversampling, key: key, on: execution
    ).independent(oversampling, within: sampler.oversampling, key: key.child("last"))
    return try scored.refined(sample, on: execution)
  }

  /// Exactly `count` of the points, with probabilities proportional to approximate scores, at most 1;
  /// fewer where fewer have a score above 0.
  ///
  /// - Parameter ridge: λ of the scores; without one, that for which `count` points are about enough:
  ///   recursive halving estimates (1/k) Σ_{i > k} σᵢ(K) for k = count/(2 ln count), and BLESS lets λ
  ///   fall until s_λ is half the count.
  /// - Throws: as `ridgeSample(of:ridge:)`; `InvalidInput` unless the count is positive, or if the kernel
  ///   is zero at all points.
  /// - Complexity: see `RidgeSampler`, for a sample J of the ridge; without one J has some 2 `count`
  ///   points, and recursive halving finds the eigenvalues of each.
  public func ridgeSample<Scalar: RealScalar>(
    of points: Rows<Scalar>, count: Int, ridge: Double? = nil,
    by sampler: RidgeSampler = .recursive, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> RidgeSample {
    try Check.dimension(count, "number of points to take")
    let key = RandomKey(seed: seed).child("ridge sampler")
    if let ridge {
      let scored = try scoredPoints(points, ridge: ridge, on: execution)
      let sample = try candidates(
        among: scored, ridge: ridge, by: sampler, nil, count: count, key: key, on: execution
      ).fixedSize(count, key: key.child("last"))
      return try scored.refined(sample, on: execution)
    }
    let scored = try ScoredPoints(self, points, on: execution)
    guard scored.leastRidge > 0 else {
      throw InvalidInput(
        "points", found: "some at which the kernel is zero", expected: "ones at which it is not")
    }
    let found =
      switch sampler {
      case .recursive:
        try scored.halving(oversampling: 2, key: key, on: execution) {
          try scored.tailRidge($0, $1, count: count)
        }
      case .bless:
        try scored.fallingRidge(to: scored.leastRidge, oversampling: 3, key: key, on: execution) {
          $0.statisticalDimension >= Double(count) / 2 && $0.indices.count >= count
        }
      }
    return try scored.refined(found.fixedSize(count, key: key.child("last")), on: execution)
  }

  /// The ridge leverage scores of points, approximately: against a sample that a sampler takes.
  ///
  /// - Throws: as `ridgeSample(of:ridge:)`.
  /// - Complexity: that of the sample J, and |J| kernel values and |J|² operations for each point.
  public func approximateRidgeLeverageScores<Scalar: RealScalar>(
    of points: Rows<Scalar>, ridge: Double, by sampler: RidgeSampler = .recursive,
    oversampling: Double? = nil, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> RidgeLeverageScores {
    let sample = try ridgeSample(
      of: points, ridge: ridge, by: sampler, oversampling: oversampling, seed: seed,
      on: execution.stage("sample"))
    return try ridgeLeverageScores(of: points, against: sample, on: execution.stage("scores"))
  }

  /// The ridge leverage scores of points against a sample of them, at the sample's ridge.
  ///
  /// - Throws: `InvalidInput` if the sample is of other points, the points do not fit or are not finite,
  ///   or the ridge is below the rounding of K; `CancellationError`.
  /// - Complexity: |J| kernel values and |J|² operations for each point.
  public func ridgeLeverageScores<Scalar: RealScalar>(
    of points: Rows<Scalar>, against sample: RidgeSample, on execution: Execution = .allCores
  ) throws -> RidgeLeverageScores {
    let all = 0..<points.rowCount
    for (index, probability) in zip(sample.indices, sample.probabilities) {
      guard all.contains(index), probability > 0, probability <= 1 else {
        throw InvalidInput(
          "sample", found: "point \(index) with probability \(probability)",
          expected: "points below \(points.rowCount) with probabilities above 0 and at most 1")
      }
    }
    let scored = try scoredPoints(points, ridge: sample.ridge, on: execution)
    return RidgeLeverageScores(
      ridge: sample.ridge,
      values: try scored.candidates(
        Array(all), against: sample, ridge: sample.ridge, on: execution
      ).scores)
  }

  private func scoredPoints<Scalar: RealScalar>(
    _ points: Rows<Scalar>, ridge: Double, on execution: Execution
  ) throws -> ScoredPoints<Self, Scalar> {
    try Check.positive(ridge, "ridge")
    let scored = try ScoredPoints(self, points, on: execution)
    try scored.check(ridge)
    return scored
  }

  private func candidates<Scalar: RealScalar>(
    among points: ScoredPoints<Self, Scalar>, ridge: Double, by sampler: RidgeSampler,
    _ oversampling: Double?, count: Int? = nil, key: RandomKey, on execution: Execution
  ) throws -> RidgeCandidates {
    switch sampler {
    case .recursive:
      try points.halving(oversampling: oversampling, key: key, on: execution) { _, _ in ridge }
    case .bless:
      try points.fallingRidge(
        to: ridge, oversampling: oversampling, count: count, key: key, on: execution)
    }
  }
}
