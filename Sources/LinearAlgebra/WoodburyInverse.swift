// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The inverse of ZZᵀ + λI for a tall Z.

import Validation

/// (ZZᵀ + λI)⁻¹ = (I − Z (ZᵀZ + λI)⁻¹ Zᵀ) / λ for Z n × D, by a D × D Cholesky factor.
///
/// With features Z of a kernel matrix K and ε their spectral error at λ, it preconditions K + λI to a
/// condition number of at most (1 + ε)²; with Nyström features, of at most 1 + ‖K − ZZᵀ‖/λ.
///
/// Images are exact to about ‖Z‖²/λ units of rounding. Z may be single precision to save memory;
/// products are in double precision all the same.
///
/// - Complexity: nD² + D³/3 operations once and 4nDk for k vectors; memory of D² numbers.
public struct WoodburyInverse<Scalar: RealScalar>: LinearOperator {
  /// Z.
  public let features: Matrix<Scalar>
  /// λ.
  public let ridge: Double
  private let factor: Cholesky<Double>

  /// - Throws: `InvalidInput` unless λ is positive and not below the rounding of ZᵀZ, and Z has rows,
  ///   columns and finite entries; `CancellationError`.
  public init(
    features: Matrix<Scalar>, ridge: Double, on execution: Execution = .allCores
  ) throws {
    try Check.positive(ridge, "ridge")
    try features.validateForDecomposition()
    let gram = try features.widenedGram(on: execution)
    let trace = (0..<gram.rowCount).reduce(0.0) { $0 + gram[$1, $1] }
    do {
      factor = try Cholesky(gram, addingToDiagonal: ridge, on: execution)
    } catch is NotPositiveDefinite {
      throw InvalidInput(
        "ridge", found: "\(ridge), below the rounding of the features' products",
        expected: "at least \(trace * Double(features.columnCount) * .ulpOfOne)")
    }
    self.features = features
    self.ridge = ridge
  }

  public var rowCount: Int { features.rowCount }
  public var columnCount: Int { features.rowCount }

  public func multiplied(
    by x: Matrix<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try Check.equal(x.rowCount, rowCount, "rows of the vectors")
    let inner = try factor.solve(
      features.widenedTransposedProduct(with: x, on: execution), on: execution)
    var result = x
    result.add(try features.widenedProduct(with: inner, on: execution), times: -1)
    result.scaleColumns(by: Array(repeating: 1 / ridge, count: x.columnCount))
    return result
  }
}
