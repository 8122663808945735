// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact NNGP and NTK of networks on vectors against neural-tangents.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@Suite struct NeuralGoldenTests {
  struct Manifest: Decodable {
    struct Entry: Decodable {
      let tag: String
      let depth: Int
      let weightStd: Double
      let biasStd: Double
      let inputs: [String]?

      private enum CodingKeys: String, CodingKey {
        case tag, depth, inputs
        case weightStd = "W_std"
        case biasStd = "b_std"
      }
    }

    struct File: Decodable {
      let entries: [Entry]?
    }

    let files: [String: File]
  }

  static let manifest = try? JSONDecoder().decode(
    Manifest.self,
    from: Data(contentsOf: URL(fileURLWithPath: Goldens.path("neural/manifest.json"))))

  /// Files of networks `[Dense, activation] × depth, Dense`.
  static let activations: [(file: String, layer: Layer)] = [
    ("fc_relu", .relu), ("fc_identity", .identity),
    ("fc_leaky_relu_0.1", .activation(.leakyReLU(negativeSlope: 0.1))),
    ("fc_abs", .activation(.abs)), ("fc_sign", .activation(.sign)),
    ("fc_erf", .activation(.erf())), ("fc_sigmoid_like", .activation(.sigmoidLike)),
    ("fc_gelu", .activation(.gelu)), ("fc_sin", .activation(.sin())),
    ("fc_cos", .activation(.cos())), ("fc_rbf_1", .activation(.rbf())),
    ("fc_gaussian", .activation(.gaussian())), ("fc_exp_1_1", .activation(.exp())),
    ("fc_gabor", .activation(.gabor)), ("fc_exp_normalized_1", .activation(.expNormalized())),
    ("fc_polynomial", .activation(.polynomial([0.3, 1, -0.2, 0.05]))),
    ("fc_monomial_0", .activation(.monomial(degree: 0))),
    ("fc_monomial_1", .activation(.monomial(degree: 1))),
    ("fc_monomial_2", .activation(.monomial(degree: 2))),
    ("fc_monomial_3", .activation(.monomial(degree: 3))),
    ("fc_hermite_0", .activation(.hermite(degree: 0))),
    ("fc_hermite_1", .activation(.hermite(degree: 1))),
    ("fc_hermite_2", .activation(.hermite(degree: 2))),
    ("fc_hermite_3", .activation(.hermite(degree: 3))),
    ("fc_hermite_4", .activation(.hermite(degree: 4))),
    ("fc_rectified_monomial_0", .activation(.rectifiedMonomial(degree: 0))),
    ("fc_rectified_monomial_1", .activation(.rectifiedMonomial(degree: 1))),
    ("fc_rectified_monomial_2", .activation(.rectifiedMonomial(degree: 2))),
  ]

  /// Activations that the source knows by Gauss-Hermite quadrature.
  static let quadratures: [(file: String, layer: Layer)] = [
    ("fcnum_tanh", .activation(.tanh)), ("fcnum_sigmoid", .activation(.sigmoid)),
    ("fcnum_elu", .activation(.elu())),
  ]

  static let dense = Layer.dense(weightStd: 2.0.squareRoot(), biasStd: 0.1)
  static let block = Layer.residual([.relu, dense, .relu, dense])

  /// Files of one network each, or of several under tags.
  static let networks: [(file: String, tag: String, layers: [Layer])] =
    [
      ("fc_resnet_relu", "", [dense, block, block, .relu, dense]),
      (
        "fc_layernorm", "",
        [dense, .layerNorm(), .relu, dense, .layerNorm(), .relu, dense]
      ),
      ("fc_dropout_train", "", [dense, .relu, .dropout(keep: 0.9), dense, .relu, dense]),
    ]
    + (1...7).map { count in
      (
        "fc_relu_layers", "after\(count)_",
        Array(repeatElement([dense, .relu], count: 4).joined().prefix(count))
      )
    }

  /// How far the source itself is off where both points are one and the activation has a kink: its
  /// angle is the root of a rounding error, once for each layer; that of the sign is all of it.
  /// `NeuralKernelTests.diagonalOfReLU` and `DualActivationTests` hold ours to the truth.
  static func diagonalError(_ file: String) -> Double {
    switch file {
    case "fc_abs": 5e-8
    case "fc_sign": .infinity
    default: 2e-8
    }
  }

  /// The source loses digits where small values of these are differences of large ones.
  static func error(_ file: String) -> Double {
    ["fc_sign", "fc_gabor"].contains(file) ? 5e-10 : 1e-10
  }

  @Test(arguments: activations.indices)
  func activationsAgree(_ index: Int) throws {
    let (file, layer) = Self.activations[index]
    let entries = try #require(Self.manifest?.files[file + ".npz"]?.entries)
    for entry in entries {
      let dense = Layer.dense(weightStd: entry.weightStd, biasStd: entry.biasStd)
      let hidden = repeatElement([dense, layer], count: entry.depth).joined()
      let network = try Network(input: [7], layers: Array(hidden) + [dense])
      try check(
        network, file, entry.tag + "_", entry.inputs ?? ["x1", "x2"],
        isSymmetric: !file.contains("rectified"))
    }
  }

  @Test(arguments: networks.indices)
  func networksAgree(_ index: Int) throws {
    let (file, tag, layers) = Self.networks[index]
    try check(Network(input: [7], layers: layers), file, tag, ["x1", "x2"])
  }

  /// The source's rules of 25 and 100 points differ by more than the better one is off, but for luck
  /// where the function has a kink.
  @Test(arguments: quadratures.indices)
  func quadraturesAgree(_ index: Int) throws {
    let (file, layer) = Self.quadratures[index]
    let archive = "neural/\(file).npz"
    let rest = file == "fcnum_elu" ? 1e-4 : 1e-8
    let x = try Goldens.archive(archive, "x1")
    let y = try Goldens.archive(archive, "x2")
    for depth in 1...3 {
      let hidden = repeatElement([Self.dense, layer], count: depth).joined()
      let network = try Network(input: [7], layers: Array(hidden) + [Self.dense])
      for type in NeuralKernel.Kind.allCases {
        let found = try NeuralKernel(network: network, type: type).matrix(.dense(x), .dense(y))
        let coarse = try Goldens.archive(archive, "d\(depth)_q25_\(type.rawValue)_12")
        let fine = try Goldens.archive(archive, "d\(depth)_q100_\(type.rawValue)_12")
        for i in 0..<x.rowCount {
          for j in 0..<y.rowCount {
            let allowed = abs(coarse[i, j] - fine[i, j]) + rest * abs(fine[i, j])
            #expect(abs(found[i, j] - fine[i, j]) <= allowed)
          }
        }
      }
    }
  }

  func check(
    _ network: Network, _ file: String, _ tag: String, _ inputs: [String],
    isSymmetric: Bool = true
  ) throws {
    let tolerance = Self.error(file)
    let archive = "neural/\(file).npz"
    let x = try Goldens.archive(archive, inputs[0])
    let y = try Goldens.archive(archive, inputs[1])
    let diagonalTolerance = Self.diagonalError(file)
    for type in NeuralKernel.Kind.allCases {
      let kernel = NeuralKernel(network: network, type: type)
      let name = "\(tag)\(type.rawValue)"
      let cross = try Goldens.archive(archive, name + "_12")
      expect(
        try kernel.matrix(.dense(x), .dense(y)), equals: cross, tolerance, tolerance,
        "\(file) \(name)_12")
      expect(
        try kernel.matrix(.sparse(SparseMatrix(x)), .sparse(SparseMatrix(y))), equals: cross,
        tolerance, tolerance, "\(file) \(name)_12, sparse")
      guard isSymmetric else { continue }
      let own = try Goldens.archive(archive, name + "_11")
      expect(
        try kernel.matrix(.dense(x)), equals: own, tolerance, diagonalTolerance,
        "\(file) \(name)_11")
      let diagonal = try kernel.diagonal(.dense(x))
      for i in 0..<x.rowCount {
        #expect(abs(diagonal[i] - own[i, i]) <= diagonalTolerance * abs(own[i, i]))
      }
    }
  }

  func expect(
    _ found: Matrix<Double>, equals expected: Matrix<Double>, _ tolerance: Double,
    _ diagonalTolerance: Double, _ name: String
  ) {
    #expect(found.rowCount == expected.rowCount && found.columnCount == expected.columnCount)
    var worst = 0.0
    for i in 0..<expected.rowCount {
      for j in 0..<expected.columnCount {
        let error = abs(found[i, j] - expected[i, j])
        let allowed = (i == j ? diagonalTolerance : tolerance) * abs(expected[i, j])
        worst = max(worst, error / (allowed + 1e-300))
      }
    }
    #expect(worst <= 1, "\(name): \(worst) times the tolerance")
  }
}
