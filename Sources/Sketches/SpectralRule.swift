// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How many features a spectral error needs: a rule that real data obey.

import LinearAlgebra
import Validation

/// The rule ε ≤ 4 √(v s_λ/D) for the spectral error of D sketched features.
///
/// ε is the least number with (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI), s_λ = tr K(K + λI)⁻¹ the
/// statistical dimension, and v the `varianceRatio` of the sketch: its exact variance over that of a
/// Gaussian matrix with as many rows, applied to the vectors whose inner products are K. v is 1 for a
/// Gaussian sketch of points, 1 or a little less for signs and hashes, and less for an SRHT without
/// replacement. For powers q of unit vectors with entries of like size it grows to (3^q − 1)/2 for
/// real products at x = y and to 2^q − 1 for TensorSketch and Complex-to-Real forms: what D counts
/// for is D/v.
///
/// It is measured, not proved, for v s_λ ≤ D: on images, sparse texts and tables, ε lies between 1 and
/// 3 times √(v s_λ/D) (`make studies` prints the table). A CountSketch needs leverage to be spread: two
/// coordinates that both carry a direction of K alone cost an ε of order 1 where they share a bucket,
/// which only D ≥ s_λ² prevents. So does a PolySketch of low degree, whose leaves are CountSketches.
///
/// - Source: Cohen, Nelson, Woodruff, "Optimal approximate matrix product in terms of stable rank",
///   ICALP 2016, for the form.
public enum SpectralRule {
  /// The 4 of the rule.
  public static let constant = 4.0

  /// 4 √(v s_λ/D).
  ///
  /// - Throws: `InvalidInput` unless s_λ and v are finite and at least 0, and D is a dimension.
  public static func epsilon(
    statisticalDimension: Double, dimension: Int, varianceRatio: Double = 1
  ) throws -> Double {
    try Check.nonnegative(statisticalDimension, "statistical dimension")
    try Check.nonnegative(varianceRatio, "variance ratio")
    try Check.dimension(dimension, "dimension")
    return constant * (varianceRatio * statisticalDimension / Double(dimension)).squareRoot()
  }

  /// The least D with 4 √(v s_λ/D) ≤ ε.
  ///
  /// - Throws: `InvalidInput` unless ε is above 0, s_λ and v are finite and at least 0, and D is below
  ///   2³¹.
  public static func dimension(
    forEpsilon epsilon: Double, statisticalDimension: Double, varianceRatio: Double = 1
  ) throws -> Int {
    try Check.positive(epsilon, "epsilon")
    let unit = try self.epsilon(
      statisticalDimension: statisticalDimension, dimension: 1, varianceRatio: varianceRatio)
    let least = (unit / epsilon) * (unit / epsilon)
    guard least <= Double(Check.largestDimension) else {
      throw InvalidInput(
        "epsilon", found: "\(epsilon)",
        expected: "at least \(unit / Double(Check.largestDimension).squareRoot())")
    }
    return max(1, Int(least.rounded(.up)))
  }

  /// D times the mean of `variance` over pairs of points, by the mean of k(x, x) k(y, y) + k(x, y)².
  package static func varianceRatio(
    of points: Rows<Double>, dimension: Int, kernel: (Double) -> Double,
    variance: ([Double], [Double]) throws -> Double
  ) throws -> Double {
    try Check.dimension(points.rowCount, "rows of the points")
    let matrix = points.dense
    let rows = (0..<matrix.rowCount).map { Array(matrix.row($0)) }
    func value(_ x: [Double], _ y: [Double]) -> Double {
      kernel(zip(x, y).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let norms = rows.map { value($0, $0) }
    var (variances, gaussian) = (0.0, 0.0)
    for (i, x) in rows.enumerated() {
      for (j, y) in rows[...i].enumerated() {
        let weight = i == j ? 1.0 : 2.0
        let entry = value(x, y)
        variances += weight * (try variance(x, y))
        gaussian += weight * (norms[i] * norms[j] + entry * entry)
      }
    }
    guard gaussian > 0, gaussian.isFinite else {
      throw InvalidInput(
        "points", found: "inner products that are zero or overflow",
        expected: "points of moderate norm")
    }
    return Double(dimension) * variances / gaussian
  }
}

extension LinearSketch {
  /// v of `SpectralRule`, the mean over all pairs of the given points. Cost: O(n²d).
  ///
  /// - Throws: `InvalidInput` if the points do not have d columns, are none, all zero or not finite.
  public func varianceRatio(on points: Rows<Double>) throws -> Double {
    try points.validate(columnCount: inputDimension, "points")
    return try SpectralRule.varianceRatio(
      of: points, dimension: outputDimension, kernel: { $0 }, variance: variance)
  }
}
