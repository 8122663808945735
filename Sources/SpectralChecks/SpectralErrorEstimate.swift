// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How far features are from their kernel where the kernel matrix is too large to store.

import LinearAlgebra
import Validation

/// ε of features at a ridge, as `SpectralError` defines it, measured with products of K alone.
///
/// The extreme eigenvalues of (ZZᵀ + λI)^(−1/2) (K − ZZᵀ) (ZZᵀ + λI)^(−1/2) come from the Lanczos
/// process. Its values lie inside the spectrum, so `epsilon` never exceeds the true ε but by rounding,
/// which is of the order of ‖K‖/λ units; `epsilonBound` is what ε does not exceed but with the given
/// probability over the random start. The values mostly agree to the square of `status.residual`.
public struct SpectralErrorEstimate: Codable, Hashable, Sendable {
  /// n, the number of points.
  public let n: Int
  /// D, the number of features.
  public let dimension: Int
  /// λ.
  public let ridge: Double
  /// ε as measured.
  public let epsilon: Double
  /// The smallest and the largest ratio μ as measured.
  public let smallestRatio: Double
  public let largestRatio: Double
  /// What ε does not exceed with probability at least 1 − `failureProbability`; nil where the steps
  /// were too few to tell.
  public let epsilonBound: Double?
  public let failureProbability: Double
  /// tr ZZᵀ(ZZᵀ + λI)⁻¹.
  public let featureStatisticalDimension: Double
  /// Of the Lanczos process; the residual is one of 1/μ, relative where 1/μ > 2.
  public let status: IterationStatus

  /// - Parameters:
  ///   - features: Z, n × D, of either precision.
  ///   - exact: K, symmetric positive semidefinite, such as a `KernelOperator`.
  ///   - ridge: λ > 0, well above the rounding of K.
  ///   - rule: when the residual suffices; mostly 20 to 60 steps to 10⁻³.
  ///   - failureProbability: in (0, 1).
  ///   - seed: of the random start.
  /// - Throws: `InvalidInput` for shapes or numbers that do not fit; what K throws;
  ///   `NoConvergence`; `CancellationError`.
  /// - Complexity: a product with K for each step, 12nD operations a step, nD² + 9D³ once. Memory of
  ///   Z, 4D² numbers and n for each step. Progress counts steps.
  public init<Scalar: RealScalar>(
    features: Matrix<Scalar>, exact: some LinearOperator, ridge: Double,
    stopping rule: StoppingRule,
    failureProbability: Double = 1e-3, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws {
    try self.init(
      spectrum: FeatureSpectrum(of: features, on: execution), exact: exact, ridge: ridge,
      stopping: rule, failureProbability: failureProbability, seed: seed, on: execution)
  }

  /// The same from a spectrum at hand, as for several ridges.
  public init<Scalar: RealScalar>(
    spectrum: FeatureSpectrum<Scalar>, exact: some LinearOperator, ridge: Double,
    stopping rule: StoppingRule, failureProbability: Double = 1e-3, seed: UInt64 = 0,
    on execution: Execution = .allCores
  ) throws {
    featureStatisticalDimension = try spectrum.statisticalDimension(ridge: ridge)
    try Check.equal(exact.rowCount, spectrum.features.rowCount, "rows of the exact kernel matrix")
    let lanczos = try Lanczos(
      WhitenedError(exact: exact, spectrum: spectrum, ridge: ridge), stopping: rule, scale: 1,
      seed: seed, on: execution)
    n = exact.rowCount
    dimension = spectrum.features.columnCount
    self.ridge = ridge
    self.failureProbability = failureProbability
    status = lanczos.status
    let (least, greatest) = (lanczos.values[0], lanczos.values[lanczos.values.count - 1])
    // K ⪰ 0 bounds 1/μ from below.
    let floor = ridge / (spectrum.values[0] + ridge)
    let (low, high) = (max(floor, 1 + least), max(floor, 1 + greatest))
    (smallestRatio, largestRatio) = (1 / high, 1 / low)
    epsilon = max(high - 1, 1 / low - 1, 0)
    epsilonBound = try lanczos.reach(failureProbability: failureProbability).map {
      max(high + $0 - 1, 1 / max(floor, low - $0) - 1, 0)
    }
    guard epsilon.isFinite else {
      throw InvalidInput(
        "ridge", found: "\(ridge), for which the ratios overflow", expected: "a larger one")
    }
  }
}
