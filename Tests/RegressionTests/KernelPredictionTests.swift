// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Predictions of wide networks against neural-tangents, and against plain solves.

import Kernels
import LinearAlgebra
import NeuralKernels
import Regression
import TestSupport
import Testing
import Validation

@Suite struct KernelPredictionTests {
  static let network = try? Network.fullyConnected(
    inputDimension: 7, depth: 2, weightStd: 2.0.squareRoot(), biasStd: 0.1)

  let nngp: NeuralKernel
  let ntk: NeuralKernel

  init() throws {
    let network = try #require(Self.network)
    nngp = NeuralKernel(network: network, type: .nngp)
    ntk = NeuralKernel(network: network, type: .ntk)
  }

  static func golden(_ name: String) throws -> Matrix<Double> {
    try Goldens.archive("neural/predict.npz", name)
  }

  /// The largest difference of entries, relative to the largest entry of `b`.
  static func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    guard a.rowCount == b.rowCount, a.columnCount == b.columnCount else { return .infinity }
    let scale = b.elements.reduce(1e-300) { max($0, abs($1)) }
    return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }

  static let times: [(tag: String, time: Double)] = [
    ("t0.5", 0.5), ("t10", 10), ("inf", .infinity),
  ]

  @Test func gaussianProcessesEqualTheReference() throws {
    let model = try GaussianProcessRegression(
      nngp, points: .dense(Self.golden("x_train")), targets: Self.golden("y_train"),
      ridge: .ofMeanDiagonal(1e-3))
    let x = Rows.dense(try Self.golden("x_test"))
    let found = try model.predictions(at: x, times: Self.times.map(\.time))
    for ((tag, time), found) in zip(Self.times, found) {
      #expect(found.time == time)
      #expect(Self.distance(found.mean, try Self.golden("nngp_\(tag)_mean")) < 1e-10)
      #expect(Self.distance(found.covariance, try Self.golden("nngp_\(tag)_cov")) < 1e-10)
      #expect(found.covariance == found.covariance.transposed)
      #expect(try model.mean(at: x, time: time) == found.mean)
    }
    let posterior = try model.prediction(at: x)
    #expect(Self.distance(posterior.mean, try Self.golden("gp_nngp_mean")) < 1e-10)
    #expect(Self.distance(posterior.covariance, try Self.golden("gp_nngp_cov")) < 1e-10)
  }

  /// The source's NTK carries errors of about 1e-9 on its diagonal, and so do its predictions.
  @Test func ensemblesEqualTheReference() throws {
    let model = try TangentEnsemble(
      covariance: nngp, tangent: ntk, points: .dense(Self.golden("x_train")),
      targets: Self.golden("y_train"), ridge: .ofMeanDiagonal(1e-3))
    let x = Rows.dense(try Self.golden("x_test"))
    let found = try model.predictions(at: x, times: Self.times.map(\.time))
    for ((tag, _), found) in zip(Self.times, found) {
      #expect(Self.distance(found.mean, try Self.golden("ntk_\(tag)_mean")) < 5e-9)
      #expect(Self.distance(found.covariance, try Self.golden("ntk_\(tag)_cov")) < 5e-10)
    }
    let posterior = try model.prediction(at: x)
    #expect(Self.distance(posterior.mean, try Self.golden("gp_ntk_mean")) < 5e-9)
    #expect(Self.distance(posterior.covariance, try Self.golden("gp_ntk_cov")) < 5e-10)
    let rate = try Self.golden("max_learning_rate_ntk")[0, 0]
    #expect(abs(model.largestLearningRate - rate) < 1e-8 * rate)
  }

  /// (I − exp(−sS)) S⁻¹ B by many small steps: the solution of dG/ds = B − S G.
  static func flow(
    _ s: Matrix<Double>, _ b: Matrix<Double>, _ time: Double
  ) throws -> Matrix<Double> {
    // exp by its series on a small step, then doubling: g(2s) = 2 g(s) − g(s) S g(s) for B = I.
    let n = s.rowCount
    let doublings = 30
    let step = time * Double.exp(-Double(doublings) * 0.6931471805599453)
    var (g, term) = (Matrix<Double>(rowCount: n, columnCount: n), Matrix<Double>.identity(n))
    for i in 0..<n { term[i, i] = step }
    for k in 1..<8 {
      for i in 0..<n { for j in 0..<n { g[i, j] += term[i, j] } }
      term = try s.multiplied(by: term)
      for i in 0..<n { for j in 0..<n { term[i, j] *= -step / Double(k + 1) } }
    }
    for _ in 0..<doublings {
      let square = try g.multiplied(by: s.multiplied(by: g))
      for i in 0..<n { for j in 0..<n { g[i, j] = 2 * g[i, j] - square[i, j] } }
    }
    return try g.multiplied(by: b)
  }

  @Test(arguments: [0.01, 3, 800])
  func equalsPlainFormulas(_ time: Double) throws {
    var generator = CaseGenerator(seed: 2)
    let x = generator.matrix(15, 7, as: Double.self)
    let z = generator.matrix(4, 7, as: Double.self)
    let y = generator.matrix(15, 3, as: Double.self)
    let (ridge, rate) = (0.2, 0.7)
    var s = try ntk.matrix(.dense(x))
    for i in 0..<15 { s[i, i] += ridge }
    let g = try Self.flow(s, .identity(15), rate * time / 45)
    let a = try ntk.matrix(.dense(z), .dense(x)).multiplied(by: g)
    let model = try TangentEnsemble(
      covariance: nngp, tangent: ntk, points: .dense(x), targets: y, ridge: .total(ridge),
      learningRate: rate)
    let found = try model.prediction(at: .dense(z), time: time)
    #expect(Self.distance(found.mean, try a.multiplied(by: y)) < 1e-10)
    let cross = try nngp.matrix(.dense(z), .dense(x))
    let moved = try a.multiplied(by: nngp.matrix(.dense(x))).multiplied(byTransposeOf: a)
    let mixed = try a.multiplied(byTransposeOf: cross)
    var expected = try nngp.matrix(.dense(z))
    for i in 0..<4 {
      for j in 0..<4 { expected[i, j] += moved[i, j] - mixed[i, j] - mixed[j, i] }
    }
    #expect(Self.distance(found.covariance, expected) < 1e-10)
    // At the start nothing is known, and in the end the ensemble goes through the targets.
    let start = try model.prediction(at: .dense(z), time: 0)
    #expect(start.mean.elements.allSatisfy { $0 == 0 })
    #expect(Self.distance(start.covariance, try nngp.matrix(.dense(z))) < 1e-12)
    let end = try TangentEnsemble(covariance: nngp, tangent: ntk, points: .dense(x), targets: y)
      .prediction(at: .dense(x))
    // There the NTK has its kink, with errors of 5e-9.
    #expect(Self.distance(end.mean, y) < 1e-7)
    #expect(end.covariance.elements.allSatisfy { abs($0) < 1e-7 })
  }

  @Test func refusesWhatCannotBe() throws {
    var generator = CaseGenerator(seed: 3)
    let x = generator.matrix(5, 7, as: Double.self)
    let y = generator.matrix(5, 2, as: Double.self)
    func refuse(
      _ culprit: String, sourceLocation: SourceLocation = #_sourceLocation,
      _ body: () throws -> Void
    ) {
      let error = #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) { try body() }
      #expect(
        error?.description.contains(culprit) == true, "\(String(describing: error))",
        sourceLocation: sourceLocation)
    }
    func model(
      _ x: Matrix<Double>, _ y: Matrix<Double>, _ ridge: DiagonalRidge = .total(1),
      rate: Double = 1
    ) throws -> GaussianProcessRegression<NeuralKernel> {
      try GaussianProcessRegression(
        nngp, points: .dense(x), targets: y, ridge: ridge, learningRate: rate)
    }
    refuse("rows of the targets") { _ = try model(x, y.rows(0..<4)) }
    refuse("training points") { _ = try model(x.rows(0..<0), y.rows(0..<0)) }
    refuse("columns of the targets") { _ = try model(x, Matrix(rowCount: 5, columnCount: 0)) }
    refuse("ridge") { _ = try model(x, y, .total(-1)) }
    refuse("ridge") { _ = try model(x, y, .ofMeanDiagonal(.nan)) }
    refuse("learning rate") { _ = try model(x, y, rate: 0) }
    refuse("columns of x") { _ = try model(y, y) }
    var bad = y
    bad[3, 1] = .infinity
    refuse("row 3") { _ = try model(x, bad) }
    let fitted = try model(x, y)
    for time in [-1, .nan] {
      refuse("training time") { _ = try fitted.prediction(at: .dense(x), time: time) }
    }
    refuse("columns of x") { _ = try fitted.prediction(at: .dense(y)) }
    // Two equal points: singular without a ridge, though not at a finite time.
    let twice = try Matrix(rows: [Array(x.row(0)), Array(x.row(0))])
    let singular = try model(twice, y.rows(0..<2), .total(0))
    refuse("singular") { _ = try singular.prediction(at: .dense(x)) }
    #expect(try singular.prediction(at: .dense(x), time: 5).mean.isFinite)
  }
}
