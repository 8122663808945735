// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact NNGP and NTK of networks on images against neural-tangents.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@Suite struct PixelGoldenTests {
  static let root = 2.0.squareRoot()

  /// A network of the source, its file and tag, and how far the source is off on the diagonal.
  struct Case: Sendable {
    let file: String
    let tag: String
    let input: [Int]
    let layers: [Layer]
    var diagonalError = 1e-10
  }

  static func conv(
    _ weightStd: Double, _ biasStd: Double, _ filter: [Int] = [3, 3], _ padding: Padding = .same
  ) -> Layer {
    .conv(filter: filter, padding: padding, weightStd: weightStd, biasStd: biasStd)
  }

  /// `[convolution, activation] × depth, end, dense`.
  static func plain(
    _ depth: Int, _ activation: Activation, _ end: Layer, _ weightStd: Double, _ biasStd: Double,
    filter: [Int] = [3, 3], padding: Padding = .same
  ) -> [Layer] {
    let block = [conv(weightStd, biasStd, filter, padding), .activation(activation)]
    return Array(repeatElement(block, count: depth).joined())
      + [end, .dense(weightStd: weightStd, biasStd: biasStd)]
  }

  /// ReLU layers between points that are one: the source's angle is the root of a rounding error.
  static let kinkError = 2e-8

  static let plainReLU: [Case] = (1...3).flatMap { depth in
    [("s2", root), ("1", 1)].flatMap { name, weightStd in
      [("0", 0), ("0.1", 0.1)].flatMap { biasName, biasStd in
        [("flatten", Layer.flatten), ("gap", .globalAveragePool)].map { endName, end in
          Case(
            file: "cntk_conv_relu", tag: "\(endName)_L\(depth)_w\(name)_b\(biasName)",
            input: [8, 8, 3], layers: plain(depth, .relu, end, weightStd, biasStd),
            diagonalError: kinkError)
        }
      }
    }
  }

  static let myrtle: [Layer] = {
    let block = [conv(root, 0), .relu]
    let pool = Layer.averagePool(window: [2, 2])
    return block + block + [pool] + block + [pool] + block
  }()

  static let others: [Case] = [
    Case(
      file: "cntk_variants", tag: "erf_flatten_L2", input: [8, 8, 3],
      layers: plain(2, .erf(), .flatten, root, 0.1)),
    Case(
      file: "cntk_variants", tag: "gelu_gap_L2", input: [8, 8, 3],
      layers: plain(2, .gelu, .globalAveragePool, root, 0.1)),
    Case(
      file: "cntk_variants", tag: "sin_gap_L2", input: [8, 8, 3],
      layers: plain(2, .sin(), .globalAveragePool, root, 0.1)),
    Case(
      file: "cntk_variants", tag: "relu_gap_L2_VALID", input: [8, 8, 3],
      layers: plain(2, .relu, .globalAveragePool, root, 0, padding: .valid),
      diagonalError: kinkError),
    Case(
      file: "cntk_variants", tag: "relu_flatten_L2_CIRCULAR", input: [8, 8, 3],
      layers: plain(2, .relu, .flatten, root, 0, padding: .circular), diagonalError: kinkError),
    Case(
      file: "cntk_variants", tag: "relu_gap_5x3", input: [8, 8, 3],
      layers: plain(2, .relu, .globalAveragePool, root, 0, filter: [5, 3]),
      diagonalError: kinkError),
    Case(
      file: "cntk_variants", tag: "relu_avgpool_same", input: [8, 8, 3],
      layers: [
        conv(root, 0), .relu, .averagePool(window: [3, 3], strides: [2, 2], padding: .same),
        conv(root, 0), .relu, .globalAveragePool, .dense(weightStd: root),
      ], diagonalError: kinkError),
    Case(
      file: "cntk_variants", tag: "relu_sumpool", input: [8, 8, 3],
      layers: [
        conv(root, 0), .relu, .sumPool(window: [2, 2]), conv(root, 0), .relu, .globalSumPool,
        .dense(weightStd: root),
      ], diagonalError: kinkError),
    Case(
      file: "cntk_variants", tag: "relu_gap_layernorm", input: [8, 8, 3],
      layers: [
        conv(root, 0.1), .layerNorm(), .relu, conv(root, 0.1), .layerNorm(), .relu,
        .globalAveragePool, .dense(weightStd: root, biasStd: 0.1),
      ], diagonalError: kinkError),
    Case(
      file: "cntk_myrtle_resnet", tag: "myrtle5_gap", input: [8, 8, 3],
      layers: myrtle + [.globalAveragePool, .dense(weightStd: root)], diagonalError: kinkError),
    Case(
      file: "cntk_myrtle_resnet", tag: "myrtle5_flatten", input: [8, 8, 3],
      layers: myrtle + [.flatten, .dense(weightStd: root)], diagonalError: kinkError),
    Case(
      file: "cntk_myrtle_resnet", tag: "res1_gap", input: [8, 8, 3],
      layers: [
        conv(root, 0.1), .residual([.relu, conv(root, 0.1), .relu, conv(root, 0.1)]), .relu,
        .globalAveragePool, .dense(weightStd: root, biasStd: 0.1),
      ], diagonalError: kinkError),
    Case(
      file: "cntk_myrtle5_fmnist", tag: "gap", input: [28, 28, 1],
      layers: myrtle + [.globalAveragePool, .dense(weightStd: root)], diagonalError: kinkError),
  ]

  static let cases = plainReLU + others

  @Test(arguments: cases.indices)
  func agrees(_ index: Int) throws {
    let test = Self.cases[index]
    let network = try Network(input: test.input, layers: test.layers)
    let archive = "neural/\(test.file).npz"
    let x = try Goldens.archive(archive, "x1")
    let y = try Goldens.archive(archive, "x2")
    for type in NeuralKernel.Kind.allCases {
      let kernel = NeuralKernel(network: network, type: type)
      let name = "\(test.tag)__\(type.rawValue)"
      let cross = try Goldens.archive(archive, name + "_12")
      let own = try Goldens.archive(archive, name + "_11")
      let foundCross = try kernel.matrix(.dense(x), .dense(y))
      let found = try kernel.matrix(.dense(x))
      let diagonal = try kernel.diagonal(.dense(x))
      #expect(relativeError(foundCross, cross) <= 1e-10, "\(name)_12")
      let allowed = type == .ntk ? test.diagonalError : 1e-10
      for i in 0..<own.rowCount {
        for j in 0..<own.columnCount {
          let error = abs(found[i, j] - own[i, j]) / abs(own[i, j])
          #expect(error <= (i == j ? allowed : 1e-10), "\(name)_11 \(i) \(j): \(error)")
        }
        #expect(abs(diagonal[i] - found[i, i]) <= 1e-14 * abs(found[i, i]))
      }
    }
  }

  func relativeError(_ found: Matrix<Double>, _ expected: Matrix<Double>) -> Double {
    zip(found.elements, expected.elements).map { abs($0 - $1) / abs($1) }.max() ?? .infinity
  }

  /// The source's tensors of all pairs of pixels, by their means over all pairs and over equal pixels.
  @Test(
    arguments: [
      ("conv", [conv(root, 0.1)]), ("conv_relu", [conv(root, 0.1), .relu]),
      ("conv_relu_conv", [conv(root, 0.1), .relu, conv(root, 0.1)]),
      (
        "conv_relu_pool",
        [conv(root, 0.1), .relu, .averagePool(window: [2, 2])]
      ),
    ] as [(String, [Layer])])
  func tensorsAgree(_ tag: String, _ layers: [Layer]) throws {
    let archive = "neural/cntk_full_tensor_4x4.npz"
    let x = try Goldens.archive(archive, "x1")
    let y = try Goldens.archive(archive, "x2")
    for type in NeuralKernel.Kind.allCases {
      let tensor = try Goldens.archive(archive, "\(tag)_\(type.rawValue)")
      let flat = NeuralKernel(
        network: try Network(input: [4, 4, 3], layers: layers + [.flatten]), type: type)
      let whole = NeuralKernel(
        network: try Network(input: [4, 4, 3], layers: layers + [.globalAveragePool]), type: type)
      let flats = try flat.matrix(.dense(x), .dense(y))
      let wholes = try whole.matrix(.dense(x), .dense(y))
      // Rows are points of x; columns run over points of y, then rows and columns of pixels.
      let side = tag == "conv_relu_pool" ? 2 : 4
      let count = side * side
      for i in 0..<x.rowCount {
        for j in 0..<y.rowCount {
          var (trace, total) = (0.0, 0.0)
          for p in 0..<count {
            for q in 0..<count {
              let (a, b, c, d) = (p / side, q / side, p % side, q % side)
              let value = tensor[i, (((j * side + a) * side + b) * side + c) * side + d]
              total += value
              if p == q { trace += value }
            }
          }
          let (mean, diagonal) = (total / Double(count * count), trace / Double(count))
          #expect(abs(wholes[i, j] - mean) <= 1e-12 * abs(mean))
          #expect(abs(flats[i, j] - diagonal) <= 1e-12 * abs(diagonal))
        }
      }
    }
  }
}
