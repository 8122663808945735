// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A data set of the benchmark: points to learn from, points to test on, and what to predict.

import Sketching

struct BenchData {
  let name: String
  /// Where the training points come from, for messages.
  let path: String
  /// Images and sparse rows have length one; columns of tables have mean 0 and variance 1.
  let training: Rows<Float>
  let test: Rows<Float>
  /// What to learn, and the true labels or values of the test rows; nil where there are no targets.
  let goal: (targets: Targets, test: Matrix<Double>)?

  /// The fewest rows to learn from, and to test on.
  private static let leastRows = (training: 40, test: 10)

  init(_ images: FashionMNIST, name: String, path: String) throws {
    try self.init(
      name: name, path: path, training: images.trainingImages.allRows(as: Float.self),
      test: images.testImages.allRows(as: Float.self),
      truth: (
        Matrix(
          rowCount: images.trainingLabels.count, columnCount: 1, elements: images.trainingLabels),
        Matrix(rowCount: images.testLabels.count, columnCount: 1, elements: images.testLabels)
      ))
  }

  /// Reads a data set; without test files, a fifth of the rows is for testing, drawn by the seed.
  ///
  /// - Throws: `FileError` if a file cannot be read, files do not fit each other, or rows are too few.
  init(_ files: BenchFiles, seed: UInt64) throws {
    let points = try Points(path: files.points)
    try Self.requireMemory(points)
    var rows = try points.allRows(as: Float.self)
    var truth = try BenchFiles.truth(of: points)
    let test: Rows<Float>
    let testTruth: Matrix<Double>?
    if let path = files.testPoints {
      let testPoints = try Points(path: path, columnCount: points.columnCount)
      try Self.requireMemory(testPoints)
      test = try testPoints.allRows(as: Float.self)
      testTruth = try BenchFiles.truth(of: testPoints)
      guard testTruth?.columnCount == truth?.columnCount else {
        throw FileError(
          path, found: "targets of \(testTruth?.columnCount ?? 0) columns",
          expected: "\(truth?.columnCount ?? 0) columns, as those of \(points.path)")
      }
    } else {
      let coins = RandomKey(seed: seed).child("benchmark test rows").stream
      let isTest = (0..<rows.rowCount).map { coins.uniform(at: UInt64($0)) < 0.2 }
      let held = isTest.indices.filter { isTest[$0] }
      let kept = isTest.indices.filter { !isTest[$0] }
      (rows, test) = (rows.rows(at: kept), rows.rows(at: held))
      (truth, testTruth) = (truth?.rows(at: kept), truth?.rows(at: held))
    }
    let isScaledByRow = points.file.shape.count == 4 || points.file.isSparse
    let standard = isScaledByRow ? nil : Standardization(rows.dense)
    func prepared(_ rows: Rows<Float>) -> Rows<Float> {
      standard.map { .dense($0.apply(to: rows.dense)) } ?? rows.normalized()
    }
    try self.init(
      name: files.name, path: points.path, training: prepared(rows), test: prepared(test),
      truth: truth.flatMap { truth in testTruth.map { (training: truth, test: $0) } })
  }

  private init(
    name: String, path: String, training: Rows<Float>, test: Rows<Float>,
    truth: (training: Matrix<Double>, test: Matrix<Double>)?
  ) throws {
    guard
      training.rowCount >= Self.leastRows.training, test.rowCount >= Self.leastRows.test
    else {
      throw FileError(
        path, found: "\(training.rowCount) rows to learn from and \(test.rowCount) to test on",
        expected: "\(Self.leastRows.training) and \(Self.leastRows.test) or more")
    }
    (self.name, self.path, self.training, self.test) = (name, path, training, test)
    goal = try truth.map { truth -> (targets: Targets, test: Matrix<Double>) in
      guard truth.training.rowCount == training.rowCount, truth.test.rowCount == test.rowCount
      else {
        throw FileError(path, found: "other numbers of targets", expected: "one for each point")
      }
      let targets = try naming(path) {
        truth.training.looksLikeClasses
          ? try Targets.classification(Array(truth.training.elements))
          : try Targets.regression(truth.training)
      }
      return (targets, truth.test)
    }
  }

  /// Up to `count` of the rows, spread evenly over them.
  static func sample(_ rows: Rows<Float>, _ count: Int) -> Rows<Double> {
    let count = min(count, rows.rowCount)
    return rows.rows(at: (0..<count).map { $0 * rows.rowCount / count }).converted(to: Double.self)
  }

  private static func requireMemory(_ points: Points) throws {
    guard !points.file.isSparse else { return }
    try MemoryBudget.require(
      Double(points.rowCount) * Double(points.columnCount) * 12, "rows of \(points.path)",
      found: "\(points.rowCount)")
  }
}
