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
func learn(_ problem: Problem, _ make: () throws -> any RowMap) throws -> Outcome {
  switch problem.precision {
  case .single: try learn(problem, as: Float.self, make)
  case .double: try learn(problem, as: Double.self, make)
  }
}

private func learn<Scalar: RealScalar>(
  _ problem: Problem, as type: Scalar.Type, _ make: () throws -> any RowMap
) throws -> Outcome {
  func features(_ map: some RowMap, _ rows: Rows<Float>) throws -> Matrix<Double> {
    try map.images(of: rows.converted(to: Scalar.self)).converted(to: Double.self)
  }
  func learned(_ map: some RowMap) throws -> (RidgeFit, Matrix<Double>) {
    let fit = try RidgeRegression(sumPrecision: .double)
      .fit(map, problem.training, targets: problem.targets, as: Scalar.self)
    // At small ridges weights are long, and single precision too short for these sums.
    let outputs = try problem.test.tiles(of: 2048).map { tile in
      try fit.model.outputs(for: features(map, problem.test.rows(tile)))
    }
    return (fit, try .stacked(outputs))
  }
  let ((map, fit, outputs), seconds) = try timed {
    let map = try make()
    let (fit, outputs) = try learned(map)
    return (map, fit, outputs)
  }
  let some = try features(map, problem.part(500).training)
  let diagonal = some.elements.reduce(0) { $0 + $1 * $1 } / Double(some.rowCount)
  return Outcome(
    score: problem.score(outputs), heldOutError: fit.path.leastError, columns: map.outputDimension,
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

/// The candidate whose outcome is best on held-out training points.
func best<Candidate>(
  _ candidates: [Candidate], _ outcome: (Candidate) throws -> Outcome
) throws -> Candidate {
  let errors = try candidates.map { try outcome($0).heldOutError }
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
