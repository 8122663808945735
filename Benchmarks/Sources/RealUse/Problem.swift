// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points with what is to be predicted of them, and how good predictions are.

import Sketching

/// Points to learn from and points to be tested on, never to choose by.
struct Problem {
  var training: Rows<Float>
  var targets: Targets
  var test: Rows<Float>
  /// The true labels or values of the test points, m × 1.
  var truth: Matrix<Double>
  /// Of the features.
  var precision = Precision.single

  /// The same with fewer training points, spread evenly over all.
  func part(_ count: Int) -> Problem {
    let n = training.rowCount
    guard count < n else { return self }
    let picked = (0..<count).map { $0 * n / count }
    var result = self
    (result.training, result.targets) = (training.rows(at: picked), targets.rows(at: picked))
    return result
  }

  /// The share of right classes, or the root mean squared error of values, of outputs for the test points.
  func score(_ outputs: Matrix<Double>) -> Double {
    let found = targets.task.predictions(from: outputs)
    if case .regression = targets.task { return meanSquaredError(found, truth).squareRoot() }
    let right = zip(found.elements, truth.elements).count { $0 == $1 }
    return Double(right) / Double(truth.rowCount)
  }

  /// The median distance of some training points.
  func medianDistance() throws -> Double {
    let points = part(500).training.converted(to: Double.self)
    let products = try points.multiplied(byTransposeOf: points)
    let n = products.rowCount
    let distances = (0..<n).flatMap { i in
      (0..<i).map { j in
        max(0, products[i, i] + products[j, j] - 2 * products[i, j]).squareRoot()
      }
    }
    return distances.sorted()[distances.count / 2]
  }
}
