// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The whole chain on random cases: data, kernel, map, ε, ridge, predictions within what ε implies.

import Sketching
import TestSupport
import Testing

/// z = x: rows that are features already.
private struct FeatureRows: RowMap {
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

@Suite("From features to predictions")
struct ChainTests {
  private enum Method: CaseIterable {
    case fourier, polynomial, network, nystrom
    /// Layer by layer: images, vectors behind erf, and vectors by landmarks that are drawn by leverage.
    case convolution, erf, leveragePatches
    case hybrid, leverageFourier, monomials
  }

  private struct Setting: CustomStringConvertible {
    let method: Method
    let points: Matrix<Double>
    let dimension: Int
    let depth: Int
    let seed: UInt64
    /// λ over the mean of K's diagonal.
    let ridge: Double
    let values: Matrix<Double>
    let deviation: Double

    init(_ generator: inout CaseGenerator) {
      method = Method.allCases[generator.int(in: 0...Method.allCases.count - 1)]
      let n = generator.int(in: 12...40)
      let columns = generator.int(in: 2...6)
      points = generator.matrix(n, method == .convolution ? 16 : columns, as: Double.self)
      dimension = generator.int(in: 40...160)
      depth = generator.int(in: 1...3)
      seed = generator.seed()
      ridge = [1e-3, 1e-2, 0.1, 1][generator.int(in: 0...3)]
      values = generator.matrix(n, 1, as: Double.self)
      deviation = abs(generator.normal())
    }

    var description: String {
      "method \(method), \(points.rowCount) × \(points.columnCount), D = \(dimension), "
        + "depth \(depth), seed \(seed), ridge \(ridge), σ = \(deviation)"
    }
  }

  @Test("predictions from features keep to the bound of risk")
  func predictions() {
    forAll(cases: 120) {
      Setting(&$0)
    } _: {
      try holds($0)
    }
  }

  /// Whether the chain holds for the map that a setting names.
  private func holds(_ setting: Setting) throws -> Bool {
    let sample = Rows.dense(setting.points)
    let (dimension, depth, seed) = (setting.dimension, setting.depth, setting.seed)
    let gaussian = try GaussianKernel(lengthScale: 2)
    let polynomial = try PolynomialKernel(degree: 1 + depth, offset: 1)
    func dense(_ activation: Activation) throws -> NeuralKernel {
      NeuralKernel(
        network: try .fullyConnected(
          inputDimension: sample.columnCount, depth: depth, activation: activation))
    }
    switch setting.method {
    case .fourier:
      return try holds(
        setting,
        RandomFourierFeatureMap(
          gaussian, inputDimension: sample.columnCount, dimension: dimension, seed: seed))
    case .polynomial:
      return try holds(
        setting,
        PolynomialFeatureMap(polynomial, dimension: dimension, seed: seed, sample: sample))
    case .network:
      return try holds(
        setting, NetworkFeatureMap(dense(.relu), dimension: dimension, seed: seed, sample: sample))
    case .nystrom:
      return try holds(
        setting,
        NystromFeatureMap(dense(.relu), dimension: dimension / 10, seed: seed, sample: sample))
    case .convolution:
      let network = try Network(
        input: [4, 4, 1],
        layers: (1..<max(2, depth)).flatMap { _ in [.conv(filter: [3, 3], weightStd: 1.4), .relu] }
          + [.globalAveragePool, .dense()])
      return try holds(
        setting,
        LayeredFeatureMap(
          NeuralKernel(network: network), dimension: dimension,
          method: [.nystrom, .hybrid, .random][depth - 1], seed: seed, sample: sample))
    case .erf:
      return try holds(
        setting,
        LayeredFeatureMap(
          dense(.erf()), dimension: dimension, method: [.hybrid, .random, .sketch][depth - 1],
          seed: seed, sample: sample))
    case .leveragePatches:
      return try holds(
        setting,
        LayeredFeatureMap(
          dense(.gelu), dimension: dimension / 2, seed: seed, landmarks: .leverage,
          sample: sample))
    case .hybrid:
      let landmarks = try sample.landmarks(.leverage, count: 6, for: gaussian, seed: seed)
      let remainder = try RandomFourierFeatureMap(
        gaussian, inputDimension: sample.columnCount, dimension: dimension, seed: seed)
      return try holds(
        setting, HybridFeatureMap(landmarks: landmarks, remainder: remainder))
    case .leverageFourier:
      return try holds(
        setting,
        LeverageFourierFeatureMap(gaussian, dimension: dimension, seed: seed, sample: sample))
    case .monomials:
      return try holds(
        setting, MonomialFeatures(polynomial, dimension: dimension, seed: seed, sample: sample))
    }
  }

  /// Whether ε is the same by both roads, and the risk of ridge regression on the features within its
  /// bound.
  private func holds(_ setting: Setting, _ map: some FeatureMap) throws -> Bool {
    let (points, n) = (Rows.dense(setting.points), setting.points.rowCount)
    let exact = try map.kernel.matrix(points)
    let mean = (0..<n).reduce(0.0) { $0 + exact[$1, $1] } / Double(n)
    let ridge = setting.ridge * mean
    let z = try map.features(of: points)
    let error = try SpectralError(features: z, exact: exact, ridge: ridge)
    let estimate = try SpectralErrorEstimate(
      features: z, exact: KernelOperator(map.kernel, points: points), ridge: ridge,
      stopping: StoppingRule(tolerance: 1e-10, iterationLimit: 100))
    guard abs(estimate.epsilon - error.epsilon) <= 1e-6 * (1 + error.epsilon) else { return false }

    // Fitted to the units and to f, the outputs are the columns of the smoother H and Hf. A row of no
    // features takes up what would be the intercepts.
    let f = setting.values
    var targets = Matrix<Double>(rowCount: n + 1, columnCount: n + 1)
    for i in 0..<n {
      targets[i, i] = 1
      targets[i, n] = f[i, 0]
      targets[n, i] = -1
      targets[n, n] -= f[i, 0]
    }
    let rows = try Matrix.stacked([z, Matrix(rowCount: 1, columnCount: z.columnCount)])
    let fit = try RidgeRegression(choice: .fixed(ridge)).fit(
      FeatureRows(inputDimension: z.columnCount), rows, targets: .regression(targets),
      as: Double.self)
    let outputs = try fit.model.outputs(for: z)
    var risk = 0.0
    for i in 0..<n {
      let bias = outputs[i, n] - f[i, 0]
      risk += bias * bias / Double(n)
      for j in 0..<n {
        risk += setting.deviation * setting.deviation * outputs[i, j] * outputs[i, j] / Double(n)
      }
    }
    let solved = try Cholesky(exact, addingToDiagonal: ridge).solve(f)
    let penalty =
      ridge * zip(f.elements, solved.elements).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
    let bound = try error.riskBound(
      penalty: penalty, noiseVariance: setting.deviation * setting.deviation)
    return risk <= bound * (1 + 1e-6)
  }
}
