// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Regression sets: the exact NTK on a part, its features on all, and the Gaussian kernel's.

import Foundation
import Sketching

let regressionSets = ["kin8nm", "protein", "pol", "elevators", "keggdirected"]

extension Problem {
  /// A set of the folder; columns and values are brought to mean 0 and variance 1 as measured on the
  /// training points. Nil where it is not there.
  static func regression(_ name: String, in folder: String) throws -> Problem? {
    func path(_ part: String) -> String { "\(folder)/\(name)-\(part).npy" }
    guard FileManager.default.fileExists(atPath: path("train-X")) else { return nil }
    func rows(_ part: String) throws -> Matrix<Double> {
      try DataFile(path: path(part)).allRows(as: Double.self).dense
    }
    func values(_ part: String) throws -> Matrix<Double> {
      try DataFile.targets(path: path(part))
    }
    let (x, y) = (try Standardization(rows("train-X")), try Standardization(values("train-y")))
    func points(_ part: String) throws -> Rows<Float> {
      try .dense(x.apply(to: rows(part)).converted(to: Float.self))
    }
    return Problem(
      training: try points("train-X"), targets: try .regression(y.apply(to: values("train-y"))),
      test: try points("test-X"), truth: y.apply(to: try values("test-y")), precision: .double)
  }
}

/// The map of each column to mean 0 and variance 1, as measured on some rows.
private struct Standardization {
  private let means: [Double]
  private let scales: [Double]

  init(_ rows: Matrix<Double>) throws {
    let count = Double(rows.rowCount)
    let columns = rows.transposed
    let means = (0..<columns.rowCount).map { columns.row($0).reduce(0, +) / count }
    self.means = means
    scales = means.indices.map { j in
      let squares = columns.row(j).reduce(0) { $0 + ($1 - means[j]) * ($1 - means[j]) }
      // Columns that do not vary stay zero.
      return squares > 0 ? (count / squares).squareRoot() : 1
    }
  }

  func apply(to rows: Matrix<Double>) -> Matrix<Double> {
    var result = rows
    for i in 0..<rows.rowCount {
      for j in means.indices { result[i, j] = scales[j] * (rows[i, j] - means[j]) }
    }
    return result
  }
}

func regressionTable(_ folder: String, _ scikit: ScikitLearn?) throws -> Table? {
  let (dimension, part) = (1024, 4000)
  var table = Table(
    "Regression: root mean squared error of test values (variance 1), D = \(dimension)",
    columns: [
      "rows", "d", "network", "exact NTK¹", "NTK features¹", "NTK features", "exact Gaussian¹",
      "Fourier features", "Nystroem²", "time, NTK", "Fourier", "Nystroem²",
    ],
    notes: [
      "Columns have mean 0 and variance 1 on the training rows. For the NTK rows get one more entry, the bias, and",
      "one length; the network has one hidden layer. Its features are those of `auto`. Activation, bias, weights,",
      "length scale and ridge are chosen on training rows held out; the time is without that of the choice.",
      "¹ on \(part) training rows, the others on all. ² of scikit-learn, for the Gaussian kernel.",
    ])
  for name in regressionSets {
    guard let problem = try Problem.regression(name, in: folder) else { continue }
    func map(_ network: TabularNetwork, _ problem: Problem) throws -> any RowMap {
      try network.kernel(for: problem)
        .featureMap(dimension: dimension, sample: problem.training).map
    }
    func outcome(_ network: TabularNetwork, _ problem: Problem) throws -> Outcome {
      let extended = network.extended(problem)
      return try learn(extended) { try map(network, extended) }
    }
    let some = problem.part(trialSize.points)
    let network = try best(TabularNetwork.all) { try outcome($0, some) }
    let few = problem.part(part)
    let extended = network.extended(few)
    let exact = try learn(extended, exactly: network.kernel(for: extended))
    let ours = try outcome(network, problem)
    let oursOnFew = try outcome(network, few)
    let (fourier, gaussian) = try learnWithFourierFeatures(problem, dimension: dimension)
    let exactGaussian = try learn(few, exactly: gaussian)
    let nystroem = try scikit?.learn(problem, dimension: dimension)
    table.add(
      name, .count(problem.training.rowCount), .count(problem.training.columnCount),
      .words(network.text), .score(exact.score), .score(oursOnFew.score), .score(ours.score),
      .score(exactGaussian.score), .score(fourier.score), .score(nystroem?.score),
      .seconds(ours.seconds), .seconds(fourier.seconds), .seconds(nystroem?.seconds))
  }
  return table.rows.isEmpty ? nil : table
}
