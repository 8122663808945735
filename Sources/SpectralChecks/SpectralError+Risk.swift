// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What ε says of the risk of ridge regression.

import Validation

extension SpectralError {
  /// A bound of the risk of ridge regression with K̃, from what belongs to K.
  ///
  /// For y = f + noise of variance σ² at the n points, the predictor K̃(K̃ + λI)⁻¹y has the risk
  /// R(K̃) = E|K̃(K̃ + λI)⁻¹y − f|²/n, and
  ///
  ///     R(K̃) ≤ (1 + ε) λ fᵀ(K + λI)⁻¹f / n + σ² (s_λ + ε r) / ((1 + ε) n),
  ///
  /// r = min(D, n), or n without features. With ε = 0 it is the usual estimate R̂(K) ≥ R(K). The risks
  /// themselves are not within any factor of each other: where R(K) = 0, R(K̃) may be positive. The
  /// proof is `risk_within` in Proofs.
  ///
  /// - Parameters:
  ///   - penalty: λ fᵀ(K + λI)⁻¹f / n ≥ 0, the least value of |f − g|²/n + λ|g|²_K/n over functions g
  ///     of the kernel's space. With y in place of f it is the penalised loss of the fit, on average
  ///     larger.
  ///   - noiseVariance: σ² ≥ 0.
  /// - Throws: `InvalidInput` if one of them is negative, NaN or infinite.
  /// - Source: as for ε, in its two-sided form.
  public func riskBound(penalty: Double, noiseVariance: Double) throws -> Double {
    try checkRisk(penalty: penalty, noiseVariance: noiseVariance)
    // Without any ε there is no bound.
    guard epsilon.isFinite else { return .infinity }
    let rank = Double(min(n, dimension ?? n))
    let freedom = (statisticalDimension + epsilon * rank) / (1 + epsilon)
    return (1 + epsilon) * penalty + noiseVariance * freedom / Double(n)
  }
}

extension SpectralErrorEstimate {
  /// A bound of the risk of ridge regression with ZZᵀ, which holds with probability 1 −
  /// `failureProbability` at least; nil where there is no bound of ε.
  ///
  /// Of the two terms of R(ZZᵀ) = λ²fᵀ(ZZᵀ + λI)⁻²f/n + σ² tr (ZZᵀ(ZZᵀ + λI)⁻¹)²/n, the first is at
  /// most λfᵀ(ZZᵀ + λI)⁻¹f/n ≤ (1 + ε) λfᵀ(K + λI)⁻¹f/n; the second is at most σ²/n times the
  /// statistical dimension of the features, which is known.
  ///
  /// - Parameters:
  ///   - penalty: λ fᵀ(K + λI)⁻¹f / n ≥ 0, as for `SpectralError`.
  ///   - noiseVariance: σ² ≥ 0.
  /// - Throws: `InvalidInput` if one of them is negative, NaN or infinite.
  public func riskBound(penalty: Double, noiseVariance: Double) throws -> Double? {
    try checkRisk(penalty: penalty, noiseVariance: noiseVariance)
    return epsilonBound.map {
      (1 + $0) * penalty + noiseVariance * featureStatisticalDimension / Double(n)
    }
  }
}

private func checkRisk(penalty: Double, noiseVariance: Double) throws {
  for (name, value) in [("penalty", penalty), ("noiseVariance", noiseVariance)] {
    guard value >= 0, value.isFinite else {
      throw InvalidInput(name, found: "\(value)", expected: "a finite number from 0 on")
    }
  }
}
