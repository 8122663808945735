// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The main job: sketched NTK features of all of Fashion-MNIST, and how they compare with the exact NTK.

import Foundation
import Sketching

/// One run of the demo.
struct DemoRun {
  var data: FashionMNIST
  /// How many training images to use at most.
  var trainingCount: Int
  /// The largest number of features.
  var dimension: Int
  var seed: UInt64
  var execution: Execution

  /// The training images of the exact kernel, and of the sketch that is held against it.
  private static let exactCount = 5000
  /// The images on which matrices are compared.
  private static let comparedCount = 1000
  private static let hiddenLayers = 3
  /// λ as a share of the trace of K, for ε and the statistical dimension.
  private static let ridgePerTrace = 1e-3

  /// The figures, and the classifier of all training images at the largest dimension.
  struct Outcome {
    var approximations: [DemoResults.Approximation]
    var classifiers: [DemoResults.Classifier]
    var exactOnAll: DemoResults.Extrapolation
    var map: NetworkFeatureMap
    var fit: RidgeFit
  }

  func run() throws -> Outcome {
    let network = try Network.fullyConnected(
      inputDimension: data.trainingImages.columnCount, depth: Self.hiddenLayers)
    let kernel = NeuralKernel(network: network, type: .ntk)
    let count = min(trainingCount, data.trainingImages.rowCount)
    let sample = try data.trainingImages.rows(0..<min(2000, count), as: Float.self)
    let dimensions = [512, 2048, 8192].filter { $0 < dimension } + [dimension]
    let maps = try dimensions.map {
      try NetworkFeatureMap(kernel, dimension: $0, seed: seed, sample: sample)
    }

    let approximations = try compare(maps, with: kernel)
    let fewCount = min(Self.exactCount, count)
    let (exact, extrapolation) = try exactClassifier(kernel, fewCount, all: count)
    var classifiers = [exact]
    if fewCount < count {
      classifiers.append(try sketchedClassifier(maps[maps.count - 1], fewCount).figures)
    }
    var last: RidgeFit?
    for map in maps {
      let (figures, fit) = try sketchedClassifier(map, count)
      classifiers.append(figures)
      last = fit
    }
    guard let last, let map = maps.last else { preconditionFailure("there is always a map") }
    return Outcome(
      approximations: approximations, classifiers: classifiers, exactOnAll: extrapolation,
      map: map, fit: last)
  }

  /// ε and errors of each map on some test images, which no map has seen.
  private func compare(
    _ maps: [NetworkFeatureMap], with kernel: NeuralKernel
  ) throws -> [DemoResults.Approximation] {
    let count = min(Self.comparedCount, data.testImages.rowCount)
    let images = try data.testImages.rows(0..<count, as: Double.self)
    let many = try data.trainingImages.rows(
      0..<min(16384, data.trainingImages.rowCount), as: Float.self)
    let exact = try kernel.matrix(images, on: execution.stage("exact kernel of \(count) images"))
    let trace = (0..<count).reduce(0.0) { $0 + exact[$1, $1] }
    return try maps.map { map in
      let stage = execution.stage("features, D = \(map.outputDimension)")
      _ = try map.features(of: many.rows(0..<min(1024, many.rowCount)), on: execution.silent)
      let (_, seconds) = try timed { try map.features(of: many, on: stage) }
      let features = try map.features(of: images, on: stage)
      execution.stage("ε, D = \(map.outputDimension)").report(0, of: 1)
      let error = try SpectralError(
        features: features, exact: exact, ridge: Self.ridgePerTrace * trace, on: execution)
      return DemoResults.Approximation(
        columns: map.outputDimension, images: count, ridge: error.ridge,
        statisticalDimension: error.statisticalDimension, epsilon: error.epsilon,
        relativeFrobenius: error.relativeFrobenius,
        centredFrobenius: error.centredFrobenius ?? .nan,
        relativeSpectral: error.relativeSpectral,
        imagesPerSecond: Double(many.rowCount) / seconds)
    }
  }

  private func exactClassifier(
    _ kernel: NeuralKernel, _ count: Int, all: Int
  ) throws -> (DemoResults.Classifier, DemoResults.Extrapolation) {
    let stage = execution.stage("exact kernel ridge, \(count) images")
    let images = try data.trainingImages.rows(0..<count, as: Double.self)
    let targets = try Targets.classification(Array(data.trainingLabels[..<count]))
    let (_, matrixSeconds) = try timed { try kernel.matrix(images, on: stage) }
    let (model, fitSeconds) = try timed {
      try KernelRidgeRegression(kernel, points: images, targets: targets, seed: seed, on: execution)
    }
    let (error, predictSeconds) = try timed {
      try data.testError(targets.task, on: execution.silent) { tile in
        try model.outputs(for: tile.converted(to: Double.self), on: execution.silent)
      }
    }
    let growth = Double(all) / Double(count)
    return (
      DemoResults.Classifier(
        method: .exact, trainingImages: count, columns: nil, ridge: model.ridge,
        accuracy: 1 - error, fitSeconds: fitSeconds, predictSeconds: predictSeconds),
      DemoResults.Extrapolation(
        trainingImages: all, gigabytes: Double(all) * Double(all) * 8e-9,
        seconds: matrixSeconds * growth * growth
          + (fitSeconds - matrixSeconds) * growth * growth * growth)
    )
  }

  private func sketchedClassifier(
    _ map: NetworkFeatureMap, _ count: Int
  ) throws -> (figures: DemoResults.Classifier, fit: RidgeFit) {
    let name = "D = \(map.outputDimension), \(count) images"
    let source = try RowSubset(data.trainingImages, rows: 0..<count)
    let targets = try Targets.classification(Array(data.trainingLabels[..<count]))
    let (fit, fitSeconds) = try timed {
      try RidgeRegression(seed: seed).fit(
        map, source, targets: targets, as: Float.self, on: execution.stage(name))
    }
    let (error, predictSeconds) = try timed {
      try data.testError(targets.task, on: execution.silent) { tile in
        let features = try map.features(of: tile, on: execution.silent)
        return try fit.model.outputs(for: features, on: execution.silent)
      }
    }
    let figures = DemoResults.Classifier(
      method: .sketch, trainingImages: count, columns: map.outputDimension, ridge: fit.ridge,
      accuracy: 1 - error, fitSeconds: fitSeconds, predictSeconds: predictSeconds)
    return (figures, fit)
  }
}

/// The result of `body` and how long it took, in seconds.
func timed<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try body()
  let time = start.duration(to: clock.now).components
  return (result, Double(time.seconds) + Double(time.attoseconds) * 1e-18)
}
