// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression in its dual form, on an n × n kernel matrix.

import LinearAlgebra
import Validation

/// The coefficients α of f(x) = Σ αᵢ k(xᵢ, x) + b, from (K + λI) α = Y − 1bᵀ with b the targets' means.
///
/// With weights w and u = √w, b is the weighted mean and (diag(u) K diag(u) + λI)(α/u) = u ∘ (Y − 1bᵀ).
struct DualRidge {
  /// α, `n × k`.
  let coefficients: Matrix<Double>
  let intercepts: [Double]
  let ridge: Double
  let path: [RidgePathPoint]

  /// - Parameter weights: above 0; 1 if nil.
  /// - Throws: `InvalidInput` for a ridge not above zero, too few rows, or a zero kernel matrix.
  /// - Complexity: 14 m³ operations for m fitted rows where the ridge is chosen, then n³/3.
  init(
    _ kernel: Matrix<Double>, targets: Targets, weights: [Double]? = nil, choice: RidgeChoice,
    seed: UInt64, on execution: Execution
  ) throws {
    let n = kernel.rowCount
    try Check.equal(targets.rowCount, n, "rows of the targets")
    switch choice {
    case .fixed(let ridge):
      try Check.positive(ridge, "ridge")
      self.ridge = ridge
      path = []
    case .heldOut(let fraction):
      let parts = try RidgeChoice.split(rowCount: n, fraction: fraction, seed: seed)
      path = try Self.path(
        kernel, targets, weights, fit: parts.fit, heldOut: parts.heldOut, on: execution)
      ridge = path.best.ridge
    }
    execution.stage("final solve").report(0, of: 1)
    let system = try DualSystem(kernel, targets, weights)
    intercepts = system.intercepts
    coefficients = system.coefficients(
      from: try ridgeFactor(system.matrix, ridge: ridge, on: execution)
        .solve(system.right, on: execution.silent))
  }

  private static func path(
    _ kernel: Matrix<Double>, _ targets: Targets, _ weights: [Double]?, fit: [Int],
    heldOut: [Int], on execution: Execution
  ) throws -> [RidgePathPoint] {
    let system = try DualSystem(
      kernel.rows(at: fit).columns(at: fit), targets.rows(at: fit),
      weights.map { all in fit.map { all[$0] } })
    let matrix = system.matrix
    let ridges = try RidgeChoice.candidates(
      trace: fit.indices.reduce(0.0) { $0 + matrix[$1, $1] }, rowCount: system.total)
    execution.stage("eigendecomposition").report(0, of: 1)
    let solutions = system.coefficients(
      from: try RidgePath(matrix, rightHandSides: system.right, on: execution)
        .solutions(ridges: ridges, on: execution))
    let outputs = try kernel.rows(at: heldOut).columns(at: fit)
      .multiplied(by: solutions, on: execution.silent)
    var errors = HeldOutErrors(ridges: ridges, task: targets.task)
    errors.add(
      outputs: outputs, intercepts: system.intercepts, targets: targets.values.rows(at: heldOut),
      weights: weights.map { all in heldOut.map { all[$0] } })
    return errors.path
  }
}

/// diag(u) K diag(u) and u ∘ (Y − 1bᵀ); without weights K and Y − 1bᵀ.
private struct DualSystem {
  private(set) var matrix: Matrix<Double>
  let right: Matrix<Double>
  let intercepts: [Double]
  /// Σ wᵢ.
  let total: Double
  private let roots: [Double]?

  init(_ kernel: Matrix<Double>, _ targets: Targets, _ weights: [Double]?) throws {
    matrix = kernel
    guard let weights else {
      intercepts = targets.values.rowMean
      var centred = targets.values
      centred.add(row: intercepts, times: -1)
      (right, total, roots) = (centred, Double(targets.rowCount), nil)
      return
    }
    let weighted = try WeightedTargets(targets, weights: weights)
    matrix.scaleRows(by: weighted.roots)
    matrix.scaleColumns(by: weighted.roots)
    (right, intercepts) = (weighted.weighted, weighted.intercepts)
    (total, roots) = (weighted.total, weighted.roots)
  }

  /// α from α/u.
  func coefficients(from solutions: Matrix<Double>) -> Matrix<Double> {
    guard let roots else { return solutions }
    var result = solutions
    result.scaleRows(by: roots)
    return result
  }
}
