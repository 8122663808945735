// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A certificate held against data, features and kernel.

import LinearAlgebra
import Validation

extension SpectralCertificate {
  /// What is wrong with a certificate.
  public enum Objection: Hashable, Codable, Sendable {
    /// Its form is none that this library knows.
    case unknownVersion(Int)
    /// Its figures cannot be true of any features: ε is not that of its ratios, or out of range.
    case inconsistent
    /// It is of other points.
    case otherPoints(DataDigest)
    /// It is of other features.
    case otherFeatures(DataDigest)
    /// A measurement from another start found the ε given, beyond what the certificate allows.
    case refuted(epsilon: Double)
    /// The measurement from another start found no ratio near the claimed ones: ε seems smaller.
    case notConfirmed(epsilon: Double)
  }

  /// Checks the certificate and measures ε again; empty if all is well.
  ///
  /// The new measurement takes another random start, so it errs apart from the first. It refutes a
  /// certificate if its ε, which the true one is at or above, exceeds the certificate's bound (the
  /// measured ε where there is none) by the slack; it does not confirm one if it has converged and falls
  /// short of the measured ε by the slack.
  ///
  /// - Parameters:
  ///   - points: X, as the certificate names them.
  ///   - features: Z, computed anew from map and seed, or as stored.
  ///   - exact: K of the points.
  ///   - rule: of the new measurement.
  ///   - slack: relative to 1 + ε.
  ///   - seed: of the new start.
  /// - Throws: as `SpectralErrorEstimate`.
  /// - Complexity: as `SpectralErrorEstimate`, after a pass over points and features.
  public func objections<Scalar: RealScalar>(
    points: Rows<Scalar>, features: Matrix<Scalar>, exact: some LinearOperator,
    stopping rule: StoppingRule, slack: Double = 1e-3, seed: UInt64,
    on execution: Execution = .allCores
  ) throws -> [Objection] {
    try Check.positive(slack, "slack")
    guard version == Self.currentVersion else { return [.unknownVersion(version)] }
    var found: [Objection] = []
    if !isConsistent { found.append(.inconsistent) }
    let pointDigest = DataDigest(points)
    if pointDigest != self.points { found.append(.otherPoints(pointDigest)) }
    let featureDigest = DataDigest(.dense(features))
    if featureDigest != self.features { found.append(.otherFeatures(featureDigest)) }
    guard found.isEmpty else { return found }
    let again = try SpectralErrorEstimate(
      features: features, exact: exact, ridge: ridge, stopping: rule, seed: seed, on: execution)
    let margin = slack * (1 + epsilon)
    if again.epsilon > max(epsilon, epsilonBound ?? epsilon) + margin {
      found.append(.refuted(epsilon: again.epsilon))
    } else if again.status.isConverged, again.epsilon < epsilon - margin {
      found.append(.notConfirmed(epsilon: again.epsilon))
    }
    return found
  }

  /// Whether the figures can belong together.
  private var isConsistent: Bool {
    guard ridge > 0, ridge.isFinite, smallestRatio > 0, smallestRatio <= largestRatio,
      largestRatio.isFinite, epsilon >= 0, points.rowCount == features.rowCount,
      (0..<1).contains(failureProbability), epsilonBound.map({ $0 >= epsilon }) ?? true,
      (method == .lanczos) == (status != nil)
    else { return false }
    let own = max(largestRatio - 1, 1 / smallestRatio - 1, 0)
    return abs(own - epsilon) <= 1e-9 * (1 + epsilon)
  }
}
