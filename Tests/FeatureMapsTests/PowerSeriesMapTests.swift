// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps of power series: what they approximate on average, how well, and on what data.

import Foundation
import LinearAlgebra
import TensorSketches
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

/// Points around a mean direction, in clusters; rows of unit length.
func clusteredPoints(_ n: Int, _ d: Int, seed: UInt64 = 7) -> Matrix<Double> {
  var generator = CaseGenerator(seed: seed)
  let centres = generator.matrix(6, d, as: Double.self)
  let noise = generator.matrix(n, d, as: Double.self)
  var points = Matrix<Double>(rowCount: n, columnCount: d)
  for i in 0..<n {
    for j in 0..<d { points[i, j] = 1.5 + centres[i % 6, j] + 0.4 * noise[i, j] }
  }
  return Rows.dense(points).normalized().dense
}

@Suite struct PowerSeriesMapTests {
  static let series: PowerSeries = {
    do {
      return try PowerSeries(coefficients: [0.5, 0.8, 0.6, 0, 0.3, 0, 0.2])
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func map(
    _ series: PowerSeries = series, lift: Lift = .unit(scale: 1, offset: 0.2),
    constant: Double = 0.3, dimension: Int, centring: Centring = .sample, sample: Matrix<Double>
  ) throws -> PowerSeriesMap {
    try PowerSeriesMap(
      series: series, lift: lift, constant: constant, inputDimension: sample.columnCount,
      dimension: dimension, seed: 1, centring: centring, sample: Rows.dense(sample))
  }

  /// Mean and variance of ⟨z(x), z(y)⟩ over the seeds of a plan, term by term from the definitions.
  private func moments(
    _ plan: PowerSeriesMap.Plan, _ x: [Double], _ y: [Double]
  ) throws -> (mean: Double, variance: Double) {
    let sample = try LiftedSample(
      Rows.dense(Matrix(rows: [x, y])), lift: plan.lift, rowCount: 2)
    let lifted = sample.rows.dense
    let m = plan.direction?.dense ?? [Double](repeating: 0, count: lifted.columnCount)
    let u = (0..<2).map { zip(lifted.row($0), m).reduce(0) { $0 + $1.0 * $1.1 } }
    let rest = (0..<2).map { i in zip(lifted.row(i), m).map { $0 - u[i] * $1 } }
    let product = zip(rest[0], rest[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let s = plan.direction == nil ? 0 : u[0] * u[1]
    var (mean, variance) = (plan.series(s), 0.0)
    for k in 1...plan.series.degree {
      let factors = ScalarFactors(
        series: plan.series.coefficientsAroundProduct(power: k), anchors: plan.anchors)
      for term in plan.terms where term.degree == k {
        let scale = factors.value(term.factor, at: u[0]) * factors.value(term.factor, at: u[1])
        mean += scale * pow(product, Double(k))
        guard term.law != .exact else { continue }
        let own =
          term.law == .polySketch
          ? try PolySketch(
            inputDimension: m.count, degree: k, outputDimension: term.columnCount, seed: 0
          ).variance(rest[0], rest[1])
          : try TensorSketch(
            inputDimension: m.count, degree: k, outputDimension: term.columnCount, seed: 0
          ).variance(rest[0], rest[1])
        variance += scale * scale * own
      }
    }
    let weight = sample.weights[0] * sample.weights[1]
    return (weight * mean + plan.constant, weight * weight * variance)
  }

  /// Every kind of sketch and factor, whatever a planner would choose.
  @Test(arguments: [false, true], [false, true])
  func unbiased(_ centred: Bool, _ someAreExact: Bool) throws {
    var terms: [PowerSeriesMap.Term] = []
    for (degree, columnCount) in [(1, 5), (2, 8), (4, 7), (6, 12)] {
      for factor in 0..<(centred && degree < 6 ? 2 : 1) {
        terms.append(
          PowerSeriesMap.Term(
            degree: degree, factor: factor, columnCount: columnCount,
            law: (degree / 2 + factor) % 2 == 0 ? .polySketch : .tensorSketch))
      }
    }
    for index in terms.indices where someAreExact && terms[index].factor == 0 {
      guard let count = [1: 6, 2: 21, 4: 126][terms[index].degree] else { continue }
      (terms[index].columnCount, terms[index].law) = (count, .exact)
    }
    var plan = PowerSeriesMap.Plan(
      series: Self.series, lift: .unit(scale: 1, offset: 0.2), constant: 0.3, inputDimension: 5,
      seed: 0, direction: centred ? SparseVector([1, 0, 0.5, 2, 0, 1]).normalized : nil,
      anchors: centred ? [0.6, 0.3] : [0], terms: terms)
    let (x, y) = ([0.9, -0.2, 0.4, 1.1, 0.3], [0.2, 0.5, -0.3, 0.6, 1.0])
    let expected = try moments(plan, x, y)
    try checkMoments(
      draws: 3000, comparisons: 8, x, y, mean: expected.mean, variance: expected.variance,
      "centred \(centred), exact \(someAreExact)"
    ) { seed in
      plan.seed = seed
      return try PowerSeriesMap(plan)
    }
  }

  @Test(arguments: [Centring.none, .sample])
  func errorFallsWithDimension(_ centring: Centring) throws {
    let points = clusteredPoints(120, 30)
    let kernel = gram(points).elements.map { Self.series($0) }
    let exact = try Matrix(rowCount: 120, columnCount: 120, elements: kernel)
    let ridge = 1e-3 * 120 * Self.series(1)
    var last = Double.infinity
    for dimension in [64, 256, 1024] {
      let map = try map(
        lift: .unit(scale: 1, offset: 0), constant: 0, dimension: dimension, centring: centring,
        sample: points)
      let error = try spectralError(
        of: map.images(of: .dense(points)), exact: exact, ridge: ridge)
      #expect(error.epsilon < 0.7 * last, "D = \(dimension)")
      let bound = 6 * (error.statisticalDimension / Double(dimension)).squareRoot()
      #expect(error.epsilon < bound, "D = \(dimension), \(centring)")
      last = error.epsilon
    }
  }

  /// With columns for every coordinate the linear part is exact, and so is the rest on the anchors.
  @Test func linearKernelIsExact() throws {
    let points = clusteredPoints(20, 6)
    let linear = try PowerSeries(coefficients: [0.5, 2])
    for centring in [Centring.none, .sample] {
      let map = try map(
        linear, lift: .plain, constant: 0, dimension: 9, centring: centring, sample: points)
      let found = try gram(map.images(of: .dense(points)))
      for (value, product) in zip(found.elements, gram(points).elements) {
        #expect(abs(value - 0.5 - 2 * product) < 1e-13)
      }
    }
  }

  @Test func neverTooManyColumns() {
    forAll(cases: 150) { generator in
      (
        n: generator.int(in: 1...6), d: generator.int(in: 1...8),
        dimension: generator.int(in: 2...60), centred: generator.int(in: 0...1) == 1,
        offset: Double(generator.int(in: 0...1)), constant: Double(generator.int(in: 0...1)),
        degree: generator.int(in: 1...64), seed: generator.seed()
      )
    } _: { n, d, dimension, centred, offset, constant, degree, seed in
      var generator = CaseGenerator(seed: seed)
      let sample = generator.matrix(n, d, density: 0.7, as: Double.self)
      let map = try map(
        .power(degree: degree, scale: 0.5, offset: offset),
        lift: .unit(scale: 1, offset: 1 - offset), constant: constant, dimension: dimension,
        centring: centred ? .sample : .none, sample: sample)
      let features = try map.images(of: Rows.dense(sample).converted(to: Float.self))
      return 1...dimension ~= map.outputDimension && features.isFinite
        && features.rowCount == n
    }
  }

  /// On a line powers need one column each, and a sketch of them has no error.
  @Test func onTheLine() throws {
    let sample = try Matrix(rows: [[0.5], [-1], [0.8], [0.9]])
    let map = try map(lift: .plain, constant: 0, dimension: 60, centring: .none, sample: sample)
    let found = try gram(map.images(of: .dense(sample)))
    for i in 0..<4 {
      for j in 0..<4 {
        let exact = Self.series(sample[i, 0] * sample[j, 0])
        #expect(abs(found[i, j] - exact) < 1e-12 * (1 + exact))
      }
    }
  }

  @Test func degenerateSamples() throws {
    var generator = CaseGenerator(seed: 2)
    let others = generator.matrix(5, 4, as: Double.self)
    let row = [0.3, 0.1, -0.4, 0.2]
    let samples = try [
      Matrix(rows: [row]), Matrix(rows: [row, row, row]), Matrix(rows: [[0.0, 0, 0, 0]]),
      Matrix(rows: [row, row.map { -$0 }]), Matrix(rows: [row, row.map { 1e-8 * $0 }]),
    ]
    for sample in samples {
      for centring in [Centring.none, .sample] {
        let map = try map(
          lift: .unit(scale: 1, offset: 0), constant: 0, dimension: 40, centring: centring,
          sample: sample)
        let features = try map.images(of: .dense(others))
        #expect(features.isFinite)
        // Other points are still told apart.
        #expect(map.plan.terms.contains { $0.degree > 1 } || sample.rowCount == 2)
        let values = gram(features)
        #expect(abs(values[0, 0] - values[0, 1]) > 1e-3)
      }
    }
  }

  @Test(arguments: [Centring.none, .sample])
  func sparseRowsOfManyColumns(_ centring: Centring) throws {
    let d = 100_000
    let rows = try SparseMatrix(
      columnCount: d, rowOffsets: [0, 3, 6, 8, 8],
      columnIndices: [0, 70_000, 99_999, 0, 500, 99_999, 0, 7], values: [1.0, 2, 3, 4, 5, 1, 2, 2])
    let map = try PowerSeriesMap(
      series: Self.series, lift: .unit(scale: 1, offset: 0.1), constant: 0, inputDimension: d,
      dimension: 100, seed: 3, centring: centring, sample: Rows.sparse(rows))
    #expect(map.outputDimension <= 100)
    let sparse = try map.images(of: .sparse(rows))
    #expect(try sparse == map.images(of: .dense(rows.dense)))
    #expect(try sparse == map.images(of: .sparse(rows), on: Execution(threads: 1)))
  }

  @Test(arguments: [Centring.none, .sample])
  func laws(_ centring: Centring) throws {
    let sample = clusteredPoints(30, 12)
    try checkRowMapLaws(map(dimension: 40, centring: centring, sample: sample), single: 1e-4)
    let wide = try map(
      lift: .plain, constant: 0, dimension: 80, centring: centring, sample: sample)
    try checkRowMapLaws(wide, single: 1e-4)
  }

  /// Rows without zeros take another way when they come dense, with the same bits.
  @Test(arguments: [Centring.none, .sample])
  func fullRows(_ centring: Centring) throws {
    let points = clusteredPoints(70, 12)
    let map = try map(dimension: 60, centring: centring, sample: points)
    #expect(map.plan.terms.contains { $0.law == .exact })
    let dense = try map.images(of: .dense(points))
    #expect(try dense == map.images(of: .sparse(SparseMatrix(points))))
  }

  @Test func refusals() throws {
    let sample = clusteredPoints(5, 3)
    for centring in [
      Centring.vector([1, 0]), .vector([0, 0, 0, 0]), .vector([1, .nan, 0, 0]),
    ] {
      #expect(throws: InvalidInput.self) {
        try map(dimension: 20, centring: centring, sample: sample)
      }
    }
    for dimension in [0, -1] {
      #expect(throws: InvalidInput.self) { try map(dimension: dimension, sample: sample) }
    }
    // A constant column each for the series and the last bias.
    #expect(throws: InvalidInput.self) { try map(dimension: 1, sample: sample) }
    #expect(try map(dimension: 2, sample: sample).outputDimension == 2)
    #expect(throws: InvalidInput.self) {
      try map(dimension: 9, sample: Matrix(rowCount: 0, columnCount: 3))
    }
    #expect(throws: InvalidInput.self) {
      try map(dimension: 9, sample: Matrix(rows: [[1, .infinity, 2]]))
    }
  }

  @Test func damagedPlansAreRefused() throws {
    let good = try map(dimension: 40, sample: clusteredPoints(20, 3)).plan
    let damages: [(inout PowerSeriesMap.Plan) -> Void] = [
      { $0.direction = SparseVector([1, 0, 0, 0, 0]) },
      { $0.direction = SparseVector([1, 0, 0, 1]) }, { $0.anchors = [] },
      { $0.anchors = [.nan] }, { $0.anchors = [0.1, 0.2, 0.3, 0.4, 0.5] },
      { $0.terms[0].degree = 7 }, { $0.terms[0].degree = 0 },
      { $0.terms[0].factor = 4 }, { $0.terms[0].factor = -1 }, { $0.terms[0].columnCount = 0 },
      { $0.terms[0] = PowerSeriesMap.Term(degree: 1, factor: 0, columnCount: 2, law: .exact) },
      { $0.constant = -1 }, { $0.inputDimension = 0 }, { $0.lift = .unit(scale: -1, offset: 0.2) },
    ]
    for (index, damage) in damages.enumerated() {
      var plan = good
      damage(&plan)
      #expect(throws: InvalidInput.self, "damage \(index)") { try PowerSeriesMap(plan) }
    }
  }

  /// Terms of more monomials or columns than there can be.
  @Test func hugePlansAreRefused() throws {
    var plan = PowerSeriesMap.Plan(
      series: Self.series, lift: .unit(scale: 1, offset: 0.2), constant: 0,
      inputDimension: 60_000, seed: 0, direction: nil, anchors: [0], terms: [])
    let count = 60_001 * 60_002 / 2
    for (degree, columnCount, law) in [
      (2, count, TermSketch.Law.exact), (2, .max, .exact), (1, .max, .tensorSketch),
      (4, 1 << 27, .polySketch),
    ] {
      let term = PowerSeriesMap.Term(
        degree: degree, factor: 0, columnCount: columnCount, law: law)
      plan.terms = [term, term]
      #expect(throws: InvalidInput.self, "\(law), \(columnCount)") { try PowerSeriesMap(plan) }
    }
    (plan.inputDimension, plan.terms) = (.max, [])
    #expect(throws: InvalidInput.self) { try PowerSeriesMap(plan) }
  }

  /// Values of which several quantiles are equal still give as many anchors as there are different ones.
  @Test func anchors() throws {
    let u = (0..<40).map { $0 < 30 ? 1.0 : 2 }
    #expect(PowerSeriesPlanner.anchors(u) == [1, 2])
    #expect(PowerSeriesPlanner.anchors((0..<100).map { Double(99 - $0) }) == [50, 8, 95, 1])
    #expect(PowerSeriesPlanner.anchors([0, 0, 0, 0, -3]) == [3, -3, 0])
  }

  @Test func planUsesTheBetterSketch() throws {
    let points = clusteredPoints(64, 20)
    let series = try PowerSeries(coefficients: [0, 0, 0, 0, 0, 0, 0, 0, 1])
    // Nearly parallel rows: the flat sketch's variance is exponential in the degree.
    let plan = try map(
      series, lift: .plain, constant: 0, dimension: 256, centring: .none, sample: points
    ).plan
    #expect(plan.terms.count == 1 && plan.terms[0].law == .polySketch)
  }
}
