// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fitted models as folders: model.json and arrays beside it.

import Foundation
import Sketching

/// A fitted model with all that predicting needs.
struct SavedModel {
  /// What turns points into outputs.
  enum Predictor {
    /// Features of a map, then a linear function of them.
    case sketch(StoredMap, LinearModel)
    /// Kernel values against the training points, then a linear function of them.
    case exact(points: Rows<Double>, coefficients: Matrix<Double>, intercepts: [Double])
  }

  var kernel: KernelSpecification
  var task: LearningTask
  var predictor: Predictor
  var ridge: Double
  /// The ridges tried and their errors on the held-out rows.
  var path: [RidgePathPoint]
  /// Whether rows are brought to length one first.
  var normalize: Bool
  var inputDimension: Int

  /// The content of model.json. The arrays are in weights.npy, or in coefficients.npy with the points
  /// in points.npy or, sparse, in points-offsets.npy, points-columns.npy and points-values.npy.
  private struct Description: Codable {
    var format = SavedModel.format
    var version = 1
    var kernel: KernelSpecification
    var task: LearningTask
    /// nil for the exact kernel.
    var map: StoredMap?
    var pointsAreSparse: Bool
    var ridge: Double
    var normalize: Bool
    var inputDimension: Int
    var intercepts: [Double]
    var heldOut: [RidgePathPoint]
  }

  private static let format = "swift-sketching model"
  private static let descriptionName = "model.json"

  /// Whether a folder holds a saved model, sound or not.
  static func exists(at folder: String) -> Bool {
    guard let text = try? TextFile.contents(of: folder + "/" + descriptionName) else {
      return false
    }
    return text.contains("\"\(format)\"")
  }

  /// Writes the model as a folder that appears whole, in place of another model at most.
  func save(to folder: String) throws {
    let output = try OutputFolder(path: folder, mayReplace: Self.exists)
    do {
      try write(to: output.temporary)
    } catch let error as FileError {
      throw FileError(folder, found: error.found, expected: error.expected)
    }
    try output.finish()
  }

  private func write(to folder: String) throws {
    var description = Description(
      kernel: kernel, task: task, map: nil, pointsAreSparse: false, ridge: ridge,
      normalize: normalize, inputDimension: inputDimension, intercepts: [], heldOut: path)
    func file(_ name: String) -> String { folder + "/" + name }
    switch predictor {
    case .sketch(let map, let model):
      description.map = map
      description.intercepts = model.intercepts
      try NumPyWriter.write(model.weights, to: file("weights.npy"))
    case .exact(let points, let coefficients, let intercepts):
      description.intercepts = intercepts
      try NumPyWriter.write(coefficients, to: file("coefficients.npy"))
      if case .sparse(let matrix) = points, matrix.nonzeroCount > 0 {
        description.pointsAreSparse = true
        try CompressedRows(matrix).write(to: file("points"))
      } else {
        try NumPyWriter.write(points.dense, to: file("points.npy"))
      }
    }
    try OutputFile.write(SealedText.text(of: description), to: file(Self.descriptionName))
  }

  /// Reads a saved model.
  ///
  /// - Throws: `FileError` or `InvalidInput` if the folder does not hold a whole and sound one.
  init(folder: String) throws {
    let path = folder + "/" + Self.descriptionName
    let description = try decodeJSON(Description.self, path: path, "model", isSealed: true)
    func file(_ name: String) -> String { folder + "/" + name }
    do {
      try checkFormat(description.format, Self.format, version: description.version)
      try Check.dimension(description.inputDimension, "inputDimension")
      try Check.positive(description.ridge, "ridge")
      if let fixed = try description.kernel.kernel().inputDimension {
        try Check.equal(description.inputDimension, fixed, "inputDimension")
      }
      if let map = description.map {
        try Check.equal(map.map.inputDimension, description.inputDimension, "inputDimension")
        let weights = try NumPyFile(path: file("weights.npy")).matrix(as: Double.self)
        try Check.equal(weights.rowCount, map.map.outputDimension, "rows of weights.npy")
        predictor = .sketch(
          map,
          try LinearModel(
            task: description.task, weights: weights, intercepts: description.intercepts))
      } else {
        let points =
          description.pointsAreSparse
          ? .sparse(
            try CompressedRows(path: file("points"), columnCount: description.inputDimension)
              .matrix())
          : Rows.dense(try NumPyFile(path: file("points.npy")).matrix(as: Double.self))
        try Check.equal(points.columnCount, description.inputDimension, "columns of the points")
        let coefficients = try NumPyFile(path: file("coefficients.npy")).matrix(as: Double.self)
        func check(_ kernel: some Kernel) throws {
          _ = try KernelRidgeRegression(
            restoring: kernel, task: description.task, points: points, coefficients: coefficients,
            intercepts: description.intercepts, ridge: description.ridge)
        }
        try check(description.kernel.kernel())
        predictor = .exact(
          points: points, coefficients: coefficients, intercepts: description.intercepts)
      }
    } catch let error as InvalidInput {
      throw FileError(path, at: error.name, found: error.found, expected: error.expected)
    }
    kernel = description.kernel
    task = description.task
    ridge = description.ridge
    self.path = description.heldOut
    normalize = description.normalize
    inputDimension = description.inputDimension
  }

  init(
    kernel: KernelSpecification, task: LearningTask, predictor: Predictor, ridge: Double,
    path: [RidgePathPoint], normalize: Bool, inputDimension: Int
  ) {
    self.kernel = kernel
    self.task = task
    self.predictor = predictor
    self.ridge = ridge
    self.path = path
    self.normalize = normalize
    self.inputDimension = inputDimension
  }

  /// The outputs for tiles of points, in order.
  func forEachTile<Scalar: RealScalar>(
    of points: Points, as type: Scalar.Type, on execution: Execution,
    _ consume: (Range<Int>, Matrix<Double>) throws -> Void
  ) throws {
    switch predictor {
    case .sketch(let map, let model):
      try forEachImage(of: points, under: map.map, as: type, on: execution) { range, features in
        try consume(range, model.outputs(for: features, on: execution.silent))
      }
    case .exact(let training, let coefficients, let intercepts):
      func predict<ExactKernel: Kernel>(_ kernel: ExactKernel) throws {
        let model = try KernelRidgeRegression(
          restoring: kernel, task: task, points: training, coefficients: coefficients,
          intercepts: intercepts, ridge: ridge)
        for range in points.tiles() {
          let rows = try points.rows(range, as: Double.self)
          try consume(range, model.outputs(for: rows, on: execution.silent))
          execution.report(range.upperBound, of: points.rowCount)
        }
      }
      try predict(kernel.kernel())
    }
  }
}

/// The images of tiles of 1024 points under a map, in order.
///
/// - Throws: `FileError` naming the row whose image is beyond the number type; what reading throws.
func forEachImage<Scalar: RealScalar>(
  of points: Points, from start: Int = 0, under map: some RowMap, as type: Scalar.Type,
  on execution: Execution, _ consume: (Range<Int>, Matrix<Scalar>) throws -> Void
) throws {
  do {
    try map.forEachTile(of: points, from: start, as: type, on: execution, consume)
  } catch let error as InvalidInput {
    throw FileError(points.path, at: error.name, found: error.found, expected: error.expected)
  }
}
