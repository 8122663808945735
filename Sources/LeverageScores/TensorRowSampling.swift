// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sampling rows of tensor powers of data by leverage, without forming the powers.

import LinearAlgebra
import Randomness
import Validation

/// How rows of ⊕_j √c_j X^{⊗j} are drawn by their ridge leverage scores r(K + λI)⁻¹rᵀ.
///
/// The matrix has d^q rows; none but those drawn are ever looked at. Indices are drawn one by one, each from
/// its mass given the ones before. The probability of each draw is known exactly, so weighted samples
/// are unbiased whatever the error of the masses.
///
/// - Source: Woodruff, Zandieh, "Near input sparsity time kernel embeddings via adaptive sampling", ICML
///   2020, and "Leverage score sampling for tensor product matrices in input sparsity time", ICML 2022.
public struct TensorRowSampling: Hashable, Codable, Sendable {
  /// Where the masses come from.
  public enum Method: String, Hashable, Codable, CaseIterable, Sendable {
    /// Exact ones, of exact probabilities: for up to a few hundred points. O(q n³ + n²) operations and
    /// n² for each scan.
    case exact
    /// Sketches of all powers in one pass, which also stand for the kernel in the weight (K + λI)⁻¹.
    case sketch
    /// The same, but K in the weight is stood for by rows drawn at the double of λ, and so on from a λ
    /// so large that K does not matter: log₂(2 tr K/λ) rounds with new sketches each.
    case halving
  }

  public var method: Method
  /// λ.
  public var ridge: Double
  /// s, the number of draws.
  public var count: Int
  public var seed: UInt64
  /// How many coordinates sketches of whole tuples have, as they stand for K; a power of two is best.
  public var sketchDimension: Int
  /// How many coordinates tell the masses of a scan: their relative standard deviation is about
  /// √(8/scanDimension).
  public var scanDimension: Int

  public init(
    ridge: Double, count: Int, method: Method = .sketch, seed: UInt64 = 0,
    sketchDimension: Int = 1024, scanDimension: Int = 128
  ) {
    self.ridge = ridge
    self.count = count
    self.method = method
    self.seed = seed
    self.sketchDimension = sketchDimension
    self.scanDimension = scanDimension
  }

  /// Draws rows of X^{⊗q}, for points with the kernel ⟨x, y⟩^q.
  ///
  /// - Throws: `InvalidInput` if a number is out of its range, λ is below the rounding of K, q is not 1
  ///   to 64, or the points are none, zero, not finite or so large that powers overflow;
  ///   `CancellationError`.
  /// - Complexity: 8 additions per nonzero for all powers together, O(q log q · m log m) operations for
  ///   each point with m = `sketchDimension`, and for each step of each draw (shared by draws with one
  ///   prefix) 2R per nonzero of the points where the prefix is not zero, R = `scanDimension`; of rows
  ///   of 128 nonzeros and more some √(nonzeros) of it. Memory: some 3 copies of the points and n(qR + m)
  ///   numbers.
  public func rows<Scalar: RealScalar>(
    ofPower degree: Int, of points: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> TensorRowSample {
    try Check.dimension(degree, "degree", upTo: 64)
    return try rows(
      ofSeries: Array(repeating: 0, count: degree) + [1], of: points, on: execution)
  }

  /// Draws rows of ⊕_j √c_j w X^{⊗j}, for points with the kernel w(x) w(y) Σ_j c_j ⟨x, y⟩ʲ.
  ///
  /// The degree is drawn first, by the mass of all its tuples. The constant row is not drawn: features
  /// have it for certain.
  ///
  /// - Parameters:
  ///   - coefficients: c_0, c_1, …, at or above 0, up to degree 64.
  ///   - pointWeights: w of every point; 1 where they are left out.
  /// - Throws: as `rows(ofPower:of:on:)`; `InvalidInput` if coefficients or weights are out of range.
  public func rows<Scalar: RealScalar>(
    ofSeries coefficients: [Double], of points: Rows<Scalar>, pointWeights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws -> TensorRowSample {
    try sampler(
      ofSeries: coefficients, of: points, pointWeights: pointWeights, on: execution
    ).rows(count: count, seed: seed, on: execution)
  }

  /// What draws rows of ⊕_j √c_j w X^{⊗j}, as often as wanted.
  ///
  /// - Parameters and errors: as `rows(ofSeries:of:pointWeights:on:)`.
  public func sampler<Scalar: RealScalar>(
    ofSeries coefficients: [Double], of points: Rows<Scalar>, pointWeights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws -> TensorRowSampler {
    try validate()
    let law = try TensorRowLaw(
      series: coefficients, of: points.converted(to: Double.self), pointWeights: pointWeights,
      key: key.child("columns"), on: execution)
    return try sampler(of: law, on: execution)
  }

  /// Draws rows of X₁ ⊗ ⋯ ⊗ X_q, for points with the kernel ⟨x₁, y₁⟩ ⋯ ⟨x_q, y_q⟩.
  ///
  /// - Parameter factors: a row for each point in each of 1 to 64 matrices.
  /// - Throws: as `rows(ofPower:of:on:)`; `InvalidInput` if the factors differ in their numbers of rows.
  /// - Complexity: as for powers, with 2(m + R) operations per nonzero for the sketches. Their variance
  ///   grows as 3^q.
  public func rows<Scalar: RealScalar>(
    ofFactors factors: [Rows<Scalar>], on execution: Execution = .allCores
  ) throws -> TensorRowSample {
    try validate()
    let law = try TensorRowLaw(
      factors: factors.map { $0.converted(to: Double.self) }, key: key.child("columns"),
      on: execution)
    return try sampler(of: law, on: execution).rows(count: count, seed: seed, on: execution)
  }

  private var key: RandomKey { RandomKey(seed: seed).child("tensor rows") }

  func validate() throws {
    try Check.positive(ridge, "ridge")
    try Check.dimension(count, "number of draws")
    try Check.dimension(sketchDimension, "sketch dimension", upTo: 1 << 20)
    try Check.dimension(scanDimension, "scan dimension", upTo: sketchDimension)
  }

  /// What draws rows of a law.
  func sampler(of law: TensorRowLaw, on execution: Execution) throws -> TensorRowSampler {
    try validate()
    let ridge = ridge / law.unit
    // K has the trace 1 here, and no smaller rounding than that.
    guard ridge >= .ulpOfOne else {
      throw InvalidInput(ridgeBelowRounding: self.ridge, .ulpOfOne * law.unit)
    }
    switch method {
    case .exact:
      return TensorRowSampler(
        law, ridge, suffixes: try law.exactSuffixes(ridge: ridge, on: execution))
    case .sketch:
      let powers = try SketchedPowers(
        law, featureCount: sketchDimension, scanCount: scanDimension, key: key.child("powers"),
        on: execution.stage("sketches of powers"))
      return TensorRowSampler(
        law, ridge,
        suffixes: try powers.suffixMatrices(
          features: law.withConstant(powers.features), ridge: ridge, key: key.child("weight"),
          on: execution))
    case .halving:
      return try halving(law, on: execution)
    }
  }

  /// Rounds of falling λ, each with the rows of the one before in place of K.
  private func halving(_ law: TensorRowLaw, on execution: Execution) throws -> TensorRowSampler {
    let ridge = ridge / law.unit
    var current = max(ridge, 2)
    var features = law.withConstant(Matrix(rowCount: law.pointCount, columnCount: 0))
    var number = 0
    while true {
      let key = key.child("round", number)
      let powers = try SketchedPowers(
        law, featureCount: scanDimension, scanCount: scanDimension, key: key.child("powers"),
        on: execution.silent)
      let sampler = TensorRowSampler(
        law, current,
        suffixes: try powers.suffixMatrices(
          features: features, ridge: current, key: key.child("weight"), on: execution))
      if current <= ridge { return sampler }
      let drawn = try sampler.rows(count: count, key: key, on: execution)
      features = law.withConstant(
        try law.features(drawn.tuples, drawn.probabilities, on: execution))
      current = max(ridge, current / 2)
      number += 1
    }
  }
}
