// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernel ridge regression by conjugate gradients, the kernel matrix never stored.

import Kernels
import LinearAlgebra
import Validation

/// Kernel ridge regression at a given ridge by conjugate gradients.
///
/// Minimises Σ wᵢ |yᵢ − f(xᵢ) − b|² + λ‖f‖² over the kernel's whole space, with b the weighted mean of
/// the targets: what `KernelRidgeRegression` solves by a factor, here for any number of points that
/// n²/2 kernel entries a step allow. The kernel is computed in the precision of the points, tile by
/// tile; sums are in double precision. Given landmarks, f is sought in their span alone.
///
/// - Source: the forms are those of Frangella, Tropp, Udell, "Randomized Nyström preconditioning", 2023,
///   and Rudi, Carratino, Rosasco, "FALKON: an optimal large scale kernel method", 2017.
public struct IterativeKernelRidge: Hashable, Codable, Sendable {
  /// λ, total as in K + λI.
  public let ridge: Double
  public let stopping: StoppingRule

  /// - Throws: `InvalidInput` unless λ > 0.
  public init(ridge: Double, stopping: StoppingRule) throws {
    try Check.positive(ridge, "ridge")
    self.ridge = ridge
    self.stopping = stopping
  }

  /// Fits with features of the points as the preconditioner (ZZᵀ + λI)⁻¹.
  ///
  /// Any map of the kernel serves: Nyström features of landmarks make it Nyström's preconditioner. With
  /// ε the spectral error of the features at λ, some (1 + ε) ln(1/tolerance) steps suffice.
  ///
  /// - Parameters:
  ///   - weights: w, all above 0; 1 if nil.
  ///   - map: of the points' dimension.
  /// - Throws: `InvalidInput` if shapes do not fit, numbers are not finite, weights not positive, or
  ///   λ is below the rounding of the features; what the kernel throws; `CancellationError`.
  /// - Complexity: the features and nD² + D³/3 operations once; each step n²/2 kernel entries and
  ///   2n²k + 4nDk operations. Memory of nD numbers of the points' type, D² + 8nk doubles and, for the
  ///   model, the points in double precision. Progress counts steps.
  public func fit<ExactKernel: Kernel, Scalar: RealScalar>(
    _ kernel: ExactKernel, points: Rows<Scalar>, targets: Targets, weights: [Double]? = nil,
    preconditioner map: some RowMap, on execution: Execution = .allCores
  ) throws -> IterativeFit<ExactKernel> {
    let system = try System(kernel, points, targets, weights, ridge: ridge)
    var features = try map.images(of: points, on: execution.stage("features"))
    if weights != nil { features.scaleRows(by: system.targets.roots) }
    let inverse = try WoodburyInverse(
      features: features, ridge: ridge, on: execution.stage("preconditioner"))
    return try solve(system, points, targets, preconditioner: inverse, on: execution)
  }

  /// Fits by plain conjugate gradients: some ½ √(1 + ‖K‖/λ) ln(2/tolerance) steps.
  ///
  /// - Throws: as with a preconditioner.
  /// - Complexity: as with a preconditioner, but for what belongs to the features.
  public func fit<ExactKernel: Kernel, Scalar: RealScalar>(
    _ kernel: ExactKernel, points: Rows<Scalar>, targets: Targets, weights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws -> IterativeFit<ExactKernel> {
    let system = try System(kernel, points, targets, weights, ridge: ridge)
    return try solve(system, points, targets, preconditioner: nil, on: execution)
  }

  private func solve<ExactKernel: Kernel, Scalar: RealScalar>(
    _ system: System<ExactKernel, Scalar>, _ points: Rows<Scalar>, _ targets: Targets,
    preconditioner: (any LinearOperator)?, on execution: Execution
  ) throws -> IterativeFit<ExactKernel> {
    let solved = try ConjugateGradients(
      system, rightHandSides: system.targets.weighted, preconditioner: preconditioner,
      stopping: stopping, on: execution.stage("conjugate gradients"))
    var coefficients = solved.solution
    coefficients.scaleRows(by: system.targets.roots)
    return try IterativeFit(
      model: KernelRidgeRegression(
        restoring: system.kernel.kernel, task: targets.task,
        points: points.converted(to: Double.self), coefficients: coefficients,
        intercepts: system.targets.intercepts, ridge: ridge),
      status: solved.status, jitter: 0)
  }
}

/// A fitted model, and how the iteration that fitted it ended.
public struct IterativeFit<ExactKernel: Kernel>: Sendable {
  /// The model; its points are the landmarks where f was sought in their span.
  public let model: KernelRidgeRegression<ExactKernel>
  /// Where it has not converged, the model is the last iterate.
  public let status: IterationStatus
  /// What was added to the diagonal of the landmarks' kernel matrix to factor it; 0 without landmarks.
  public let jitter: Double
}

/// diag(√w) K diag(√w) + λI.
private struct System<ExactKernel: Kernel, Scalar: RealScalar>: LinearOperator {
  let kernel: KernelOperator<ExactKernel, Scalar>
  let targets: WeightedTargets
  let ridge: Double

  init(
    _ kernel: ExactKernel, _ points: Rows<Scalar>, _ targets: Targets, _ weights: [Double]?,
    ridge: Double
  ) throws {
    try Check.equal(targets.rowCount, points.rowCount, "rows of the targets")
    self.kernel = try KernelOperator(kernel, points: points)
    self.targets = try WeightedTargets(targets, weights: weights)
    self.ridge = ridge
  }

  var rowCount: Int { kernel.rowCount }
  var columnCount: Int { kernel.rowCount }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    var scaled = x
    scaled.scaleRows(by: targets.roots)
    var result = try kernel.multiplied(by: scaled, on: execution)
    result.scaleRows(by: targets.roots)
    result.add(x, times: ridge)
    return result
  }
}
