// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks as functions of two norms and one angle, against their exact kernels.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct ZonalNetworkTests {
  static let networks: [[Layer]] = [
    [.dense(weightStd: 1.3)],
    [.dense(weightStd: 1.3, biasStd: 0.4)],
    [.relu],
    [.identity],
    [.dense(weightStd: 1.4, biasStd: 0.2), .relu, .dense(weightStd: 0.9, biasStd: 0.3)],
    [.dense(weightStd: 1.4), .relu, .dense(), .relu, .dense(weightStd: 1.1, biasStd: 0.1)],
    [
      .identity, .dense(biasStd: 0.5), .identity, .relu, .identity, .dense(biasStd: 0.7), .identity,
    ],
    [.dense(weightStd: 0.8, biasStd: 0.2), .dense(weightStd: 1.2), .relu, .dense(), .dense()],
    [.relu, .dense(weightStd: 1.2), .relu, .dense(biasStd: 0.6)],
    [.relu, .relu, .dense(weightStd: 0.5)],
    [.dense(weightStd: 2), .relu, .relu],
    [.dense(biasStd: 1), .dense(weightStd: 0.5, biasStd: 2)],
    [.dense(weightStd: 0, biasStd: 1), .relu, .dense()],
    [
      .dense(weightStd: 1.4, biasStd: 0.2), .activation(.leakyReLU(negativeSlope: 0.2)), .dense(),
      .relu, .dense(),
    ],
    [.dense(), .activation(.abs), .dense(weightStd: 0.7), .activation(.abs), .dense(biasStd: 0.3)],
    [
      .activation(.abReLU(a: -0.5, b: 2)), .dense(), .activation(.abReLU(a: 1.5, b: -0.25)),
      .dense(),
    ],
  ]

  private func check(_ layers: [Layer], _ kind: NeuralKernel.Kind) throws {
    var generator = CaseGenerator(seed: 1)
    let network = try Network(input: [5], layers: layers)
    let zonal = try ZonalNetwork(network, kind)
    let points = generator.matrix(12, 5, as: Double.self)
    let exact = try NeuralKernel(network: network, type: kind).matrix(.dense(points))
    let sample = try LiftedSample(.dense(points), lift: zonal.lift, rowCount: 12)
    let cosines = gram(sample.rows.dense)
    for i in 0..<12 {
      for j in 0..<i {
        let value =
          sample.weights[i] * sample.weights[j] * zonal(cosines[i, j]) + zonal.constant
        let size = (exact[i, i] * exact[j, j]).squareRoot()
        #expect(abs(value - exact[i, j]) <= 1e-12 * size, "\(layers) \(kind) at \(i), \(j)")
      }
      let own = sample.weights[i] * sample.weights[i] * zonal(1) + zonal.constant
      #expect(abs(own - exact[i, i]) <= 1e-12 * exact[i, i], "\(layers) \(kind) at \(i)")
    }
  }

  @Test(arguments: networks, NeuralKernel.Kind.allCases)
  func equalsExactKernel(_ layers: [Layer], _ kind: NeuralKernel.Kind) throws {
    try check(layers, kind)
  }

  @Test(arguments: [0, 1, 5, 20])
  func depths(_ depth: Int) throws {
    for kind in NeuralKernel.Kind.allCases {
      try check(Network.fullyConnected(inputDimension: 5, depth: depth).layers, kind)
    }
  }

  @Test func refusalsNameTheLayer() throws {
    func message(_ layers: [Layer]) throws -> String {
      let network = try Network(input: [3], layers: layers)
      do {
        _ = try ZonalNetwork(network, .ntk)
        return "taken"
      } catch let error as InvalidInput {
        return error.description
      }
    }
    #expect(
      try message([.dense(), .relu, .dense(biasStd: 0.5), .relu, .dense()])
        .contains("layer 2 (dense), biasStd: found 0.5"))
    #expect(
      try message([.identity, .relu, .dense(biasStd: 0.25), .relu]).contains("layer 2 (dense)"))
    #expect(
      try message([.dense(biasStd: 1), .dense(biasStd: 2), .relu]).contains("layer 1 (dense)"))
    #expect(
      try message([.dense(), .activation(.abReLU(a: 0, b: 0)), .dense()]).contains("layer 1"))
    #expect(try message([.dense(), .activation(.gelu), .dense()]).contains("layer 1"))
  }
}
