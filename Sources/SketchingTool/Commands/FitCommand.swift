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
      --dimension squared: see `sketching features --help` for what they are. The
      ridge is chosen on a tenth of the rows, held out; --target-epsilon needs a
      given one.
      """)

  /// How the model is made: with features, or if nil with the exact kernel.
  struct Method: ExpressibleByArgument {
    let features: FeatureMethod?

    init?(argument: String) {
      features = FeatureMethod(rawValue: argument)
      guard features != nil || argument == "exact" else { return nil }
    }

    init(_ features: FeatureMethod) { self.features = features }

    var name: String { features?.rawValue ?? "exact" }
    var defaultValueDescription: String { name }
    static var allValueStrings: [String] { FeatureMethod.allCases.map(\.rawValue) + ["exact"] }
  }

  enum Task: String, CaseIterable, ExpressibleByArgument {
    case regression, classification
  }

  @OptionGroup(title: "Kernel") var kernel: KernelOptions

  @Option(help: "Features of this method, or the exact kernel.")
  var method = Method(.auto)

  @OptionGroup(title: "Features") var features: FeatureOptions

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
    /// How the features were made, and why so; null for the exact kernel.
    @Nullable var features: String?
    @Nullable var target: TargetDimension.Outcome?
    var ridge: Double
    var heldOut: [RidgePathPoint]
    var seconds: Double
  }

  func run() throws {
    try FileArgument.check(
      reading: kernel.networkArgument, FileArgument("--x", x), FileArgument("--y", y),
      features.fitArgument, features.centerArgument, writing: [FileArgument("--model", model)])
    if let method = method.features {
      try features.check(method, ridge: ridge.value)
    } else if let option = features.given.first {
      throw InvalidInput(
        option, found: "it beside --method exact",
        expected: "none, as the exact kernel has no features")
    }
    try OutputFolder.check(model, mayReplace: SavedModel.exists)
    let specification =
      try method.features == nil ? kernel.specification() : kernel.specificationForFeatures()
    let exactKernel = try specification.kernel()
    let points = try Points(path: x, for: exactKernel, normalized: normalize)
    let targets = try targets(of: points)
    let ((saved, fitted), seconds) = try common.execute { execution in
      try timed {
        try method.features.map {
          try fitFeatures($0, exactKernel, specification, points, targets, on: execution)
        } ?? (fitExact(exactKernel, specification, points, targets, on: execution), nil)
      }
    }
    try saved.save(to: model)
    try report(saved, fitted, rows: points.rowCount, seconds: seconds)
  }

  private func targets(of points: Points) throws -> Targets {
    let values = try points.targets(path: y)
    let looksLikeClasses = values.looksLikeClasses
    let chosen = task ?? (looksLikeClasses ? .classification : .regression)
    if task == nil {
      common.console.note(
        "\(chosen): the labels are \(looksLikeClasses ? "\(Set(values.elements).count) whole numbers" : "no classes")"
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
    _ method: FeatureMethod, _ kernel: any Kernel & Codable & Hashable,
    _ specification: KernelSpecification, _ points: Points, _ targets: Targets,
    on execution: Execution
  ) throws -> (SavedModel, FittedMap?) {
    try requireMemory(features.dimension ?? 0, rows: points.rowCount)
    let others = try features.fitX.map {
      try Points(
        path: $0, for: kernel, columnCount: points.columnCount, normalized: normalize)
    }
    let fitted = try FittedMap(
      kernel, method, features, ridge: ridge.value, precision: common.precision ?? .single,
      seed: common.seed, points: points, fit: others, on: execution)
    let stored = fitted.stored
    try requireMemory(stored.map.outputDimension, rows: points.rowCount)
    common.console.note(fitted.summary)
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
    let saved = SavedModel(
      kernel: specification, task: targets.task, predictor: .sketch(stored, result.model),
      ridge: result.ridge, path: result.path, normalize: normalize,
      inputDimension: points.columnCount)
    return (saved, fitted)
  }

  /// The normal equations, their factor and a copy.
  private func requireMemory(_ dimension: Int, rows: Int) throws {
    let side = Double(min(dimension, rows))
    try MemoryBudget.require(
      side * side * 24 + 2048 * Double(dimension) * 8, "--dimension", found: "\(dimension)")
  }

  private func report(
    _ saved: SavedModel, _ fitted: FittedMap?, rows: Int, seconds: Double
  ) throws {
    var classes: Int?
    if case .classification(let labels) = saved.task { classes = labels.count }
    let width = saved.featureCount
    let summary = Summary(
      model: model, task: classes == nil ? "regression" : "classification", classes: classes,
      method: method.name, rows: rows, dimension: width, features: fitted?.choice.summary,
      target: fitted?.target, ridge: saved.ridge,
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

extension RidgeChoice {
  /// λ, where it is given.
  fileprivate var value: Double? {
    if case .fixed(let ridge) = self { ridge } else { nil }
  }
}
