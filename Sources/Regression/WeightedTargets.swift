// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Targets with a weight for each sample, centred.

import LinearAlgebra
import Validation

/// Y − 1bᵀ with b the weighted means, and the roots of the weights, which turn a weighted ridge
/// regression into a plain one: rows of features and targets times √wᵢ.
struct WeightedTargets: Sendable {
  /// √wᵢ; all 1 without weights.
  let roots: [Double]
  /// Σ wᵢ.
  let total: Double
  /// b.
  let intercepts: [Double]
  /// Y − 1bᵀ, n × k, without weights.
  let centred: Matrix<Double>

  /// - Throws: `InvalidInput` unless there is a weight above zero for every row and their sum is
  ///   finite.
  init(_ targets: Targets, weights: [Double]?) throws {
    let n = targets.rowCount
    try Check.dimension(n, "rows of the targets")
    if let weights {
      try Check.equal(weights.count, n, "number of weights")
      for (i, weight) in weights.enumerated() { try Check.positive(weight, "weight \(i)") }
      roots = weights.map { $0.squareRoot() }
    } else {
      roots = Array(repeating: 1, count: n)
    }
    let total = weights?.reduce(0, +) ?? Double(n)
    try Check.positive(total, "sum of the weights")
    var shares = Matrix<Double>(rowCount: n, columnCount: 1)
    for i in 0..<n { shares[i, 0] = (weights?[i] ?? 1) / total }
    let means = try shares.transposeMultiplied(by: targets.values, on: Execution(threads: 1))
    var centred = targets.values
    centred.add(row: Array(means.elements), times: -1)
    (self.total, intercepts, self.centred) = (total, Array(means.elements), centred)
  }

  /// √w ∘ (Y − 1bᵀ).
  var weighted: Matrix<Double> {
    var result = centred
    result.scaleRows(by: roots)
    return result
  }
}
