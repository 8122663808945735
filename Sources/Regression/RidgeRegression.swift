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
  /// With more rows than features D the rows are streamed: in memory are a tile, the D × D Gram
  /// matrix and what its decomposition needs (three such matrices). With fewer rows n, the n × D
  /// features and an n × n kernel matrix.
  ///
  /// - Throws: `InvalidInput` if shapes do not fit, data or features are not finite, the ridge is not
  ///   above zero or too small for the precision, or the rows are too few to hold some out; errors of
  ///   the source; `CancellationError`.
  /// - Complexity: the features once; n D² + 14 D³ operations, or with n ≤ D n² D + 14 n³.
  public func fit<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, targets: Targets, as type: Scalar.Type,
    on execution: Execution = .allCores
  ) throws -> RidgeFit {
    try Check.equal(targets.rowCount, source.rowCount, "rows of the targets")
    try Check.dimension(source.rowCount, "number of rows")
    if case .fixed(let ridge) = choice { try Check.positive(ridge, "ridge") }
    if source.rowCount <= map.outputDimension {
      return try fitDual(map, source, targets: targets, as: type, on: execution)
    }
    switch sumPrecision ?? Scalar.precision {
    case .single:
      return try fitStreamed(
        map, source, targets: targets, as: type, sums: Float.self, on: execution)
    case .double:
      return try fitStreamed(
        map, source, targets: targets, as: type, sums: Double.self, on: execution)
    }
  }

  private func fitStreamed<
    Map: RowMap, Source: RowSource, Scalar: RealScalar, Sum: RealScalar
  >(
    _ map: Map, _ source: Source, targets: Targets, as type: Scalar.Type, sums: Sum.Type,
    on execution: Execution
  ) throws -> RidgeFit {
    switch choice {
    case .fixed(let ridge):
      let sums = try StreamedSums<Sum>(map, source, targets, as: type, on: execution)
      return RidgeFit(
        model: try sums.solve(ridge: ridge, task: targets.task, on: execution), ridge: ridge,
        path: [])
    case .heldOut(let fraction):
      let parts = try RidgeChoice.split(
        rowCount: source.rowCount, fraction: fraction, seed: seed)
      let fitTargets = targets.rows(at: parts.fit)
      var sums = try StreamedSums<Sum>(
        map, RowSelection(source, rows: parts.fit), fitTargets, as: type, on: execution)
      let heldOut = try RowSelection(source, rows: parts.heldOut)
      let path = try sums.path(
        heldOut: heldOut, map, targets.rows(at: parts.heldOut), as: type, on: execution)
      let best = path.best
      return RidgeFit(
        model: try sums.solve(ridge: best.ridge, task: targets.task, on: execution),
        ridge: best.ridge, path: path)
    }
  }

  private func fitDual<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, targets: Targets, as type: Scalar.Type, on execution: Execution
  ) throws -> RidgeFit {
    let rows = try source.allRows(as: type)
    let features = try map.images(of: rows, on: execution.stage("features"))
      .converted(to: Double.self)
    let gram = try features.outerGram(on: execution.silent)
    let dual = try DualRidge(gram, targets: targets, choice: choice, seed: seed, on: execution)
    let weights = try features.transposeMultiplied(by: dual.coefficients, on: execution.silent)
    return RidgeFit(
      model: try LinearModel(
        task: targets.task, weights: weights, intercepts: dual.intercepts),
      ridge: dual.ridge, path: dual.path)
  }
}

/// Normal equations of streamed features, with the sums that centre the targets.
///
/// Inside, targets are shifted and scaled to numbers around 1, so that products in single precision
/// lose nothing to a large mean.
private struct StreamedSums<Sum: RealScalar> {
  /// The last moment is of a constant target 1: the sum of the features.
  private var equations: NormalEquations
  private var targetSums: [Double]
  private let shift: [Double]
  /// A power of two.
  private let scale: Double

  init<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    _ map: Map, _ source: Source, _ targets: Targets, as type: Scalar.Type,
    on execution: Execution
  ) throws {
    equations = try NormalEquations(
      featureCount: map.outputDimension, targetCount: targets.values.columnCount + 1)
    targetSums = [Double](repeating: 0, count: targets.values.columnCount)
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
      try add(features.converted(to: Sum.self), targets.values.rows(range), on: execution)
    }
  }

  private mutating func add(
    _ features: Matrix<Sum>, _ targets: Matrix<Double>, on execution: Execution
  ) throws {
    let k = targets.columnCount
    var extended = Matrix<Double>(repeating: 1, rowCount: targets.rowCount, columnCount: k + 1)
    for i in 0..<targets.rowCount {
      for (j, value) in targets.row(i).enumerated() {
        let scaled = (value - shift[j]) / scale
        extended[i, j] = scaled
        targetSums[j] += scaled
      }
    }
    try equations.add(features: features, targets: extended, on: execution)
  }

  /// The means of the shifted and scaled targets.
  private var scaledMeans: [Double] { targetSums.map { $0 / Double(equations.rowCount) } }

  private var intercepts: [Double] { zip(shift, scaledMeans).map { $0 + scale * $1 } }

  /// Zᵀ(Y − 1ȳᵀ) over the scale, `D × k`.
  private var centredMoments: Matrix<Double> {
    let k = targetSums.count
    let means = scaledMeans
    var result = Matrix<Double>(rowCount: equations.featureCount, columnCount: k)
    for i in 0..<equations.featureCount {
      let sum = equations.moments[i, k]
      for j in 0..<k { result[i, j] = equations.moments[i, j] - sum * means[j] }
    }
    return result
  }

  /// The path of ridges by their error on the held-out rows, which are added to the sums.
  mutating func path<Map: RowMap, Source: RowSource, Scalar: RealScalar>(
    heldOut: Source, _ map: Map, _ targets: Targets, as type: Scalar.Type, on execution: Execution
  ) throws -> [RidgePathPoint] {
    let gram = equations.gramLower
    let trace = (0..<gram.rowCount).reduce(0.0) { $0 + gram[$1, $1] }
    let ridges = try RidgeChoice.candidates(
      trace: trace, rowCount: equations.rowCount, floor: max(1e-12, Double(Sum.ulpOfOne) / 2))
    execution.stage("eigendecomposition").report(0, of: 1)
    let solutions = try RidgePath(gram, rightHandSides: centredMoments, on: execution)
      .solutions(ridges: ridges, on: execution).converted(to: Sum.self)
    let means = intercepts
    var errors = HeldOutErrors(ridges: ridges, task: targets.task)
    try map.forEachTile(
      of: heldOut, as: type, tileRowCount: 2048, on: execution.stage("held-out rows")
    ) { range, features in
      let (part, features) = (targets.values.rows(range), features.converted(to: Sum.self))
      var outputs = try features.multiplied(by: solutions, on: execution.silent)
        .converted(to: Double.self)
      outputs.scale(by: scale)
      errors.add(outputs: outputs, intercepts: means, targets: part)
      try add(features, part, on: execution)
    }
    return errors.path
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
