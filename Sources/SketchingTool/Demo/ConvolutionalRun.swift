// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The headline: the NTK of a convolutional network on all images, through layered features.

import Foundation
import Sketching

/// Ridge regression on features of the NTK of the convolutions of Myrtle-5, and the time of the exact
/// kernel.
struct ConvolutionalRun {
  var data: FashionMNIST
  /// How many training images to use at most.
  var trainingCount: Int
  /// The number of features.
  var dimension: Int
  var seed: UInt64
  var execution: Execution

  /// The exact kernel's time is taken on the pairs of so many test images with as many others.
  private static let timedCount = 24

  func run() throws -> DemoResults.Convolutional {
    let kernel = NeuralKernel(network: try network, type: .ntk)
    let count = min(trainingCount, data.trainingImages.rowCount)
    let (exactPairs, exactSeconds) = try timeExact(kernel)

    execution.stage("landmarks of the CNTK").report(0, of: 1)
    let (map, mapSeconds) = try timed {
      try LayeredFeatureMap(
        kernel, budget: budget, seed: seed,
        sample: data.trainingImages.rows(0..<min(2000, count), as: Float.self), on: execution)
    }
    let timedRows = try data.testImages.rows(
      0..<min(2048, data.testImages.rowCount), as: Float.self)
    let (_, featureSeconds) = try timed { try map.features(of: timedRows, on: execution.silent) }

    let source = try RowSubset(data.trainingImages, rows: 0..<count)
    let targets = try Targets.classification(Array(data.trainingLabels[..<count]))
    let (fit, fitSeconds) = try timed {
      try RidgeRegression(seed: seed, sumPrecision: .double).fit(
        map, source, targets: targets, as: Float.self,
        on: execution.stage("CNTK, D = \(map.outputDimension)"))
    }
    let (error, predictSeconds) = try timed {
      try data.testError(targets.task, on: execution.stage("CNTK, test images")) { tile in
        let features = try map.features(of: tile, on: execution.silent)
        return try fit.model.outputs(for: features.converted(to: Double.self), on: execution.silent)
      }
    }
    return DemoResults.Convolutional(
      columns: map.outputDimension, trainingImages: count, ridge: fit.ridge, accuracy: 1 - error,
      mapSeconds: mapSeconds, fitSeconds: fitSeconds, predictSeconds: predictSeconds,
      imagesPerSecond: Double(timedRows.rowCount) / featureSeconds,
      exactPairsMeasured: exactPairs, exactSecondsPerPair: exactSeconds)
  }

  /// Myrtle-5, but with the mean of 3 × 3 regions in place of one mean at the end: these images are all
  /// centred, so that places tell something.
  private var network: Network {
    get throws {
      let weightStd = 2.0.squareRoot()
      return try Network(input: data.imageShape) {
        for (index, count) in [2, 1, 1].enumerated() {
          if index > 0 { AveragePool(window: [2, 2]) }
          for _ in 0..<count {
            Conv(filter: [3, 3], weightStd: weightStd)
            ReLU()
          }
        }
        AveragePool(window: [3, 3], strides: [2, 2])
        Flatten()
        Dense(weightStd: weightStd)
      }
    }
  }

  /// Narrow inner layers with random features, for speed, and landmarks alone in the last, with as many
  /// columns of φ as of ψ for each region: of what was tried the most accurate for the time. With regions
  /// apart an eighth of φ, as `LayeredBudget` would keep, is a little less accurate.
  private var budget: LayeredBudget {
    get throws {
      let inner = [(32, 16, 8), (64, 24, 16), (128, 40, 24)].map { landmarks, nngp, ntk in
        LayeredBudget.Layer(landmarks: landmarks, nngp: nngp, ntk: ntk, remainder: landmarks / 4)
      }
      let regions = data.imageShape.prefix(2).reduce(1) { $0 * (($1 / 4 - 3) / 2 + 1) }
      let columns = dimension / (2 * regions)
      guard columns > 0 else {
        throw InvalidInput(
          "--cntk-dimension", found: "\(dimension)", expected: "at least \(2 * regions)")
      }
      let last = LayeredBudget.Layer(landmarks: max(64, columns), nngp: columns, ntk: columns)
      return LayeredBudget(layers: inner + [last])
    }
  }

  private func timeExact(_ kernel: NeuralKernel) throws -> (pairs: Int, secondsPerPair: Double) {
    let count = min(Self.timedCount, data.testImages.rowCount / 2)
    let x = try data.testImages.rows(0..<count, as: Float.self)
    let y = try data.testImages.rows(count..<2 * count, as: Float.self)
    let (_, seconds) = try timed {
      try kernel.matrix(x, y, on: execution.stage("exact CNTK of some pairs"))
    }
    return (count * count, seconds / Double(count * count))
  }
}
