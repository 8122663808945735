// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching fit`: ridge regression on features, or exact kernel ridge regression.

import ArgumentParser
import Foundation
import Sketching

struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit a ridge regression or classifier and store it.",
    discussion: """
      EXAMPLE
        awk 'BEGIN {for (i = 0; i < 200; i++) print cos(i) "," sin(3*i)}' > X.csv
        awk 'BEGIN {for (i = 0; i < 200; i++) print cos(i) * sin(3*i)}' > y.csv
        sketching fit --kernel polynomial:degree=3,offset=1 --method sketch \\
          --dimension 128 --x X.csv --y y.csv --model model
        sketching predict --model model --x X.csv --y y.csv --output P.npy

      --method exact is kernel ridge regression in double precision, which holds
      three n × n matrices; the others stream features and hold three matrices of
      --dimension squared. The ridge is chosen on a tenth of the rows, held out.
      """)

  /// How the model is made.
  enum Method: String, CaseIterable, ExpressibleByArgument {
    case auto, sketch, exact
  }

  enum Task: String, CaseIterable, ExpressibleByArgument {
    case regression, classification
  }

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(help: "Features of this method, or the exact kernel.")
  var method: Method = .auto

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most columns of the features.", valueName: "d"),
    transform: wholeNumber(1...Check.largestDimension))
  var dimension: Int?

  @Option(help: ArgumentHelp("The points.", valueName: "file"))
  var x: String

  @Option(
    help: ArgumentHelp(
      "Labels or values, one row a point; LIBSVM points have their own.",
      valueName: "file"))
  var y: String?

  @Option(help: ArgumentHelp("The folder to store the model in.", valueName: "folder"))
  var model: String

  @Option(
    help: """
      What to learn. (default: classification if the labels are whole numbers, at most 100 distinct \
      ones; else regression)
      """)
  var task: Task?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("λ in K + λI, or auto. (default: auto)", valueName: "λ"),
    transform: ridgeChoice)
  var ridge: RidgeChoice = .heldOut(fraction: 0.1)

  @Flag(help: "Bring rows to length one first, when predicting too.")
  var normalize = false

  @OptionGroup(title: "Common") var common: CommonOptions

  private struct Summary: Encodable {
    var model: String
    var task: String
    @Nullable var classes: Int?
    var method: String
    var rows: Int
    @Nullable var dimension: Int?
    var ridge: Double
    var heldOut: [RidgePathPoint]
    var seconds: Double
  }

  func run() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), FileArgument("--y", y),
      writing: [FileArgument("--model", model)])
    guard (method == .exact) == (dimension == nil) else {
      throw InvalidInput(
        "--dimension", found: dimension.map { "\($0)" } ?? "none",
        expected: method == .exact
          ? "none, as --method exact has no features"
          : "the most columns that the features may have")
    }
    try OutputFolder.check(model, mayReplace: SavedModel.exists)
    let specification =
      try method == .exact ? kernel.specification() : kernel.specificationForFeatures()
    let exactKernel = try specification.kernel()
    let points = try Points(path: x, columnCount: exactKernel.inputDimension, normalized: normalize)
    let targets = try targets(of: points)
    let (saved, seconds) = try common.execute { execution in
      try timed {
        method == .exact
          ? try fitExact(exactKernel, specification, points, targets, on: execution)
          : try fitFeatures(specification, points, targets, on: execution)
      }
    }
    try saved.save(to: model)
    try report(saved, rows: points.rowCount, seconds: seconds)
  }

  private func targets(of points: Points) throws -> Targets {
    let values = try points.targets(path: y)
    let classes = Set(values.elements)
    let looksLikeClasses =
      values.columnCount == 1 && (2...100).contains(classes.count)
      && classes.allSatisfy { Int(exactly: $0) != nil }
    let chosen = task ?? (looksLikeClasses ? .classification : .regression)
    if task == nil {
      common.console.note(
        "\(chosen): the labels are \(looksLikeClasses ? "\(classes.count) whole numbers" : "no classes")"
          + " (see --task)")
    }
    let path = y ?? x
    switch chosen {
    case .regression: return try naming(path) { try Targets.regression(values) }
    case .classification:
      guard values.columnCount == 1 else {
        throw FileError(
          path, found: "\(values.columnCount) columns", expected: "1 label for each row")
      }
      return try naming(path) { try Targets.classification(Array(values.elements)) }
    }
  }

  private func fitExact(
    _ kernel: some Kernel, _ specification: KernelSpecification, _ points: Points,
    _ targets: Targets, on execution: Execution
  ) throws -> SavedModel {
    let count = Double(points.rowCount)
    try MemoryBudget.require(count * count * 24, "rows of \(x)", found: "\(points.rowCount)")
    let rows = try points.allRows(as: Double.self)
    let fit = try naming(x) {
      try KernelRidgeRegression(
        kernel, points: rows, targets: targets, choice: ridge, seed: common.seed, on: execution)
    }
    return SavedModel(
      kernel: specification, task: fit.task,
      predictor: .exact(
        points: fit.points, coefficients: fit.coefficients, intercepts: fit.intercepts),
      ridge: fit.ridge, path: fit.path, normalize: normalize, inputDimension: points.columnCount)
  }

  private func fitFeatures(
    _ specification: KernelSpecification, _ points: Points, _ targets: Targets,
    on execution: Execution
  ) throws -> SavedModel {
    let dimension = self.dimension ?? 0
    let side = Double(min(dimension, points.rowCount))
    try MemoryBudget.require(
      side * side * 24 + 2048 * Double(dimension) * 8, "--dimension", found: "\(dimension)")
    let stored = try StoredMap(
      specification, method == .auto ? .auto : .sketch, dimension: dimension, seed: common.seed,
      sample: points)
    let regression = RidgeRegression(choice: ridge, seed: common.seed)
    func fit(_ map: some RowMap) throws -> RidgeFit {
      switch common.precision ?? .single {
      case .single:
        try regression.fit(map, points, targets: targets, as: Float.self, on: execution)
      case .double:
        try regression.fit(map, points, targets: targets, as: Double.self, on: execution)
      }
    }
    let result = try naming(x) { try fit(stored.map) }
    return SavedModel(
      kernel: specification, task: targets.task, predictor: .sketch(stored, result.model),
      ridge: result.ridge, path: result.path, normalize: normalize,
      inputDimension: points.columnCount)
  }

  private func report(_ saved: SavedModel, rows: Int, seconds: Double) throws {
    var classes: Int?
    if case .classification(let labels) = saved.task { classes = labels.count }
    let width = saved.featureCount
    let summary = Summary(
      model: model, task: classes == nil ? "regression" : "classification", classes: classes,
      method: method.rawValue, rows: rows, dimension: width, ridge: saved.ridge,
      heldOut: saved.path, seconds: seconds)
    let features = width.map { "\($0) features" } ?? "the exact kernel"
    let table = TextTable(
      head: ["ridge", classes == nil ? "held-out mean squared error" : "held-out error"],
      rows: saved.path.map {
        [
          String(format: "%.3g", $0.ridge),
          String(format: "%.4g", $0.misclassified ?? $0.squaredError),
        ]
      })
    let lines = [
      classes.map { "classification into \($0) classes" } ?? "regression",
      "\(rows) rows, \(features)", saved.path.isEmpty ? nil : table.text,
      "ridge \(saved.ridge)", "fitted in \(duration(seconds)), stored in \(model)",
    ]
    try common.console.result(summary, lines.compactMap { $0 }.joined(separator: "\n"))
  }
}

extension SavedModel {
  /// The number of features; nil for the exact kernel.
  var featureCount: Int? {
    if case .sketch(let map, _) = predictor { map.map.outputDimension } else { nil }
  }
}
