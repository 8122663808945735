// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression from sums that were added anywhere.

import FeatureMaps
import LinearAlgebra
import Validation

extension NormalEquations {
  /// The model of ridge regression on the rows added: W minimises Σ wᵢ|zᵢW − (yᵢ − ȳ)|² + λ‖W‖².
  ///
  /// What `RidgeRegression.fit` gives for the same rows and ridge, to rounding, but from sums of several
  /// streams or machines. Sums with equal bits give a model with equal bits: merge tiles in their order,
  /// or parts as `PairwiseNormalEquations`.
  ///
  ///     let model = try parts.total.model(ridge: 0.1)
  ///
  /// - Parameter task: what the targets mean, as in `Targets`.
  /// - Throws: `InvalidInput` if there are no rows with a weight above 0, the ridge is not above 0 or
  ///   below the rounding of the sums, or the task does not fit the targets; `CancellationError`.
  /// - Complexity: D³/3 operations.
  public func model(
    ridge: Double, task: LearningTask = .regression, on execution: Execution = .allCores
  ) throws -> LinearModel {
    try Check.positive(ridge, "ridge")
    try validateForSolving()
    return try StreamedSums<Double>(self).solve(ridge: ridge, task: task, on: execution)
  }

  /// The path of ridges by their error on rows held out from the sums, and the model of the best ridge
  /// and all rows, the held-out ones included.
  ///
  /// `RidgeRegression.fit` does the same with a random part of its rows; equal bits as in
  /// `model(ridge:)`.
  ///
  /// - Parameters:
  ///   - source: the rows held out.
  ///   - map: gives them features, as it gave those in the sums.
  ///   - weights: as in `RidgeRegression.fit`, but all above 0.
  /// - Throws: `InvalidInput` if shapes or weights do not fit, data or features are not finite, or there
  ///   are no rows on one side; errors of the source; `CancellationError`.
  /// - Complexity: about 10D³ operations, and the held-out features once.
  public func fit<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    heldOut source: Source, _ map: Map, targets: Targets, weights: [Double]? = nil,
    as type: Scalar.Type, on execution: Execution = .allCores
  ) throws -> RidgeFit {
    try validateForSolving()
    try Check.equal(map.outputDimension, featureCount, "columns of the features")
    try Check.equal(targets.values.columnCount, targetCount, "columns of the targets")
    try Check.dimension(source.rowCount, "number of held-out rows")
    try Check.equal(targets.rowCount, source.rowCount, "rows of the targets")
    if let weights {
      try Check.equal(weights.count, source.rowCount, "number of weights")
      for (i, weight) in weights.enumerated() { try Check.positive(weight, "weight \(i)") }
    }
    switch precision {
    case .single:
      var sums = StreamedSums<Float>(self)
      return try sums.fit(heldOut: source, map, targets, weights, as: type, on: execution)
    case .double:
      var sums = StreamedSums<Double>(self)
      return try sums.fit(heldOut: source, map, targets, weights, as: type, on: execution)
    }
  }

  private func validateForSolving() throws {
    guard totalWeight > 0, totalWeight.isFinite else {
      throw InvalidInput(
        "normal equations", found: "\(rowCount) rows of weight \(totalWeight) in all",
        expected: "some of a finite weight above 0")
    }
  }
}
