// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The spectrum of ZZᵀ, from the D × D side.

import LinearAlgebra
import Validation

/// ZᵀZ = V diag(σ) Vᵀ for features Z n × D: what is to know of ZZᵀ without an n × n matrix.
///
/// - Complexity: nD² + 9D³ operations once; memory of 4D² numbers besides Z, which may be in single
///   precision.
public struct FeatureSpectrum<Scalar: RealScalar>: Sendable {
  /// Z.
  public let features: Matrix<Scalar>
  /// σ, falling; eigenvalues that rounding made negative are 0. Those of ZZᵀ are the first min(n, D).
  public let values: [Double]
  /// V, one eigenvector per column, in the order of `values`.
  let vectors: Matrix<Double>

  /// - Throws: `InvalidInput` unless Z has rows, columns and finite entries, whose products do not
  ///   overflow; `NoConvergence`; `CancellationError`.
  public init(of features: Matrix<Scalar>, on execution: Execution = .allCores) throws {
    try Check.dimension(features.rowCount, "rows of the features")
    try Check.dimension(
      features.columnCount, "columns of the features", upTo: SymmetricEigen<Double>.largestCount)
    try features.validateFinite("features")
    let gram = try features.widenedGram(on: execution)
    guard gram.isFinite else {
      throw InvalidInput(
        "features", found: "inner products that overflow", expected: "entries below 10¹⁵⁰")
    }
    let eigen = try SymmetricEigen(gram, on: execution)
    let order = Array(eigen.values.indices.reversed())
    self.features = features
    values = order.map { max(0, eigen.values[$0]) }
    vectors = eigen.vectors.columns(at: order)
  }

  /// tr ZZᵀ(ZZᵀ + λI)⁻¹, the statistical dimension that ridge regression on the features has.
  ///
  /// - Throws: `InvalidInput` unless λ > 0.
  public func statisticalDimension(ridge: Double) throws -> Double {
    try Check.positive(ridge, "ridge")
    return values.reduce(0) { $0 + $1 / ($1 + ridge) }
  }

  /// The eigenvectors of ZZᵀ with the `count` largest eigenvalues, n × count; zero where that
  /// eigenvalue is.
  func leftVectors(_ count: Int, on execution: Execution) throws -> Matrix<Double> {
    var result = try features.widenedProduct(
      with: vectors.columns(at: Array(0..<count)), on: execution)
    let least = (values.first ?? 0) * Double(values.count) * .ulpOfOne
    result.scaleColumns(
      by: values.prefix(count).map { $0 > least ? 1 / $0.squareRoot() : 0 })
    return result
  }
}

/// S (K − ZZᵀ) S with S = (ZZᵀ + λI)^(−1/2): its eigenvalues are 1/μ − 1 for the ratios μ of
/// `SpectralError`, accurate however small they are.
///
/// With ρ = √(λ/(σ + λ)), √λ S = I − Z V diag(1 / ((σ + λ)(1 + ρ))) Vᵀ Zᵀ.
struct WhitenedError<Exact: LinearOperator, Scalar: RealScalar>: LinearOperator {
  let exact: Exact
  let spectrum: FeatureSpectrum<Scalar>
  let ridge: Double

  var rowCount: Int { exact.rowCount }
  var columnCount: Int { exact.rowCount }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    let features = spectrum.features
    let inner = try whitened(x, on: execution)
    var error = try exact.multiplied(by: inner, on: execution)
    let inside = try features.widenedTransposedProduct(with: inner, on: execution)
    error.add(try features.widenedProduct(with: inside, on: execution), times: -1)
    return try whitened(error, on: execution)
  }

  /// S X.
  private func whitened(_ x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    let (features, vectors) = (spectrum.features, spectrum.vectors)
    var inside = try vectors.transposeMultiplied(
      by: features.widenedTransposedProduct(with: x, on: execution), on: execution)
    inside.scaleRows(
      by: spectrum.values.map { 1 / (($0 + ridge) * (1 + (ridge / ($0 + ridge)).squareRoot())) })
    var result = x
    result.add(
      try features.widenedProduct(
        with: vectors.multiplied(by: inside, on: execution), on: execution), times: -1)
    result.scaleColumns(by: Array(repeating: 1 / ridge.squareRoot(), count: x.columnCount))
    return result
  }
}
