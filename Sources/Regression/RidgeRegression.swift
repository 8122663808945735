// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression on the features of a map, streamed.

import FeatureMaps
import LinearAlgebra
import Validation

/// Ridge regression on features: W minimises ‖ZW − (Y − 1ȳᵀ)‖² + λ‖W‖².
public struct RidgeRegression: Sendable {
  public var choice: RidgeChoice
  /// The seed that picks the held-out rows.
  public var seed: UInt64
  /// The precision of sums over streamed rows; that of the features if nil. A path's ridges go down to
  /// 6·10⁻⁸ of the trace of ZᵀZ in single, to 10⁻¹² in double precision, which takes twice the time.
  public var sumPrecision: Precision?

  public init(
    choice: RidgeChoice = .heldOut(fraction: 0.1), seed: UInt64 = 0, sumPrecision: Precision? = nil
  ) {
    self.choice = choice
    self.seed = seed
    self.sumPrecision = sumPrecision
  }

  /// Fits the features that `map` gives the rows of `source`, computed in the given precision.
  ///
  /// For sums that several machines have added there is `NormalEquations.model(ridge:)`.
  ///
  /// With more rows than features D the rows are streamed: in memory are a tile, the D × D Gram
  /// matrix and what its decomposition needs (three such matrices). With fewer rows n, the n × D
  /// features and an n × n kernel matrix.
  ///
  /// - Parameter weights: wᵢ of each row, from 0 on: W minimises Σ wᵢ|zᵢW − (yᵢ − ȳ)|² + λ‖W‖² with ȳ
  ///   the weighted mean, and errors on held-out rows are weighted. A whole number counts as that many
  ///   equal rows; rows of weight 0 are not read. 1 if nil.
  /// - Throws: `InvalidInput` if shapes do not fit, data or features are not finite, a weight is negative
  ///   or not finite or all are 0, the ridge is not above zero or too small for the precision, or the
  ///   rows are too few to hold some out; errors of the source; `CancellationError`.
  /// - Complexity: the features once; n D² + 14 D³ operations, or with n ≤ D n² D + 14 n³.
  public func fit<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, targets: Targets, weights: [Double]? = nil,
    as type: Scalar.Type, on execution: Execution = .allCores
  ) throws -> RidgeFit {
    try Check.equal(targets.rowCount, source.rowCount, "rows of the targets")
    try Check.dimension(source.rowCount, "number of rows")
    if case .fixed(let ridge) = choice { try Check.positive(ridge, "ridge") }
    guard let weights else {
      return try fitRows(map, source, targets, nil, as: type, on: execution)
    }
    try Check.equal(weights.count, source.rowCount, "number of weights")
    for (i, weight) in weights.enumerated() { try Check.nonnegative(weight, "weight \(i)") }
    try Check.positive(weights.reduce(0, +), "sum of the weights")
    let used = weights.indices.filter { weights[$0] > 0 }
    guard used.count < weights.count else {
      return try fitRows(map, source, targets, weights, as: type, on: execution)
    }
    return try fitRows(
      map, RowSelection(source, rows: used), targets.rows(at: used), used.map { weights[$0] },
      as: type, on: execution)
  }

  /// - Parameter weights: above 0.
  private func fitRows<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, _ targets: Targets, _ weights: [Double]?,
    as type: Scalar.Type, on execution: Execution
  ) throws -> RidgeFit {
    if source.rowCount <= map.outputDimension {
      return try fitDual(map, source, targets, weights, as: type, on: execution)
    }
    switch sumPrecision ?? Scalar.precision {
    case .single:
      return try fitStreamed(
        map, source, targets, weights, as: type, sums: Float.self, on: execution)
    case .double:
      return try fitStreamed(
        map, source, targets, weights, as: type, sums: Double.self, on: execution)
    }
  }

  private func fitStreamed<
    Map: RowMap, Source: RowSource, Scalar: RealScalar, Sum: RealScalar
  >(
    _ map: Map, _ source: Source, _ targets: Targets, _ weights: [Double]?,
    as type: Scalar.Type, sums: Sum.Type, on execution: Execution
  ) throws -> RidgeFit {
    switch choice {
    case .fixed(let ridge):
      let sums = try StreamedSums<Sum>(map, source, targets, weights, as: type, on: execution)
      return RidgeFit(
        model: try sums.solve(ridge: ridge, task: targets.task, on: execution), ridge: ridge,
        path: [])
    case .heldOut(let fraction):
      let parts = try RidgeChoice.split(
        rowCount: source.rowCount, fraction: fraction, seed: seed)
      var sums = try StreamedSums<Sum>(
        map, RowSelection(source, rows: parts.fit), targets.rows(at: parts.fit),
        weights.map { all in parts.fit.map { all[$0] } }, as: type, on: execution)
      return try sums.fit(
        heldOut: RowSelection(source, rows: parts.heldOut), map, targets.rows(at: parts.heldOut),
        weights.map { all in parts.heldOut.map { all[$0] } }, as: type, on: execution)
    }
  }

  private func fitDual<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, _ targets: Targets, _ weights: [Double]?,
    as type: Scalar.Type, on execution: Execution
  ) throws -> RidgeFit {
    let rows = try source.allRows(as: type)
    let features = try map.images(of: rows, on: execution.stage("features"))
      .converted(to: Double.self)
    let gram = try features.outerGram(on: execution.silent)
    let dual = try DualRidge(
      gram, targets: targets, weights: weights, choice: choice, seed: seed, on: execution)
    let coefficients = try features.transposeMultiplied(
      by: dual.coefficients, on: execution.silent)
    return RidgeFit(
      model: try LinearModel(
        task: targets.task, weights: coefficients, intercepts: dual.intercepts),
      ridge: dual.ridge, path: dual.path)
  }
}
