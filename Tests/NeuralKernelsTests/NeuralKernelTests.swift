// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Properties of the exact kernels of networks.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@Suite struct NeuralKernelTests {
  static let networks: [Network] = [
    try? .fullyConnected(inputDimension: 6, depth: 0, weightStd: 1.3, biasStd: 0.2),
    try? .fullyConnected(inputDimension: 6, depth: 3),
    try? .fullyConnected(inputDimension: 6, depth: 2, weightStd: 0.9, biasStd: 0.3),
    try? Network(input: [6], layers: [.relu, .relu, .dense(weightStd: 1.5), .dense(), .relu]),
    try? Network(input: [6], layers: [.identity]),
    try? Network(input: [2, 3, 1]) {
      Flatten()
      Dense(weightStd: 1.2, biasStd: 0.1)
      LayerNorm(epsilon: 0.01)
      Residual {
        Activation.erf()
        Dense()
        Residual {
          Activation.gelu
          Dense(weightStd: 0.7)
        }
      }
      ParallelSum([[.relu, .dense()], [], [.dropout(keep: 0.7), .dense(weightStd: 0.5)]])
      Activation.leakyReLU()
    },
    try? .fullyConnected(inputDimension: 6, depth: 2, biasStd: 0.2, activation: .tanh),
    try? .fullyConnected(inputDimension: 6, depth: 1, biasStd: 0.2, activation: .elu()),
  ].compactMap(\.self)

  static var kernels: [NeuralKernel] {
    networks.flatMap { network in
      NeuralKernel.Kind.allCases.map { NeuralKernel(network: network, type: $0) }
    }
  }

  /// The kernels of a pair, and of each point with itself.
  struct State {
    var a, b, c, t: Double
  }

  /// Straight from the definition, one pair at a time, with the angles of ReLU by atan2.
  func run(_ layers: [Layer], _ state: inout State) {
    for layer in layers {
      switch layer {
      case .identity, .flatten, .convolution, .pool, .globalAveragePool, .globalSumPool:
        break
      case .dense(let weightStd, let biasStd):
        let (w, s) = (weightStd * weightStd, biasStd * biasStd)
        state.c = w * state.c + s
        state = State(
          a: w * state.a + s, b: w * state.b + s, c: state.c, t: state.c + w * state.t)
      case .activation(.relu):
        let sine = max(0, state.a * state.b - state.c * state.c).squareRoot()
        let angle = Double.pi - Double.atan2(y: sine, x: state.c)
        state.t *= angle / (2 * .pi)
        state.c = (sine + state.c * angle) / (2 * .pi)
        (state.a, state.b) = (state.a / 2, state.b / 2)
      case .activation(let activation):
        let dual = DualActivation(activation)
        let (q, r) = (state.a.squareRoot(), state.b.squareRoot())
        let (value, derivative) = dual.values(q, r, covariance: state.c)
        state.a = dual.values(q, q, covariance: state.a).value
        state.b = dual.values(r, r, covariance: state.b).value
        state.c = value
        state.t *= derivative
      case .layerNorm(let epsilon):
        let scale = ((state.a + epsilon) * (state.b + epsilon)).squareRoot()
        state = State(
          a: state.a / (state.a + epsilon), b: state.b / (state.b + epsilon),
          c: state.c / scale, t: state.t / scale)
      case .dropout(let keep):
        state.a /= keep
        state.b /= keep
      case .residual(let layers):
        run([.parallelSum([layers, []])], &state)
      case .parallelSum(let branches):
        var sum = State(a: 0, b: 0, c: 0, t: 0)
        for branch in branches {
          var part = state
          run(branch, &part)
          sum = State(a: sum.a + part.a, b: sum.b + part.b, c: sum.c + part.c, t: sum.t + part.t)
        }
        state = sum
      }
    }
  }

  func reference(_ kernel: NeuralKernel, _ x: [Double], _ y: [Double]) -> Double {
    func mean(_ x: [Double], _ y: [Double]) -> Double {
      zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / Double(x.count)
    }
    var state = State(a: mean(x, x), b: mean(y, y), c: mean(x, y), t: 0)
    run(kernel.network.layers, &state)
    return kernel.type == .ntk ? state.t : state.c
  }

  @Test(arguments: kernels.indices)
  func equalsTheRecursion(_ index: Int) {
    let kernel = NeuralKernelTests.kernels[index]
    #expect(NeuralKernelTests.kernels.count == 16)
    forAll(cases: 10) {
      $0.matrix($0.int(in: 1...5), 6, as: Double.self)
    } _: { x in
      let y = Matrix<Double>(repeating: 0.5, rowCount: 1, columnCount: 6)
      let found = try kernel.matrix(.dense(x), .dense(y))
      return (0..<x.rowCount).allSatisfy { i in
        let expected = reference(kernel, Array(x.row(i)), Array(y.row(0)))
        return abs(found[i, 0] - expected) <= 1e-12 * max(1, abs(expected))
      }
    }
  }

  @Test func diagonalOfReLU() throws {
    // Θ(x, x) = (L + 1) (σ²/2)^L σ² |x|²/d and K(x, x) = (σ²/2)^L σ² |x|²/d without biases.
    for depth in 0...6 {
      let network = try Network.fullyConnected(inputDimension: 4, depth: depth, weightStd: 1.3)
      let x = try Matrix(rows: [[1.0, -2, 3, 0.5], [1e-3, 0, 0, 0]])
      for type in NeuralKernel.Kind.allCases {
        let kernel = NeuralKernel(network: network, type: type)
        let matrix = try kernel.matrix(.dense(x))
        let diagonal = try kernel.diagonal(.dense(x))
        for (i, square) in [14.25, 1e-6].enumerated() {
          var expected = 1.69 * square / 4 * (type == .ntk ? Double(depth + 1) : 1)
          for _ in 0..<depth { expected *= 1.69 / 2 }
          #expect(abs(matrix[i, i] - expected) <= 1e-14 * expected)
          #expect(diagonal[i] == matrix[i, i])
        }
      }
    }
  }

  @Test(arguments: kernels.indices)
  func isSymmetricAndPositive(_ index: Int) throws {
    let kernel = NeuralKernelTests.kernels[index]
    var generator = CaseGenerator(seed: 3)
    let x = Rows.dense(generator.matrix(150, 6, as: Double.self))
    let matrix = try kernel.matrix(x)
    #expect(matrix == matrix.transposed)
    let eigenvalues = try SymmetricEigen.values(of: matrix)
    #expect(eigenvalues.min()! >= -1e-12 * max(1, eigenvalues.max()!))
  }

  @Test func randomArchitectures() {
    forAll(cases: 150) {
      ($0.vectorLayers(upTo: 12), $0.matrix(9, 4, density: 0.8, as: Double.self))
    } _: { layers, x in
      let network = try Network(input: [4], layers: layers)
      for type in NeuralKernel.Kind.allCases {
        let kernel = NeuralKernel(network: network, type: type)
        let matrix = try kernel.matrix(.dense(x))
        guard matrix == matrix.transposed else { return false }
        let diagonal = try kernel.diagonal(.dense(x))
        let largest = diagonal.max() ?? 0
        guard (0..<9).allSatisfy({ diagonal[$0] == matrix[$0, $0] }) else { return false }
        for i in 0..<9 {
          for j in 0..<i {
            let expected = reference(kernel, Array(x.row(i)), Array(x.row(j)))
            guard abs(matrix[i, j] - expected) <= 1e-12 * largest else { return false }
          }
        }
        guard try SymmetricEigen.values(of: matrix).min()! >= -1e-12 * largest else { return false }
      }
      return true
    }
  }

  @Test func dropoutOfOnePoint() throws {
    let layers: [Layer] = [.dense(), .dropout(keep: 0.25), .dense(weightStd: 2), .relu]
    let network = try Network(input: [2], layers: layers)
    let x = Rows.dense(try Matrix(rows: [[1.0, 3], [1, 3]]))
    let nngp = try NeuralKernel(network: network, type: .nngp).matrix(x)
    let ntk = try NeuralKernel(network: network, type: .ntk).matrix(x)
    // K = 5; the mask divides by 1/4 the point with itself; then 4K and the ReLU's halves.
    #expect(abs(nngp[0, 0] - 40) < 1e-13)
    #expect(abs(ntk[0, 0] - 0.5 * (80 + 4 * 20)) < 1e-13)
    // Two points that are equal have masks of their own: correlation 1/4.
    let (value, derivative) = DualActivation(.relu).values(
      80.squareRoot(), 80.squareRoot(), covariance: 20)
    #expect(abs(nngp[0, 1] - value) < 1e-13)
    #expect(abs(ntk[0, 1] - derivative * 40) < 1e-12)
  }

  @Test func divergingExpectationsAreErrors() throws {
    let x = Rows.dense(try Matrix(rows: [[1.0], [30]]))
    for activation in [
      Activation.gaussian(b: 0.1), .exp(b: 40), .monomial(degree: 64),
      .function(PointwiseFunction("steep") { .exp($0 * $0) }),
    ] {
      let network = try Network(
        input: [1], layers: [.dense(weightStd: 3000), .activation(activation)])
      #expect(throws: InvalidInput.self) { try NeuralKernel(network: network).matrix(x) }
      #expect(throws: InvalidInput.self) { try NeuralKernel(network: network).diagonal(x) }
    }
  }

  @Test func homogeneousWithoutBiases() throws {
    let network = try Network.fullyConnected(inputDimension: 6, depth: 3)
    for type in NeuralKernel.Kind.allCases {
      let kernel = NeuralKernel(network: network, type: type)
      forAll(cases: 20) {
        ($0.matrix(3, 6, as: Double.self), $0.int(in: -40...40))
      } _: { x, power in
        let scale = Double(sign: .plus, exponent: power, significand: 1)
        var scaled = x
        for i in 0..<3 { for j in 0..<6 { scaled[i, j] *= scale } }
        let plain = try kernel.matrix(.dense(x), .dense(x))
        let other = try kernel.matrix(.dense(scaled), .dense(x))
        return (0..<9).allSatisfy { k in
          // Equal points lie on the kink, where rounding is seen.
          let tolerance = k / 3 == k % 3 ? 1e-7 : 1e-12
          let expected = scale * plain[k / 3, k % 3]
          return abs(other[k / 3, k % 3] - expected) <= tolerance * scale * 10
        }
      }
    }
  }

  @Test(arguments: [1e-160, 1e-30, 1, 1e100, 1e150])
  func extremeNorms(_ scale: Double) throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 2, depth: 2))
    let x = try Matrix(rows: [[1.0, 2], [2, 1], [0, 0], [-1, -2]])
    var scaled = x
    for i in 0..<4 { for j in 0..<2 { scaled[i, j] *= scale } }
    let plain = try kernel.matrix(.dense(x))
    // Of one tiny and one huge point nothing is lost; two tiny ones leave the range of the type.
    let opposite = 1 / scale
    var other = x
    for i in 0..<4 { for j in 0..<2 { other[i, j] *= opposite } }
    let mixed = try kernel.matrix(.dense(scaled), .dense(other))
    for i in 0..<4 {
      for j in 0..<4 {
        #expect(abs(mixed[i, j] - plain[i, j]) <= 1e-7 * 5)
      }
    }
    #expect(try kernel.matrix(.dense(scaled)).isFinite)
    #expect(mixed[2, 0] == 0 && mixed[0, 2] == 0 && mixed[2, 2] == 0)
  }

  @Test func overflowIsAnError() throws {
    let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 2, depth: 1))
    let huge = Rows.dense(try Matrix(rows: [[1e200, 1e200]]))
    #expect(throws: InvalidInput.self) { try kernel.matrix(huge) }
    #expect(throws: InvalidInput.self) { try kernel.diagonal(huge) }
    #expect(throws: InvalidInput.self) {
      try kernel.matrix(Rows.dense(Matrix<Float>(rows: [[1e20, 1e20]])))
    }
    let steep = try Network(
      input: [1],
      layers: [.dense(weightStd: 1e200), .relu, .dense(weightStd: 1e-200)])
    #expect(throws: InvalidInput.self) {
      try NeuralKernel(network: steep).matrix(.dense(Matrix(rows: [[1e-150], [2e-150]])))
    }
  }

  @Test func singlePrecisionFollowsDouble() throws {
    var generator = CaseGenerator(seed: 1)
    let x = generator.matrix(40, 6, as: Double.self)
    for kernel in NeuralKernelTests.kernels {
      let double = try kernel.matrix(.dense(x))
      let single = try kernel.matrix(Rows.dense(x.converted(to: Float.self)))
      for i in 0..<40 {
        for j in 0..<40 {
          let scale = (double[i, i] * double[j, j]).squareRoot()
          #expect(abs(Double(single[i, j]) - double[i, j]) <= 2e-5 * scale)
        }
      }
    }
  }

  @Test func dualOfReLU() {
    #expect(ArcCosine.kappa0(1) == 1 && ArcCosine.kappa1(1) == 1)
    #expect(ArcCosine.kappa0(-1) == 0 && ArcCosine.kappa1(-1) == 0)
    #expect(ArcCosine.kappa0(1.5) == 1 && ArcCosine.kappa0(.nan).isNaN)
    for k in -1000...1000 {
      let t = Double(k) / 1000
      let angle = Double.pi - Double.atan2(y: ((1 - t) * (1 + t)).squareRoot(), x: t)
      #expect(abs(ArcCosine.kappa0(t) - angle / .pi) < 4e-16)
      let first = (((1 - t) * (1 + t)).squareRoot() + t * angle) / .pi
      #expect(abs(ArcCosine.kappa1(t) - first) < 6e-16)
    }
    let (value, derivative) = DualActivation(.relu).values(2, 3, covariance: 1.5)
    #expect(abs(value - 3 * ArcCosine.kappa1(0.25)) < 1e-15)
    #expect(abs(derivative - ArcCosine.kappa0(0.25) / 2) < 1e-15)
  }
}
