// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The map that the options ask for, fitted to some of the points.

import Foundation
import Sketching

/// A feature map with how it was found.
struct FittedMap {
  let choice: FeatureMapChoice
  /// What was measured to find the number of columns.
  let target: TargetDimension.Outcome?

  var stored: StoredMap { StoredMap(choice.map) }

  /// Lines that say what was chosen and why.
  var summary: String {
    [choice.summary, target?.summary].compactMap { $0 }.joined(separator: "\n")
  }

  /// Fits a map of the kernel to rows of `fit`, for `points`.
  ///
  /// - Parameters:
  ///   - ridge: of a target and of leverage scores, λ in K + λI for all the points.
  ///   - precision: that of the features, of which a target is.
  /// - Throws: `InvalidInput` if the method does not exist for the kernel, or the number of columns or
  ///   the centre does not do; `FileError` if points cannot be read or are too large for any features.
  init(
    _ kernel: any Kernel & Codable & Hashable, _ method: FeatureMethod, _ options: FeatureOptions,
    ridge: Double?, precision: Precision, seed: UInt64, points: Points, fit: Points?,
    on execution: Execution
  ) throws {
    let execution = execution.stage("fitting the map")
    execution.report(0, of: 1)
    let centring = try options.centring(for: kernel, columnCount: points.columnCount)
    func make(
      _ method: FeatureMethod, _ dimension: Int, _ sample: Rows<Double>
    ) throws -> FeatureMapChoice {
      try Self.naming((fit ?? points).path, options) {
        try kernel.featureMap(
          method: method, dimension: dimension, seed: seed, landmarks: options.landmarks,
          ridge: ridge.map { $0 * Double(sample.rowCount) / Double(points.rowCount) },
          centring: centring, sample: sample, on: execution)
      }
    }
    if let epsilon = options.targetEpsilon, let ridge {
      let search = try TargetDimension(
        epsilon: epsilon, ridge: ridge, kernel, points: points, fit: fit, precision: precision,
        on: execution)
      // What `auto` finds best elsewhere needs more columns than landmarks among the points measured, which
      // have no centre but that of the sample.
      let landmarksFirst = method == .auto && search.measuresFittedPoints && centring == .sample
      let methods = landmarksFirst ? [.nystrom, .auto] : [method]
      (choice, target) = try search.run(
        methods.map { method in
          { try make(method, $0, search.sample(Self.sampleCount(method, $0))) }
        })
    } else {
      let dimension = options.dimension ?? 0
      try MemoryBudget.require(
        Double(dimension) * 1024 * 8, "--dimension", found: "\(dimension)")
      let source = fit ?? points
      let sample = try source.sample(Self.sampleCount(method, dimension))
      if method == .nystrom {
        let side = Double(min(dimension, sample.rowCount))
        try MemoryBudget.require(40 * side * side, "--dimension", found: "\(dimension)")
      }
      try Self.checkOverflow(kernel, sample, source, on: execution)
      choice = try make(method, dimension, sample)
      target = nil
    }
    guard choice.map.outputDimension > 0 else {
      throw FileError(
        points.path, found: "points whose features are zero or overflow",
        expected: "points of moderate norm")
    }
  }

  /// How many points to fit on: what shapes a sketch is known from 2,000; landmarks are points.
  static func sampleCount(_ method: FeatureMethod, _ dimension: Int) -> Int {
    [.sketch, .random].contains(method) ? 2000 : max(2000, min(2 * dimension, 46_000))
  }

  /// Of points whose kernel overflows no map can be made: looks at the largest.
  static func checkOverflow(
    _ kernel: any Kernel, _ sample: Rows<Double>, _ source: Points, on execution: Execution
  ) throws {
    try SketchingTool.naming(source.path) {
      let squares = try PolynomialKernel(degree: 1).diagonal(sample, on: execution.silent)
      let largest = squares.indices.sorted { squares[$0] > squares[$1] }
        .prefix(kernel.comparablePointCount(upTo: 2000))
      _ = try kernel.diagonal(sample.rows(at: Array(largest)), on: execution.silent)
    }
  }

  /// Runs `body`; errors about what options set name the option, those about the points fitted on the
  /// file at `path`.
  private static func naming<Result>(
    _ path: String, _ options: FeatureOptions, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as InvalidInput {
      switch error.name {
      case "method", "dimension":
        throw InvalidInput("--" + error.name, found: error.found, expected: error.expected)
      case "landmarks" where options.landmarks != nil:
        throw InvalidInput("--landmarks", found: error.found, expected: error.expected)
      case "centring", "centring vector":
        throw InvalidInput(
          "--center\(options.centerArgument.map { " \($0.path)" } ?? "")", found: error.found,
          expected: error.expected)
      case "sample", "landmarks":
        throw FileError(path, found: error.found, expected: error.expected)
      default: throw error
      }
    }
  }
}
