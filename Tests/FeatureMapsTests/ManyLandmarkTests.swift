// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layered maps with more landmarks than eigenvectors and centroids are found for.

import LinearAlgebra
import NeuralKernels
import Randomness
import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct ManyLandmarkTests {
  /// G P Pᵀ G = G − εG(G + εI)⁻¹: short of G by 0 to ε, in every direction.
  @Test func factor() throws {
    var generator = CaseGenerator(seed: 1)
    let n = largestEigenCount + 60
    let points = generator.matrix(n, 4, as: Double.self)
    var gram = try points.outerGram()
    for i in 0..<n {
      for j in 0..<n { gram[i, j] = (1 + gram[i, j]) * (1 + gram[i, j]) + (i == j ? 1e-3 : 0) }
    }
    let trace = (0..<n).reduce(0) { $0 + gram[$1, $1] }
    let features = try gram.multiplied(by: nystromFactor(gram, on: .allCores))
    #expect(features.columnCount == n)
    var rest = try features.outerGram()
    for i in 0..<n {
      for j in 0..<n { rest[i, j] = gram[i, j] - rest[i, j] }
    }
    let values = try SymmetricEigen<Double>.values(of: rest)
    let (least, most) = (values.first ?? 0, values.last ?? 0)
    #expect(least > -1e-12 * trace && most < 1.001e-8 * trace && most > 0.01e-8 * trace)
  }

  @Test func zerosHaveNoFactor() throws {
    let n = largestEigenCount + 1
    let factor = try nystromFactor(Matrix(rowCount: n, columnCount: n), on: .allCores)
    #expect(factor.rowCount == n && factor.columnCount == 0)
  }

  /// Of more landmarks than centroids are found for, each is a patch of the sample, and none comes twice.
  @Test func landmarksArePatches() throws {
    let count = largestCentroidCount + 400
    let numbers = (0..<count).map { [1, Double($0)] }
    let patches = PatchSample(
      nngp: try Matrix(rows: numbers), ntk: try Matrix(rows: numbers.map { [2 * $0[1]] }),
      weights: (0..<count).map { 1 + Double($0 % 3) })
    let found = try chooseLandmarks(
      largestCentroidCount + 1, from: patches, under: DualActivation(.relu),
      key: RandomKey(seed: 1), on: .allCores)
    let chosen = (0..<found.nngp.rowCount).map { found.nngp[$0, 1] }
    #expect(Set(chosen).count == largestCentroidCount + 1)
    #expect(chosen.allSatisfy { (0..<Double(count)).contains($0) && $0 == $0.rounded() })
    #expect(chosen.indices.allSatisfy { found.ntk[$0, 0] == 2 * chosen[$0] })
  }

  /// Many landmarks, and few columns of φ from the first of them, are much more exact than few.
  @Test func errors() throws {
    let kernel = try LayeredCase.plain.kernel()
    let (sample, points) = (Rows.dense(smoothImages(60)), smoothImages(20, seed: 3))
    func error(_ last: LayeredBudget.Layer) throws -> Double {
      let map = try LayeredFeatureMap(
        kernel, budget: LayeredBudget(layers: [.init(landmarks: 100), last]), sample: sample)
      return try offDiagonalError(map, points)
    }
    let many = try error(.init(landmarks: largestEigenCount + 100, nngp: 100))
    let few = try error(.init(landmarks: 100))
    #expect(many < 0.7 * few, "\(many), \(few)")
  }

  /// Directions that an inner layer keeps are those of all its landmarks.
  @Test func directionsOfAllLandmarks() throws {
    let layer = LayeredBudget.Layer(landmarks: largestEigenCount + 100, nngp: 30, ntk: 20)
    let map = try LayeredFeatureMap(
      LayeredCase.plain.kernel(), budget: LayeredBudget(layers: [layer, .init(landmarks: 20)]),
      sample: Rows.dense(smoothImages(60)))
    guard case .activation(let stage) = map.stages[0] else {
      Issue.record("\(map.stages[0])")
      return
    }
    for (factor, count) in [(stage.fit.nngp, 30), (stage.fit.ntk, 20)] {
      let matrix = factor.double.rows(largestEigenCount..<layer.landmarks)
      #expect(matrix.columnCount == count)
      #expect(matrix.rowNorms.allSatisfy { $0 > 0 })
    }
  }

  /// Few images of many pixels do not tell the directions of all.
  @Test(arguments: [(784, 72, 256), (196, 128, 256), (1, 512, 10_000), (1, 2048, 16_384)])
  func imagesOfMoments(_ pixels: Int, _ columns: Int, _ count: Int) {
    #expect(LayeredFitter.momentImageCount(pixels: pixels, columns: columns) == count)
  }

  @Test func momentsOfTiles() throws {
    let kernel = try LayeredCase.plain.kernel()
    let points = Rows.dense(smoothImages(7))
    let map = try LayeredFeatureMap(
      kernel, budget: LayeredCase.plain.budget(landmarks: 8), sample: points)
    let program = LayeredProgram(kernel.network)
    let fitter = LayeredFitter(
      withTangents: true, budget: map.budget, landmarks: .kMeans, centring: .sample,
      key: RandomKey(seed: 1), execution: .allCores)
    let sample = SampleSignal(points, shape: program.inputShape)
    func moments(_ tileSize: Int) throws -> [Matrix<Double>] {
      let (nngp, ntk) = try fitter.moments(
        behind: map.stages[0], sample, of: (true, true), tileSize: tileSize)
      return [try #require(nngp), try #require(ntk)]
    }
    let whole = try moments(1 << 25)
    let all = try fitter.apply(map.stages[0], sample)
    let (nngp, ntk) = all.features()
    for found in [whole, try moments(1)] {
      for (moment, features) in zip(found, [nngp, ntk]) {
        for (a, b) in zip(moment.elements, try features.gram().elements) {
          #expect(abs(a - b) < 1e-12 * Double(features.rowCount))
        }
      }
    }
    let none = try fitter.moments(behind: map.stages[0], sample, of: (false, true))
    #expect(none.nngp == nil && none.ntk == whole[1])
  }

  @Test func budgets() throws {
    let network = try Network.myrtle(5, input: [28, 28, 1])
    func last(_ type: NeuralKernel.Kind, _ dimension: Int, sampleCount: Int) throws
      -> (layer: LayeredBudget.Layer?, output: Int?)
    {
      let budget = try LayeredBudget(
        for: NeuralKernel(network: network, type: type), dimension: dimension,
        sampleCount: sampleCount)
      return (budget.layers.last, budget.output)
    }
    // Twice as many landmarks as features where a sample tells the leading directions.
    #expect(try last(.ntk, 1024, sampleCount: 2000) == (.init(landmarks: 2048, nngp: 256), 1024))
    #expect(try last(.ntk, 4096, sampleCount: 9000) == (.init(landmarks: 3641, nngp: 455), nil))
    #expect(try last(.ntk, 1024, sampleCount: 500) == (.init(landmarks: 911, nngp: 113), nil))
    #expect(try last(.nngp, 1024, sampleCount: 500) == (.init(landmarks: 1024), nil))
    // And where it is so small that a part of the columns keeps all of its features.
    #expect(try last(.ntk, 1024, sampleCount: 256) == (.init(landmarks: 2048, nngp: 256), 1024))
    #expect(try last(.ntk, 8192, sampleCount: 400) == (.init(landmarks: 12_288, nngp: 1536), 8192))
    #expect(try last(.ntk, 4096, sampleCount: 2048) == (.init(landmarks: 6144, nngp: 768), 4096))
    // Wide inner layers for the sake of predictions, of which the last matters most.
    func inner(_ dimension: Int, _ method: LayeredBudget.Method = .nystrom) throws -> [[Int?]] {
      let kernel = NeuralKernel(network: network, type: .ntk)
      return try LayeredBudget(for: kernel, dimension: dimension, method: method).layers.dropLast()
        .map { [$0.landmarks, $0.nngp, $0.ntk] }
    }
    #expect(try inner(512) == [[32, 16, 8], [64, 24, 16], [128, 40, 24]])
    #expect(try inner(2048) == [[256, 72, 56], [512, 128, 96], [2048, 432, 328]])
    #expect(try inner(8192) == [[512, 128, 96], [1024, 240, 184], [4096, 792, 600]])
    #expect(try inner(8192, .hybrid) != inner(8192))
  }
}
