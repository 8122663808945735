// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sums of normal equations over tiles, and kernel ridge regression.

import Kernels
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Regression

@Suite struct NormalEquationsTests {
  private func check<Scalar: RealScalar>(
    _ d: Int, _ k: Int, _ tiles: [Int], as type: Scalar.Type, tolerance: Double
  ) throws {
    var generator = CaseGenerator(seed: 1)
    let n = tiles.reduce(0, +)
    let z = generator.matrix(n, d, as: type)
    let y = generator.matrix(n, k, as: Double.self)
    var sums = try NormalEquations(featureCount: d, targetCount: k)
    var start = 0
    for count in tiles {
      try sums.add(features: z.rows(start..<start + count), targets: y.rows(start..<start + count))
      start += count
    }
    let wide = z.converted(to: Double.self)
    let exact = try wide.gram()
    #expect(sums.rowCount == n)
    var lower = exact
    for i in 0..<d {
      for j in i + 1..<max(i + 1, d) { lower[i, j] = 0 }
    }
    #expect(close(sums.gramLower, lower, tolerance))
    #expect(try close(sums.moments, wide.transposeMultiplied(by: y), tolerance))
  }

  @Test func sumsOverTiles() throws {
    for d in [1, 3, 512, 700] {
      try check(d, 2, [5, 1, 40], as: Double.self, tolerance: 1e-13)
      try check(d, 1, [64, 3], as: Float.self, tolerance: 1e-5)
    }
  }

  /// Sums of one tile each, merged in order, are one stream's to the last bit.
  @Test func mergedStreams() throws {
    var generator = CaseGenerator(seed: 2)
    let (z, y) = (
      generator.matrix(90, 7, as: Float.self), generator.matrix(90, 2, as: Double.self)
    )
    let tiles = [0..<40, 40..<41, 41..<90]
    var (stream, merged) = (
      try NormalEquations(featureCount: 7, targetCount: 2),
      try NormalEquations(featureCount: 7, targetCount: 2)
    )
    for range in tiles {
      try stream.add(features: z.rows(range), targets: y.rows(range))
      var part = try NormalEquations(featureCount: 7, targetCount: 2)
      try part.add(features: z.rows(range), targets: y.rows(range))
      try merged.merge(part)
    }
    #expect(merged.gramLower == stream.gramLower && merged.moments == stream.moments)
    #expect(merged.rowCount == 90)
    #expect(throws: InvalidInput.self) {
      try merged.merge(NormalEquations(featureCount: 6, targetCount: 2))
    }
    #expect(throws: InvalidInput.self) {
      try merged.merge(NormalEquations(featureCount: 7, targetCount: 3))
    }
  }

  /// Sums of numbered blocks have the same bits wherever the stream was cut, and are sums.
  @Test func partsMergeToTheBitsOfOneStream() {
    forAll(cases: 60) { generator in
      let count = generator.int(in: 1...21)
      return (
        blocks: (0..<count).map { _ in
          let rows = generator.int(in: 1...4)
          return (
            z: generator.matrix(rows, 2, as: Float.self),
            y: generator.matrix(rows, 1, as: Double.self)
          )
        },
        cuts: (0..<generator.int(in: 0...4)).map { _ in generator.int(in: 0...count) }.sorted()
      )
    } _: { blocks, cuts in
      func stream(_ range: Range<Int>) throws -> PairwiseNormalEquations {
        var part = try PairwiseNormalEquations(
          featureCount: 2, targetCount: 1, firstBlock: range.lowerBound)
        for block in blocks[range] { try part.add(features: block.z, targets: block.y) }
        return part
      }
      let whole = try stream(0..<blocks.count)
      let ends = [0] + cuts + [blocks.count]
      let parts = try zip(ends, ends.dropFirst()).map { try stream($0..<$1) }
      // Merged one after the other, and the last ones first.
      let left = try parts.dropFirst().reduce(into: parts[0]) { try $0.merge($1) }
      let right = try parts.dropLast().reversed().reduce(parts[parts.count - 1]) {
        var earlier = $1
        try earlier.merge($0)
        return earlier
      }
      var plain = try NormalEquations(featureCount: 2, targetCount: 1)
      for block in blocks { try plain.add(features: block.z, targets: block.y) }
      let total = try whole.total
      return try [left, right].allSatisfy { merged in
        let sums = try merged.total
        return merged.blocks == 0..<blocks.count && sums.rowCount == plain.rowCount
          && sums.gramLower == total.gramLower && sums.moments == total.moments
          && sums.featureSums == total.featureSums && sums.targetSums == total.targetSums
          && sums.totalWeight == plain.totalWeight && sums.precision == .single
      } && close(total.gramLower, plain.gramLower, 1e-14)
        && close(total.moments, plain.moments, 1e-14)
        && zip(total.targetSums, plain.targetSums).allSatisfy { abs($0 - $1) < 1e-12 }
    }
  }

  /// Parts of three streams, merged in order, give path and model the bits of one stream, and those
  /// are what `RidgeRegression` finds on the same rows.
  @Test(arguments: [true, false])
  func mergedSumsAreSolved(_ classes: Bool) throws {
    var generator = CaseGenerator(seed: 3)
    let (n, d) = (900, 12)
    let z = generator.matrix(n, d, as: Double.self)
    let values = (0..<n).map { z[$0, 0] - 2 * z[$0, 3] + 5 + generator.normal() }
    let targets =
      try classes
      ? Targets.classification(values.map { $0 > 5 ? 1 : 0 })
      : Targets.regression(Matrix(rows: values.map { [$0] }))
    let k = targets.values.columnCount
    let parts = try RidgeChoice.split(rowCount: n, fraction: 0.2, seed: 4)
    let (fitRows, fitTargets) = (z.rows(at: parts.fit), targets.rows(at: parts.fit).values)
    let count = (parts.fit.count + 63) / 64
    func stream(_ blocks: Range<Int>) throws -> PairwiseNormalEquations {
      var sums = try PairwiseNormalEquations(
        featureCount: d, targetCount: k, firstBlock: blocks.lowerBound)
      for block in blocks {
        let rows = block * 64..<min(parts.fit.count, (block + 1) * 64)
        try sums.add(features: fitRows.rows(rows), targets: fitTargets.rows(rows))
      }
      return sums
    }
    let (map, heldOut) = (IdentityMap(inputDimension: d), z.rows(at: parts.heldOut))
    func fit(_ sums: NormalEquations) throws -> RidgeFit {
      try sums.fit(
        heldOut: heldOut, map, targets: targets.rows(at: parts.heldOut), as: Double.self)
    }
    let whole = try stream(0..<count).total
    let merged = try [3..<7, 7..<count].reduce(into: stream(0..<3)) {
      try $0.merge(stream($1))
    }.total
    let (one, several) = (try fit(whole), try fit(merged))
    #expect(one.model.weights == several.model.weights)
    #expect(one.model.intercepts == several.model.intercepts)
    #expect(one.path == several.path && one.ridge == several.ridge)
    let direct = try whole.model(ridge: 2, task: targets.task)
    let other = try merged.model(ridge: 2, task: targets.task)
    #expect(direct.weights == other.weights && direct.intercepts == other.intercepts)

    let expected = try RidgeRegression(choice: .heldOut(fraction: 0.2), seed: 4).fit(
      map, z, targets: targets, as: Double.self)
    #expect(abs(one.ridge / expected.ridge - 1) < 1e-12)
    #expect(close(one.model.weights, expected.model.weights, 1e-10))
    for (a, b) in zip(one.model.intercepts, expected.model.intercepts) {
      #expect(abs(a - b) < 1e-12)
    }
    for (a, b) in zip(one.path, expected.path) {
      #expect(abs(a.squaredError - b.squaredError) < 1e-10 * b.squaredError)
      #expect(a.misclassified == b.misclassified)
    }
    let fixed = try directRidge(fitRows, fitTargets, 2)
    #expect(close(direct.weights, fixed.weights, 1e-10))
  }

  @Test func sumsThatCannotBeSolved() throws {
    var generator = CaseGenerator(seed: 5)
    let (z, y) = (
      generator.matrix(20, 3, as: Float.self), generator.matrix(20, 1, as: Double.self)
    )
    var sums = try NormalEquations(featureCount: 3, targetCount: 1)
    #expect(throws: InvalidInput.self) { try sums.model(ridge: 1) }
    try sums.add(features: z, targets: y, weights: Array(repeating: 0, count: 20))
    #expect(sums.rowCount == 20 && sums.totalWeight == 0)
    #expect(throws: InvalidInput.self) { try sums.model(ridge: 1) }
    #expect(throws: InvalidInput.self) {
      try sums.add(features: z, targets: y, weights: Array(repeating: -1, count: 20))
    }
    #expect(throws: InvalidInput.self) { try sums.add(features: z, targets: y, weights: [1]) }
    try sums.add(features: z, targets: y)
    #expect(sums.precision == .single && sums.totalWeight == 20)
    for ridge in [0, -1, Double.nan] {
      #expect(throws: InvalidInput.self) { try sums.model(ridge: ridge) }
    }
    #expect(throws: InvalidInput.self) {
      try sums.model(ridge: 1, task: .classification(labels: [0, 1]))
    }
    let map = IdentityMap(inputDimension: 3)
    func fit(_ rows: Matrix<Float>, _ values: Matrix<Double>, _ weights: [Double]?) throws {
      _ = try sums.fit(
        heldOut: rows, map, targets: .regression(values), weights: weights, as: Float.self)
    }
    try fit(z, y, nil)
    #expect(throws: InvalidInput.self) { try fit(z, y.rows(0..<9), nil) }
    #expect(throws: InvalidInput.self) { try fit(z.rows(0..<0), y.rows(0..<0), nil) }
    #expect(throws: InvalidInput.self) { try fit(z, y, Array(repeating: 0, count: 20)) }
    #expect(throws: InvalidInput.self) { try fit(z, z.converted(to: Double.self), nil) }
  }

  @Test func partsMustFollow() throws {
    var part = try PairwiseNormalEquations(featureCount: 2, targetCount: 1)
    let rows = Matrix<Double>(repeating: 1, rowCount: 3, columnCount: 2)
    try part.add(features: rows, targets: rows.columns(0..<1))
    #expect(part.blocks == 0..<1)
    #expect(throws: InvalidInput.self) { try part.add(features: rows, targets: rows) }
    #expect(part.blocks == 0..<1)
    for (features, targets, first) in [(2, 1, 0), (2, 1, 2), (3, 1, 1), (2, 2, 1)] {
      let next = try PairwiseNormalEquations(
        featureCount: features, targetCount: targets, firstBlock: first)
      #expect(throws: InvalidInput.self) { try part.merge(next) }
    }
    #expect(throws: InvalidInput.self) {
      try PairwiseNormalEquations(featureCount: 2, targetCount: 1, firstBlock: -1)
    }
  }

  @Test func refusals() throws {
    var sums = try NormalEquations(featureCount: 3, targetCount: 1)
    let (z, y) = (
      Matrix<Double>(rowCount: 2, columnCount: 3), Matrix<Double>(rowCount: 2, columnCount: 1)
    )
    #expect(throws: InvalidInput.self) {
      try sums.add(features: Matrix<Double>(rowCount: 2, columnCount: 4), targets: y)
    }
    #expect(throws: InvalidInput.self) { try sums.add(features: z, targets: z) }
    #expect(throws: InvalidInput.self) { try sums.add(features: z, targets: y.rows(0..<1)) }
    for count in [0, -1, Int.max] {
      #expect(throws: InvalidInput.self) {
        try NormalEquations(featureCount: count, targetCount: 1)
      }
    }
  }
}

@Suite struct KernelRidgeTests {
  /// The linear kernel's kernel ridge regression is ridge regression.
  @Test func dualEqualsPrimal() {
    forAll(cases: 30) { generator in
      let n = generator.int(in: 2...25)
      let d = generator.int(in: 1...12)
      return (
        x: generator.matrix(n, d, as: Double.self), y: generator.matrix(n, 2, as: Double.self),
        new: generator.matrix(5, d, as: Double.self), ridge: 0.1 + abs(generator.normal())
      )
    } _: { x, y, new, ridge in
      let model = try KernelRidgeRegression(
        PolynomialKernel(degree: 1), points: .dense(x), targets: .regression(y),
        choice: .fixed(ridge))
      let direct = try directRidge(x, y, ridge)
      let primal = try LinearModel(
        task: .regression, weights: direct.weights, intercepts: direct.intercepts)
      return try close(model.outputs(for: .dense(new)), primal.outputs(for: new), 1e-9)
        && model.outputs(for: .dense(new.rows(0..<0))).rowCount == 0
    }
  }

  @Test func pathEqualsDirectSolutions() throws {
    var generator = CaseGenerator(seed: 4)
    let x = generator.matrix(60, 3, as: Double.self)
    let y = generator.matrix(60, 1, as: Double.self)
    let kernel = try PolynomialKernel(degree: 3, offset: 1)
    let model = try KernelRidgeRegression(
      kernel, points: .dense(x), targets: .regression(y), choice: .heldOut(fraction: 0.25), seed: 9)
    let parts = try RidgeChoice.split(rowCount: 60, fraction: 0.25, seed: 9)
    for point in model.path {
      let direct = try KernelRidgeRegression(
        kernel, points: .dense(x.rows(at: parts.fit)),
        targets: .regression(y.rows(at: parts.fit)), choice: .fixed(point.ridge))
      let error = try meanSquaredError(
        direct.outputs(for: .dense(x.rows(at: parts.heldOut))), y.rows(at: parts.heldOut))
      #expect(abs(point.squaredError - error) <= 1e-5 * error)
    }
    #expect(model.ridge == model.path.best.ridge)
    #expect(model.intercepts[0] == (0..<60).reduce(0.0) { $0 + y[$1, 0] } / 60)
    #expect(throws: InvalidInput.self) {
      try KernelRidgeRegression(
        kernel, points: .dense(x), targets: .regression(y.rows(0..<59)), choice: .fixed(1))
    }
  }

  @Test func ridgeBelowRounding() throws {
    let x = Matrix<Double>(repeating: 1e4, rowCount: 30, columnCount: 2)
    let y = try Targets.regression(Matrix(repeating: 1, rowCount: 30, columnCount: 1))
    #expect(throws: InvalidInput.self) {
      try KernelRidgeRegression(
        PolynomialKernel(degree: 3), points: .dense(x), targets: y, choice: .fixed(1e-30))
    }
  }
}
