// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks of finite width against plain loops and finite differences.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@Suite struct FiniteNetworkTests {
  static let dense = Layer.dense(weightStd: 1.3, biasStd: 0.2)

  static func points(_ count: Int, _ dimension: Int, seed: UInt64 = 1) -> Rows<Double> {
    var generator = CaseGenerator(seed: seed)
    return .dense(generator.matrix(count, dimension, as: Double.self))
  }

  /// The largest difference of entries, relative to the largest entry of `b`.
  static func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    guard a.rowCount == b.rowCount, a.columnCount == b.columnCount else { return .infinity }
    let scale = b.elements.reduce(1e-300) { max($0, abs($1)) }
    return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }

  @Test(arguments: TestActivation.all.indices)
  func activationsAreTheirFunctions(_ index: Int) throws {
    let test = TestActivation.all[index]
    let function = try FiniteNetwork(
      Network(input: [1], layers: [.dense(), .activation(test.activation)]), width: 3,
      parameters: [1])
    let values = [-2.7, -1, -0.3, 1e-3, 0.8, 1, 3.1]
    let x = Rows.dense(try Matrix(rows: values.map { [$0] }))
    let (outputs, jacobian) = (try function.outputs(of: x), try function.jacobian(of: x))
    for (i, x) in values.enumerated() {
      let (value, slope) = (test.value(x), x * test.derivative(x))
      #expect(abs(outputs[i, 0] - value) <= 1e-13 * max(1, abs(value)), "\(x)")
      let isKink = test.kinks.contains(x)
      #expect(isKink || abs(jacobian[i, 0] - slope) <= 1e-9 * max(1, abs(slope)), "\(x)")
    }
  }

  /// z(p) = (weightStd / √(f C)) Σ W(o) x(p + o) + biasStd β, straight from the definition.
  @Test func convolutionsEqualPlainLoops() throws {
    var generator = CaseGenerator(seed: 4)
    for _ in 0..<60 {
      let (h, w, c) = (generator.int(in: 1...6), generator.int(in: 1...6), generator.int(in: 1...3))
      let filter = [generator.int(in: 1...4), generator.int(in: 1...4)]
      let strides = [generator.int(in: 1...3), generator.int(in: 1...3)]
      let padding = Padding.allCases[generator.int(in: 0...2)]
      if padding == .valid, filter[0] > h || filter[1] > w { continue }
      let channels = 2
      let layer = Layer.conv(
        filter: filter, strides: strides, padding: padding, weightStd: 1.3, biasStd: 0.4)
      let finite = try FiniteNetwork(
        Network(input: [h, w, c], layers: [layer, .flatten]), width: 5, outputs: channels, seed: 9)
      let x = generator.matrix(2, h * w * c, as: Double.self)
      let outputs = try finite.outputs(of: .dense(x))

      func axis(_ n: Int, _ size: Int, _ stride: Int) -> (count: Int, before: Int) {
        guard padding != .valid else { return ((n - size) / stride + 1, 0) }
        let count = (n + stride - 1) / stride
        return (count, max(0, (count - 1) * stride + size - n) / 2)
      }
      let (rows, columns) = (axis(h, filter[0], strides[0]), axis(w, filter[1], strides[1]))
      try #require(outputs.columnCount == rows.count * columns.count * channels)
      let fan = filter[0] * filter[1] * c
      for n in 0..<2 {
        for i in 0..<rows.count {
          for j in 0..<columns.count {
            for k in 0..<channels {
              var sum = 0.4 * finite.parameters[fan * channels + k]
              for a in 0..<filter[0] {
                for b in 0..<filter[1] {
                  var (p, q) = (
                    i * strides[0] - rows.before + a, j * strides[1] - columns.before + b
                  )
                  if padding == .circular { (p, q) = ((p + 9 * h) % h, (q + 9 * w) % w) }
                  guard 0 <= p, p < h, 0 <= q, q < w else { continue }
                  for l in 0..<c {
                    let weight = finite.parameters[((a * filter[1] + b) * c + l) * channels + k]
                    sum += 1.3 / Double(fan).squareRoot() * weight * x[n, (p * w + q) * c + l]
                  }
                }
              }
              let found = outputs[n, (i * columns.count + j) * channels + k]
              #expect(abs(found - sum) < 1e-13, "\(layer) on \(h) × \(w) × \(c)")
            }
          }
        }
      }
    }
  }

  @Test func poolsAverageWindows() throws {
    // 1 2 3 / 4 5 6 / 7 8 9, windows of 2 × 2.
    let image = Rows.dense(try Matrix(rows: [(1...9).map(Double.init)]))
    func outputs(_ layers: [Layer]) throws -> [Double] {
      let network = try Network(input: [3, 3, 1], layers: layers + [.flatten])
      return Array(try FiniteNetwork(network, width: 1).outputs(of: image).elements)
    }
    #expect(try outputs([.averagePool(window: [2, 2], strides: [1, 1])]) == [3, 4, 6, 7])
    #expect(
      try outputs([.averagePool(window: [2, 2], padding: .same)]) == [
        3, 9 / 4.0, 15 / 4.0, 9 / 4.0,
      ])
    #expect(
      try outputs([.averagePool(window: [2, 2], padding: .same, normalizeEdges: true)])
        == [3, 4.5, 7.5, 9])
    #expect(try outputs([.sumPool(window: [2, 2], padding: .circular)]) == [12, 14, 18, 20])
    #expect(try outputs([.globalAveragePool]) == [5])
    #expect(try outputs([.globalSumPool]) == [45])
  }

  /// Architectures that have every kind of layer, small enough for differences in every parameter.
  static let architectures: [(input: [Int], layers: [Layer])] = [
    ([4], [dense, .activation(.gelu), dense, .activation(.erf()), dense]),
    (
      [3],
      [
        dense, .residual([.activation(.tanh), dense]), .layerNorm(epsilon: 0.1),
        .dropout(keep: 0.6),
      ]
    ),
    (
      [3],
      [
        .parallelSum([[dense, .activation(.sin())], [.identity, dense, .activation(.swish)]]),
        .residual([]), dense,
      ]
    ),
    ([2], [.residual([dense, .activation(.gabor), dense]), .activation(.softplus)]),
    (
      [4, 3, 2],
      [
        .conv(filter: [2, 3], padding: .circular, weightStd: 1.1, biasStd: 0.3),
        .activation(.gelu), .averagePool(window: [2, 2], padding: .same, normalizeEdges: true),
        .residual([.activation(.sigmoid), .conv(filter: [3, 3], biasStd: 0.2)]),
        .layerNorm(epsilon: 0.1), dense, .globalAveragePool,
      ]
    ),
    (
      [5, 2],
      [
        .conv(filter: [3], strides: [2], biasStd: 0.1), .activation(.tanh),
        .parallelSum([[.flatten, dense], [.globalSumPool, dense], [.globalAveragePool, dense]]),
        .activation(.rbf()), dense,
      ]
    ),
    ([3, 3, 1], [.conv(filter: [3, 3], padding: .valid), .activation(.gelu), .flatten]),
    ([2, 2, 1], [.flatten, .activation(.sin())]),
  ]

  @Test(arguments: architectures.indices, [1, 3])
  func jacobiansEqualDifferences(_ index: Int, _ outputs: Int) throws {
    let (input, layers) = Self.architectures[index]
    let network = try Network(input: input, layers: layers)
    let finite = try FiniteNetwork(network, width: 4, outputs: outputs, seed: 3)
    let x = Self.points(3, network.inputDimension)
    let jacobian = try finite.jacobian(of: x)
    #expect(jacobian.rowCount == 3 * finite.outputDimension)
    #expect(jacobian.columnCount == finite.parameters.count)
    func values(_ p: Int, _ shift: Double) throws -> ArraySlice<Double> {
      var parameters = finite.parameters
      parameters[p] += shift
      return try FiniteNetwork(
        network, width: 4, outputs: outputs, parameters: parameters, seed: 3
      ).outputs(of: x).elements
    }
    // Differences of fourth order, with errors of about 1e-11.
    let h = 1e-3
    for p in finite.parameters.indices {
      let near = zip(try values(p, h), try values(p, -h)).map { $0 - $1 }
      let far = zip(try values(p, 2 * h), try values(p, -2 * h)).map { $0 - $1 }
      for row in 0..<jacobian.rowCount {
        let slope = (8 * near[row] - far[row]) / (12 * h)
        #expect(abs(jacobian[row, p] - slope) < 1e-8 * max(1, abs(slope)), "row \(row), \(p)")
      }
    }
  }

  @Test(arguments: architectures.indices, [1, 3])
  func tangentKernelsAreProductsOfJacobians(_ index: Int, _ outputs: Int) throws {
    let (input, layers) = Self.architectures[index]
    let network = try Network(input: input, layers: layers)
    let finite = try FiniteNetwork(network, width: 6, outputs: outputs, seed: 5)
    let (x, y) = (
      Self.points(20, network.inputDimension), Self.points(3, network.inputDimension, seed: 2)
    )
    let (left, right) = (try finite.jacobian(of: x), try finite.jacobian(of: y))
    let count = finite.outputDimension
    func products(_ a: Matrix<Double>, _ b: Matrix<Double>) throws -> Matrix<Double> {
      let all = try a.multiplied(byTransposeOf: b)
      var sums = Matrix<Double>(
        rowCount: a.rowCount / count, columnCount: b.rowCount / count)
      for i in 0..<sums.rowCount {
        for j in 0..<sums.columnCount {
          for o in 0..<count { sums[i, j] += all[i * count + o, j * count + o] / Double(count) }
        }
      }
      return sums
    }
    #expect(Self.distance(try finite.empiricalNTK(x, y), try products(left, right)) < 1e-13)
    let own = try finite.empiricalNTK(x)
    #expect(Self.distance(own, try products(left, left)) < 1e-13)
    #expect(own == own.transposed)
    let covariances = try finite.empiricalNNGP(x, y)
    let (f, g) = (try finite.outputs(of: x), try finite.outputs(of: y))
    for i in 0..<20 {
      for j in 0..<3 {
        let sum = (0..<count).reduce(0.0) { $0 + f[i, $1] * g[j, $1] } / Double(count)
        #expect(abs(covariances[i, j] - sum) < 1e-13 * max(1, abs(sum)))
      }
    }
  }

  /// Hidden layers are as wide as asked, the last has the outputs, and branches fit each other.
  @Test func channels() throws {
    func dimension(_ input: [Int], _ layers: [Layer]) throws -> [Int] {
      let finite = try FiniteNetwork(
        Network(input: input, layers: layers), width: 7, outputs: 2)
      return [finite.outputDimension, finite.parameters.count]
    }
    let plain = Layer.dense()
    #expect(try dimension([3], [plain, .relu, plain]) == [2, 3 * 7 + 7 * 2])
    #expect(try dimension([3], [Self.dense, .relu, plain]) == [2, 3 * 7 + 7 + 7 * 2])
    #expect(try dimension([3], [plain, .layerNorm()]) == [7, 3 * 7])
    #expect(try dimension([3], [plain, .residual([.relu])]) == [2, 3 * 2])
    #expect(try dimension([3], [plain, .residual([plain])]) == [7, 3 * 7 + 7 * 7])
    #expect(try dimension([3], [.residual([plain, .relu, plain])]) == [3, 3 * 7 + 7 * 3])
    #expect(try dimension([3], [.parallelSum([[plain], [plain, plain]])]) == [2, 6 + 21 + 14])
    #expect(
      try dimension([4, 4, 1], [.conv(filter: [3, 3]), .relu, .flatten]) == [32, 9 * 2])
    #expect(
      try dimension([4, 4, 1], [.conv(filter: [3, 3]), .relu, .globalAveragePool, plain])
        == [2, 9 * 7 + 7 * 2])
    #expect(try dimension([4, 4, 1], [.flatten, .relu]) == [16, 0])
  }

  @Test func repeatsItsNumbers() throws {
    let network = try Network(
      input: [5], layers: [Self.dense, .relu, .dropout(keep: 0.5), Self.dense, .relu, Self.dense])
    let finite = try FiniteNetwork(network, width: 33, outputs: 2, seed: 8)
    let x = Self.points(50, 5)
    let same = try FiniteNetwork(network, width: 33, outputs: 2, seed: 8)
    #expect(finite.parameters == same.parameters)
    let other = try FiniteNetwork(network, width: 33, outputs: 2, seed: 9)
    #expect(zip(finite.parameters, other.parameters).allSatisfy { $0 != $1 })
    #expect(Set(finite.parameters).count == finite.parameters.count)
    let one = Execution(threads: 1)
    #expect(try finite.outputs(of: x) == same.outputs(of: x, on: one))
    #expect(try finite.empiricalNTK(x) == same.empiricalNTK(x, on: one))
    // A dropout mask belongs to the point, wherever it stands.
    let moved = try finite.outputs(of: x.rows(20..<21))
    #expect(Self.distance(moved, try finite.outputs(of: x).rows(20..<21)) < 1e-13)
    #expect(try finite.outputs(of: x) != other.outputs(of: x))
  }

  @Test func dropoutMasks() throws {
    let network = try Network(input: [4000], layers: [.dropout(keep: 0.3)])
    let finite = try FiniteNetwork(network, width: 1, seed: 2)
    let ones = try finite.outputs(
      of: .dense(try Matrix(rows: [[Double](repeating: 1, count: 4000)])))
    let kept = ones.elements.count { $0 != 0 }
    #expect(ones.elements.allSatisfy { $0 == 0 || abs($0 - 1 / 0.3) < 1e-15 })
    #expect(abs(Double(kept) - 1200) < 4.5 * (4000 * 0.3 * 0.7).squareRoot())
    let twos = try finite.outputs(
      of: .dense(try Matrix(rows: [[Double](repeating: 2, count: 4000)])))
    let both = zip(ones.elements, twos.elements).count { $0 != 0 && $1 != 0 }
    #expect(abs(Double(both) - 360) < 4.5 * (4000 * 0.09 * 0.91).squareRoot())
  }

  @Test func noRows() throws {
    let finite = try FiniteNetwork(Network(input: [5], layers: [Self.dense]), width: 3)
    let (none, x) = (Rows.dense(Matrix<Double>(rowCount: 0, columnCount: 5)), Self.points(2, 5))
    #expect(try finite.outputs(of: none).rowCount == 0)
    #expect(try finite.jacobian(of: none).rowCount == 0)
    #expect(try finite.empiricalNTK(none, x).columnCount == 2)
    #expect(try finite.empiricalNTK(x, none).rowCount == 2)
    #expect(try finite.empiricalNTK(none).rowCount == 0)
  }

  @Test func refusesWhatCannotBe() throws {
    func refuse(
      _ culprit: String, _ layers: [Layer], input: [Int] = [3], width: Int = 4, outputs: Int = 1,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let network = try Network(input: input, layers: layers)
      let error = #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
        try FiniteNetwork(network, width: width, outputs: outputs)
      }
      #expect(error?.description.contains(culprit) == true, sourceLocation: sourceLocation)
    }
    let plain = Layer.dense()
    try refuse("layer 1 (expNormalized)", [plain, .activation(.expNormalized()), plain])
    try refuse("width", [plain], width: 0)
    try refuse("outputs", [plain], outputs: -1)
    try refuse("weights of layer 1 (dense)", [plain, plain, plain], width: 1 << 16)
    try refuse("width", [plain], width: 1 << 40)
    try refuse(
      "numbers per point", [.conv(filter: [3, 3]), .flatten, plain], input: [3000, 3000, 1],
      width: 300)
    try refuse("4 and 3 channels", [.residual([plain, .layerNorm()]), plain])
    try refuse(
      "layer 0 (parallelSum)", [.parallelSum([[.flatten], [.globalAveragePool]]), plain],
      input: [2, 2, 1])

    let finite = try FiniteNetwork(Network(input: [3], layers: [plain]), width: 3)
    for x in [Self.points(2, 4), .dense(try Matrix(rows: [[1, .nan, 2]]))] {
      #expect(throws: InvalidInput.self) { try finite.outputs(of: x) }
      #expect(throws: InvalidInput.self) { try finite.empiricalNTK(x) }
      #expect(throws: InvalidInput.self) { try finite.jacobian(of: x) }
    }
    let huge = Rows.dense(try Matrix(rows: [[1e308, -1e308, 1e308]]))
    let exponential = try FiniteNetwork(
      Network(input: [3], layers: [plain, .activation(.exp()), plain]), width: 3)
    #expect(throws: InvalidInput.self) { try exponential.outputs(of: huge) }
    #expect(throws: InvalidInput.self) { try exponential.empiricalNTK(huge) }
    for parameters in [[1.0, 2], [1, 2, .infinity]] {
      #expect(throws: InvalidInput.self) {
        try FiniteNetwork(finite.network, width: 3, parameters: parameters)
      }
    }
  }
}
