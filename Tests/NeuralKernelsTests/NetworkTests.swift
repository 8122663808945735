// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks: builder, validation, YAML and JSON.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@Suite struct NetworkTests {
  @Test func builderListsLayers() throws {
    let wide = true
    let network = try Network(input: [784]) {
      for _ in 0..<2 {
        Dense(weightStd: 2.0.squareRoot(), biasStd: 0.1)
        ReLU()
      }
      if wide { Identity() } else { ReLU() }
      Layer.dense()
    }
    let dense = Layer.dense(weightStd: 2.0.squareRoot(), biasStd: 0.1)
    #expect(network.layers == [dense, .relu, dense, .relu, .identity, .dense()])
    #expect(network.inputDimension == 784)
    let plain = try Network.fullyConnected(inputDimension: 5, depth: 1, weightStd: 1)
    #expect(plain.layers == [.dense(), .relu, .dense()])
    #expect(try Network.fullyConnected(inputDimension: 5, depth: 0).layers.count == 1)
  }

  @Test(arguments: [
    ([0], [Layer.relu], "input"),
    ([-3], [.relu], "input"),
    ([2, 2], [.relu], "output"),
    ([2, 2, 2, 2], [.relu, .flatten], "input"),
    ([], [.relu], "input"),
    ([3], [], "layers"),
    ([3], [.relu, .dense(weightStd: .infinity)], "layer 1 (dense), weightStd"),
    ([3], [.dense(weightStd: .nan)], "layer 0 (dense), weightStd"),
    ([3], [.identity, .relu, .dense(biasStd: -0.1)], "layer 2 (dense), biasStd"),
  ])
  func invalidNetworksAreNamed(_ shape: [Int], _ layers: [Layer], _ name: String) {
    let error = #expect(throws: InvalidInput.self) { try Network(input: shape, layers: layers) }
    #expect(error?.name.hasPrefix(name) == true)
  }

  @Test(arguments: [-1, 10_001])
  func depthIsChecked(_ depth: Int) {
    #expect(throws: InvalidInput.self) {
      try Network.fullyConnected(inputDimension: 3, depth: depth)
    }
  }

  @Test func everyNetworkSurvivesItsFiles() {
    forAll(cases: 200) { generator in
      let directions = generator.int(in: 1...2)
      return (0..<generator.int(in: 1...8)).map { _ in generator.anyLayer(directions: directions) }
    } _: { layers in
      let shapes = [[2000, 3], [2000, 2000, 3]]
      let network = shapes.lazy.compactMap { try? Network(input: $0, layers: layers + [.flatten]) }
        .first
      guard let network else { return false }
      let json = try JSONEncoder().encode(network)
      let kernel = NeuralKernel(network: network, type: .nngp)
      let kernelJSON = try JSONEncoder().encode(kernel)
      return try JSONDecoder().decode(NeuralKernel.self, from: kernelJSON) == kernel
        && Network(yaml: network.yaml) == network
        && Network(yaml: String(decoding: json, as: UTF8.self)) == network
        && JSONDecoder().decode(Network.self, from: json) == network
    }
  }

  @Test func readsTheFormatsExample() throws {
    let network = try Network(
      yaml: """
        input: [28, 28, 1]            # or [784]
        layers:
          - conv: {filter: [3, 3], padding: same, strides: [1, 1], weightStd: 1.4142135623730951, biasStd: 0.0}
          - relu
          - averagePool: {window: [2, 2], strides: [2, 2], padding: valid}
          - residual:                 # the sum of the input and these layers
              - relu
              - dense: {weightStd: 1.0}
          - parallelSum:              # the sum of the branches
              - [relu, {dense: {weightStd: 1.0}}]
              - []                    # the identity branch
          - globalAveragePool
          - flatten
          - dense: {weightStd: 1.0, biasStd: 0.1}
        """)
    let built = try Network(input: [28, 28, 1]) {
      Conv(filter: [3, 3], weightStd: 2.0.squareRoot())
      ReLU()
      AveragePool(window: [2, 2])
      Residual {
        ReLU()
        Dense()
      }
      ParallelSum([[.relu, .dense()], []])
      GlobalAveragePool()
      Flatten()
      Dense(biasStd: 0.1)
    }
    #expect(network == built)
  }

  @Test func knownNetworks() throws {
    #expect(try Network.myrtle(5).layers.count == 12)
    #expect(try Network.myrtle(7, input: [28, 28, 1]).layers.count == 16)
    #expect(try Network.myrtle(10).layers.count == 22)
    #expect(try Network.residual(input: [7], blocks: 2).layers.count == 5)
    #expect(try Network.residual(input: [8, 8, 3], blocks: 3).layers.count == 7)
    #expect(try Network.wideResidual(blocks: 4).layers.count == 15)
    #expect(throws: InvalidInput.self) { try Network.myrtle(6) }
    #expect(throws: InvalidInput.self) { try Network.myrtle(5, input: [3, 3, 1]) }
    #expect(throws: InvalidInput.self) { try Network.wideResidual(input: [32], blocks: 1) }
    #expect(throws: InvalidInput.self) { try Network.residual(input: [32], blocks: 0) }
  }

  @Test(arguments: [
    ([7], [Layer.conv(filter: [3])], "layer 0 (conv): found a vector"),
    ([8, 3], [.conv(filter: [3, 3])], "layer 0 (conv), filter: found [3, 3]; expected one"),
    ([8, 8, 3], [.conv(filter: [3])], "layer 0 (conv), filter: found [3]; expected two"),
    ([8, 8, 3], [.conv(filter: [0, 3])], "filter: found [0, 3]"),
    ([8, 8, 3], [.conv(filter: [257, 256])], "filter: found [257, 256]; expected at most 65536"),
    ([8, 8, 3], [.conv(filter: [3, 3], strides: [1])], "strides: found [1]"),
    (
      [8, 8, 3], [.relu, .conv(filter: [9, 1], padding: .valid)],
      "layer 1 (conv), filter: found [9, 1] on 8 × 8 pixels"
    ),
    ([8, 8, 3], [.averagePool(window: [2, 9])], "layer 0 (averagePool), window"),
    ([8, 8, 3], [.relu], "output of layer 0 (relu): found 8 × 8 pixels"),
    ([7], [.globalSumPool], "layer 0 (globalSumPool): found a vector"),
    (
      [8, 8, 3], [.residual([.relu, .averagePool(window: [2, 2])])],
      "layer 0 (residual): found 4 × 4 pixels out of its layers; expected 8 × 8 pixels"
    ),
    (
      [8, 8, 3], [.parallelSum([[.flatten], [.relu]])],
      "layer 0 (parallelSum): found 8 × 8 pixels out of branch 1; expected a vector"
    ),
    ([7], [.parallelSum([])], "no branches"),
    (
      [7], [.relu, .parallelSum([[], [.residual([.dense(), .dense(biasStd: .nan)])]])],
      "layer 1 (parallelSum), branch 1, layer 0 (residual), layer 1 (dense), biasStd"
    ),
    ([7], [.dropout(keep: 0)], "layer 0 (dropout), keep"),
    ([7], [.dropout(keep: 1.1)], "keep"), ([7], [.layerNorm(epsilon: -1)], "epsilon"),
    ([7], [.activation(.hermite(degree: -1))], "layer 0 (hermite), degree"),
    ([7], [.activation(.monomial(degree: 65))], "degree"),
    ([7], [.activation(.polynomial([]))], "coefficients"),
    ([7], [.activation(.polynomial([.nan]))], "coefficients"),
    ([7], [.activation(.sin(b: .infinity))], "layer 0 (sin), b"),
    ([7], [.activation(.rbf(gamma: -1))], "gamma"),
    ([3, 0, 1], [.flatten], "input"), ([1 << 20, 1 << 20, 3], [.flatten], "input"),
  ])
  func misfitsAreNamed(_ shape: [Int], _ layers: [Layer], _ message: String) {
    let error = #expect(throws: InvalidInput.self) { try Network(input: shape, layers: layers) }
    #expect(error?.description.contains(message) == true, "\(error!.description)")
  }

  @Test func deepNestingIsAnError() {
    var layers: [Layer] = [.relu]
    var text = "relu"
    for _ in 0..<10_000 {
      layers = [.residual(layers)]
      text = "{residual: [\(text)]}"
    }
    #expect(throws: InvalidInput.self) { try Network(input: [3], layers: layers) }
    let file = "input: [3]\nlayers: [\(text)]"
    let tooDeep = #expect(throws: InvalidInput.self) { try Network(yaml: file) }
    #expect(
      tooDeep?.description.contains("line 2, network: found lists and maps nested too deep")
        == true, "\(tooDeep!.description)")
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(
        Network.self,
        from: Data(file.replacingOccurrences(of: "residual", with: "\"residual\"").utf8))
    }
    var nested = "relu"
    for _ in 0..<70 { nested = "{residual: [\(nested)]}" }
    let error = #expect(throws: InvalidInput.self) {
      try Network(yaml: "input: [3]\nlayers: [\(nested)]")
    }
    #expect(
      error?.description.contains(
        "line 2, network: found layers nested 65 deep; expected at most 64") == true,
      "\(error!.description)")
    for _ in 0..<9_940 {
      layers = layers.first.map { if case .residual(let inner) = $0 { inner } else { [] } } ?? []
    }
    #expect(throws: Never.self) { try Network(input: [3], layers: layers) }
  }

  @Test(arguments: [
    ("input: [3]\nlayers:\n  - relu\n  - tanhh", "line 4, layer 1: found \"tanhh\""),
    ("input: [3]\nlayers:\n  - dense:\n      biasStd: x", "line 4, layer 0 (dense), biasStd"),
    ("input: [3]\nlayers:\n  - dense:\n      bias: 1", "line 4, option of layer 0 (dense)"),
    ("input: [3]\nlayers:\n  - relu\n\n  - conv: {filter: [3]}", "line 5, layer 1 (conv)"),
    (
      "input: [3]\nlayers:\n  - residual:\n    - relu\n    - dense: {weightStd: -1}",
      "line 5, layer 0 (residual), layer 1 (dense), weightStd"
    ),
    ("input: [3]\nlayers:\n  - conv: {}", "line 3, layer 0 (conv), filter: found nothing"),
    ("input: [3]\nlayers:\n  - residual: relu", "line 3, layer 0 (residual)"),
    ("input: [3]\nlayers:\n  - residual", "layer 0 (residual)"),
    ("input: [3]\nlayers:\n  - parallelSum: [relu]", "line 3, layer 0 (parallelSum), branch 0"),
    ("input: [3]\nlayers:\n  - parallelSum", "a list of branches"),
    ("input: [3]\nlayers: [hermite]", "layer 0 (hermite), degree"),
    ("input: [3]\nlayers: [{hermite: {degree: 1.5}}]", "a whole number"),
    ("input: [3]\nlayers: [{polynomial: {coefficients: 3}}]", "a list of numbers"),
    ("input: [3]\nlayers: [{polynomial: {coefficients: [a]}}]", "numbers"),
    ("input: [9, 1]\nlayers: [{conv: {filter: [3], padding: full}}]", "same, valid, circular"),
    ("input: [9, 1]\nlayers: [{conv: {filter: [1.5]}}]", "whole numbers"),
    ("input: [9, 1]\nlayers: [{conv: {filter: 3}}]", "a list of whole numbers"),
    (
      "input: [9, 1]\nlayers: [{averagePool: {window: [2], normalizeEdges: 1}}]", "true or false"
    ),
    ("input: [3]\nlayers: [true]", "layer 0"), ("input: [3]\nlayers: [{true: {}}]", "\"true\""),
    ("input: [3]\nlayers: [{function: {}}]", "\"function\""),
    ("input:\n  - 3\n  - x\nlayers: [relu]", "line 2, input"),
    ("layers: [relu]\ninput: [-3]", "line 2, input of the network: found [-3]"),
    ("input: [3]\nlayer:\n  - relu", "line 2, key of the network"),
    ("input: [3]\nlayers:\n  - dense:\n      std:\n        - 1", "line 4, option of layer 0"),
    ("input: [8, 8, 3]\nlayers:\n  - relu\n  - relu", "line 4, output of layer 1 (relu)"),
    ("input: [3]\nlayers: []", "line 2, layers of the network: found none"),
    (
      "input: [3]\nlayers:\n  - relu\n  - dense: {biasStd: 1, biasStd: 2}",
      "line 4, network: found the keys biasStd again"
    ),
  ])
  func errorsHaveLines(_ text: String, _ message: String) {
    let error = #expect(throws: InvalidInput.self) { try Network(yaml: text) }
    #expect(error?.description.contains(message) == true, "\(error!.description)")
  }

  @Test func readsComments() throws {
    let network = try Network(
      yaml: """
        # input & layers * anything
        input: [3]   # three
        layers:
          - dense: {biasStd: 0.5}  # a & b
          - relu
          - dense: {}
          - identity:
          - dense: ~
        """)
    #expect(network.layers == [.dense(biasStd: 0.5), .relu, .dense(), .identity, .dense()])
  }

  static let hostile: [(text: String, message: String)] = [
    ("", "empty"),
    ("\u{0}", "network"),
    ("[1, 2", "line"),
    ("just text", "map with the keys input and layers"),
    ("input: [3]", "only input"),
    ("input: [3]\nlayers: []", "none"),
    ("input: [3]\nlayers: relu", "list of layers"),
    ("input: 3\nlayers: [relu]", "list of sizes"),
    ("input: [3.5]\nlayers: [relu]", "3.5"),
    ("input: [\"3\"]\nlayers: [relu]", "whole numbers"),
    ("input: [1e30]\nlayers: [relu]", "1e+30"),
    ("input: [-1]\nlayers: [relu]", "-1"),
    ("input: [3]\nlayers: [relu]\nseed: 3", "\"seed\""),
    ("input: [3]\ninput: [4]\nlayers: [relu]", "input"),
    ("input: [3]\nlayers: [relu]\n---\ninput: [3]\nlayers: [relu]", "document"),
    ("input: [3]\nlayers: [relu, 7]", "layer 1"),
    ("input: [3]\nlayers: [relu, ~]", "layer 1"),
    ("input: [3]\nlayers: [relu, [relu]]", "layer 1"),
    ("input: [3]\nlayers: [relu, tanhh]", "one of dense, conv, averagePool"),
    ("input: [3]\nlayers: [relu, conv: {filter: [3, 3]}]", "layer 1 (conv): found a vector"),
    ("input: [3]\nlayers: [{relu: {a: 1}}]", "no options"),
    ("input: [3]\nlayers: [{dense: {weigthStd: 1}}]", "one of weightStd, biasStd"),
    ("input: [3]\nlayers: [{dense: {weightStd: 1, weightStd: 2}}]", "weightStd"),
    ("input: [3]\nlayers: [{dense: 2}]", "map of options"),
    ("input: [3]\nlayers: [{dense: {weightStd: big}}]", "layer 0 (dense), weightStd"),
    ("input: [3]\nlayers: [{dense: {weightStd: \"1\"}}]", "a number"),
    ("input: [3]\nlayers: [{dense: {weightStd: .inf}}]", "a number"),
    ("input: [3]\nlayers: [{dense: {weightStd: 1e999}}]", "layer 0 (dense), weightStd"),
    ("input: [3]\nlayers: [{dense: {biasStd: -1}}]", "layer 0 (dense), biasStd"),
    ("input: [3]\nlayers: [{dense: {}, relu: {}}]", "layer 0"),
    ("? [a, b]\n: 3\n", "expected a name"),
    ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]", "anchors"),
    ("{\" #\": &a [x, x], b: [*a, *a]}", "network"),
    (String(repeating: "[", count: 900) + String(repeating: "]", count: 900), "network"),
    (String(repeating: "[", count: 100_000), "network"),
    (String(repeating: "- ", count: 100_000), "network"),
    (String(repeating: "{", count: 100_000), "network"),
    (String(repeating: "x", count: 2 << 20), "bytes"),
  ]

  @Test(arguments: hostile.indices)
  func hostileFilesAreRefused(_ index: Int) {
    let (text, message) = NetworkTests.hostile[index]
    let error = #expect(throws: InvalidInput.self) { try Network(yaml: text) }
    #expect(error?.description.contains(message) == true, "\(error!.description)")
  }
}
