// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks of finite width against the kernels that they tend to: a test of both.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

/// The means of empirical kernels over seeds are off by a/w + b/w² + … at width w. From widths w and
/// 2w, 2m(2w) − m(w) is off by O(1/w²), and its standard error is known from the spread over seeds.
@Suite struct FiniteWidthLimitTests {
  struct Architecture: CustomTestStringConvertible {
    let name: String
    let input: [Int]
    let width: Int
    let layers: [Layer]

    var testDescription: String { name }
  }

  static let dense = Layer.dense(weightStd: 1.4, biasStd: 0.3)

  static let architectures = [
    Architecture(
      name: "ReLU of depth 2", input: [5], width: 32,
      layers: [dense, .relu, dense, .relu, dense]),
    Architecture(
      name: "erf and a residual block", input: [4], width: 32,
      layers: [
        dense, .residual([.activation(.erf()), dense, .relu, dense]), .activation(.erf()), dense,
      ]
    ),
    Architecture(
      name: "layer normalisation and dropout", input: [4], width: 32,
      layers: [
        dense, .layerNorm(), .activation(.gelu), .dropout(keep: 0.7), dense, .activation(.tanh),
        dense,
      ]),
    Architecture(
      name: "parallel branches", input: [3], width: 32,
      layers: [
        dense, .parallelSum([[.relu, dense], [.activation(.sin()), dense], []]),
        .activation(.swish),
        dense,
      ]),
    Architecture(
      name: "flattened images", input: [2, 2, 2], width: 32,
      layers: [.flatten, dense, .activation(.softplus), dense, .activation(.abs), dense]),
    Architecture(
      name: "convolutions, pooling and a global mean", input: [4, 4, 2], width: 16,
      layers: [
        .conv(filter: [3, 3], weightStd: 1.4, biasStd: 0.2), .relu,
        .averagePool(window: [2, 2]), .conv(filter: [3, 3], weightStd: 1.4),
        .activation(.erf()), .globalAveragePool, dense,
      ]),
    Architecture(
      name: "a stride, a residual block and a row of pixels", input: [6, 2], width: 16,
      layers: [
        .conv(filter: [3], strides: [2], padding: .circular, weightStd: 1.4), .activation(.tanh),
        .residual([.relu, .conv(filter: [2], weightStd: 1.2, biasStd: 0.3)]), .flatten, dense,
      ]),
  ]

  @Test(arguments: architectures)
  func meansTendToTheKernels(_ architecture: Architecture) throws {
    let network = try Network(input: architecture.input, layers: architecture.layers)
    let x = FiniteNetworkTests.points(3, network.inputDimension, seed: 6)
    for kind in NeuralKernel.Kind.allCases {
      let exact = try NeuralKernel(network: network, type: kind).matrix(x)
      let means = try [1, 2].map {
        try Self.moments(network, kind, x, width: $0 * architecture.width, seeds: 900)
      }
      for i in 0..<3 {
        for j in 0...i {
          let (small, large) = (means[0][i * 3 + j], means[1][i * 3 + j])
          let mean = 2 * large.mean - small.mean
          let error = (4 * large.meanError * large.meanError + small.meanError * small.meanError)
            .squareRoot()
          let scale = (exact[i, i] * exact[j, j]).squareRoot()
          #expect(error < 0.04 * scale, "the test is too weak")
          #expect(
            abs(mean - exact[i, j]) < 4.5 * error,
            "\(kind) (\(i), \(j)): \(mean) ± \(error), exactly \(exact[i, j])")
        }
      }
    }
  }

  /// Entry by entry, over seeds.
  private static func moments(
    _ network: Network, _ kind: NeuralKernel.Kind, _ x: Rows<Double>, width: Int, seeds: Int
  ) throws -> [Moments] {
    let samples = try (0..<seeds).map { seed in
      // Many outputs say more of a covariance.
      let finite = try FiniteNetwork(
        network, width: width, outputs: kind == .nngp ? 32 : 1,
        seed: UInt64(1000 * width + seed))
      return switch kind {
      case .nngp: try finite.empiricalNNGP(x)
      case .ntk: try finite.empiricalNTK(x)
      }
    }
    return (0..<x.rowCount * x.rowCount).map { entry in
      Moments(samples.map { $0[entry / x.rowCount, entry % x.rowCount] })
    }
  }
}
