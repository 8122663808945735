// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How a ridge does in cross-validation.

/// One ridge and its errors by leave-one-out and generalised cross-validation.
public struct CrossValidationPoint: Hashable, Codable, Sendable {
  /// λ.
  public let ridge: Double
  /// The weighted mean of (output − target)² over all points and targets, each point's output that of
  /// the model fitted without it.
  public let squaredError: Double
  /// The weighted share of points whose class those outputs miss; nil for a regression.
  public let misclassified: Double?
  /// The weighted mean squared error of the fit over (1 − degreesOfFreedom/n)².
  ///
  /// - Source: Golub, Heath, Wahba, "Generalized cross-validation as a method for choosing a good ridge
  ///   parameter", 1979.
  public let generalizedCrossValidation: Double
  /// The trace of the map from targets to fitted values, the mean's included: 1 to n.
  public let degreesOfFreedom: Double
}

extension [CrossValidationPoint] {
  /// The point of least leave-one-out squared error; of equals, the largest ridge. Nil if empty.
  public var leastSquaredError: CrossValidationPoint? {
    self.min { ($0.squaredError, -$0.ridge) < ($1.squaredError, -$1.ridge) }
  }
}
