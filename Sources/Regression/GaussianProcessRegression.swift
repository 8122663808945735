// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Regression with a Gaussian process, such as that of a wide network, at any training time.

import Kernels
import LinearAlgebra
import Validation

/// The posterior of a Gaussian process f ~ N(0, K) given Y = f(X) + noise of variance λ, and the
/// ensemble of functions on the way there.
///
/// With K the NNGP of a network this is exact Bayesian inference in infinitely wide networks; it is
/// also what training nothing but the last layer by gradient flow tends to (Lee et al., 2018). At
/// time t, with S = K(X, X) + λI, N the number of entries of Y and η the learning rate:
///
///     mean(x)          = K(x, X) S⁻¹ (I − exp(−η t S / N)) Y
///     covariance(x, y) = K(x, y) − K(x, X) S⁻¹ (I − exp(−2 η t S / N)) K(X, y)
///
/// At t = ∞ they are the posterior. Kernel and targets are taken as they are: without intercepts.
/// These are `gp_inference` and `gradient_descent_mse_ensemble` with `get: nngp` of neural-tangents.
public struct GaussianProcessRegression<Covariance: Kernel>: Sendable {
  public let covariance: Covariance
  private let flow: KernelFlow

  /// Decomposes S in double precision.
  ///
  /// - Parameters:
  ///   - targets: Y, `n × k`.
  ///   - ridge: λ.
  ///   - learningRate: η; only η t matters.
  /// - Throws: `InvalidInput` if there are no points or no targets, shapes do not fit, data are not
  ///   finite, the ridge is below 0 or the rate not above it; `CancellationError`.
  /// - Complexity: n²/2 kernel entries and 9 n³ operations; memory three n × n matrices.
  public init(
    _ covariance: Covariance, points: Rows<Double>, targets: Matrix<Double>,
    ridge: DiagonalRidge = .total(0), learningRate: Double = 1,
    on execution: Execution = .allCores
  ) throws {
    self.covariance = covariance
    flow = try KernelFlow(
      covariance, points: points, targets: targets, ridge: ridge, learningRate: learningRate,
      on: execution)
  }

  /// The training points.
  public var points: Rows<Double> { flow.points }
  /// λ.
  public var ridge: Double { flow.ridge }
  /// η.
  public var learningRate: Double { flow.learningRate }
  /// 2N over the largest eigenvalue of K: with a larger η, gradient descent in whole steps diverges.
  public var largestLearningRate: Double { flow.largestLearningRate }

  /// Mean and covariance at new points: the posterior, or at an earlier time.
  ///
  /// - Throws: `InvalidInput` if the points do not fit, the time is negative, or S is singular and the
  ///   time infinite; `CancellationError`.
  /// - Complexity: n m + m²/2 kernel entries and 2 n² m + n m² operations.
  public func prediction(
    at x: Rows<Double>, time: Double = .infinity, on execution: Execution = .allCores
  ) throws -> EnsemblePrediction {
    try predictions(at: x, times: [time], on: execution)[0]
  }

  /// The same at many times; each after the first costs n m² operations.
  public func predictions(
    at x: Rows<Double>, times: [Double], on execution: Execution = .allCores
  ) throws -> [EnsemblePrediction] {
    let gains = try times.map { (try flow.gains($0), try flow.gains(2 * $0)) }
    let projected = try flow.projected(covariance, x, on: execution)
    let prior = try covariance.matrix(x, on: execution)
    return try zip(times, gains).map { time, gains in
      let roots = projected.scaled(columns: gains.1.map { $0.squareRoot() })
      var covariance = prior
      covariance.add(
        symmetricPartOf: try roots.outerGram(on: execution.silent), times: -0.5)
      return EnsemblePrediction(
        time: time, mean: try flow.mean(projected, gains.0, on: execution),
        covariance: covariance)
    }
  }

  /// The mean alone, `m × k`.
  ///
  /// - Throws: as `prediction`.
  public func mean(
    at x: Rows<Double>, time: Double = .infinity, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    let gains = try flow.gains(time)
    return try flow.mean(flow.projected(covariance, x, on: execution), gains, on: execution)
  }
}
