// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ensembles of wide networks trained by gradient flow, as their two kernels foretell.

import Kernels
import LinearAlgebra
import Validation

/// The ensemble of infinitely wide networks, over all starts, that gradient flow of the squared loss
/// trains on (X, Y).
///
/// A network starts as a draw f₀ ~ N(0, K) of its NNGP K, and all its parameters move so that f
/// follows its NTK Θ. At time t, with S = Θ(X, X) + λI, N the number of entries of Y, η the
/// learning rate and A(x) = Θ(x, X) S⁻¹ (I − exp(−η t S / N)):
///
///     mean(x)          = A(x) Y
///     covariance(x, y) = K(x, y) + A(x) K(X, X) A(y)ᵀ − A(x) K(X, y) − K(x, X) A(y)ᵀ
///
/// The loss is |f(X) − Y|² / 2N. Kernels and targets are taken as they are: without intercepts. These
/// are `gp_inference` and `gradient_descent_mse_ensemble` with `get: ntk` of neural-tangents.
///
/// - Source: Lee et al., "Wide neural networks of any depth evolve as linear models under gradient
///   descent", 2019.
public struct TangentEnsemble<Covariance: Kernel, Tangent: Kernel>: Sendable {
  /// K.
  public let covariance: Covariance
  /// Θ.
  public let tangent: Tangent
  private let flow: KernelFlow
  /// VᵀK(X, X)V.
  private let projectedCovariance: Matrix<Double>

  /// Decomposes S in double precision.
  ///
  /// - Parameters:
  ///   - targets: Y, `n × k`.
  ///   - ridge: λ; a multiple of the mean diagonal is one of Θ's.
  ///   - learningRate: η; only η t matters.
  /// - Throws: `InvalidInput` if there are no points or no targets, shapes do not fit, data are not
  ///   finite, the ridge is below 0 or the rate not above it; `CancellationError`.
  /// - Complexity: n² kernel entries and 13 n³ operations; memory five n × n matrices.
  public init(
    covariance: Covariance, tangent: Tangent, points: Rows<Double>, targets: Matrix<Double>,
    ridge: DiagonalRidge = .total(0), learningRate: Double = 1,
    on execution: Execution = .allCores
  ) throws {
    self.covariance = covariance
    self.tangent = tangent
    flow = try KernelFlow(
      tangent, points: points, targets: targets, ridge: ridge, learningRate: learningRate,
      on: execution)
    let start = try covariance.matrix(points, on: execution.stage("kernel matrix"))
    projectedCovariance = try flow.vectors.transposeMultiplied(
      by: start.multiplied(by: flow.vectors, on: execution.silent), on: execution.silent)
  }

  /// The training points.
  public var points: Rows<Double> { flow.points }
  /// λ.
  public var ridge: Double { flow.ridge }
  /// η.
  public var learningRate: Double { flow.learningRate }
  /// 2N over the largest eigenvalue of Θ: with a larger η, gradient descent in whole steps diverges.
  public var largestLearningRate: Double { flow.largestLearningRate }

  /// Mean and covariance of the ensemble at new points.
  ///
  /// - Throws: `InvalidInput` if the points do not fit, the time is negative, or S is singular and the
  ///   time infinite; `CancellationError`.
  /// - Complexity: 2 n m + m²/2 kernel entries and 6 n² m + 2 n m² operations.
  public func prediction(
    at x: Rows<Double>, time: Double = .infinity, on execution: Execution = .allCores
  ) throws -> EnsemblePrediction {
    try predictions(at: x, times: [time], on: execution)[0]
  }

  /// The same at many times; each after the first costs 2 n² m + 2 n m² operations.
  public func predictions(
    at x: Rows<Double>, times: [Double], on execution: Execution = .allCores
  ) throws -> [EnsemblePrediction] {
    let gains = try times.map { try flow.gains($0) }
    let tangents = try flow.projected(tangent, x, on: execution)
    let covariances = try flow.projected(covariance, x, on: execution)
    let start = try covariance.matrix(x, on: execution)
    return try zip(times, gains).map { time, gains in
      // (½ A K(X, X) − K(x, X)) Aᵀ and its transpose.
      let a = tangents.scaled(columns: gains)
      var left = try a.multiplied(by: projectedCovariance, on: execution.silent)
      left.scale(by: 0.5)
      left.subtract(covariances)
      var covariance = start
      covariance.add(
        symmetricPartOf: try left.multiplied(byTransposeOf: a, on: execution.silent), times: 1)
      return EnsemblePrediction(
        time: time, mean: try flow.mean(tangents, gains, on: execution), covariance: covariance)
    }
  }

  /// The mean alone, `m × k`.
  ///
  /// - Throws: as `prediction`.
  public func mean(
    at x: Rows<Double>, time: Double = .infinity, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    let gains = try flow.gains(time)
    return try flow.mean(flow.projected(tangent, x, on: execution), gains, on: execution)
  }
}

extension Matrix<Double> {
  fileprivate mutating func subtract(_ other: Matrix) {
    let count = elements.count
    withUnsafeMutablePointer { a in
      other.withUnsafePointer { b in
        for i in 0..<count { a[i] -= b[i] }
      }
    }
  }
}
