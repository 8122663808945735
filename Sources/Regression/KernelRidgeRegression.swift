// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernel ridge regression, the yardstick of the sketched one.

import Kernels
import LinearAlgebra
import Validation

/// f(x) = Σ αᵢ k(xᵢ, x) + b over training points xᵢ kept in memory.
public struct KernelRidgeRegression<ExactKernel: Kernel>: Sendable {
  public let kernel: ExactKernel
  public let task: LearningTask
  /// The training points, n of them.
  public let points: Rows<Double>
  /// α, `n × k`.
  public let coefficients: Matrix<Double>
  /// b, the means of the training targets.
  public let intercepts: [Double]
  /// The ridge λ, total as in K + λI.
  public let ridge: Double
  /// The ridges tried, with their held-out errors; empty where the ridge was given.
  public let path: [RidgePathPoint]

  /// Solves (K + λI) α = Y − 1bᵀ in double precision.
  ///
  /// - Throws: `InvalidInput` if shapes do not fit, data are not finite or the ridge is not above
  ///   zero; `CancellationError`.
  /// - Complexity: n²/2 kernel entries and up to 14 n³ operations; memory three n × n matrices.
  public init(
    _ kernel: ExactKernel, points: Rows<Double>, targets: Targets,
    choice: RidgeChoice = .heldOut(fraction: 0.1), seed: UInt64 = 0,
    on execution: Execution = .allCores
  ) throws {
    try Check.equal(targets.rowCount, points.rowCount, "rows of the targets")
    let matrix = try kernel.matrix(points, on: execution.stage("kernel matrix"))
    let dual = try DualRidge(matrix, targets: targets, choice: choice, seed: seed, on: execution)
    guard dual.coefficients.isFinite else {
      throw InvalidInput(
        "ridge", found: "\(dual.ridge), for which coefficients overflow",
        expected: "a larger ridge, or smaller targets")
    }
    self.init(
      kernel: kernel, task: targets.task, points: points, coefficients: dual.coefficients,
      intercepts: dual.intercepts, ridge: dual.ridge, path: dual.path)
  }

  /// A model from its parts, as read from a file.
  ///
  /// - Throws: `InvalidInput` if the shapes do not fit or an entry is not finite.
  public init(
    restoring kernel: ExactKernel, task: LearningTask, points: Rows<Double>,
    coefficients: Matrix<Double>, intercepts: [Double], ridge: Double
  ) throws {
    try Check.equal(coefficients.rowCount, points.rowCount, "rows of the coefficients")
    try Check.equal(intercepts.count, coefficients.columnCount, "number of intercepts")
    if case .classification(let labels) = task {
      try Check.equal(coefficients.columnCount, labels.count, "columns of the coefficients")
    }
    try coefficients.validateFinite("coefficients")
    guard intercepts.allSatisfy(\.isFinite) else {
      throw InvalidInput("intercepts", found: "\(intercepts)", expected: "finite numbers")
    }
    try Check.positive(ridge, "ridge")
    self.init(
      kernel: kernel, task: task, points: points, coefficients: coefficients,
      intercepts: intercepts, ridge: ridge, path: [])
  }

  private init(
    kernel: ExactKernel, task: LearningTask, points: Rows<Double>, coefficients: Matrix<Double>,
    intercepts: [Double], ridge: Double, path: [RidgePathPoint]
  ) {
    self.kernel = kernel
    self.task = task
    self.points = points
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.ridge = ridge
    self.path = path
  }

  /// The outputs for new points, `m × k`. Cost: m n kernel entries.
  ///
  /// - Throws: `InvalidInput` if the points do not fit; `CancellationError`.
  public func outputs(
    for newPoints: Rows<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    var parts: [Matrix<Double>] = []
    for range in newPoints.tiles(of: 1024) {
      let tile = try kernel.matrix(newPoints.rows(range), points, on: execution.silent)
      parts.append(try tile.multiplied(by: coefficients, on: execution.silent))
      execution.report(range.upperBound, of: newPoints.rowCount)
    }
    var result = try Matrix.stacked(parts)
    if newPoints.rowCount == 0 {
      result = Matrix(rowCount: 0, columnCount: coefficients.columnCount)
    }
    result.add(row: intercepts)
    return result
  }
}
