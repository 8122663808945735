// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression on features and with exact kernels, and choices by held-out training points.

import Sketching

/// What came of learning from one kernel in one way.
struct Outcome {
  /// Of the test points: see `Problem.score`.
  var score: Double
  /// Of training points held out, the squared error or the share of wrong classes at the chosen ridge.
  var heldOutError: Double
  /// The features' number; nil for the exact kernel.
  var columns: Int?
  /// λ over the mean of the kernel's diagonal.
  var relativeRidge: Double
  /// Of everything: fitting the map, the features, the ridge, predictions.
  var seconds: Double
}

/// Learns with features; the ridge is chosen on a tenth of the training points.
func learn(
  _ problem: Problem, _ make: () throws -> any RowMap
) throws -> Outcome {
  func learned(_ map: some RowMap) throws -> (RidgeFit, Matrix<Double>, Double) {
    let fit = try RidgeRegression(sumPrecision: .double)
      .fit(map, problem.training, targets: problem.targets, as: Float.self)
    let outputs = try problem.test.tiles(of: 2048).map { tile in
      // At small ridges weights are long, and single precision too short for the sums.
      try fit.model.outputs(
        for: map.images(of: problem.test.rows(tile)).converted(to: Double.self))
    }
    let diagonal = try meanSquaredNorm(map.images(of: problem.part(500).training))
    return (fit, try .stacked(outputs), diagonal)
  }
  var columns = 0
  let ((fit, outputs, diagonal), seconds) = try timed {
    let map = try make()
    columns = map.outputDimension
    return try learned(map)
  }
  return Outcome(
    score: problem.score(outputs), heldOutError: fit.path.leastError, columns: columns,
    relativeRidge: fit.ridge / diagonal, seconds: seconds)
}

/// Learns with the exact kernel of all training points.
func learn(_ problem: Problem, exactly kernel: some Kernel) throws -> Outcome {
  let points = problem.training.converted(to: Double.self)
  let ((model, outputs), seconds) = try timed {
    let model = try KernelRidgeRegression(kernel, points: points, targets: problem.targets)
    return (model, try model.outputs(for: problem.test.converted(to: Double.self)))
  }
  let diagonal = try kernel.diagonal(points)
  return Outcome(
    score: problem.score(outputs), heldOutError: model.path.leastError, columns: nil,
    relativeRidge: model.ridge / (diagonal.reduce(0, +) / Double(diagonal.count)),
    seconds: seconds)
}

/// The candidate whose features do best on held-out training points.
func best<Candidate>(
  _ candidates: [Candidate], for problem: Problem, _ make: (Candidate) throws -> any RowMap
) throws -> Candidate {
  let errors = try candidates.map { candidate in
    try learn(problem) { try make(candidate) }.heldOutError
  }
  return candidates[errors.indices.min { errors[$0] < errors[$1] } ?? 0]
}

/// Seconds that `body` takes, and its result.
func timed<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try body()
  return (result, (clock.now - start) / .seconds(1))
}

extension [RidgePathPoint] {
  fileprivate var leastError: Double { map { $0.misclassified ?? $0.squaredError }.min() ?? .nan }
}

private func meanSquaredNorm(_ features: Matrix<Float>) -> Double {
  features.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(features.rowCount)
}
