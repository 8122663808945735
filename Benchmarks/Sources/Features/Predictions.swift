// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Predictions from layered features beside those of the exact kernel, at its best ridge.

import Foundation
import Sketching

/// The exact kernel ridge classifier of some images, and how features compare.
struct Predictions {
  let kernel: NeuralKernel
  let training: Rows<Double>
  let test: Rows<Double>
  private let targets: Targets
  private let testLabels: [Double]
  /// The best ridge of a path, the accuracy and the outputs there.
  private(set) var ridge = 0.0
  private(set) var ridgePerLargest = 0.0
  private(set) var accuracy = 0.0
  private var outputs = Matrix<Double>(rowCount: 0, columnCount: 0)

  init(_ data: FashionMNIST, trainingCount: Int, testCount: Int) throws {
    kernel = NeuralKernel(network: try .myrtle(5, input: [28, 28, 1]), type: .ntk)
    training = try data.training(0..<trainingCount)
    test = try data.test(0..<testCount)
    targets = try Targets.classification(Array(data.trainingLabels[..<trainingCount]))
    testLabels = Array(data.testLabels[..<testCount])
    let single = (training.converted(to: Float.self), test.converted(to: Float.self))
    let gram = try kernel.matrix(single.0).converted(to: Double.self)
    let cross = try kernel.matrix(single.1, single.0).converted(to: Double.self)
    let largest = try SymmetricEigen<Double>.values(of: gram).last ?? 0
    for power in stride(from: -3.0, through: -8, by: -0.5) {
      let outputs = try outputs(gram, cross, ridge: largest * pow(10, power))
      let accuracy = accuracy(outputs)
      if accuracy > self.accuracy {
        (ridgePerLargest, ridge) = (pow(10, power), largest * pow(10, power))
        (self.accuracy, self.outputs) = (accuracy, outputs)
      }
    }
  }

  /// K_* (K + λI)⁻¹(Y − 1ȳᵀ).
  private func outputs(
    _ gram: Matrix<Double>, _ cross: Matrix<Double>, ridge: Double
  ) throws -> Matrix<Double> {
    var centred = targets.values
    for j in 0..<centred.columnCount {
      let mean = (0..<centred.rowCount).reduce(0) { $0 + centred[$1, j] } / Double(centred.rowCount)
      for i in 0..<centred.rowCount { centred[i, j] -= mean }
    }
    return try cross.multiplied(
      by: Cholesky(gram, addingToDiagonal: ridge).solve(centred))
  }

  private func accuracy(_ outputs: Matrix<Double>) -> Double {
    let found = targets.task.predictions(from: outputs)
    return Double(testLabels.indices.count { found[$0, 0] == testLabels[$0] })
      / Double(testLabels.count)
  }

  /// The accuracy, and ‖P̃ − P‖/‖P‖ of the outputs.
  struct Comparison {
    var accuracy: Double
    var distance: Double
  }

  /// How features compare at the exact kernel's best ridge, and where the map was not fitted on the
  /// training images also at the ridge equivalent to it.
  func compare(
    _ map: any FeatureMap, fittedOnTraining: Bool
  ) throws -> (same: Comparison, equivalent: Comparison?) {
    func features(_ points: Rows<Double>) throws -> Matrix<Double> {
      try map.features(of: points.converted(to: Float.self)).converted(to: Double.self)
    }
    let (z, w) = (try features(training), try features(test))
    let (gram, cross) = (
      try z.multiplied(byTransposeOf: z), try w.multiplied(byTransposeOf: z)
    )
    func comparison(_ ridge: Double) throws -> Comparison {
      let found = try outputs(gram, cross, ridge: ridge)
      var (difference, size) = (0.0, 0.0)
      for (a, b) in zip(found.elements, outputs.elements) {
        difference += (a - b) * (a - b)
        size += b * b
      }
      return Comparison(accuracy: accuracy(found), distance: (difference / size).squareRoot())
    }
    return (
      try comparison(ridge),
      fittedOnTraining
        ? nil : try comparison(map.equivalentRidge(to: ridge, sample: training))
    )
  }

  /// One standard error of the exact kernel's accuracy.
  var standardError: Double {
    (accuracy * (1 - accuracy) / Double(testLabels.count)).squareRoot()
  }
}

/// Every method by itself.
func predictionTable(
  _ data: FashionMNIST, _ exact: Predictions, _ rows: RowChoice
) throws -> Table {
  var table = exact.table("Predictions")
  let others = try data.training(2000..<6000)
  for (dimension, distance) in wantedDistances {
    func add(_ method: LayeredBudget.Method, onTraining: Bool = false) throws {
      let name = "layered \(method.rawValue)" + (onTraining ? fittedOnTraining : "")
      guard rows.takes(name) else { return }
      let map = try LayeredFeatureMap(
        exact.kernel, dimension: dimension, method: method,
        sample: onTraining ? exact.training : others)
      table.add(name, try exact.figures(map, distance: distance, fittedOnTraining: onTraining))
    }
    for method in LayeredBudget.Method.allCases where dimension < 8192 || method == .nystrom {
      try add(method)
    }
    try add(.nystrom, onTraining: true)
  }
  return table
}

/// The method that `auto` takes.
func chosenPredictionTable(
  _ data: FashionMNIST, _ exact: Predictions, _ rows: RowChoice
) throws -> Table {
  var table = exact.table("Predictions by maps of `auto`")
  let others = try data.training(2000..<6000)
  for (dimension, distance) in wantedDistances {
    func add(onTraining: Bool) throws {
      let name = onTraining ? fittedOnTraining : ""
      guard rows.takes("auto" + name) else { return }
      let choice = try exact.kernel.featureMap(
        dimension: dimension,
        sample: (onTraining ? exact.training : others).converted(to: Float.self))
      table.add(
        "auto: \(choice.candidates[0].method)" + name,
        try exact.figures(choice.map, distance: distance, fittedOnTraining: onTraining))
    }
    if dimension < 8192 { try add(onTraining: false) }
    try add(onTraining: true)
  }
  return table
}

private let fittedOnTraining = ", fitted on the training images"

/// The most that the distance should be, for features of some dimensions.
private let wantedDistances: [(dimension: Int, distance: Double?)] = [
  (512, nil), (2048, 0.15), (8192, 0.07),
]

extension Predictions {
  init(_ data: FashionMNIST, isLong: Bool) throws {
    let (trainingCount, testCount) = isLong ? (400, 600) : (200, 300)
    try self.init(data, trainingCount: trainingCount, testCount: testCount)
  }

  /// A table with the row of the exact kernel.
  fileprivate func table(_ title: String) -> Table {
    var table = Table(
      """
      \(title) of the NTK of Myrtle-5 at the exact kernel's best ridge, \
      \(String(format: "%.0e", ridgePerLargest)) of its largest eigenvalue;
      \(training.rowCount) training and \(test.rowCount) test images, standard error \
      \(Figure.short(standardError)); distance ‖P̃ − P‖/‖P‖; maps fitted on other images,
      where not said otherwise; * at the ridge that `equivalentRidge` finds for the map
      """)
    table.add(
      "exact kernel",
      [
        Figure("D", .nan), Figure("accuracy", accuracy), Figure("distance", 0),
        Figure("accuracy*", .nan), Figure("distance*", .nan),
      ])
    return table
  }

  /// A row of a map.
  fileprivate func figures(
    _ map: any FeatureMap, distance: Double?, fittedOnTraining: Bool = false
  ) throws -> [Figure] {
    let found = try compare(map, fittedOnTraining: fittedOnTraining)
    let least: Figure.Wanted? = distance == nil ? nil : .atLeast(accuracy - standardError)
    func cells(_ comparison: Comparison?, _ mark: String) -> [Figure] {
      [
        Figure(
          "accuracy\(mark)", comparison?.accuracy ?? .nan, comparison == nil ? nil : least),
        Figure(
          "distance\(mark)", comparison?.distance ?? .nan,
          comparison == nil ? nil : distance.map { .atMost($0) }),
      ]
    }
    return [Figure("D", Double(map.outputDimension))] + cells(found.same, "")
      + cells(found.equivalent, "*")
  }
}
