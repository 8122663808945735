// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What is to be predicted: values, or classes as one-hot rows; and how good a prediction is.

import LinearAlgebra
import Validation

/// The task of a regression.
public enum LearningTask: Hashable, Codable, Sendable {
  /// Predict the columns of the targets.
  case regression
  /// Predict one of these classes, given by their labels in rising order.
  case classification(labels: [Double])
}

/// Targets `n × k` of n points, with what they mean.
public struct Targets: Sendable {
  public let task: LearningTask
  /// Regression: the values. Classification: 1 in the column of the point's class, else 0.
  public let values: Matrix<Double>

  /// Real-valued targets, `n × k`.
  ///
  /// - Throws: `InvalidInput` if there are none, or one is NaN or infinite or beyond ±10¹⁴⁰, where
  ///   sums of squares overflow.
  public static func regression(_ values: Matrix<Double>) throws -> Targets {
    try Check.dimension(values.columnCount, "columns of the targets")
    try Rows.dense(values).validate(columnCount: values.columnCount, "targets")
    if let large = values.elements.first(where: { $0.magnitude > 1e140 }) {
      throw InvalidInput(
        "targets", found: "\(large)", expected: "values from -1e140 to 1e140")
    }
    return Targets(task: .regression, values: values)
  }

  /// One-hot targets for the labels of n points; any finite numbers may serve as labels.
  ///
  /// - Throws: `InvalidInput` if a label is NaN or infinite, or fewer than two classes or more than
  ///   10,000 appear.
  public static func classification(_ labels: [Double]) throws -> Targets {
    if let row = labels.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput("label \(row)", found: "\(labels[row])", expected: "a finite number")
    }
    let classes = Set(labels).sorted()
    guard 2...10_000 ~= classes.count else {
      throw InvalidInput("labels", found: "\(classes.count) classes", expected: "2 to 10000")
    }
    let column = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
    var values = Matrix<Double>(rowCount: labels.count, columnCount: classes.count)
    for (row, label) in labels.enumerated() { values[row, column[label]!] = 1 }
    return Targets(task: .classification(labels: classes), values: values)
  }

  public var rowCount: Int { values.rowCount }

  /// The targets of the points with the given numbers.
  public func rows(at indices: [Int]) -> Targets {
    Targets(task: task, values: values.rows(at: indices))
  }
}

extension LearningTask {
  /// What outputs `n × k` of a linear model mean: the values, or the label of each row's largest
  /// output (the first of equals), `n × 1`.
  public func predictions(from outputs: Matrix<Double>) -> Matrix<Double> {
    switch self {
    case .regression:
      return outputs
    case .classification(let labels):
      var result = Matrix<Double>(rowCount: outputs.rowCount, columnCount: 1)
      for i in 0..<outputs.rowCount {
        let row = outputs.row(i)
        let best = row.indices.max { row[$0] < row[$1] } ?? row.startIndex
        result[i, 0] = labels[best - row.startIndex]
      }
      return result
    }
  }

  /// The share of rows whose largest output is not at the target's 1; nil for a regression.
  public func misclassified(_ outputs: Matrix<Double>, _ targets: Matrix<Double>) -> Double? {
    guard case .classification = self else { return nil }
    var wrong = 0
    for i in 0..<outputs.rowCount {
      let (output, target) = (outputs.row(i), targets.row(i))
      let best = output.indices.max { output[$0] < output[$1] } ?? output.startIndex
      if target[target.startIndex + best - output.startIndex] != 1 { wrong += 1 }
    }
    return Double(wrong) / Double(max(1, outputs.rowCount))
  }
}

/// The mean of (output − target)² over all entries.
public func meanSquaredError(_ outputs: Matrix<Double>, _ targets: Matrix<Double>) -> Double {
  let sum = zip(outputs.elements, targets.elements).reduce(0.0) {
    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
  }
  return sum / Double(max(1, outputs.elements.count))
}
