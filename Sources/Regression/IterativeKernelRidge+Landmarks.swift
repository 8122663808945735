// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel ridge regression in the span of landmarks, by conjugate gradients.

import Kernels
import LinearAlgebra
import Validation

extension IterativeKernelRidge {
  /// Fits f = Σ αⱼ k(zⱼ, ·) over m landmarks zⱼ, with the values of the kernel never stored.
  ///
  /// α solves (K_mn W K_nm + λ K_mm) α = K_mn W (Y − 1bᵀ). With K_mm = L Lᵀ and β = Lᵀα, that is a ridge
  /// regression on the Nyström features K_nm L⁻ᵀ, preconditioned by (Σw/m · LᵀL + λI)⁻¹: what the sum
  /// over all points is on average, if the landmarks are a uniform sample of them. The same regression
  /// by normal equations is `RidgeRegression` on a Nyström map, in memory of nothing but m² numbers as
  /// well but 2nm² operations; this one takes 4nmk and nm kernel entries a step.
  ///
  /// - Parameters:
  ///   - points: of n rows, read tile by tile at each step in the precision of the landmarks.
  ///   - weights: w, all above 0; 1 if nil.
  ///   - landmarks: m of them; repeated ones need some jitter.
  /// - Throws: as without landmarks; what the source throws; `InvalidInput` if K_mm is too far from
  ///   positive semidefinite to factor.
  /// - Complexity: m³ operations once, and a step as above; memory of 4m² doubles and a tile of 1024 × m
  ///   numbers. Progress counts steps.
  public func fit<ExactKernel: Kernel, Scalar: RealScalar>(
    _ kernel: ExactKernel, points: some RowSource, targets: Targets, weights: [Double]? = nil,
    landmarks: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> IterativeFit<ExactKernel> {
    try Check.equal(targets.rowCount, points.rowCount, "rows of the targets")
    try Check.equal(points.columnCount, landmarks.columnCount, "columns of the points")
    try Check.dimension(landmarks.rowCount, "number of landmarks")
    let weighted = try WeightedTargets(targets, weights: weights)
    let matrix = try kernel.matrix(
      landmarks.converted(to: Double.self), on: execution.stage("kernel of the landmarks"))
    let (factor, jitter) = try Self.factor(matrix, on: execution)
    let system = LandmarkSystem(
      kernel: kernel, points: points, landmarks: landmarks, targets: weighted, factor: factor,
      ridge: ridge)
    let right = try system.pulledBack(on: execution) { range, _ in weighted.centred.rows(range) }
    var balance = try factor.lower.gram(on: execution.silent)
    balance.scale(by: weighted.total / Double(landmarks.rowCount))
    let preconditioner = FactoredInverse(
      factor: try ridgeFactor(balance, ridge: ridge, on: execution))
    let solved = try ConjugateGradients(
      system, rightHandSides: right, preconditioner: preconditioner, stopping: stopping,
      on: execution.stage("conjugate gradients"))
    return try IterativeFit(
      model: KernelRidgeRegression(
        restoring: kernel, task: targets.task, points: landmarks.converted(to: Double.self),
        coefficients: factor.solveLowerTransposed(solved.solution, on: execution.silent),
        intercepts: weighted.intercepts, ridge: ridge),
      status: solved.status, jitter: jitter)
  }

  /// L with L Lᵀ = K_mm + jitter · I, for the least jitter of 0 and powers of ten that lets K_mm be
  /// factored, up to 10⁻⁶ of its mean diagonal.
  private static func factor(
    _ matrix: Matrix<Double>, on execution: Execution
  ) throws -> (factor: Cholesky<Double>, jitter: Double) {
    let m = matrix.rowCount
    let mean = (0..<m).reduce(0.0) { $0 + matrix[$1, $1] } / Double(m)
    for share in [0, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6] {
      do {
        return (
          try Cholesky(matrix, addingToDiagonal: share * mean, on: execution), share * mean
        )
      } catch is NotPositiveDefinite {
        continue
      }
    }
    throw InvalidInput(
      "landmarks",
      found: "points whose kernel matrix is not positive definite, nor with 10⁻⁶ of its "
        + "diagonal added", expected: "a positive semidefinite kernel that is not zero on them")
  }
}

/// L⁻¹ K_mn W K_nm L⁻ᵀ + λI.
private struct LandmarkSystem<
  ExactKernel: Kernel, Source: RowSource, Scalar: RealScalar
>: LinearOperator {
  let kernel: ExactKernel
  let points: Source
  let landmarks: Rows<Scalar>
  let targets: WeightedTargets
  let factor: Cholesky<Double>
  let ridge: Double

  var rowCount: Int { landmarks.rowCount }
  var columnCount: Int { landmarks.rowCount }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    let inner = try factor.solveLowerTransposed(x, on: execution.silent)
    var result = try pulledBack(on: execution) { _, values in
      try values.multiplied(by: inner, on: execution.silent)
    }
    result.add(x, times: ridge)
    return result
  }

  /// L⁻¹ K_mn W V for the V whose rows `body` makes of a range of points and their values of K_nm.
  func pulledBack(
    on execution: Execution, _ body: (Range<Int>, Matrix<Double>) throws -> Matrix<Double>
  ) throws -> Matrix<Double> {
    var sum = Matrix<Double>(
      rowCount: landmarks.rowCount, columnCount: targets.centred.columnCount)
    for range in points.tiles(of: 1024) {
      let values = try kernel.matrix(
        points.rows(range, as: Scalar.self), landmarks, on: execution.silent
      ).converted(to: Double.self)
      var part = try body(range, values)
      part.scaleRows(by: targets.roots[range].map { $0 * $0 })
      try sum.addTransposedProduct(values, part, on: execution.silent)
    }
    return try factor.solveLower(sum, on: execution.silent)
  }
}

/// A⁻¹ by a Cholesky factor of A.
private struct FactoredInverse: LinearOperator {
  let factor: Cholesky<Double>

  var rowCount: Int { factor.count }
  var columnCount: Int { factor.count }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    try factor.solve(x, on: execution)
  }
}
