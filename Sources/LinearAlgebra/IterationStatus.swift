// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// When an iteration ends, and how it ended.

import Validation

/// When an iteration may end.
public struct StoppingRule: Hashable, Codable, Sendable {
  /// The relative residual that counts as converged.
  public let tolerance: Double
  /// How many steps at most.
  public let iterationLimit: Int

  /// - Throws: `InvalidInput` unless the tolerance is in (0, 1) and the limit at least 1.
  public init(tolerance: Double, iterationLimit: Int) throws {
    guard tolerance > 0, tolerance < 1 else {
      throw InvalidInput("tolerance", found: "\(tolerance)", expected: "a number between 0 and 1")
    }
    try Check.dimension(iterationLimit, "iteration limit")
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
  }
}

/// How an iteration ended. Not to converge is a result, not an error: the numbers say how far it came.
public struct IterationStatus: Hashable, Codable, Sendable {
  public enum Reason: String, Codable, Sendable {
    /// The residual is within the tolerance.
    case converged
    /// The steps were used up.
    case iterationLimit
    /// Rounding keeps the residual above the tolerance.
    case stagnated
    /// The operator or the preconditioner is not positive definite, at least to rounding.
    case indefinite
  }

  public let reason: Reason
  /// Steps taken: products with the operator, but for those that check a residual.
  public let iterations: Int
  /// The largest relative residual of what was sought, as measured at the end.
  public let residual: Double

  public init(reason: Reason, iterations: Int, residual: Double) {
    self.reason = reason
    self.iterations = iterations
    self.residual = residual
  }

  public var isConverged: Bool { reason == .converged }
}
