// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How good predictions are.

import Foundation
import Sketching

/// Accuracy and error of classes, or R² and root mean squared error of values.
enum PredictionScore {
  case classification(accuracy: Double, error: Double)
  /// R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² with the means ȳ of the columns; nil where y does not vary.
  case regression(rSquared: Double?, rootMeanSquaredError: Double)

  /// The score of predictions n × k against the truth n × k, n ≥ 1.
  init(of predictions: Matrix<Double>, against truth: Matrix<Double>, task: LearningTask) {
    let pairs = zip(predictions.elements, truth.elements)
    let (n, k) = (truth.rowCount, truth.columnCount)
    switch task {
    case .classification:
      let right = Double(pairs.count { $0 == $1 }) / Double(n)
      self = .classification(accuracy: right, error: 1 - right)
    case .regression:
      let residual = pairs.reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      var variation = 0.0
      for j in 0..<k {
        let mean = (0..<n).reduce(0.0) { $0 + truth[$1, j] } / Double(n)
        variation += (0..<n).reduce(0.0) { $0 + (truth[$1, j] - mean) * (truth[$1, j] - mean) }
      }
      self = .regression(
        rSquared: variation > 0 ? 1 - residual / variation : nil,
        rootMeanSquaredError: (residual / Double(n * k)).squareRoot())
    }
  }

  var text: String {
    switch self {
    case .classification(let accuracy, let error):
      String(format: "accuracy %.4f, error %.4f", accuracy, error)
    case .regression(let rSquared, let error):
      "R² \(rSquared.map { String(format: "%.4f", $0) } ?? "undefined"), "
        + String(format: "root mean squared error %.4g", error)
    }
  }
}

extension PredictionScore: Encodable {
  private enum CodingKeys: String, CodingKey {
    case accuracy, error, rSquared, rootMeanSquaredError
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .classification(let accuracy, let error):
      try container.encode(accuracy, forKey: .accuracy)
      try container.encode(error, forKey: .error)
    case .regression(let rSquared, let error):
      try container.encode(rSquared, forKey: .rSquared)
      try container.encode(error, forKey: .rootMeanSquaredError)
    }
  }
}
