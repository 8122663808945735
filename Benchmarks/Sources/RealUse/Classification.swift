// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Accuracy of classifiers on images: fully connected and convolutional NTKs beside Gaussian kernels.

import Foundation
import Sketching

/// Accuracies of classifiers of one problem.
private struct AccuracyTable {
  var table: Table
  private let testCount: Int

  init(_ title: String, testCount: Int, notes: [String] = []) {
    self.testCount = testCount
    table = Table(
      title, columns: ["training images", "D", "accuracy", "± 1 s. e.", "λ/mean k(x, x)", "time"],
      notes: notes)
  }

  mutating func add(_ name: String, _ problem: Problem, _ outcome: Outcome) {
    table.add(
      name, .count(problem.training.rowCount), .count(outcome.columns), .score(outcome.score),
      .score(standardError(outcome.score, testCount)), .number(outcome.relativeRidge, "%.1e"),
      .seconds(outcome.seconds))
  }

  /// Random Fourier features, and scikit-learn's Nystroem where there is one.
  mutating func addGaussian(
    _ problem: Problem, dimension: Int, _ scikit: ScikitLearn?, of points: String = ""
  ) throws {
    add(
      "random Fourier features" + points, problem,
      try learnWithFourierFeatures(problem, dimension: dimension).outcome)
    if let scikit {
      add(
        "scikit-learn's Nystroem" + points, problem,
        try scikit.learn(problem, dimension: dimension))
    }
  }
}

/// One standard error of an accuracy on so many test points.
func standardError(_ accuracy: Double, _ testCount: Int) -> Double {
  (accuracy * (1 - accuracy) / Double(testCount)).squareRoot()
}

/// What `Learning` left in the same folder of the exact kernel of all images.
private struct WholeFit: Decodable {
  var trainingRows: Int
  var ridge: Double
  var score: Double?
  var fitSeconds: Double

  private struct Figures: Decodable {
    var whole: [WholeFit]
  }

  static func stored(in folder: String) -> WholeFit? {
    let file = URL(filePath: folder).appending(path: "learning.json")
    return (try? Data(contentsOf: file))
      .flatMap { try? JSONDecoder().decode(Figures.self, from: $0).whole.last }
  }
}

func connectedTable(_ folder: String, _ scikit: ScikitLearn?) throws -> Table? {
  guard let images = try LabelledImages.fashion("train"),
    let tests = try LabelledImages.fashion("t10k")
  else { return nil }
  let dimension = 4096
  let problem = try Problem(images, 0..<60_000, tests, testCount: 10_000) { $0.normalized() }
  let kernel = NeuralKernel(
    network: try .fullyConnected(inputDimension: 784, depth: 3), type: .ntk)
  var accuracies = AccuracyTable(
    "Fashion-MNIST, images of length one, NTK of three hidden ReLU layers", testCount: 10_000,
    notes: [
      "NTK features are those of `auto`, on 12,000 training images. Length scale and ridge are chosen on",
      "training images held out; the time is without the choice of the length scale. learning.json is what",
      "`Learning` leaves of the exact kernel of all images, by conjugate gradients at a given ridge.",
    ])
  func features(_ problem: Problem) throws -> Outcome {
    try learn(problem) {
      try kernel.featureMap(dimension: dimension, sample: problem.part(12_000).training).map
    }
  }
  let few = problem.part(4000)
  accuracies.add("exact NTK", few, try learn(few, exactly: kernel))
  accuracies.add("NTK features", few, try features(few))
  accuracies.add("NTK features", problem, try features(problem))
  let whole = WholeFit.stored(in: folder)
  if let whole, let score = whole.score, whole.trainingRows == problem.training.rowCount {
    let diagonal = try kernel.diagonal(problem.test.rows(0..<1))[0]
    accuracies.add(
      "exact NTK (learning.json)", problem,
      Outcome(
        score: score, heldOutError: .nan, columns: nil,
        relativeRidge: whole.ridge / Double(diagonal), seconds: whole.fitSeconds))
  }
  try accuracies.addGaussian(problem, dimension: dimension, scikit)
  return accuracies.table
}

func imagesTable(_ scikit: ScikitLearn?) throws -> Table? {
  guard let images = try LabelledImages.fashion("train"),
    let tests = try LabelledImages.fashion("t10k")
  else { return nil }
  let dimension = 2048
  let problem = try Problem(images, 0..<10_000, tests, testCount: 10_000)
  var accuracies = AccuracyTable(
    "Fashion-MNIST, NTK of Myrtle-5", testCount: 10_000,
    notes: [
      "CNTK features are those of `auto`, on 2,000 training images; \"regions\": with means of 3 × 3 regions",
      "in place of the mean of all pixels at the end. The others see the pixels.",
    ])
  for (name, region) in [("CNTK features", nil), ("CNTK features, regions", 3)] {
    let kernel = try myrtle([28, 28, 1], region: region)
    accuracies.add(name, problem, try convolutional(kernel, problem, dimension))
  }
  try accuracies.addGaussian(problem, dimension: dimension, scikit)
  return accuracies.table
}

func colourTable(_ folder: String, _ scikit: ScikitLearn?) throws -> Table? {
  guard let images = try LabelledImages.colour("train-10k", in: folder),
    let tests = try LabelledImages.colour("test-2k", in: folder)
  else { return nil }
  let dimension = 2048
  // Each image with mean 0 and length one, then all of them whitened.
  let range = 0..<images.labels.count
  let whitening = try Whitening(sample: images.points(range).centred.normalized(), shrinkage: 0.3)
  let pixels = try Problem(images, range, tests, testCount: tests.labels.count)
  var white = pixels
  white.training = .dense(try whitening.images(of: pixels.training.centred.normalized()))
  white.test = .dense(try whitening.images(of: pixels.test.centred.normalized()))
  var accuracies = AccuracyTable(
    "CIFAR-10 (JPEG), NTK of Myrtle-5", testCount: tests.labels.count,
    notes: [
      "Images with mean 0 and length one, whitened (ZCA) as measured on the training images, or pixels as they are.",
      "CNTK features are those of `auto`, on 2,000 training images.",
    ])
  accuracies.add(
    "CNTK features, whitened", white, try convolutional(myrtle([32, 32, 3]), white, dimension))
  for (name, problem) in [(", whitened", white), (", pixels", pixels)] {
    try accuracies.addGaussian(problem, dimension: dimension, scikit, of: name)
  }
  return accuracies.table
}

private func convolutional(
  _ kernel: NeuralKernel, _ problem: Problem, _ dimension: Int
) throws -> Outcome {
  try learn(problem) {
    try kernel.featureMap(dimension: dimension, sample: problem.part(2000).training).map
  }
}

extension Rows<Float> {
  /// Each row less its mean.
  fileprivate var centred: Rows {
    var result = dense
    let d = columnCount
    result.withUnsafeMutablePointer { p in
      for i in 0..<rowCount {
        let row = UnsafeMutableBufferPointer(start: p + i * d, count: d)
        let mean = row.reduce(0, +) / Float(d)
        for j in 0..<d { row[j] -= mean }
      }
    }
    return .dense(result)
  }
}
