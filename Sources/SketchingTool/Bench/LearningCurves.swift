// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How well models predict that learn from more and more rows.

import Sketching

/// Ridge regression on features, and with the exact kernel, of the same rows and on the same tests.
struct LearningCurves {
  let data: BenchData
  let kernel: any Kernel & Codable & Hashable
  let settings: BenchSettings
  let execution: Execution

  private static let tileRowCount = 2048

  /// The models; none where there is nothing to predict.
  func run(
    _ maps: [(method: FeatureMethod, map: any StorableFeatureMap)],
    beside comparison: BenchResults.Comparison
  ) throws -> [BenchResults.Model] {
    guard let goal = data.goal else { return [] }
    let counts = settings.learningCounts(of: data.training.rowCount)
    // Any first rows of this order are a random part, whatever the order of the files.
    let coins = RandomKey(seed: settings.seed).child("benchmark order").stream
    let keys = (0..<data.training.rowCount).map { coins.uniform(at: UInt64($0)) }
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    func part(_ count: Int) -> (rows: Rows<Float>, targets: Targets) {
      guard count < order.count else { return (data.training, goal.targets) }
      let picked = order[..<count].sorted()
      return (data.training.rows(at: picked), goal.targets.rows(at: picked))
    }
    var models: [BenchResults.Model] = []
    let pairSeconds = comparison.exactSecondsPerRow / Double(comparison.points)
    for count in counts where count <= settings.exactRows {
      let pairs = Double(count) * (Double(count) + Double(data.test.rowCount))
      guard pairs * pairSeconds <= settings.learningBudget else { break }
      let stage = execution.part("exact kernel ridge, \(count) rows")
      let (rows, targets) = part(count)
      models.append(try exactModel(kernel, rows, targets, goal.test, on: stage))
    }
    for (method, map) in maps {
      let rate = comparison.measures.first {
        $0.method == method && $0.dimension == settings.learningDimension
      }?.rowsPerSecond
      let most = settings.learningBudget * (rate ?? .infinity)
      for count in counts where count == counts[0] || Double(count) <= most {
        let stage = execution.part("\(method.rawValue), \(count) rows")
        let (rows, targets) = part(count)
        models.append(try model(method, map, rows, targets, goal.test, on: stage))
      }
    }
    return models
  }

  private func model(
    _ method: FeatureMethod, _ map: some RowMap, _ rows: Rows<Float>, _ targets: Targets,
    _ truth: Matrix<Double>, on stage: Execution
  ) throws -> BenchResults.Model {
    let (fit, fitSeconds) = try naming(data.path) {
      try timed {
        try RidgeRegression(seed: settings.seed).fit(
          map, rows, targets: targets, as: Float.self, on: stage)
      }
    }
    let (score, predictSeconds) = try timed {
      try self.score(targets.task, truth) { tile in
        try fit.model.outputs(for: map.images(of: tile, on: stage.silent), on: stage.silent)
      }
    }
    return BenchResults.Model(
      method: method, columns: map.outputDimension, trainingRows: rows.rowCount, ridge: fit.ridge,
      score: score, fitSeconds: fitSeconds, predictSeconds: predictSeconds)
  }

  private func exactModel(
    _ kernel: some Kernel, _ rows: Rows<Float>, _ targets: Targets, _ truth: Matrix<Double>,
    on stage: Execution
  ) throws -> BenchResults.Model {
    let points = rows.converted(to: Double.self)
    stage.report(0, of: 1)
    let (model, fitSeconds) = try naming(data.path) {
      try timed {
        try KernelRidgeRegression(
          kernel, points: points, targets: targets, seed: settings.seed, on: stage.silent)
      }
    }
    let (score, predictSeconds) = try timed {
      try self.score(targets.task, truth) {
        try model.outputs(for: $0.converted(to: Double.self), on: stage.silent)
      }
    }
    return BenchResults.Model(
      method: nil, columns: nil, trainingRows: rows.rowCount, ridge: model.ridge, score: score,
      fitSeconds: fitSeconds, predictSeconds: predictSeconds)
  }

  /// The score of the test rows, tile by tile.
  private func score(
    _ task: LearningTask, _ truth: Matrix<Double>,
    _ outputs: (Rows<Float>) throws -> Matrix<Double>
  ) throws -> Double {
    let predictions = try data.test.tiles(of: Self.tileRowCount).map {
      task.predictions(from: try outputs(data.test.rows($0)))
    }
    let score = PredictionScore(of: try .stacked(predictions), against: truth, task: task)
    switch score {
    case .classification(let accuracy, _): return accuracy
    // Of targets that do not vary there is no error to scale.
    case .regression(let rSquared, _): return (1 - (rSquared ?? .nan)).squareRoot()
    }
  }
}
