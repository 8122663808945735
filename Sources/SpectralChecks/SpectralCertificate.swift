// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A statement of how far features are from their kernel that others can check.

import LinearAlgebra
import Validation

/// ε of features at a ridge with all that is needed to measure it again: data, map, seed, method.
///
/// Stored as JSON. It holds for these points and this ridge alone.
public struct SpectralCertificate: Codable, Hashable, Sendable {
  /// How ε was found.
  public enum Method: String, Codable, Sendable {
    /// From all eigenvalues of dense matrices.
    case dense
    /// By the Lanczos process on products with K.
    case lanczos
  }

  /// The form of the certificate.
  public static var currentVersion: Int { 1 }

  public let version: Int
  /// The points X.
  public let points: DataDigest
  /// The features Z.
  public let features: DataDigest
  /// The kernel and the map in words, as their maker describes them.
  public let kernel: String
  public let map: String
  /// The seed of the map.
  public let seed: UInt64
  /// λ.
  public let ridge: Double
  /// ε as measured, and the ratios behind it; see `SpectralError`.
  public let epsilon: Double
  public let smallestRatio: Double
  public let largestRatio: Double
  public let method: Method
  /// What ε does not exceed with probability at least 1 − `failureProbability` over the random start
  /// of the measurement; nil where it tells no bound. For a dense measurement ε itself and 0.
  public let epsilonBound: Double?
  public let failureProbability: Double
  /// Of the Lanczos process; nil for a dense measurement.
  public let status: IterationStatus?

  /// The certificate of a measurement with products of K.
  ///
  /// - Throws: `InvalidInput` if points, features and measurement are not of one shape.
  /// - Complexity: one pass over points and features.
  public init<Scalar: RealScalar>(
    _ estimate: SpectralErrorEstimate, points: Rows<Scalar>, features: Matrix<Scalar>,
    kernel: String, map: String, seed: UInt64
  ) throws {
    try Check.equal(points.rowCount, estimate.n, "rows of the points")
    try Check.equal(features.rowCount, estimate.n, "rows of the features")
    try Check.equal(features.columnCount, estimate.dimension, "columns of the features")
    version = Self.currentVersion
    (self.points, self.features) = (DataDigest(points), DataDigest(.dense(features)))
    (self.kernel, self.map, self.seed) = (kernel, map, seed)
    (ridge, epsilon) = (estimate.ridge, estimate.epsilon)
    (smallestRatio, largestRatio) = (estimate.smallestRatio, estimate.largestRatio)
    method = .lanczos
    epsilonBound = estimate.epsilonBound
    failureProbability = estimate.failureProbability
    status = estimate.status
  }

  /// The certificate of a dense measurement.
  ///
  /// - Throws: `InvalidInput` if points, features and measurement are not of one shape, or ε is
  ///   infinite.
  /// - Complexity: one pass over points and features.
  public init<Scalar: RealScalar>(
    _ error: SpectralError, points: Rows<Scalar>, features: Matrix<Scalar>, kernel: String,
    map: String, seed: UInt64
  ) throws {
    try Check.equal(points.rowCount, error.n, "rows of the points")
    try Check.equal(features.rowCount, error.n, "rows of the features")
    try Check.equal(
      features.columnCount, error.dimension ?? features.columnCount, "columns of the features")
    try Check.nonnegative(error.epsilon, "ε")
    version = Self.currentVersion
    (self.points, self.features) = (DataDigest(points), DataDigest(.dense(features)))
    (self.kernel, self.map, self.seed) = (kernel, map, seed)
    (ridge, epsilon) = (error.ridge, error.epsilon)
    (smallestRatio, largestRatio) = (error.smallestRatio, error.largestRatio)
    method = .dense
    epsilonBound = error.epsilon
    failureProbability = 0
    status = nil
  }
}
