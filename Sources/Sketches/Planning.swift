// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Output dimensions planned from exact variances.

import Validation

/// From a relative error to the dimension that keeps it: with V/m the variance of the worst pair of
/// unit vectors, the least m ≥ V/ε².
enum Planning {
  /// The largest |x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ² of unit vectors: 2 − 2/d, since Σ xₖ²yₖ² ≥ ⟨x, y⟩²/d.
  static func signVariance(inputDimension: Int) throws -> Double {
    try Check.dimension(inputDimension, "input dimension")
    return inputDimension == 1 ? 0 : 2 - 2 / Double(inputDimension)
  }

  /// The least m ≥ 1 with V/m ≤ ε².
  static func dimension(_ epsilon: Double, worstVariance: Double) throws -> Int {
    try dimension(epsilon, worstVariance: worstVariance, population: nil)
  }

  /// The same where m ≤ D draws are without replacement: the least m with
  /// (V/m)(1 − (m − 1)/(D − 1)) ≤ ε².
  static func dimension(
    _ epsilon: Double, worstVariance: Double, population: Int?
  ) throws -> Int {
    try Check.positive(epsilon, "relative error")
    let square = epsilon * epsilon
    func suffices(_ m: Int) -> Bool {
      let factor = population.map { SampledRows.varianceFactor(m, of: $0, replacement: false) }
      return worstVariance * (factor ?? 1 / Double(m)) <= square
    }
    // The least of 1...limit, by bisection: the variance falls all the way.
    let limit = population ?? Check.largestDimension
    guard suffices(limit) else {
      throw InvalidInput(
        "relative error", found: "\(epsilon)",
        expected: "at least \((worstVariance / Double(limit)).squareRoot())")
    }
    var (low, high) = (1, limit)
    while low < high {
      let middle = low + (high - low) / 2
      if suffices(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
