// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Whole ridge paths, leave-one-out and GCV against models fitted one by one.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Regression

/// α and b by the definition: (K + λ diag(1/w)) α = Y − 1bᵀ, b the weighted mean.
func directDual(
  _ k: Matrix<Double>, _ y: Matrix<Double>, _ w: [Double], _ ridge: Double
) throws -> (coefficients: Matrix<Double>, intercepts: [Double]) {
  let total = w.reduce(0, +)
  let means = (0..<y.columnCount).map { j in
    y.rowCount == 0 ? 0 : w.indices.reduce(0.0) { $0 + w[$1] * y[$1, j] } / total
  }
  var (shifted, centred) = (k, y)
  for i in 0..<k.rowCount {
    shifted[i, i] += ridge / w[i]
    for j in 0..<y.columnCount { centred[i, j] -= means[j] }
  }
  return (try Cholesky(shifted).solve(centred), means)
}

/// A random ridge problem, with weights or without.
struct RidgeCase: CustomStringConvertible {
  let z: Matrix<Double>
  let y: Matrix<Double>
  let weights: [Double]?
  let ridge: Double

  init(_ generator: inout CaseGenerator) {
    let n = generator.int(in: 2...24)
    z = generator.matrix(n, generator.int(in: 1...30), as: Double.self)
    y = generator.matrix(n, generator.int(in: 1...3), as: Double.self)
    weights =
      generator.int(in: 0...1) == 0 ? nil : (0..<n).map { _ in 0.2 + abs(generator.normal()) }
    ridge = 0.05 + abs(generator.normal())
  }

  var w: [Double] { weights ?? Array(repeating: 1, count: y.rowCount) }
  var description: String {
    "n = \(z.rowCount), D = \(z.columnCount), k = \(y.columnCount), λ = \(ridge), w = \(w)"
  }

  /// The decomposition of features, and that of their kernel matrix.
  func decompositions() throws -> [RidgeDecomposition] {
    try [
      RidgeDecomposition(features: z, targets: .regression(y), weights: weights),
      RidgeDecomposition(
        kernelMatrix: gram(z), targets: .regression(y), weights: weights),
    ]
  }
}

@Suite struct RidgeDecompositionTests {
  @Test func pathEqualsSeparateSolutions() {
    forAll(cases: 40) {
      RidgeCase(&$0)
    } _: { test in
      for (index, decomposition) in try test.decompositions().enumerated() {
        for ridge in [test.ridge, 10 * test.ridge, 0.1 * test.ridge] {
          let direct = try directDual(gram(test.z), test.y, test.w, ridge)
          guard try close(decomposition.coefficients(ridge: ridge), direct.coefficients, 1e-10),
            zip(decomposition.intercepts, direct.intercepts).allSatisfy({ abs($0 - $1) < 1e-12 })
          else { return false }
          guard index == 0 else { continue }
          let weights = try test.z.transposeMultiplied(by: direct.coefficients)
          guard try close(decomposition.model(ridge: ridge).weights, weights, 1e-9) else {
            return false
          }
        }
      }
      return true
    }
  }

  @Test func leaveOneOutEqualsBruteForce() {
    forAll(cases: 30) {
      RidgeCase(&$0)
    } _: { test in
      let (n, k) = (test.z.rowCount, gram(test.z))
      var expected = test.y
      for i in 0..<n {
        let rest = (0..<n).filter { $0 != i }
        let model = try directDual(
          k.rows(at: rest).columns(at: rest), test.y.rows(at: rest), rest.map { test.w[$0] },
          test.ridge)
        let output = try k.rows(at: [i]).columns(at: rest).multiplied(by: model.coefficients)
        for j in 0..<test.y.columnCount { expected[i, j] = output[0, j] + model.intercepts[j] }
      }
      let total = test.w.reduce(0, +)
      let error = (0..<n).reduce(0.0) {
        $0 + test.w[$1] / total
          * meanSquaredError(expected.rows($1..<$1 + 1), test.y.rows($1..<$1 + 1))
      }
      return try test.decompositions().allSatisfy {
        let point = try $0.crossValidation(ridges: [test.ridge])[0]
        return try close($0.leaveOneOutOutputs(ridge: test.ridge), expected, 1e-10)
          && abs(point.squaredError - error) <= 1e-9 * error && point.misclassified == nil
      }
    }
  }

  /// By the map from targets to fitted values, column by column.
  @Test func generalizedCrossValidationEqualsTheDefinition() {
    forAll(cases: 30) {
      RidgeCase(&$0)
    } _: { test in
      let (n, k) = (test.z.rowCount, gram(test.z))
      let units = try directDual(k, .identity(n), test.w, test.ridge)
      var smoother = try k.multiplied(by: units.coefficients)
      for i in 0..<n { for j in 0..<n { smoother[i, j] += units.intercepts[j] } }
      let freedom = (0..<n).reduce(0.0) { $0 + smoother[$1, $1] }
      let fitted = try smoother.multiplied(by: test.y)
      let total = test.w.reduce(0, +)
      let loss = (0..<n).reduce(0.0) {
        $0 + test.w[$1] / total
          * meanSquaredError(fitted.rows($1..<$1 + 1), test.y.rows($1..<$1 + 1))
      }
      let share = 1 - freedom / Double(n)
      return try test.decompositions().allSatisfy {
        let point = try $0.crossValidation(ridges: [test.ridge])[0]
        return abs(point.degreesOfFreedom - freedom) <= 1e-9 * freedom
          && abs(point.generalizedCrossValidation - loss / share / share)
            <= 1e-8 * loss / share / share
      }
    }
  }

  @Test func weightsAreRepetitions() throws {
    var generator = CaseGenerator(seed: 3)
    let z = generator.matrix(7, 4, as: Double.self)
    let y = generator.matrix(7, 2, as: Double.self)
    let counts = [1, 3, 2, 1, 5, 1, 2]
    let repeated = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
    let weighted = try RidgeDecomposition(
      features: z, targets: .regression(y), weights: counts.map(Double.init))
    let plain = try RidgeDecomposition(
      features: z.rows(at: repeated), targets: .regression(y.rows(at: repeated)))
    let (a, b) = (try weighted.model(ridge: 0.7), try plain.model(ridge: 0.7))
    #expect(close(a.weights, b.weights, 1e-11))
    #expect(zip(a.intercepts, b.intercepts).allSatisfy { abs($0 - $1) < 1e-13 })
  }

  @Test func classesAndTheBestRidge() throws {
    var generator = CaseGenerator(seed: 5)
    let labels = (0..<90).map { _ in Double(generator.int(in: 0...2)) }
    var z = generator.matrix(90, 6, as: Double.self)
    for i in 0..<90 { z[i, Int(labels[i])] += 2.5 }
    let decomposition = try RidgeDecomposition(features: z, targets: .classification(labels))
    let path = try decomposition.crossValidation()
    #expect(path.count == 21)
    for point in path {
      let outputs = try decomposition.leaveOneOutOutputs(ridge: point.ridge)
      let predicted = decomposition.task.predictions(from: outputs)
      let wrong = zip(predicted.elements, labels).filter { $0 != $1 }.count
      #expect(abs(try #require(point.misclassified) - Double(wrong) / 90) < 1e-12)
      let margins = try #require(decomposition.task.margins(of: outputs))
      for (i, margin) in margins.enumerated() {
        let sorted = outputs.row(i).sorted()
        #expect(margin == sorted[2] - sorted[1])
      }
    }
    #expect(LearningTask.regression.margins(of: z) == nil)
    let best = try #require(path.leastSquaredError)
    #expect(path.allSatisfy { $0.squaredError >= best.squaredError })
    #expect([CrossValidationPoint]().leastSquaredError == nil)
    // More ridge, less freedom.
    #expect(zip(path, path.dropFirst()).allSatisfy { $0.degreesOfFreedom > $1.degreesOfFreedom })
  }

  @Test func refusals() throws {
    var generator = CaseGenerator(seed: 6)
    let z = generator.matrix(5, 3, as: Double.self)
    let y = try Targets.regression(generator.matrix(5, 1, as: Double.self))
    let decomposition = try RidgeDecomposition(kernelMatrix: gram(z), targets: y)
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try decomposition.coefficients(ridge: ridge) }
      #expect(throws: InvalidInput.self) { try decomposition.crossValidation(ridges: [ridge]) }
    }
    #expect(throws: InvalidInput.self) { try decomposition.model(ridge: 1) }
    for weights in [[1, 1, 1, 1], [1, 1, 1, 1, 0], [1, 1, 1, 1, -1], [1, 1, 1, 1, .nan]] {
      #expect(throws: InvalidInput.self) {
        try RidgeDecomposition(features: z, targets: y, weights: weights)
      }
    }
    #expect(throws: InvalidInput.self) {
      try RidgeDecomposition(features: z.rows(0..<4), targets: y)
    }
    #expect(throws: InvalidInput.self) {
      try RidgeDecomposition(kernelMatrix: z, targets: y)
    }
    #expect(throws: InvalidInput.self) {
      try RidgeDecomposition(features: z.rows(0..<1), targets: y.rows(at: [0]))
    }
    let nothing = try RidgeDecomposition(
      features: Matrix(rowCount: 5, columnCount: 2), targets: y)
    #expect(throws: InvalidInput.self) { try nothing.crossValidation() }
  }
}
