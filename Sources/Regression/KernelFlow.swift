// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Gradient flow of the squared loss in a kernel's space: one eigendecomposition for all times.

import Kernels
import LinearAlgebra
import RealModule
import Validation

/// The ridge λ of K + λI.
public enum DiagonalRidge: Hashable, Codable, Sendable {
  /// λ itself.
  case total(Double)
  /// λ is this multiple of the mean of K's diagonal: `diag_reg` of neural-tangents.
  case ofMeanDiagonal(Double)

  /// λ for a kernel matrix.
  ///
  /// - Throws: `InvalidInput` unless it is finite and at or above zero.
  func total(of matrix: Matrix<Double>) throws -> Double {
    switch self {
    case .total(let ridge):
      try Check.nonnegative(ridge, "ridge")
      return ridge
    case .ofMeanDiagonal(let share):
      try Check.nonnegative(share, "ridge of the mean diagonal")
      let n = matrix.rowCount
      let ridge = share * (0..<n).reduce(0) { $0 + matrix[$1, $1] } / Double(max(1, n))
      try Check.nonnegative(ridge, "ridge")
      return ridge
    }
  }
}

/// What an ensemble of networks predicts at m points.
public struct EnsemblePrediction: Sendable {
  /// The training time; infinite at the end.
  public let time: Double
  /// The mean of each output, `m × k`.
  public let mean: Matrix<Double>
  /// The covariance of one output between the points, the same for each, `m × m` and symmetric.
  public let covariance: Matrix<Double>
}

/// Training of f on targets Y by df/dt = −η ∇L with L = |f(X) − Y|² / 2N, where f(X) moves by the
/// kernel matrix S = K + λI = V diag(w) Vᵀ, and N is the number of entries of Y.
///
/// After time t, f(x) = k(x, X) G Y for f(x) = 0 at the start, with G = (I − exp(−η t S / N)) S⁻¹.
struct KernelFlow: Sendable {
  let points: Rows<Double>
  let learningRate: Double
  /// λ.
  let ridge: Double
  /// w, ascending.
  let eigenvalues: [Double]
  /// V.
  let vectors: Matrix<Double>
  /// VᵀY.
  let projectedTargets: Matrix<Double>

  /// - Throws: `InvalidInput` if there are no points or targets, shapes do not fit, numbers are not
  ///   finite or out of their ranges; what the kernel and the decomposition throw.
  init(
    _ kernel: some Kernel, points: Rows<Double>, targets: Matrix<Double>, ridge: DiagonalRidge,
    learningRate: Double, on execution: Execution
  ) throws {
    try Check.dimension(
      points.rowCount, "training points", upTo: SymmetricEigen<Double>.largestCount)
    try Check.equal(targets.rowCount, points.rowCount, "rows of the targets")
    try Check.dimension(targets.columnCount, "columns of the targets")
    try targets.validateFinite("targets")
    try Check.positive(learningRate, "learning rate")
    var matrix = try kernel.matrix(points, on: execution.stage("kernel matrix"))
    let ridge = try ridge.total(of: matrix)
    for i in 0..<matrix.rowCount { matrix[i, i] += ridge }
    execution.stage("eigendecomposition").report(0, of: 1)
    let eigen = try SymmetricEigen(consume matrix, on: execution)
    self.points = points
    self.learningRate = learningRate
    self.ridge = ridge
    eigenvalues = eigen.values
    vectors = eigen.vectors
    projectedTargets = try vectors.transposeMultiplied(by: targets, on: execution.silent)
  }

  /// The largest learning rate with which gradient descent in steps of 1 converges: 2N over the
  /// largest eigenvalue of K; infinite for K = 0.
  var largestLearningRate: Double {
    let largest = (eigenvalues.last ?? 0) - ridge
    return largest > 0 ? 2 * Double(projectedTargets.elements.count) / largest : .infinity
  }

  /// (1 − exp(−η t w / N)) / w for each eigenvalue w; those that rounding made negative count as zero.
  ///
  /// - Throws: `InvalidInput` for a time that is negative or no number, or if it is infinite and S is
  ///   singular.
  func gains(_ time: Double) throws -> [Double] {
    guard time >= 0 else {
      throw InvalidInput(
        "training time", found: "\(time)", expected: "a number at or above 0, or infinity")
    }
    let limit = (eigenvalues.last ?? 0) * Double(eigenvalues.count) * .ulpOfOne
    if time == .infinity, let smallest = eigenvalues.first, smallest <= limit {
      throw InvalidInput(
        "ridge", found: "\(ridge), with which the kernel matrix is singular",
        expected: "a ridge well above \(limit), or a finite training time")
    }
    let pace = learningRate * time / Double(projectedTargets.elements.count)
    return eigenvalues.map { $0 > 0 ? -Double.expMinusOne(-$0 * pace) / $0 : pace }
  }

  /// The mean f = A diag(gains) VᵀY at points of which A = k(x, X) V.
  func mean(
    _ projected: Matrix<Double>, _ gains: [Double], on execution: Execution
  ) throws -> Matrix<Double> {
    try projected.scaled(columns: gains).multiplied(by: projectedTargets, on: execution.silent)
  }

  /// k(x, X) V.
  func projected(
    _ kernel: some Kernel, _ x: Rows<Double>, on execution: Execution
  ) throws -> Matrix<Double> {
    try kernel.matrix(x, points, on: execution).multiplied(by: vectors, on: execution.silent)
  }
}

extension Matrix<Double> {
  /// Each column times its factor.
  func scaled(columns factors: [Double]) -> Matrix {
    precondition(factors.count == columnCount)
    return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
      withUnsafePointer { input in
        for i in 0..<rowCount {
          for j in 0..<columnCount {
            output[i * columnCount + j] = input[i * columnCount + j] * factors[j]
          }
        }
      }
    }
  }

  /// self ← self + factor · (B + Bᵀ).
  mutating func add(symmetricPartOf b: Matrix, times factor: Double) {
    let n = rowCount
    precondition(columnCount == n && b.rowCount == n && b.columnCount == n)
    withUnsafeMutablePointer { sum in
      b.withUnsafePointer { b in
        for i in 0..<n {
          for j in 0..<n { sum[i * n + j] += factor * (b[i * n + j] + b[j * n + i]) }
        }
      }
    }
  }
}
