// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression from sums over streamed rows.

import FeatureMaps
import LinearAlgebra
import Validation

/// Normal equations of streamed features, and what solves them.
///
/// Inside, targets are shifted and scaled to numbers around 1, so that products in single precision
/// lose nothing to a large mean.
struct StreamedSums<Sum: RealScalar> {
  private var equations: NormalEquations
  private let shift: [Double]
  /// A power of two.
  private let scale: Double

  /// Sums that were added elsewhere, of targets as they are.
  init(_ equations: NormalEquations) {
    self.equations = equations
    (shift, scale) = (Array(repeating: 0, count: equations.targetCount), 1)
  }

  init<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, _ targets: Targets, _ weights: [Double]?,
    as type: Scalar.Type, on execution: Execution
  ) throws {
    equations = try NormalEquations(
      featureCount: map.outputDimension, targetCount: targets.values.columnCount)
    shift = targets.values.rowMean
    var centred = targets.values
    centred.add(row: shift, times: -1)
    let largest = centred.elements.reduce(0) { max($0, abs($1)) }
    guard largest.isFinite else {
      throw InvalidInput("targets", found: "sums that overflow", expected: "smaller numbers")
    }
    scale = largest.isNormal ? largest.binade : 1
    try map.forEachTile(
      of: source, as: type, tileRowCount: 2048, on: execution.stage("features and Gram matrix")
    ) { range, features in
      try add(
        features.converted(to: Sum.self), targets.values.rows(range),
        weights.map { Array($0[range]) }, on: execution)
    }
  }

  private mutating func add(
    _ features: Matrix<Sum>, _ targets: Matrix<Double>, _ weights: [Double]?,
    on execution: Execution
  ) throws {
    var scaled = targets
    for i in 0..<targets.rowCount {
      for (j, value) in targets.row(i).enumerated() { scaled[i, j] = (value - shift[j]) / scale }
    }
    try equations.add(features: features, targets: scaled, weights: weights, on: execution)
  }

  /// The weighted means of the shifted and scaled targets.
  private var scaledMeans: [Double] { equations.targetSums.map { $0 / equations.totalWeight } }

  private var intercepts: [Double] { zip(shift, scaledMeans).map { $0 + scale * $1 } }

  /// Zᵀ diag(w) (Y − 1ȳᵀ) over the scale, `D × k`.
  private var centredMoments: Matrix<Double> {
    let k = equations.targetCount
    let (means, moments) = (scaledMeans, equations.extendedMoments)
    var result = Matrix<Double>(rowCount: equations.featureCount, columnCount: k)
    for i in 0..<equations.featureCount {
      for j in 0..<k { result[i, j] = moments[i, j] - moments[i, k] * means[j] }
    }
    return result
  }

  /// The path of ridges by their error on the held-out rows, and the model of the best one and all rows:
  /// those held out are added to the sums.
  mutating func fit<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    heldOut: Source, _ map: Map, _ targets: Targets, _ weights: [Double]?,
    as type: Scalar.Type, on execution: Execution
  ) throws -> RidgeFit {
    let gram = equations.gramLower
    let trace = (0..<gram.rowCount).reduce(0.0) { $0 + gram[$1, $1] }
    let ridges = try RidgeChoice.candidates(
      trace: trace, rowCount: equations.totalWeight,
      floor: max(1e-12, Double(Sum.ulpOfOne) / 2))
    execution.stage("eigendecomposition").report(0, of: 1)
    let solutions = try RidgePath(gram, rightHandSides: centredMoments, on: execution)
      .solutions(ridges: ridges, on: execution).converted(to: Sum.self)
    let means = intercepts
    var errors = HeldOutErrors(ridges: ridges, task: targets.task)
    try map.forEachTile(
      of: heldOut, as: type, tileRowCount: 2048, on: execution.stage("held-out rows")
    ) { range, features in
      let (part, features) = (targets.values.rows(range), features.converted(to: Sum.self))
      let partWeights = weights.map { Array($0[range]) }
      var outputs = try features.multiplied(by: solutions, on: execution.silent)
        .converted(to: Double.self)
      outputs.scale(by: scale)
      errors.add(outputs: outputs, intercepts: means, targets: part, weights: partWeights)
      try add(features, part, partWeights, on: execution)
    }
    let (path, ridge) = (errors.path, errors.path.best.ridge)
    return RidgeFit(
      model: try solve(ridge: ridge, task: targets.task, on: execution), ridge: ridge, path: path)
  }

  /// The model of all rows added so far.
  func solve(ridge: Double, task: LearningTask, on execution: Execution) throws -> LinearModel {
    execution.stage("final solve").report(0, of: 1)
    var weights = try ridgeFactor(equations.gramLower, ridge: ridge, on: execution)
      .solve(centredMoments, on: execution.silent)
    weights.scale(by: scale)
    return try LinearModel(task: task, weights: weights, intercepts: intercepts)
  }
}
