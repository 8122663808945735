// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What maps say that they are made of.

import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct StructureTests {
  private let points = Rows.dense(clusteredPoints(80, 8))

  /// The numbers after "by degree" of a text, by degree.
  private func counts(_ text: String) -> [Int: Int] {
    let list = text.split(separator: "by degree ").last?.split(separator: " of ").first ?? ""
    let pairs = list.split(separator: ", ").compactMap { part -> (Int, Int)? in
      let numbers = part.split(separator: ": ").compactMap { Int($0) }
      return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  @Test func words() {
    #expect(counted(1, "column") == "1 column" && counted(2, "column") == "2 columns")
    #expect(counted(0, "frequency", "frequencies") == "0 frequencies")
    #expect(listed([1, 0, 40]) == "by degree 0: 1, 2: 40")
  }

  /// Repeated landmarks have a rank below their number.
  @Test func landmarks() throws {
    let kernel = try GaussianKernel(lengthScale: 0.7)
    let map = try NystromFeatureMap(kernel, landmarks: points.rows(0..<7))
    #expect(map.structure == "7 landmarks")
    let twice = try NystromFeatureMap(kernel, landmarks: points.rows(at: [0, 1, 0]))
    #expect(twice.structure == "3 landmarks of rank 2")
    let random = try RandomFourierFeatureMap(
      kernel, inputDimension: 8, dimension: 12, design: .orthogonal)
    #expect(random.structure == "6 frequencies, orthogonal")
    let hybrid = try HybridFeatureMap(landmarks: points.rows(0..<7), remainder: random)
    let arcCosine = try ArcCosineFeatureMap(
      ArcCosineKernel(order: 1), inputDimension: 3, dimension: 12, design: .orthogonal)
    #expect(arcCosine.structure == "3 coordinates and 9 frequencies, orthogonal")
    #expect(hybrid.structure == "7 landmarks and 6 frequencies, orthogonal")
    let alone = try HybridFeatureMap<RandomFourierFeatureMap<GaussianKernel>>(
      map, remainder: nil, on: .allCores)
    #expect(alone.structure == "7 landmarks")
  }

  @Test func frequencies() throws {
    let words = FrequencyDesign.allCases.map(\.words)
    #expect(words == ["plain", "orthogonal", "orthogonal by transforms", "quasi-random"])
    let positive = try PositiveFeatureMap(
      ExponentialDotKernel(scale: 1), inputDimension: 8, dimension: 2, design: .plain)
    #expect(positive.structure == "1 frequency, plain")
    let leverage = try LeverageFourierFeatureMap(
      GaussianKernel(lengthScale: 0.7), dimension: 10, poolCount: 64, sample: points)
    #expect(leverage.structure == "5 frequencies of a pool of 64")
  }

  /// Every column of a series has a degree, and the degree is that of the series.
  @Test func series() throws {
    let network = NeuralKernel(network: try .fullyConnected(inputDimension: 8, depth: 2))
    let kernels: [(any StorableFeatureMap, degree: Int)] = [
      (try NetworkFeatureMap(network, dimension: 90, degree: 5, sample: points), 5),
      (
        try PolynomialFeatureMap(
          PolynomialKernel(degree: 3, offset: 1), dimension: 60, sample: points), 3
      ),
      (try DotProductFeatureMap(series: [1, 0.5, 0.2], dimension: 50, sample: points), 2),
    ]
    for (map, degree) in kernels {
      let text = map.structure
      #expect(
        text.hasPrefix("\(map.outputDimension) columns of a sketch of degree \(degree), "),
        "\(text)")
      let found = counts(text)
      #expect(found.values.reduce(0, +) == map.outputDimension, "\(text)")
      #expect((found[1] ?? 0) >= 8 && text.contains(" of degree 1"), "\(text)")
      #expect(text.contains(" exact"), "\(text)")
      #expect(found.keys.allSatisfy { $0 <= degree }, "\(text)")
    }
    let short = try NetworkFeatureMap(network, dimension: 90, degree: 5, sample: points)
    #expect(short.structure.contains("x with itself lacks ") == (short.missingDiagonal > 0))
    // Every power of u is a column, and what the network's last bias adds.
    let plain = try PolynomialFeatureMap(
      PolynomialKernel(degree: 3, offset: 1), dimension: 60, sample: points)
    #expect(counts(plain.structure)[0] == 4)
    let biased = try NetworkFeatureMap(
      NeuralKernel(
        network: Network(input: [8], layers: [.dense(), .relu, .dense(biasStd: 0.5)])),
      dimension: 90, degree: 5, sample: points)
    #expect(counts(biased.structure)[0] == biased.powerSeries.plan.powers.count + 1)
    let gaussian = try GaussianSeriesMap(
      GaussianKernel(lengthScale: 2), dimension: 60, sample: points)
    #expect(gaussian.structure.contains(" of a sketch of degree "))
  }

  @Test func monomials() throws {
    let kernel = try PolynomialKernel(degree: 2, offset: 1)
    let map = try MonomialFeatures(kernel, dimension: 100, sample: points)
    // All of them fit: 1, 8 and 36.
    #expect(map.structure == "45 monomials, by degree 0: 1, 1: 8, 2: 36")
    let biased = NeuralKernel(
      network: try Network(input: [8], layers: [.dense(), .relu, .dense(biasStd: 0.5)]))
    let features = try MonomialFeatures(biased, dimension: 40, sample: points)
    let found = counts(features.structure)
    #expect(found.values.reduce(0, +) == features.outputDimension, "\(features.structure)")
  }

  /// Equal activations are told once; the last line is about the output.
  @Test func layers() throws {
    let images = Rows.dense(smoothImages(40))
    func layered(
      _ remainder: Int, _ kind: LayeredBudget.Remainder = .random, output: Int? = nil
    ) throws -> String {
      let kernel = try LayeredCase.plain.kernel()
      let count = LayeredProgram(kernel.network).activationCount
      let layers = [LayeredBudget.Layer](
        repeating: .init(landmarks: 20, nngp: 5, ntk: 6, remainder: remainder), count: count)
      return try LayeredFeatureMap(
        kernel, budget: LayeredBudget(layers: layers, remainder: kind, output: output),
        sample: images
      ).structure
    }
    let few = try layered(0, output: 4)
    #expect(
      few
        == "activations 1 to 2: 20 landmarks for 5 columns of φ and 6 columns of ψ each; 4 directions kept of the output",
      "\(few)")
    let many = try layered(8)
    #expect(many.contains("5 + 8 columns of φ and 6 + 8 columns of ψ (+ random)"), "\(many)")
    let sketched = try layered(40, .sketch)
    #expect(sketched.contains("(+ sketched)"), "\(sketched)")
    #expect(!many.contains("off by"), "\(many)")
    // Without ψ, and branches too.
    for network in [LayeredCase.residual, .flat] {
      let map = try LayeredFeatureMap(network.kernel(.nngp), dimension: 60, sample: images)
      #expect(!map.structure.contains("ψ") && map.structure.contains("activation"))
    }
  }

  /// What was chosen says it, too.
  @Test func summary() throws {
    let choice = try GaussianKernel(lengthScale: 0.7).featureMap(
      method: .nystrom, dimension: 20, sample: points)
    #expect(choice.summary.contains("; it has 20 landmarks"), "\(choice.summary)")
  }
}
