// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The result of ridge regression on features: weights, and what led to them.

import LinearAlgebra
import Validation

/// A linear function of features, outputs = Z W + 1 bᵀ, with the task it was fitted for.
public struct LinearModel: Sendable {
  public let task: LearningTask
  /// W, `D × k`.
  public let weights: Matrix<Double>
  /// b, the means of the training targets.
  public let intercepts: [Double]

  /// - Throws: `InvalidInput` if the shapes do not fit or an entry is not finite.
  public init(task: LearningTask, weights: Matrix<Double>, intercepts: [Double]) throws {
    try Check.equal(intercepts.count, weights.columnCount, "number of intercepts")
    if case .classification(let labels) = task {
      try Check.equal(weights.columnCount, labels.count, "columns of the weights")
    }
    try weights.validateFinite("weights")
    guard intercepts.allSatisfy(\.isFinite) else {
      throw InvalidInput("intercepts", found: "\(intercepts)", expected: "finite numbers")
    }
    self.task = task
    self.weights = weights
    self.intercepts = intercepts
  }

  /// The outputs for rows of features, `n × k`. Cost: 2nDk operations.
  ///
  /// - Throws: `InvalidInput` if the features do not have D columns.
  public func outputs<Scalar: RealScalar>(
    for features: Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    var result =
      try features
      .multiplied(by: weights.converted(to: Scalar.self), on: execution.silent)
      .converted(to: Double.self)
    result.add(row: intercepts)
    return result
  }
}

/// A fitted ridge regression: the model, the ridge, and the path that led to it.
public struct RidgeFit: Sendable {
  public let model: LinearModel
  /// The ridge λ of the final fit, total as in K + λI.
  public let ridge: Double
  /// The ridges tried, with their held-out errors; empty where the ridge was given.
  public let path: [RidgePathPoint]
}

extension Matrix<Double> {
  /// Adds factor · `row` to every row.
  mutating func add(row: [Double], times factor: Double = 1) {
    precondition(row.count == columnCount)
    let (n, k) = (rowCount, columnCount)
    withUnsafeMutablePointer { p in
      for i in 0..<n {
        for j in 0..<k { p[i * k + j] += factor * row[j] }
      }
    }
  }

  /// Multiplies every entry.
  mutating func scale(by factor: Double) {
    let count = elements.count
    withUnsafeMutablePointer { p in
      for i in 0..<count { p[i] *= factor }
    }
  }

  /// The mean of the rows; zeros where there are none.
  var rowMean: [Double] {
    var sums = [Double](repeating: 0, count: columnCount)
    for i in 0..<rowCount {
      for (j, value) in row(i).enumerated() { sums[j] += value }
    }
    return sums.map { $0 / Double(Swift.max(1, rowCount)) }
  }
}
