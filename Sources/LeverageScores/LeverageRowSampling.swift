// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Least squares on few rows, taken by their leverage.

import LinearAlgebra
import Randomness
import Sketches
import Validation

extension RowSampling {
  /// A sample of the rows of A, n × d with n ≥ d, with probabilities 0.9 lᵢ/d + 0.1/n for approximate
  /// leverage scores lᵢ = aᵢ(AᵀA)⁻¹aᵢᵀ.
  ///
  /// SA keeps all lengths ‖Ax‖ to a factor 1 ± ε with some d ln d/ε² rows, however few rows carry some
  /// direction. The tenth drawn uniformly bounds every weight.
  ///
  /// - Throws: `InvalidInput` if A is not finite or n < d, or the number of rows is out of range;
  ///   `RankDeficient` if the columns of A are dependent to working precision; `CancellationError`.
  /// - Complexity: 8 additions per nonzero, 32d³ operations and 128 per nonzero.
  /// - Source: Drineas, Mahoney, Muthukrishnan, "Sampling algorithms for ℓ₂ regression and
  ///   applications", SODA 2006.
  public init(
    byLeverageOf a: Rows<Double>, outputDimension: Int, seed: UInt64,
    on execution: Execution = .allCores
  ) throws {
    let scores = try a.approximateLeverageScores(
      key: RandomKey(seed: seed).child("least squares"), on: execution)
    let (total, n) = (scores.reduce(0, +), Double(scores.count))
    try self.init(
      weights: scores.map { 0.9 * $0 / total + 0.1 / n }, outputDimension: outputDimension,
      seed: seed)
  }
}

extension Rows where Scalar == Double {
  /// The X that minimises ‖S(AX − B)‖_F for a sample S of `sampleCount` rows by the leverage of A.
  ///
  /// ‖AX − B‖ is within a factor 1 + ε of the least for some d ln d + d/ε samples.
  ///
  /// - Parameter b: B, n × p.
  /// - Throws: `InvalidInput` if the shapes do not fit, an entry is not finite, n < d or `sampleCount` <
  ///   d; `RankDeficient` if the columns of A, or of the sample, are dependent to working precision;
  ///   `CancellationError`.
  /// - Complexity: that of `RowSampling(byLeverageOf:)` and 4 `sampleCount` · d² operations.
  public func leastSquares(
    _ b: Matrix<Double>, sampleCount: Int, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try Check.equal(b.rowCount, rowCount, "rows of the right-hand side")
    try b.validateFinite("right-hand side")
    let sampling = try RowSampling(
      byLeverageOf: self, outputDimension: sampleCount, seed: seed, on: execution)
    return try QR(sampling.applyFromLeft(to: self, on: execution)).leastSquares(
      sampling.applyFromLeft(to: .dense(b), on: execution), on: execution)
  }

  /// ‖aᵢ R⁻¹ G‖² with SA = QR, as in `approximateRidgeLeverageScores` but without a ridge.
  fileprivate func approximateLeverageScores(
    key: RandomKey, on execution: Execution
  ) throws -> [Double] {
    try validateForScores()
    let (n, d) = (rowCount, columnCount)
    guard n >= d else {
      throw InvalidInput("rows of the matrix", found: "\(n)", expected: "at least its \(d) columns")
    }
    let sketched =
      n > 8 * d
      ? try SparseSignEmbedding(
        inputDimension: n, outputDimension: 8 * d, seed: key.child("rows").seed
      ).applyFromLeft(to: self, on: execution)
      : dense
    let k = min(64, d)
    let directions =
      k < d
      ? normalMatrix(rowCount: d, columnCount: k, key: key.child("projections"))
      : Matrix<Double>.identity(d)
    // R⁻¹G is the least-squares solution of (SA)X = QG.
    let factors = try QR(sketched)
    let inverse = try factors.leastSquares(
      factors.orthonormal.multiplied(by: directions, on: execution), on: execution)
    let weight = k < d ? 1 / Double(k) : 1
    return squaredRowNorms(
      try multiplied(by: inverse, on: execution), weights: Array(repeating: weight, count: k))
  }
}
