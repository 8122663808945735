// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression in its dual form, on an n × n kernel matrix.

import LinearAlgebra
import Validation

/// The coefficients α of f(x) = Σ αᵢ k(xᵢ, x) + b, from (K + λI) α = Y − 1bᵀ with b the targets' means.
struct DualRidge {
  /// α, `n × k`.
  let coefficients: Matrix<Double>
  let intercepts: [Double]
  let ridge: Double
  let path: [RidgePathPoint]

  /// - Throws: `InvalidInput` for a ridge not above zero, too few rows, or a zero kernel matrix.
  /// - Complexity: 14 m³ operations for m fitted rows where the ridge is chosen, then n³/3.
  init(
    _ kernel: Matrix<Double>, targets: Targets, choice: RidgeChoice, seed: UInt64,
    on execution: Execution
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
      path = try Self.path(kernel, targets, fit: parts.fit, heldOut: parts.heldOut, on: execution)
      ridge = path.best.ridge
    }
    execution.stage("final solve").report(0, of: 1)
    intercepts = targets.values.rowMean
    var centred = targets.values
    centred.add(row: intercepts, times: -1)
    coefficients = try ridgeFactor(kernel, ridge: ridge, on: execution)
      .solve(centred, on: execution.silent)
  }

  private static func path(
    _ kernel: Matrix<Double>, _ targets: Targets, fit: [Int], heldOut: [Int],
    on execution: Execution
  ) throws -> [RidgePathPoint] {
    let fitKernel = kernel.rows(at: fit).columns(at: fit)
    let trace = fit.indices.reduce(0.0) { $0 + fitKernel[$1, $1] }
    let ridges = try RidgeChoice.candidates(trace: trace, rowCount: fit.count)
    var centred = targets.values.rows(at: fit)
    let means = centred.rowMean
    centred.add(row: means, times: -1)
    execution.stage("eigendecomposition").report(0, of: 1)
    let solutions = try RidgePath(fitKernel, rightHandSides: centred, on: execution)
      .solutions(ridges: ridges, on: execution)
    let outputs = try kernel.rows(at: heldOut).columns(at: fit)
      .multiplied(by: solutions, on: execution.silent)
    var errors = HeldOutErrors(ridges: ridges, task: targets.task)
    errors.add(outputs: outputs, intercepts: means, targets: targets.values.rows(at: heldOut))
    return errors.path
  }
}
