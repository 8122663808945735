// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching predict`: a stored model on new points.

import ArgumentParser
import Foundation
import Sketching

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict classes or values with a stored model.",
    discussion: """
      EXAMPLE
        awk 'BEGIN {for (i = 0; i < 90; i++) print cos(i) "," sin(i)}' > X.csv
        awk 'BEGIN {for (i = 0; i < 90; i++) print (cos(i) > sin(i))}' > y.csv
        sketching fit --kernel gaussian:lengthScale=1 --method exact --x X.csv \\
          --y y.csv --model model
        sketching predict --model model --x X.csv --y y.csv --output P.npy

      Classes are written as the labels that the model was fitted with.
      """)

  @Option(help: ArgumentHelp("The folder that holds the model.", valueName: "folder"))
  var model: String

  @Option(help: ArgumentHelp("The points.", valueName: "file"))
  var x: String

  @Option(help: ArgumentHelp("The predictions, as .npy.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp("The true labels or values, to measure the error.", valueName: "file"))
  var y: String?

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try FileArgument.check(
      reading: FileArgument("--model", model), FileArgument("--x", x), FileArgument("--y", y),
      writing: [FileArgument("--output", output)])
    let saved = try SavedModel(folder: model)
    let points = try Points(
      path: x, for: saved.kernel.kernel(), columnCount: saved.inputDimension,
      normalized: saved.normalize)
    let truth = try y.map { try points.targets(path: $0) }
    try OutputFile.check(output)
    let (score, seconds) = try timed {
      try common.execute { execution in
        let stage = execution.stage("predictions")
        switch common.precision ?? .single {
        case .single: return try predict(saved, points, truth, as: Float.self, on: stage)
        case .double: return try predict(saved, points, truth, as: Double.self, on: stage)
        }
      }
    }
    try common.console.result(
      Summary(output: output, rows: points.rowCount, score: score, seconds: seconds),
      "\(output): \(points.rowCount) predictions in \(duration(seconds))"
        + (score.map { "\n\($0.text)" } ?? ""))
  }

  private struct Summary: Encodable {
    var output: String
    var rows: Int
    var score: PredictionScore?
    var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case output, rows, seconds
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(output, forKey: .output)
      try container.encode(rows, forKey: .rows)
      try container.encode(seconds, forKey: .seconds)
      try score?.encode(to: encoder)
    }
  }

  private func predict<Scalar: RealScalar>(
    _ saved: SavedModel, _ points: Points, _ truth: Matrix<Double>?, as type: Scalar.Type,
    on execution: Execution
  ) throws -> PredictionScore? {
    var predictions: [Matrix<Double>] = []
    try saved.forEachTile(of: points, as: type, on: execution) { range, outputs in
      if let place = outputs.firstNonfinite {
        throw FileError(
          x, at: "row \(range.lowerBound + place.row)", found: "a prediction that overflows",
          expected: "points like those of the fit")
      }
      // Values are stored in this precision, labels are not.
      let stored = outputs.converted(to: Scalar.self)
      if saved.task == .regression, let place = stored.firstNonfinite {
        throw FileError(
          x, at: "row \(range.lowerBound + place.row)",
          found:
            "the prediction \(outputs[place.row, place.column]), beyond \(Scalar.precision) precision",
          expected: "--precision double, or points like those of the fit")
      }
      predictions.append(saved.task.predictions(from: outputs))
    }
    let all = try Matrix.stacked(predictions)
    let score = try truth.map {
      guard $0.columnCount == all.columnCount else {
        throw FileError(
          y ?? x, found: "\($0.columnCount) columns", expected: "\(all.columnCount), as predicted")
      }
      return PredictionScore(of: all, against: $0, task: saved.task)
    }
    try write(all, task: saved.task, precision: Scalar.precision)
    return score
  }

  /// Writes classes as whole numbers where they are, and one value a point as a vector.
  private func write(_ predictions: Matrix<Double>, task: LearningTask, precision: Precision) throws
  {
    if case .classification(let labels) = task, labels.allSatisfy({ Int(exactly: $0) != nil }) {
      return try NumPyWriter.write(predictions.elements.map { Int($0) }, to: output)
    }
    let isVector = predictions.columnCount == 1
    let writer = try NumPyWriter(
      path: output, shape: [predictions.rowCount] + (isVector ? [] : [predictions.columnCount]),
      precision: task == .regression ? precision : .double)
    try writer.append(predictions)
    try writer.finish()
  }
}
