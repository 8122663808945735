// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression of fixed points for every ridge, from one eigendecomposition.

import LinearAlgebra
import Validation

/// The ridge regressions of n points for all ridges at once: solutions, leave-one-out errors, GCV.
///
/// f minimises Σ wᵢ |yᵢ − f(xᵢ) − b|² + λ‖f‖² with b the weighted mean of the targets. With u = √w and
/// K_w = diag(u) K diag(u), everything follows from A(λ) = (K_w + λI)⁻¹, whose eigenvectors serve all
/// λ. For features Z, K = ZZᵀ.
///
/// - Complexity: for a kernel matrix 9n³ operations once, for D < n features 2nD² + 9D³; with r =
///   min(n, D), 2nrk + 2nr for each λ. Memory of 4n², or 2nD + 4D² numbers.
public struct RidgeDecomposition: Sendable {
  public let task: LearningTask
  /// b.
  public let intercepts: [Double]
  /// The eigenvalues σ of K_w, as far as A needs them.
  private let eigenvalues: [Double]
  /// B, n × r. With c = 1/(σ + λ), A = B diag(c) Bᵀ, or (I − B diag(c) Bᵀ)/λ where r < n.
  private let basis: Matrix<Double>
  private let isComplete: Bool
  private let features: Matrix<Double>?
  let targets: WeightedTargets
  private let values: Matrix<Double>
  /// [u ∘ (Y − 1bᵀ) | u], n × (k + 1), and Bᵀ times it.
  private let rightHandSides: Matrix<Double>
  private let projected: Matrix<Double>

  /// The regressions with a kernel matrix K, n × n.
  ///
  /// - Parameter weights: w, all above 0; 1 if nil.
  /// - Throws: `InvalidInput` if shapes do not fit, numbers are not finite, weights not positive, or
  ///   there are fewer than two points; `NoConvergence`; `CancellationError`.
  public init(
    kernelMatrix: consuming Matrix<Double>, targets: Targets, weights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws {
    try Check.equal(kernelMatrix.columnCount, kernelMatrix.rowCount, "columns of the kernel matrix")
    try self.init(kernelMatrix, features: nil, targets, weights, on: execution)
  }

  /// The regressions with features Z, n × D.
  ///
  /// - Throws: as for a kernel matrix.
  public init(
    features: Matrix<Double>, targets: Targets, weights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws {
    try Check.dimension(features.columnCount, "columns of the features")
    let kernel =
      features.columnCount < features.rowCount ? nil : try features.outerGram(on: execution.silent)
    try self.init(kernel, features: features, targets, weights, on: execution)
  }

  private init(
    _ kernel: consuming Matrix<Double>?, features: Matrix<Double>?, _ targets: Targets,
    _ weights: [Double]?, on execution: Execution
  ) throws {
    let weighted = try WeightedTargets(targets, weights: weights)
    let n = targets.rowCount
    guard n >= 2 else {
      throw InvalidInput("rows of the targets", found: "\(n)", expected: "at least 2")
    }
    execution.stage("eigendecomposition").report(0, of: 1)
    if var kernel {
      try Check.equal(kernel.rowCount, n, "rows of the kernel matrix")
      kernel.scaleRows(by: weighted.roots)
      kernel.scaleColumns(by: weighted.roots)
      let eigen = try SymmetricEigen(kernel, on: execution)
      (eigenvalues, basis, isComplete) = (eigen.values.map { max(0, $0) }, eigen.vectors, true)
    } else if var scaled = features {
      try Check.equal(scaled.rowCount, n, "rows of the features")
      scaled.scaleRows(by: weighted.roots)
      let eigen = try SymmetricEigen(scaled.gram(on: execution.silent), on: execution)
      eigenvalues = eigen.values.map { max(0, $0) }
      basis = try scaled.multiplied(by: eigen.vectors, on: execution.silent)
      isComplete = false
    } else {
      preconditionFailure("neither a kernel matrix nor features")
    }
    let k = targets.values.columnCount
    let right = weighted.weighted
    var extended = Matrix<Double>(rowCount: n, columnCount: k + 1)
    for i in 0..<n {
      for j in 0..<k { extended[i, j] = right[i, j] }
      extended[i, k] = weighted.roots[i]
    }
    task = targets.task
    intercepts = weighted.intercepts
    self.features = features
    (self.targets, values, rightHandSides) = (weighted, targets.values, extended)
    projected = try basis.transposeMultiplied(by: extended, on: execution.silent)
    execution.stage("eigendecomposition").report(1, of: 1)
  }

  /// The dual coefficients α of f = Σ αᵢ k(xᵢ, ·), n × k.
  ///
  /// - Throws: `InvalidInput` unless λ > 0; `CancellationError`.
  public func coefficients(
    ridge: Double, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    let k = values.columnCount
    var result = try resolvent(ridge, on: execution).images.columns(0..<k)
    result.scaleRows(by: targets.roots)
    return result
  }

  /// The model on the features, W = Zᵀα.
  ///
  /// - Throws: `InvalidInput` unless λ > 0 and the decomposition is of features; `CancellationError`.
  public func model(ridge: Double, on execution: Execution = .allCores) throws -> LinearModel {
    guard let features else {
      throw InvalidInput(
        "decomposition", found: "one of a kernel matrix, which has no weights of features",
        expected: "one of features")
    }
    let weights = try features.transposeMultiplied(
      by: coefficients(ridge: ridge, on: execution), on: execution.silent)
    return try LinearModel(task: task, weights: weights, intercepts: intercepts)
  }

  /// For every point the outputs, n × k, of the model that was fitted without it, its mean included.
  ///
  /// yᵢ − ŷᵢ = ([A(u ∘ y)]ᵢ − mᵢ [Au]ᵢ) / (uᵢ Aᵢᵢ) for centred y, with mᵢ their mean without point i.
  ///
  /// - Throws: `InvalidInput` unless λ > 0; `CancellationError`.
  public func leaveOneOutOutputs(
    ridge: Double, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    leaveOneOutOutputs(try resolvent(ridge, on: execution))
  }

  /// Leave-one-out and generalised cross-validation for each ridge.
  ///
  /// - Parameter ridges: the λ; by default the mean of K's diagonal times 10⁻⁷ … 10³ in half decades.
  /// - Throws: `InvalidInput` unless they are above 0, or K is zero; `CancellationError`.
  public func crossValidation(
    ridges: [Double]? = nil, on execution: Execution = .allCores
  ) throws -> [CrossValidationPoint] {
    let ridges =
      try ridges
      ?? RidgeChoice.candidates(
        trace: eigenvalues.reduce(0, +), rowCount: Double(targets.roots.count))
    return try ridges.enumerated().map { index, ridge in
      try execution.checkCancellation()
      let resolvent = try resolvent(ridge, on: execution)
      execution.report(index + 1, of: ridges.count)
      return point(ridge, resolvent)
    }
  }

  /// A [u ∘ (Y − 1bᵀ) | u], and the diagonal of A.
  private struct Resolvent {
    var images: Matrix<Double>
    var diagonal: [Double]
  }

  private func resolvent(_ ridge: Double, on execution: Execution) throws -> Resolvent {
    try Check.positive(ridge, "ridge")
    let shrunk = eigenvalues.map { 1 / ($0 + ridge) }
    var inner = projected
    inner.scaleRows(by: shrunk)
    var images = try basis.multiplied(by: inner, on: execution.silent)
    let (n, r) = (basis.rowCount, basis.columnCount)
    var diagonal = [Double](repeating: 0, count: n)
    basis.withUnsafePointer { b in
      for i in 0..<n {
        for j in 0..<r { diagonal[i] += b[i * r + j] * b[i * r + j] * shrunk[j] }
      }
    }
    if !isComplete {
      var rest = rightHandSides
      rest.add(images, times: -1)
      rest.scale(by: 1 / ridge)
      images = rest
      diagonal = diagonal.map { (1 - $0) / ridge }
    }
    return Resolvent(images: images, diagonal: diagonal)
  }

  private func leaveOneOutOutputs(_ resolvent: Resolvent) -> Matrix<Double> {
    let (n, k) = (values.rowCount, values.columnCount)
    var outputs = values
    for i in 0..<n {
      let root = targets.roots[i]
      let weight = root * root
      for j in 0..<k {
        let mean = -weight * targets.centred[i, j] / (targets.total - weight)
        let error = resolvent.images[i, j] - mean * resolvent.images[i, k]
        outputs[i, j] -= error / (root * resolvent.diagonal[i])
      }
    }
    return outputs
  }

  private func point(_ ridge: Double, _ resolvent: Resolvent) -> CrossValidationPoint {
    let (n, k) = (values.rowCount, values.columnCount)
    let outputs = leaveOneOutOutputs(resolvent)
    var (squares, wrong, fitted, along) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<n {
      let share = targets.roots[i] * targets.roots[i] / targets.total
      let (output, value) = (outputs.rows(i..<i + 1), values.rows(i..<i + 1))
      squares += share * meanSquaredError(output, value)
      wrong += share * (task.misclassified(output, value) ?? 0)
      for j in 0..<k { fitted += resolvent.images[i, j] * resolvent.images[i, j] }
      along += targets.roots[i] * resolvent.images[i, k]
    }
    // The residuals of the fit are λA(u ∘ y); centring takes u from what A sees and gives it back whole.
    let free = ridge * (resolvent.diagonal.reduce(0, +) - along / targets.total)
    let share = free / Double(n)
    return CrossValidationPoint(
      ridge: ridge, squaredError: squares, misclassified: task == .regression ? nil : wrong,
      generalizedCrossValidation: ridge * ridge * fitted / (targets.total * Double(k))
        / (share * share),
      degreesOfFreedom: Double(n) - free)
  }
}
