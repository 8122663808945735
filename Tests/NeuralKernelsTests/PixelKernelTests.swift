// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Properties of the exact kernels of networks on pixels.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

/// A network on pixels and three images.
struct PixelCase: CustomStringConvertible {
  let shape: [Int]
  let layers: [Layer]
  let images: Matrix<Double>

  var description: String { "\(shape) \(layers) \(images.elements)" }

  func with(_ layers: [Layer]) -> PixelCase {
    PixelCase(shape: shape, layers: layers, images: images)
  }
}

extension CaseGenerator {
  /// A network of up to `count` layers that begins with pixels, and images of which some pixels are 0.
  mutating func pixelCase(upTo count: Int, activation: Activation? = nil) -> PixelCase {
    let channels = int(in: 2...3)
    let sides = int(in: 0...2) == 0 ? [int(in: 1...9)] : [int(in: 1...5), int(in: 1...5)]
    let shape = sides + [channels]
    var layers: [Layer] = []
    // The head, and what makes a vector of pixels.
    for _ in 0..<int(in: 1...max(1, count - 2)) {
      let candidate = pixelLayer(directions: sides.count, depth: 0, activation)
      if (try? Network(input: shape, layers: layers + [candidate, .flatten])) != nil {
        layers.append(candidate)
      }
    }
    layers.append([Layer.flatten, .globalAveragePool, .globalSumPool][int(in: 0...2)])
    if (try? Network(input: shape, layers: layers)) == nil { layers[layers.count - 1] = .flatten }
    if int(in: 0...1) == 0 { layers += vectorLayers(upTo: 2) }
    return PixelCase(
      shape: shape, layers: layers,
      images: matrix(3, shape.reduce(1, *), density: int(in: 0...2) == 0 ? 0.7 : 1, as: Double.self)
    )
  }

  private mutating func pixelLayer(
    directions: Int, depth: Int, _ activation: Activation?
  ) -> Layer {
    let paddings = Padding.allCases
    func strides(_ generator: inout CaseGenerator) -> [Int]? {
      generator.int(in: 0...2) > 0 ? nil : (0..<directions).map { _ in generator.int(in: 1...3) }
    }
    switch int(in: 0...(depth < 2 ? 13 : 9)) {
    case 0...3:
      return .conv(
        filter: window(directions), strides: strides(&self), padding: paddings[int(in: 0...2)],
        weightStd: 0.5 + abs(normal()), biasStd: int(in: 0...1) == 0 ? 0 : 0.3)
    case 4...6:
      if let activation { return .activation(activation) }
      return .activation(boundedActivation())
    case 7:
      return .averagePool(
        window: window(directions), strides: strides(&self), padding: paddings[int(in: 0...2)],
        normalizeEdges: int(in: 0...1) == 0)
    case 8:
      return .sumPool(
        window: window(directions), strides: strides(&self), padding: paddings[int(in: 0...2)])
    case 9:
      return [
        .dense(weightStd: 0.8, biasStd: 0.1), .layerNorm(epsilon: 0.1), .layerNorm(),
        .dropout(keep: 0.8), .identity,
      ][int(in: 0...4)]
    case 10, 11:
      // Layers that keep the pixels, mostly.
      return .residual(
        (0..<int(in: 0...3)).map { _ in
          pixelLayer(directions: directions, depth: depth + 1, activation)
        })
    default:
      let last = pixelLayer(directions: directions, depth: 2, activation)
      return .parallelSum(
        (0..<int(in: 1...3)).map { _ in
          (0..<int(in: 0...2)).map { _ in
            pixelLayer(directions: directions, depth: depth + 1, activation)
          } + [last]
        })
    }
  }
}

@Suite struct PixelKernelTests {
  /// Cases with a layer less, or a layer in place of its branches.
  static func shrink(_ test: PixelCase) -> [PixelCase] {
    test.layers.indices.flatMap { index -> [PixelCase] in
      var shorter = test.layers
      let removed = shorter.remove(at: index)
      var inner: [[Layer]] = [[]]
      if case .residual(let layers) = removed { inner.append(layers) }
      if case .parallelSum(let branches) = removed { inner += branches }
      return inner.map { layers in
        var layers = shorter[..<index] + layers + shorter[index...]
        if layers.count == test.layers.count { layers = shorter[...] }
        return test.with(Array(layers))
      }
    }.filter { (try? Network(input: $0.shape, layers: $0.layers)) != nil }
  }

  /// Whether the kernels of three images are symmetric, positive and those of the reference.
  func agrees(_ test: PixelCase, _ tolerance: Double) throws -> Bool {
    let network = try Network(input: test.shape, layers: test.layers)
    let x = test.images
    let n = x.rowCount
    var expected = [NeuralKernel.Kind: Matrix<Double>]()
    for kind in NeuralKernel.Kind.allCases { expected[kind] = Matrix(rowCount: n, columnCount: n) }
    for i in 0..<n {
      for j in i..<n {
        let reference = PixelReference(network, Array(x.row(i)), Array(x.row(j)), areSame: i == j)
        expected[.nngp]![i, j] = reference.xy.nngp[0]
        expected[.ntk]![i, j] = reference.xy.ntk[0]
      }
    }
    for kind in NeuralKernel.Kind.allCases {
      let kernel = NeuralKernel(network: network, type: kind)
      let wanted = expected[kind]!
      let largest = (0..<n).map { abs(wanted[$0, $0]) }.max() ?? 0
      // Different pixels of one image can be equal, where the derivative of a kink meets rounding.
      let diagonalTolerance = kind == .ntk ? 3e-8 : tolerance
      let matrix = try kernel.matrix(.dense(x))
      guard matrix == matrix.transposed else { return false }
      let cross = try kernel.matrix(.dense(x.rows(0..<1)), .sparse(SparseMatrix(x.rows(1..<n))))
      let diagonal = try kernel.diagonal(.dense(x))
      for i in 0..<n {
        for j in i..<n {
          let allowed = (i == j ? diagonalTolerance : tolerance) * largest
          guard abs(matrix[i, j] - wanted[i, j]) <= allowed else { return false }
          if i == 0, j > 0 {
            guard abs(cross[0, j - 1] - wanted[i, j]) <= allowed else { return false }
          }
        }
        guard abs(diagonal[i] - matrix[i, i]) <= 1e-14 * largest else { return false }
      }
      guard try SymmetricEigen.values(of: matrix).min()! >= -diagonalTolerance * largest else {
        return false
      }
    }
    return true
  }

  @Test func randomArchitectures() {
    forAll(cases: 300) {
      $0.pixelCase(upTo: 12)
    } shrink: {
      Self.shrink($0)
    } _: {
      try agrees($0, 1e-12)
    }
  }

  @Test func activationsByQuadrature() {
    for activation in [Activation.tanh, .elu()] {
      forAll(cases: 3) {
        $0.pixelCase(upTo: 4, activation: activation)
      } shrink: {
        Self.shrink($0)
      } _: {
        try agrees($0, 1e-11)
      }
    }
  }

  static func conv(_ filter: [Int], _ padding: Padding = .same) -> Layer {
    .conv(filter: filter, padding: padding, weightStd: 1.3)
  }

  @Test func diagonalIsExact() throws {
    // Pixel by pixel Θ(x, x) = (L + 1) (σ²/2)^L σ² |x|² / c, and the mean over pixels.
    let layers = Array(repeatElement([Self.conv([1, 1]), .relu], count: 3).joined())
    let network = try Network(
      input: [2, 3, 2], layers: layers + [.dense(weightStd: 1.3), .flatten])
    var generator = CaseGenerator(seed: 5)
    let x = generator.matrix(2, 12, as: Double.self)
    for kind in NeuralKernel.Kind.allCases {
      let found = try NeuralKernel(network: network, type: kind).matrix(.dense(x))
      for i in 0..<2 {
        let square = x.row(i).reduce(0) { $0 + $1 * $1 } / 12
        let variance = 1.69 * (1.69 / 2) * (1.69 / 2) * (1.69 / 2) * square
        let expected = kind == .ntk ? 4 * variance : variance
        #expect(abs(found[i, i] - expected) <= 1e-14 * expected)
      }
    }
  }

  @Test func onePixelIsAVector() throws {
    let layers: [Layer] = [.dense(weightStd: 1.2, biasStd: 0.1), .activation(.gelu), .dense()]
    let flat = try Network(input: [3], layers: layers)
    let padded = try Network(
      input: [1, 1, 3],
      layers: [
        .conv(filter: [1, 1], weightStd: 1.2, biasStd: 0.1), .activation(.gelu), .dense(),
        .globalSumPool,
      ])
    var generator = CaseGenerator(seed: 6)
    let x = generator.matrix(5, 3, as: Double.self)
    for kind in NeuralKernel.Kind.allCases {
      let a = try NeuralKernel(network: flat, type: kind).matrix(.dense(x))
      let b = try NeuralKernel(network: padded, type: kind).matrix(.dense(x))
      for (u, v) in zip(a.elements, b.elements) { #expect(abs(u - v) <= 1e-14 * abs(u)) }
    }
  }

  /// A filter of which every tap counts, over images as long as the sum is known.
  @Test func largeFilters() throws {
    let network = try Network(input: [7, 1], layers: [.conv(filter: [9]), .flatten])
    let x = try Matrix<Double>(rows: [[1, 2, 3, 4, 5, 6, 7]])
    let found = try NeuralKernel(network: network, type: .nngp).matrix(.dense(x))
    // Squares of the pixels within 4 on either side, over 9 taps and 7 pixels.
    let sums = (0..<7).map { i in
      (0..<7).filter { abs($0 - i) <= 4 }.reduce(0) { $0 + ($1 + 1) * ($1 + 1) }
    }
    #expect(abs(found[0, 0] - Double(sums.reduce(0, +)) / 63) <= 1e-13)
  }

  @Test func singlePrecisionFollowsDouble() throws {
    var generator = CaseGenerator(seed: 1)
    let x = generator.matrix(19, 128, as: Double.self)
    for network in [
      try Network.myrtle(5, input: [8, 8, 2]), try .residual(input: [8, 8, 2], blocks: 1),
      try Network(
        input: [8, 8, 2],
        layers: [
          .conv(filter: [2, 5], strides: [2, 1], padding: .valid), .activation(.erf()), .flatten,
          .dense(),
        ]),
    ] {
      for kind in NeuralKernel.Kind.allCases {
        let kernel = NeuralKernel(network: network, type: kind)
        let double = try kernel.matrix(.dense(x))
        let single = try kernel.matrix(Rows.dense(x.converted(to: Float.self)))
        for i in 0..<19 {
          for j in 0..<19 {
            let scale = (double[i, i] * double[j, j]).squareRoot()
            #expect(abs(Double(single[i, j]) - double[i, j]) <= 1e-5 * scale)
          }
        }
      }
    }
  }

  @Test func sameBitsForAnyThreadsAndTiles() throws {
    var generator = CaseGenerator(seed: 2)
    let x = generator.matrix(37, 75, as: Float.self)
    let kernel = NeuralKernel(network: try .myrtle(5, input: [5, 5, 3]))
    let matrix = try kernel.matrix(.dense(x), on: Execution(threads: 1))
    #expect(try kernel.matrix(.dense(x), on: Execution(threads: 3)) == matrix)
    try kernel.forEachTile(x, as: Float.self) { rows, values in
      for (k, i) in rows.enumerated() { #expect(Array(values.row(k)) == Array(matrix.row(i))) }
    }
    let side = kernel.tileSide
    #expect(side >= 1 && side <= 128 && 128 % side == 0)
  }

  @Test func imagesThatDoNotFit() throws {
    let kernel = NeuralKernel(network: try .myrtle(5, input: [5, 5, 3]))
    #expect(throws: InvalidInput.self) {
      try kernel.matrix(.dense(Matrix<Double>(rows: [[1, 2]])))
    }
    let huge = Matrix<Double>(repeating: 1e200, rowCount: 1, columnCount: 75)
    let tiny = Matrix<Double>(repeating: 1e-160, rowCount: 1, columnCount: 75)
    for x in [huge, tiny] {
      #expect(throws: InvalidInput.self) { try kernel.matrix(.dense(x)) }
      #expect(throws: InvalidInput.self) { try kernel.diagonal(.dense(x)) }
    }
    #expect(throws: InvalidInput.self) {
      try kernel.matrix(Rows.dense(Matrix<Float>(repeating: 1e25, rowCount: 1, columnCount: 75)))
    }
    let zero = try kernel.matrix(.dense(Matrix<Double>(rowCount: 2, columnCount: 75)))
    #expect(zero.elements.allSatisfy { $0 == 0 })
  }

  @Test func steepWeightsAreErrors() throws {
    for layer in [Layer.conv(filter: [3], weightStd: 1e200), .conv(filter: [3], weightStd: 1e-200)]
    {
      let network = try Network(input: [4, 1], layers: [layer, .relu, .flatten])
      #expect(throws: InvalidInput.self) {
        try NeuralKernel(network: network).matrix(.dense(Matrix<Double>(rows: [[1, 2, 3, 4]])))
      }
    }
  }

  @Test func networksTooLargeAreErrors() throws {
    let pools: [([Int], Layer)] = [
      ([100_000, 1], .globalAveragePool), ([40_000, 40_000, 1], .globalSumPool),
      ([5000, 1], .averagePool(window: [5000])),
      ([60_000, 1], .sumPool(window: [900], strides: [1], padding: .same)),
    ]
    for (shape, layer) in pools {
      let network = try Network(input: shape, layers: [.dense(), .relu, layer, .flatten])
      let x = try SparseMatrix<Float>(
        columnCount: network.inputDimension, rowOffsets: [0, 1], columnIndices: [0], values: [1])
      #expect(throws: InvalidInput.self) { try NeuralKernel(network: network).matrix(.sparse(x)) }
      #expect(throws: InvalidInput.self) { try NeuralKernel(network: network).diagonal(.sparse(x)) }
    }
  }

  @Test func deepNetworks() throws {
    let layers = (0..<3000).flatMap { _ in
      [Layer.conv(filter: [3, 3], weightStd: 2.0.squareRoot(), biasStd: 0.1), .relu]
    }
    let network = try Network(input: [2, 2, 1], layers: layers + [.globalAveragePool, .dense()])
    let x = try Matrix<Double>(rows: [[1, 2, 3, 4], [0, -1, 2, 0]])
    let found = try NeuralKernel(network: network).matrix(.dense(x))
    #expect(found.isFinite && found[0, 1] == found[1, 0] && found[0, 0] > 0)
  }
}
