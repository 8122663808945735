// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Every method at every dimension beside the exact kernel of held-out points.

import Sketching

/// Fits maps to training rows and measures them on test rows.
struct FeatureComparison {
  let data: BenchData
  let kernel: any Kernel & Codable & Hashable
  let settings: BenchSettings
  let execution: Execution

  struct Outcome {
    var comparison: BenchResults.Comparison
    /// Maps of the learning dimension, in the order of their methods.
    var maps: [(method: FeatureMethod, map: any StorableFeatureMap)]

    /// The map of the learning dimension whose method has the least ε at any dimension.
    var best: (method: FeatureMethod, map: any StorableFeatureMap)? {
      let ranking = comparison.measures.sorted { $0.epsilon < $1.epsilon }.map(\.method)
      return ranking.lazy.compactMap { method in maps.first { $0.method == method } }.first
    }
  }

  /// What one fitted map is like.
  private struct Trial {
    var form: String
    var columns: Int
    var error: SpectralError
    var fitSeconds: Double
    var rowsPerSecond: Double
    var map: any StorableFeatureMap
  }

  func run() throws -> Outcome {
    let exact = try exactKernel()
    var measures: [BenchResults.Measure] = []
    var refusals: [BenchResults.Refusal] = []
    var maps: [(FeatureMethod, any StorableFeatureMap)] = []
    let cases = settings.triedMethods.flatMap { method in
      settings.dimensions.map { (method, $0) }
    }
    for (index, (method, dimension)) in cases.enumerated() {
      let place = "map \(index + 1) of \(cases.count)"
      let stage = execution.part(
        "\(place), \(method.rawValue), D = \(dimension)")
      do {
        let trials = try trials(method, dimension, exact, on: stage)
        measures.append(measure(method, dimension, trials, exact))
        if dimension == settings.learningDimension { maps.append((method, trials[0].map)) }
      } catch let error as InvalidInput {
        // Of methods that the kernel does not have there is nothing to say.
        guard error.name != "method" else { continue }
        refusals.append(
          BenchResults.Refusal(method: method, dimension: dimension, reason: "\(error)"))
      }
    }
    guard !measures.isEmpty else {
      throw FileError(
        data.path, found: "no features: \(refusals.first?.reason ?? "no method")",
        expected: "points and --dimensions of which a method makes features")
    }
    return Outcome(
      comparison: BenchResults.Comparison(
        points: exact.points.rowCount, ridge: exact.ridge,
        statisticalDimension: try statisticalDimension(of: exact.matrix, ridge: exact.ridge),
        exactSecondsPerRow: exact.secondsPerRow, measures: measures.withFront, refusals: refusals),
      maps: maps)
  }

  /// The exact kernel of the points that features are compared on.
  private struct Exact {
    var points: Rows<Double>
    var matrix: Matrix<Double>
    var ridge: Double
    /// In single precision, as the features have.
    var secondsPerRow: Double
  }

  private func exactKernel() throws -> Exact {
    let count = kernel.comparablePointCount(
      upTo: settings.points, operations: settings.exactOperations)
    let points = BenchData.sample(data.test, count)
    let stage = execution.part("exact kernel of \(points.rowCount) points")
    return try naming(data.path) {
      let matrix = try kernel.matrix(points, on: stage)
      let trace = (0..<points.rowCount).reduce(0.0) { $0 + matrix[$1, $1] }
      guard trace.isFinite, trace > 0 else {
        throw InvalidInput(
          "kernel", found: "a trace of \(trace)", expected: "points whose kernel is above 0")
      }
      let single = points.converted(to: Float.self)
      let (_, seconds) = try timed { _ = try kernel.matrix(single, on: stage.silent) }
      return Exact(
        points: points, matrix: matrix, ridge: BenchSettings.ridgePerTrace * trace,
        secondsPerRow: seconds / Double(points.rowCount))
    }
  }

  /// The maps of all seeds; at the first dimension after one that does not count.
  private func trials(
    _ method: FeatureMethod, _ dimension: Int, _ exact: Exact, on stage: Execution
  ) throws -> [Trial] {
    let sample = BenchData.sample(data.training, FittedMap.sampleCount(method, dimension))
    func fit(_ seed: UInt64) throws -> (FeatureMapChoice, Double) {
      try timed {
        try kernel.featureMap(
          method: method, dimension: dimension, seed: seed, sample: sample, on: stage.silent)
      }
    }
    if dimension == settings.dimensions[0] { _ = try fit(settings.seed) }
    var trials: [Trial] = []
    for index in 0..<settings.seeds {
      try stage.checkCancellation()
      stage.report(index, of: settings.seeds)
      let (choice, seconds) = try fit(settings.seed &+ UInt64(index))
      let map = choice.map
      let rate = try Stopwatch.rowsPerSecond(
        of: map, data.training, budget: settings.speedBudget, on: stage)
      let features = try map.images(of: exact.points, on: stage.silent)
      let error = try naming(data.path) {
        try SpectralError(
          features: features, exact: exact.matrix, ridge: exact.ridge, on: stage.silent)
      }
      trials.append(
        Trial(
          form: choice.candidates[0].method, columns: map.outputDimension, error: error,
          fitSeconds: seconds, rowsPerSecond: rate, map: map))
      if seconds > settings.patience { break }
    }
    return trials
  }

  private func measure(
    _ method: FeatureMethod, _ dimension: Int, _ trials: [Trial], _ exact: Exact
  ) -> BenchResults.Measure {
    let rate = trials.map(\.rowsPerSecond).median
    let fitSeconds = trials.map(\.fitSeconds).median
    let centred = trials.compactMap(\.error.centredFrobenius)
    return BenchResults.Measure(
      method: method, form: trials[0].form, dimension: dimension, columns: trials[0].columns,
      seeds: trials.count, epsilon: trials.map(\.error.epsilon).median,
      relativeFrobenius: trials.map(\.error.relativeFrobenius).median,
      centredFrobenius: centred.isEmpty ? nil : centred.median, fitSeconds: fitSeconds,
      rowsPerSecond: rate, timesExact: exact.secondsPerRow * rate,
      totalSeconds: fitSeconds + Double(data.training.rowCount) / rate)
  }
}
