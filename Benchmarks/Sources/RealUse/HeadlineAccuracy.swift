// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Classifiers on features beside those of the exact convolutional kernel, on the same few images.

import Sketching

/// The exact kernel of some images with each other and with test images, and what to learn from it.
private struct ExactSplit {
  let problem: Problem
  let gram: Matrix<Double>
  let cross: Matrix<Double>

  init(_ kernel: NeuralKernel, _ problem: Problem) throws {
    self.problem = problem
    gram = try kernel.matrix(problem.training).converted(to: Double.self)
    cross = try kernel.matrix(problem.test, problem.training).converted(to: Double.self)
  }

  private init(_ problem: Problem, _ gram: Matrix<Double>, _ cross: Matrix<Double>) {
    (self.problem, self.gram, self.cross) = (problem, gram, cross)
  }

  /// The same with the first `count` training images.
  func first(_ count: Int) -> ExactSplit {
    var few = problem
    few.training = problem.training.rows(0..<count)
    few.targets = problem.targets.rows(at: Array(0..<count))
    return ExactSplit(
      few, gram.rows(0..<count).columns(0..<count), cross.columns(0..<count))
  }

  /// The accuracy, and the ridge of least leave-one-out squared error.
  func exact() throws -> (accuracy: Double, ridge: Double) {
    let path = try RidgeDecomposition(kernelMatrix: gram, targets: problem.targets)
    let ridge = try path.crossValidation().leastSquaredError?.ridge ?? .nan
    let outputs = try cross.multiplied(by: path.coefficients(ridge: ridge))
    return (problem.score(outputs.adding(row: path.intercepts)), ridge)
  }

  /// The accuracies on features, at the ridge given and at that of least leave-one-out squared error.
  func features(
    _ map: some RowMap, ridge: Double
  ) throws -> (atRidge: Double, atOwn: Double) {
    let z = try map.images(of: problem.training).converted(to: Double.self)
    let test = try map.images(of: problem.test).converted(to: Double.self)
    let path = try RidgeDecomposition(features: z, targets: problem.targets)
    func accuracy(_ ridge: Double) throws -> Double {
      problem.score(try path.model(ridge: ridge).outputs(for: test))
    }
    let own = try path.crossValidation().leastSquaredError?.ridge ?? .nan
    return (try accuracy(ridge), try accuracy(own))
  }
}

func headlineAccuracies() throws -> Table? {
  guard let images = try LabelledImages.fashion("train"),
    let tests = try LabelledImages.fashion("t10k")
  else { return nil }
  let kernel = try myrtle([14, 14, 1])
  let counts = [500, 1000]
  let problem = try Problem(images, 0..<1000, tests, testCount: 2000) { $0.halved(side: 28) }
  var table = Table(
    "Headline, accuracy: the NTK of Myrtle-5, Fashion-MNIST at 14 × 14 pixels, 2000 test images",
    columns: [
      "D", "accuracy", "± 1 s. e.", "below exact", "within 1 s. e.", "accuracy, own ridge",
    ],
    notes: [
      "Pixels are means of 2 × 2, so that the exact kernel of all pairs takes minutes. The ridge is that of least",
      "leave-one-out error of the exact kernel, for the features too; \"own ridge\": of their own.",
      "\"Other images\": the map is fitted on 2,000 further training images, without labels.",
    ])
  let split = try ExactSplit(kernel, problem)
  let others = try Headline.map(
    kernel, sample: images.points(10_000..<12_000).halved(side: 28))
  for count in counts {
    let few = split.first(count)
    let (accuracy, ridge) = try few.exact()
    let error = standardError(accuracy, problem.truth.rowCount)
    table.add(
      "\(count) images, exact kernel", .words(""), .score(accuracy), .score(error),
      .words(""), .words(""), .score(accuracy))
    let own = try Headline.map(kernel, sample: few.problem.training)
    for (name, map) in [("same images", own), ("other images", others)] {
      let found = try few.features(map, ridge: ridge)
      let loss = (accuracy - found.atRidge) / error
      table.add(
        "\(count) images, features, map of the \(name)", .count(map.outputDimension),
        .score(found.atRidge), .score(standardError(found.atRidge, problem.truth.rowCount)),
        .number(loss, "%.2f s. e."), .words(loss <= 1 ? "yes" : "no"), .score(found.atOwn))
    }
  }
  return table
}

extension Rows<Float> {
  /// Square images of which each 2 × 2 pixels have become their mean.
  fileprivate func halved(side: Int) -> Rows {
    let (images, half) = (dense, side / 2)
    return .dense(
      Matrix(rowCount: rowCount, columnCount: half * half) { output in
        for i in 0..<rowCount {
          for y in 0..<half {
            for x in 0..<half {
              let corner = 2 * y * side + 2 * x
              let sum = [0, 1, side, side + 1].reduce(0) { $0 + images[i, corner + $1] }
              output[(i * half + y) * half + x] = sum / 4
            }
          }
        }
      })
  }
}

extension Matrix<Double> {
  fileprivate func adding(row: [Double]) -> Matrix {
    var result = self
    for i in 0..<rowCount {
      for j in row.indices { result[i, j] += row[j] }
    }
    return result
  }
}
