// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How ways to make a feature map are compared.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// Ways tried on a part of a sample and compared on another.
struct Trial<Scalar: RealScalar> {
  typealias Result = (
    way: FeatureMapWay<Scalar>, map: any StorableFeatureMap, candidate: FeatureMapChoice.Candidate
  )

  let training: Rows<Scalar>
  /// Points to compare on, and their exact kernel matrix; nil where nothing is compared.
  let test: (points: Rows<Double>, exact: Matrix<Double>)?
  private let judgesPredictions: Bool
  /// λ for the points to compare on.
  private let ridge: Double?
  let execution: Execution

  /// - Parameters:
  ///   - dimension: the columns of the maps.
  ///   - ridge: λ for the whole sample, if there is one.
  init(
    _ kernel: some Kernel, _ sample: Rows<Scalar>, isComparing: Bool, dimension: Int,
    ridge: Double?, on execution: Execution
  ) throws {
    self.execution = execution
    guard isComparing, sample.rowCount >= 8 else {
      (training, test, judgesPredictions, self.ridge) = (sample, nil, false, nil)
      return
    }
    let order = sample.zerosLast
    let held = sample.rowCount / 4
    let count = kernel.comparablePointCount(upTo: 512, operations: 5e9)
    judgesPredictions = (kernel as? NeuralKernel)?.network.actsOnPixels ?? false
    // Pairs of points, one held out and one not, where landmarks may be all points.
    let steps = dimension >= sample.rowCount ? [3, 1] : [3]
    let picked = spread(max(4, count / steps.count), over: held)
    let points = sample.rows(at: steps.flatMap { step in picked.map { order[4 * $0 + step] } })
      .converted(to: Double.self)
    test = (points, try kernel.matrix(points, on: execution.stage("exact kernel of a sample")))
    self.ridge = ridge.map { $0 * Double(points.rowCount) / Double(sample.rowCount) }
    training = sample.rows(
      at: order.indices.filter { $0 % 4 != 3 }.map { order[$0] }.sorted())
  }

  /// In the order in which to try them. If the first that works is taken, and there are few points, a
  /// map of landmarks alone comes last.
  func ordered(_ ways: [FeatureMapWay<Scalar>]) -> [FeatureMapWay<Scalar>] {
    let isBlind = test == nil && training.rowCount < 8
    let main = ways.filter { !$0.isFallback }
    return (isBlind ? main.reversed() : main) + ways.filter(\.isFallback)
  }

  func run(_ way: FeatureMapWay<Scalar>) throws -> Result {
    try execution.checkCancellation()
    let map = try way.make(training)
    var candidate = FeatureMapChoice.Candidate(method: way.name, dimension: map.outputDimension)
    if let test {
      let features = try map.images(of: test.points, on: execution.silent)
      candidate.relativeError = try relativeFrobeniusError(
        of: features, exact: test.exact, asOf: FeatureMapChoice.pointCount, on: execution)
      if let ridge {
        candidate.epsilon = try ridgeEpsilon(
          of: features, exact: test.exact, ridge: ridge, on: execution)
      } else if judgesPredictions {
        candidate.predictionDistance = try predictionDistance(
          of: features, exact: test.exact, asOf: FeatureMapChoice.pointCount, on: execution)
      } else {
        candidate.normalizedError = try relativeFrobeniusError(
          of: features, exact: test.exact, asOf: FeatureMapChoice.pointCount, scaled: true,
          on: execution)
      }
    }
    return (way, map, candidate)
  }
}

extension Rows {
  /// The numbers of the rows that are not zero, and behind them those of the others: so a part that is held
  /// out leaves some that are not zero, if there are two.
  var zerosLast: [Int] {
    let isZero = withUnsafeBlock { rows in
      (0..<rows.rowCount).map { rows.largestEntry(ofRow: $0) == 0 }
    }
    return (0..<rowCount).filter { !isZero[$0] } + (0..<rowCount).filter { isZero[$0] }
  }
}
