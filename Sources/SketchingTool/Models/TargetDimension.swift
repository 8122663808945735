// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The fewest columns whose features are as near to the kernel as wanted, by measuring.

import Foundation
import Sketching

/// The search for the smallest dimension of a wanted ε.
///
/// ε is that of `SpectralError`, measured against the exact kernel of a sample of m of the n points:
/// all of them up to 2,000, else up to 2,000 that no map is fitted on (of images so many as have an
/// exact kernel within a minute or two). Eigenvalues of a kernel matrix grow with the number of
/// points, so λ of all the points stands for λ m/n of the sample. A sample of fewer points than the
/// statistical dimension of all knows too little: then its ε is too small. Features are measured in the
/// precision in which they will be used: in single some are too coarse for a small ε.
///
/// Powers of two from 16 to 8,192 are tried in turn; between the first that does and the one before
/// it three halvings follow. Random maps do not improve steadily, so a smaller dimension may do too.
struct TargetDimension {
  /// What was found.
  struct Outcome: Codable {
    struct Trial: Codable {
      var dimension: Int
      /// Infinite where the method makes no map of so few columns.
      var epsilon: Double
    }

    var targetEpsilon: Double
    /// That of the features, on the sample.
    var epsilon: Double
    /// m.
    var points: Int
    /// λ m/n.
    var ridge: Double
    var trials: [Trial]

    var summary: String {
      let list = trials.map { "\($0.dimension): \(String(format: "%.3g", $0.epsilon))" }
      return String(format: "ε = %.3g on %d points with ridge %.3g", epsilon, points, ridge)
        + "; by dimension " + list.joined(separator: ", ")
    }
  }

  private static let dimensions = (4...13).map { 1 << $0 }
  private static let mostPoints = 2000

  private let epsilon: Double
  private let ridge: Double
  private let test: Rows<Double>
  private let exact: Matrix<Double>
  private let points: Points
  private let fit: Points?
  /// Which rows of the points are left for measuring.
  private let held: Set<Int>
  private let precision: Precision
  private let execution: Execution

  /// - Parameters:
  ///   - ridge: λ in K + λI for all the points.
  ///   - fit: points to fit maps on, if not those that features are for.
  ///   - precision: of the features.
  init(
    epsilon: Double, ridge: Double, _ kernel: any Kernel, points: Points, fit: Points?,
    precision: Precision, on execution: Execution
  ) throws {
    let n = points.rowCount
    let most = kernel.comparablePointCount(upTo: Self.mostPoints, operations: 1e10)
    let m = n <= most ? n : min(most, n / 2)
    held = n <= most || fit != nil ? [] : Set((0..<m).map { $0 * n / m })
    (self.epsilon, self.points, self.fit, self.precision) = (epsilon, points, fit, precision)
    self.ridge = ridge * Double(m) / Double(n)
    self.execution = execution
    test = try points.sample(m)
    try FittedMap.checkOverflow(kernel, test, points, on: execution)
    let stage = execution.stage("exact kernel of \(m) points")
    exact = try kernel.matrix(test, on: stage)
  }

  /// Points to fit on.
  func sample(_ count: Int) throws -> Rows<Double> {
    try (fit ?? points).sample(count) { !held.contains($0) }
  }

  /// Whether ε is that of points that maps are fitted on.
  var measuresFittedPoints: Bool { held.isEmpty && fit == nil }

  /// The map of the smallest dimension that one of `ways`, tried in turn, brings within ε.
  ///
  /// - Throws: `InvalidInput` if none does; what the ways throw, but of dimensions that are too small.
  func run(
    _ ways: [(Int) throws -> FeatureMapChoice]
  ) throws -> (FeatureMapChoice, Outcome) {
    var trials: [Outcome.Trial] = []
    var best: (choice: FeatureMapChoice, epsilon: Double)?
    func reaches(_ dimension: Int) throws -> Bool {
      var least = Double.infinity
      for make in ways where least > epsilon {
        do {
          let choice = try make(dimension)
          let found = try measure(choice.map)
          if found <= epsilon { best = (choice, found) }
          least = min(least, found)
        } catch let error as InvalidInput where error.name == "--dimension" {
          // The method needs more columns than that.
        }
      }
      trials.append(Outcome.Trial(dimension: dimension, epsilon: least))
      return least <= epsilon
    }
    guard let first = try Self.dimensions.first(where: reaches) else {
      throw InvalidInput(
        "--target-epsilon",
        found: "\(epsilon), where \(trials.map(\.text).joined(separator: ", "))",
        expected: "an ε within reach of \(Self.dimensions.last ?? 0) columns, or a larger --ridge"
          + (precision == .single ? ", or --precision double" : ""))
    }
    var (low, high) = (first / 2, first)
    for _ in 0..<3 where first > Self.dimensions[0] {
      let middle = (low + high) / 2
      if try reaches(middle) { high = middle } else { low = middle }
    }
    guard let best else { preconditionFailure("the first dimension reached it") }
    return (
      best.choice,
      Outcome(
        targetEpsilon: epsilon, epsilon: best.epsilon, points: test.rowCount, ridge: ridge,
        trials: trials)
    )
  }

  private func measure(_ map: some FeatureMap) throws -> Double {
    let features =
      switch precision {
      case .single:
        try map.features(of: test.converted(to: Float.self), on: execution.silent)
          .converted(to: Double.self)
      case .double: try map.features(of: test, on: execution.silent)
      }
    let stage = execution.stage("ε of \(features.columnCount) columns")
    stage.report(0, of: 1)
    do {
      return try spectralEpsilon(features: features, exact: exact, ridge: ridge, on: stage.silent)
    } catch let error as InvalidInput {
      guard error.name != "ridge" else {
        throw InvalidInput("--ridge", found: error.found, expected: error.expected)
      }
      throw FileError(points.path, at: error.name, found: error.found, expected: error.expected)
    }
  }
}

extension TargetDimension.Outcome.Trial {
  fileprivate var text: String { "\(dimension) columns have \(String(format: "%.3g", epsilon))" }
}
