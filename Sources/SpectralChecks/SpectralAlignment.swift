// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How much of a kernel's leading directions features hold.

import LinearAlgebra
import Validation

/// The k leading eigenvalues of K beside those of ZZᵀ, and how far their eigenvectors agree.
public struct SpectralAlignment: Codable, Hashable, Sendable {
  /// κ₁ ≥ κ₂ ≥ …, the largest eigenvalues of K.
  public let exactValues: [Double]
  /// The largest eigenvalues of ZZᵀ, falling; 0 beyond its rank.
  public let featureValues: [Double]
  /// uᵢᵀ ZZᵀ uᵢ / κᵢ for the eigenvectors uᵢ of K: 1 where features hold a direction in full.
  public let retained: [Double]
  /// ‖U_kᵀ Ũ_k‖²_F / k for the leading eigenvectors of both: the mean squared cosine between the two
  /// subspaces, 1 for equal ones.
  public let subspaceOverlap: Double
  /// Of the Lanczos process that finds those of K; its residual is relative to κ₁.
  public let status: IterationStatus

  /// - Parameters:
  ///   - features: Z, n × D.
  ///   - exact: K, symmetric positive semidefinite. Repeated eigenvalues are found once.
  ///   - count: k, from 1 to min(n, D).
  ///   - rule: of the Lanczos process. Where it ends early, the figures are of its last Ritz vectors.
  /// - Throws: `InvalidInput` for shapes or numbers that do not fit, a K that is zero on all leading
  ///   directions or has fewer than k eigenvalues that differ; what K throws; `CancellationError`.
  /// - Complexity: a product with K for each step, nD² + 9D³ operations, and 2nDk.
  public init<Scalar: RealScalar>(
    features: Matrix<Scalar>, exact: some LinearOperator, count: Int, stopping rule: StoppingRule,
    seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws {
    try Check.equal(exact.rowCount, features.rowCount, "rows of the exact kernel matrix")
    try Check.dimension(
      count, "number of eigenvalues", upTo: min(features.rowCount, features.columnCount))
    let spectrum = try FeatureSpectrum(of: features, on: execution)
    let lanczos = try Lanczos(
      exact, smallest: 0, largest: count, stopping: rule, seed: seed, on: execution)
    let steps = lanczos.values.count
    guard steps >= count, lanczos.values[steps - count] > 0 else {
      throw InvalidInput(
        "number of eigenvalues", found: "\(count)",
        expected: "at most the \(lanczos.values.count { $0 > 0 }) positive ones found of the exact "
          + "kernel matrix")
    }
    exactValues = lanczos.values.suffix(count).reversed()
    featureValues = Array(spectrum.values.prefix(count))
    status = lanczos.status
    let vectors = lanczos.vectors(steps - count..<steps)
      .columns(at: (0..<count).reversed())
    let inside = try features.widenedTransposedProduct(with: vectors, on: execution)
    retained = zip(inside.columnProducts(inside), exactValues).map { $0 / $1 }
    let cosines = try vectors.transposeMultiplied(
      by: spectrum.leftVectors(count, on: execution), on: execution)
    subspaceOverlap = cosines.columnProducts(cosines).reduce(0, +) / Double(count)
  }
}
