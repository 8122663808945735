// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge regression on features: formulas, streaming, and awkward data.

import FeatureMaps
import Foundation
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Regression

/// z = x.
struct IdentityMap: RowMap {
  let inputDimension: Int
  var outputDimension: Int { inputDimension }

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    guard case .dense(let base, let stride) = rows.entries else {
      preconditionFailure("tests give dense rows")
    }
    for i in 0..<rows.rowCount {
      output.row(i).update(from: base + i * stride, count: inputDimension)
    }
  }
}

/// W and b by the definition: (ZᵀZ + λI)⁻¹Zᵀ(Y − 1ȳᵀ) and ȳ.
func directRidge(
  _ z: Matrix<Double>, _ y: Matrix<Double>, _ ridge: Double
) throws -> (weights: Matrix<Double>, intercepts: [Double]) {
  var (centred, means) = (y, [Double](repeating: 0, count: y.columnCount))
  for j in 0..<y.columnCount {
    means[j] = (0..<y.rowCount).reduce(0.0) { $0 + y[$1, j] } / Double(y.rowCount)
    for i in 0..<y.rowCount { centred[i, j] -= means[j] }
  }
  let weights = try Cholesky(gram(z.transposed), addingToDiagonal: ridge)
    .solve(z.transposeMultiplied(by: centred))
  return (weights, means)
}

func close(_ a: Matrix<Double>, _ b: Matrix<Double>, _ tolerance: Double) -> Bool {
  agree(a, b, .relative(tolerance))
}

@Suite struct RidgeRegressionTests {
  private func fit<Scalar: RealScalar>(
    _ z: Matrix<Double>, _ targets: Targets, _ choice: RidgeChoice, as type: Scalar.Type,
    threads: Int = 2
  ) throws -> RidgeFit {
    try RidgeRegression(choice: choice, seed: 4).fit(
      IdentityMap(inputDimension: z.columnCount), z, targets: targets, as: type,
      on: Execution(threads: threads))
  }

  /// Few rows (the dual) and many (the primal), any number of targets, one row and one feature.
  @Test func equalsTheDefinition() {
    forAll(cases: 60) { generator in
      let n = generator.int(in: 1...40)
      return (
        z: generator.matrix(n, generator.int(in: 1...20), as: Double.self),
        y: generator.matrix(n, generator.int(in: 1...3), as: Double.self),
        ridge: 0.01 + abs(generator.normal())
      )
    } _: { z, y, ridge in
      let direct = try directRidge(z, y, ridge)
      let fit = try fit(z, .regression(y), .fixed(ridge), as: Double.self)
      return fit.ridge == ridge && fit.path.isEmpty
        && zip(fit.model.intercepts, direct.intercepts).allSatisfy { abs($0 - $1) < 1e-12 }
        // One row centred is nothing to fit, and rounding is all that is left.
        && (z.rowCount == 1
          ? fit.model.weights.elements.allSatisfy { abs($0) < 1e-13 }
          : close(fit.model.weights, direct.weights, 1e-9))
    }
  }

  /// Whole weights count as equal rows, by the dual and by the sums; weights 0 as rows that are not there.
  @Test func weightsAreRepetitions() {
    forAll(cases: 60) { generator in
      let n = generator.int(in: 2...40)
      return (
        z: generator.matrix(n, generator.int(in: 1...20), as: Double.self),
        y: generator.matrix(n, generator.int(in: 1...3), as: Double.self),
        weights: (0..<n).map { $0 == 1 ? 1.0 : Double(generator.int(in: 0...3)) },
        ridge: 0.01 + abs(generator.normal())
      )
    } _: { z, y, weights, ridge in
      let repeated = weights.indices.flatMap { Array(repeating: $0, count: Int(weights[$0])) }
      let direct = try directRidge(z.rows(at: repeated), y.rows(at: repeated), ridge)
      let fit = try RidgeRegression(choice: .fixed(ridge)).fit(
        IdentityMap(inputDimension: z.columnCount), z, targets: .regression(y), weights: weights,
        as: Double.self)
      let size = y.elements.reduce(1) { max($0, abs($1)) }
      return zip(fit.model.intercepts, direct.intercepts).allSatisfy { abs($0 - $1) < 1e-12 }
        && zip(fit.model.weights.elements, direct.weights.elements).allSatisfy {
          abs($0 - $1) < 1e-10 * size
        }
    }
  }

  /// The path with weights is that of repeated rows, and its errors count them, too.
  @Test(arguments: [30, 400])
  func weightedPath(_ n: Int) throws {
    var generator = CaseGenerator(seed: 7)
    let z = generator.matrix(n, 40, as: Double.self)
    var y = generator.matrix(n, 1, as: Double.self)
    for i in 0..<n { y[i, 0] += 3 * z[i, 0] + 100 }
    let counts = (0..<n).map { _ in generator.int(in: 1...3) }
    func fit(_ weights: [Double], _ targets: Matrix<Double>) throws -> RidgeFit {
      try RidgeRegression(choice: .heldOut(fraction: 0.3), seed: 1).fit(
        IdentityMap(inputDimension: 40), z, targets: .regression(targets), weights: weights,
        as: Double.self)
    }
    func repeated(_ rows: [Int]) -> [Int] {
      rows.flatMap { Array(repeating: $0, count: counts[$0]) }
    }
    let found = try fit(counts.map { Double($0) }, y)
    let parts = try RidgeChoice.split(rowCount: n, fraction: 0.3, seed: 1)
    let (known, heldOut) = (repeated(parts.fit), repeated(parts.heldOut))
    for point in found.path {
      let direct = try directRidge(z.rows(at: known), y.rows(at: known), point.ridge)
      let outputs = try LinearModel(
        task: .regression, weights: direct.weights, intercepts: direct.intercepts
      ).outputs(for: z.rows(at: heldOut))
      let error = meanSquaredError(outputs, y.rows(at: heldOut))
      #expect(abs(point.squaredError - error) <= 1e-5 * error)
    }
    let all = repeated(Array(0..<n))
    let direct = try directRidge(z.rows(at: all), y.rows(at: all), found.ridge)
    #expect(close(found.model.weights, direct.weights, 1e-7))
    // Every third target is nonsense, with a weight that hides it.
    let weights = (0..<n).map { $0 % 3 == 0 ? 1e-15 : 1 }
    var spoilt = y
    for i in stride(from: 0, to: n, by: 3) { spoilt[i, 0] = 1e4 }
    let (clean, hidden) = (try fit(weights, y), try fit(weights, spoilt))
    #expect(close(hidden.model.weights, clean.model.weights, 1e-2))
    #expect(abs(hidden.model.intercepts[0] - clean.model.intercepts[0]) < 1e-3)
    #expect(hidden.path.allSatisfy { $0.squaredError < 1e3 })
  }

  @Test func badWeights() throws {
    var generator = CaseGenerator(seed: 8)
    let z = generator.matrix(9, 2, as: Double.self)
    let targets = try Targets.regression(generator.matrix(9, 1, as: Double.self))
    for bad in [-1, .nan, .infinity] {
      var weights = [Double](repeating: 1, count: 9)
      weights[4] = bad
      let error = #expect(throws: InvalidInput.self) {
        try RidgeRegression(choice: .fixed(1)).fit(
          IdentityMap(inputDimension: 2), z, targets: targets, weights: weights, as: Double.self)
      }
      #expect(error?.name == "weight 4")
    }
    for (weight, count) in [(0.0, 9), (1, 8), (1, 0)] {
      let weights = Array(repeating: weight, count: count)
      #expect(throws: InvalidInput.self) {
        try RidgeRegression(choice: .fixed(1)).fit(
          IdentityMap(inputDimension: 2), z, targets: targets, weights: weights, as: Double.self)
      }
    }
  }

  @Test func duplicatedRows() throws {
    var generator = CaseGenerator(seed: 1)
    let z = generator.matrix(3, 6, as: Double.self)
    let y = generator.matrix(3, 2, as: Double.self)
    let repeated = [0, 0, 1, 2, 2, 2, 1, 0]
    let direct = try directRidge(z.rows(at: repeated), y.rows(at: repeated), 1e-4)
    let fit = try fit(
      z.rows(at: repeated), .regression(y.rows(at: repeated)), .fixed(1e-4), as: Double.self)
    #expect(close(fit.model.weights, direct.weights, 1e-8))
  }

  /// More than one tile, in single precision, with targets that single precision could not hold.
  @Test(arguments: [0.0, 1e6], [1.0, 1e60])
  func streamed(_ mean: Double, _ size: Double) throws {
    var generator = CaseGenerator(seed: 2)
    let z = generator.matrix(5000, 12, as: Float.self).converted(to: Double.self)
    let truth = generator.matrix(12, 2, as: Double.self)
    var y = try z.multiplied(by: truth)
    for i in 0..<y.rowCount {
      for j in 0..<2 { y[i, j] = size * (y[i, j] + mean) }
    }
    let direct = try directRidge(z, y, 3)
    let single = try fit(z, .regression(y), .fixed(3), as: Float.self)
    #expect(close(single.model.weights, direct.weights, 1e-5))
    for (a, b) in zip(single.model.intercepts, direct.intercepts) {
      #expect(abs(a - b) <= 1e-12 * abs(b) + 1e-9 * size)
    }
    let double = try fit(z, .regression(y), .fixed(3), as: Double.self)
    #expect(close(double.model.weights, direct.weights, 1e-11 * (1 + mean)))
    for threads in [1, 3] {
      let other = try fit(z, .regression(y), .fixed(3), as: Float.self, threads: threads)
      #expect(other.model.weights == single.model.weights)
    }
  }

  /// One direction is 10⁵ times as long as the rest: what the rest tell is lost in single precision.
  @Test func sumsInDoublePrecision() throws {
    var generator = CaseGenerator(seed: 6)
    var z = generator.matrix(4000, 6, as: Float.self)
    for i in 0..<z.rowCount { z[i, 0] = 1e5 + z[i, 0] }
    var truth = generator.matrix(6, 1, as: Double.self)
    truth[0, 0] = 0
    let y = try z.converted(to: Double.self).multiplied(by: truth)
    func fit(_ precision: Precision?) throws -> RidgeFit {
      try RidgeRegression(seed: 4, sumPrecision: precision).fit(
        IdentityMap(inputDimension: 6), z, targets: .regression(y), as: Float.self)
    }
    let (single, double) = (try fit(nil), try fit(.double))
    let least = { (fit: RidgeFit) in fit.path.map(\.squaredError).min() ?? .infinity }
    #expect(least(double) < 0.1 * least(single))
    #expect(try fit(.single).model.weights == single.model.weights)
    #expect(double.ridge < 1e-3 * single.ridge)
  }

  /// The path is that of models fitted without the held-out rows; the final model has all rows.
  @Test(arguments: [30, 400])
  func heldOutPath(_ n: Int) throws {
    var generator = CaseGenerator(seed: 3)
    let z = generator.matrix(n, 40, as: Double.self)
    var y = generator.matrix(n, 2, as: Double.self)
    for i in 0..<n { y[i, 0] += 2 * z[i, 0] + 5 }
    let fit = try fit(z, .regression(y), .heldOut(fraction: 0.3), as: Double.self)
    let parts = try RidgeChoice.split(rowCount: n, fraction: 0.3, seed: 4)
    #expect((parts.fit + parts.heldOut).sorted() == Array(0..<n))
    for point in fit.path {
      let direct = try directRidge(z.rows(at: parts.fit), y.rows(at: parts.fit), point.ridge)
      let model = try LinearModel(
        task: .regression, weights: direct.weights, intercepts: direct.intercepts)
      let error = try meanSquaredError(
        model.outputs(for: z.rows(at: parts.heldOut)), y.rows(at: parts.heldOut))
      #expect(abs(point.squaredError - error) <= 1e-6 * error, "ridge \(point.ridge)")
      #expect(point.misclassified == nil)
    }
    let least = fit.path.map(\.squaredError).min()
    #expect(fit.path.first { $0.ridge == fit.ridge }?.squaredError == least)
    let direct = try directRidge(z, y, fit.ridge)
    #expect(close(fit.model.weights, direct.weights, 1e-8))
    // Ten decades around the mean of the kernel's diagonal.
    let rows = parts.fit.map { i in z.row(i).reduce(0) { $0 + $1 * $1 } }
    let diagonal = rows.reduce(0, +) / Double(parts.fit.count)
    #expect(abs(fit.path.first!.ridge / diagonal - 1e-7) < 1e-9)
    #expect(abs(fit.path.last!.ridge / diagonal - 1e3) < 1e-6)
  }

  /// In single precision the Gram matrix is not positive beyond its rounding; a path stays above it.
  @Test func singlePrecisionPath() throws {
    var generator = CaseGenerator(seed: 5)
    // What tells the features apart is lost in the rounding of their products.
    let base = generator.matrix(3000, 1, as: Double.self)
    var z = generator.matrix(3000, 24, as: Double.self)
    for i in 0..<3000 {
      for j in 0..<24 { z[i, j] = 1000 + 1e-3 * z[i, j] }
    }
    let fit = try fit(z, .regression(base), .heldOut(fraction: 0.1), as: Float.self)
    #expect(fit.model.weights.isFinite)
    #expect(throws: InvalidInput.self) {
      try self.fit(z, .regression(base), .fixed(1e-12), as: Float.self)
    }
  }

  @Test func equalTargets() throws {
    var generator = CaseGenerator(seed: 6)
    for n in [10, 100] {
      let z = generator.matrix(n, 20, as: Double.self)
      let y = Matrix<Double>(repeating: 7.25, rowCount: n, columnCount: 1)
      for choice in [RidgeChoice.fixed(0.1), .heldOut(fraction: 0.3)] {
        let fit = try fit(z, .regression(y), choice, as: Double.self)
        #expect(fit.model.intercepts == [7.25])
        #expect(fit.model.weights.elements.allSatisfy { $0 == 0 })
        // Of equally good ridges, the largest.
        #expect(fit.path.isEmpty || fit.ridge == fit.path.map(\.ridge).max())
      }
    }
  }

  @Test(arguments: [-1.0, 1, 7.5], [3.0, 100])
  func classes(_ first: Double, _ gap: Double) throws {
    var generator = CaseGenerator(seed: 8)
    let labels = (0..<300).map { _ in first + gap * Double(generator.int(in: 0...2)) }
    var z = generator.matrix(300, 8, as: Double.self)
    for i in 0..<300 { z[i, Int((labels[i] - first) / gap)] += 9 }
    let targets = try Targets.classification(labels)
    #expect(targets.task == .classification(labels: [first, first + gap, first + 2 * gap]))
    let fit = try fit(z, targets, .heldOut(fraction: 0.2), as: Float.self)
    #expect(fit.path.allSatisfy { ($0.misclassified ?? -1) >= 0 })
    #expect(fit.path.first { $0.ridge == fit.ridge }!.misclassified! < 0.02)
    let outputs = try fit.model.outputs(for: z)
    let predicted = targets.task.predictions(from: outputs)
    #expect(zip(predicted.elements, labels).filter { $0 != $1 }.count <= 6)
  }

  @Test func refusals() throws {
    let z = Matrix<Double>(repeating: 1, rowCount: 4, columnCount: 2)
    let y = try Targets.regression(Matrix(repeating: 1, rowCount: 4, columnCount: 1))
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try fit(z, y, .fixed(ridge), as: Double.self) }
    }
    for fraction in [0, 1, -0.5, Double.nan] {
      #expect(throws: InvalidInput.self) {
        try fit(z, y, .heldOut(fraction: fraction), as: Double.self)
      }
    }
    #expect(throws: InvalidInput.self) { try fit(z.rows(0..<3), y, .fixed(1), as: Double.self) }
    #expect(throws: InvalidInput.self) {
      try fit(z.rows(0..<1), y.rows(at: [0]), .heldOut(fraction: 0.1), as: Double.self)
    }
    #expect(throws: InvalidInput.self) {
      try fit(z.rows(0..<0), y.rows(at: []), .fixed(1), as: Double.self)
    }
    // Features that are all zero say nothing about the size of a ridge.
    let many = try Targets.regression(Matrix(repeating: 1, rowCount: 40, columnCount: 1))
    #expect(throws: InvalidInput.self) {
      try fit(Matrix(rowCount: 40, columnCount: 2), many, .heldOut(fraction: 0.3), as: Double.self)
    }
    for bad in [Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try Targets.regression(Matrix(rows: [[bad]])) }
      #expect(throws: InvalidInput.self) { try Targets.classification([0, 1, bad]) }
    }
    #expect(throws: InvalidInput.self) { try Targets.classification([2, 2, 2]) }
    #expect(throws: InvalidInput.self) { try Targets.classification([]) }
    #expect(throws: InvalidInput.self) {
      try LinearModel(task: .regression, weights: Matrix(rows: [[1]]), intercepts: [.nan])
    }
  }
}
