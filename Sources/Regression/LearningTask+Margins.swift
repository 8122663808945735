// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How sure a classification is.

import LinearAlgebra

extension LearningTask {
  /// For each row of outputs n × k, how far its largest output leads the next: from 0, where two classes
  /// tie, up; about 1 where one-hot targets are met. Nil for a regression.
  public func margins(of outputs: Matrix<Double>) -> [Double]? {
    guard case .classification = self else { return nil }
    return (0..<outputs.rowCount).map { i in
      var (first, second) = (-Double.infinity, -Double.infinity)
      for value in outputs.row(i) {
        if value > first { (first, second) = (value, first) } else { second = max(second, value) }
      }
      return first - second
    }
  }
}
