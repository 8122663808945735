// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Hybrid maps: unbiased, and less noisy than their remainder's map alone.

import Foundation
import Kernels
import LinearAlgebra
import NeuralKernels
import TestSupport
import Testing
import Validation

@testable import FeatureMaps

@Suite struct HybridTests {
  private let points = clusteredPoints(12, 6)
  private let landmarks = Rows.dense(clusteredPoints(8, 6, seed: 21))

  /// Over the seeds of φ the mean is the kernel, entry by entry.
  private func checkUnbiased<Remainder: FeatureMap>(
    _ kernel: Remainder.ExactKernel, draws: Int = 1500, _ make: (UInt64) throws -> Remainder
  ) throws {
    let exact = try kernel.matrix(.dense(points))
    let found = try (0..<UInt64(draws)).map { seed in
      try gram(
        HybridFeatureMap(landmarks: landmarks, remainder: make(seed), on: Execution(threads: 1))
          .features(of: .dense(points), on: Execution(threads: 1)))
    }
    let limit = scoreThreshold(comparisons: 200)
    for i in 0..<points.rowCount {
      for j in 0...i {
        let moments = Moments(found.map { $0[i, j] })
        #expect(abs(moments.meanScore(exact[i, j])) < limit, "\(kernel) at \(i), \(j)")
      }
    }
  }

  @Test func unbiasedWithFourierFeatures() throws {
    let kernel = try GaussianKernel(lengthScale: 0.6)
    try checkUnbiased(kernel) {
      try RandomFourierFeatureMap(
        kernel, inputDimension: 6, dimension: 10, seed: $0, design: .orthogonal)
    }
  }

  @Test func unbiasedWithSketches() throws {
    let kernel = try DotProductKernel(coefficients: [0.5, 1, 0.25, 0.2])
    try checkUnbiased(kernel) {
      try DotProductFeatureMap(
        series: kernel.coefficients, dimension: 60, seed: $0, centring: .none,
        sample: Rows.dense(points))
    }
  }

  @Test func unbiasedWithPositiveFeatures() throws {
    let kernel = try ExponentialDotKernel(scale: 0.7)
    try checkUnbiased(kernel) {
      try PositiveFeatureMap(kernel, inputDimension: 6, dimension: 10, seed: $0, design: .plain)
    }
  }

  @Test func lessNoiseAndNoneAtLandmarks() throws {
    let kernel = try GaussianKernel(lengthScale: 0.8)
    let exact = try kernel.matrix(.dense(points))
    var (alone, both) = (0.0, 0.0)
    for seed in 0..<40 as Range<UInt64> {
      let remainder = try RandomFourierFeatureMap(
        kernel, inputDimension: 6, dimension: 32, seed: seed, design: .plain)
      let map = try HybridFeatureMap(landmarks: landmarks, remainder: remainder)
      alone += try squaredError(gram(remainder.features(of: .dense(points))), exact)
      both += try squaredError(gram(map.features(of: .dense(points))), exact)
      let known = landmarks.dense
      let found = try gram(map.features(of: .dense(known)))
      #expect(try agree(found, kernel.matrix(.dense(known)), .relative(1e-7)))
    }
    #expect(both < 0.5 * alone, "\(both / alone)")
  }

  private func squaredError(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    zip(a.elements, b.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test func laws() throws {
    let kernel = try GaussianKernel(lengthScale: 0.8)
    let map = try HybridFeatureMap(
      landmarks: landmarks,
      remainder: RandomFourierFeatureMap(kernel, inputDimension: 6, dimension: 20))
    #expect(map.outputDimension == 28)
    try checkRowMapLaws(map, batches: .relative(1e-3), single: 1e-3)
    // Rows go to the remainder in its own blocks.
    let network = NeuralKernel(network: try .fullyConnected(inputDimension: 6, depth: 1))
    let sketched = try HybridFeatureMap(
      landmarks: landmarks,
      remainder: NetworkFeatureMap(network, dimension: 60, sample: Rows.dense(points)))
    try checkRowMapLaws(sketched, batches: .relative(1e-3), single: 1e-3)
    #expect(throws: InvalidInput.self) {
      try HybridFeatureMap(
        landmarks: landmarks,
        remainder: RandomFourierFeatureMap(kernel, inputDimension: 7, dimension: 20))
    }
  }

  @Test func storageOfAnotherKernelIsRefused() throws {
    func stored(_ lengthScale: Double) throws -> [String: Any] {
      let map = try HybridFeatureMap(
        landmarks: landmarks,
        remainder: RandomFourierFeatureMap(
          GaussianKernel(lengthScale: lengthScale), inputDimension: 6, dimension: 4))
      return try JSONSerialization.jsonObject(with: JSONEncoder().encode(map)) as? [String: Any]
        ?? [:]
    }
    var (first, second) = try (stored(1), stored(2))
    first["remainder"] = second.removeValue(forKey: "remainder")
    let mixed = try JSONSerialization.data(withJSONObject: first)
    #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(
        HybridFeatureMap<RandomFourierFeatureMap<GaussianKernel>>.self, from: mixed)
    }
  }

  private func fit(
    _ dimension: Int, _ sample: Matrix<Double>
  ) throws -> HybridFit<RandomFourierFeatureMap<GaussianKernel>> {
    let kernel = try GaussianKernel(lengthScale: 0.6)
    return try HybridFit(kernel, dimension: dimension, sample: Rows.dense(sample)) {
      columns, rows in
      try RandomFourierFeatureMap(
        kernel, inputDimension: rows.columnCount, dimension: columns)
    }
  }

  @Test func splits() throws {
    typealias Fit = HybridFit<RandomFourierFeatureMap<GaussianKernel>>
    func counts(_ dimension: Int, _ rows: Int) -> [[Int]] {
      Fit.splits(dimension, sampleRowCount: rows).map { [$0.landmarks, $0.remainder] }
    }
    #expect(counts(2000, 5000) == [[2000, 0]])
    #expect(counts(1, 1) == [[1, 0]])
    #expect(counts(4096, 5000) == [[4096, 0], [2048, 2048], [1024, 3072], [512, 3584]])
    #expect(counts(8192, 5000) == [[4096, 4096], [2048, 6144], [1024, 7168]])
    #expect(counts(100, 30) == [[30, 0], [30, 70], [25, 75], [12, 88]])
  }

  @Test func fitChoosesByMeasuring() throws {
    let sample = clusteredPoints(200, 6)
    let few = try fit(40, sample)
    #expect(few.chosen.remainder == 0 && few.map.remainder == nil)
    #expect(few.map.outputDimension <= 40)
    #expect(few.summary == "40 landmarks and 0 columns for the remainder, by rule")
    let many = try fit(3200, sample)
    #expect(many.map.outputDimension <= 3200)
    let errors = many.candidates.compactMap(\.relativeError)
    #expect(many.candidates.count > 1 && errors.count == many.candidates.count)
    #expect(many.chosen.relativeError == errors.min())
    #expect(many.summary.contains("\(many.chosen.landmarks) + \(many.chosen.remainder)"))
    // What was measured holds for all points.
    let error = try relativeFrobeniusError(
      of: many.map, Rows.dense(sample), on: .allCores)
    #expect(error < 2 * (errors.min() ?? 0) + 1e-3)
    #expect(throws: InvalidInput.self) { try fit(0, sample) }
    #expect(throws: InvalidInput.self) { try fit(10, sample.rows(0..<0)) }
    #expect(try fit(4000, sample.rows(0..<2)).candidates.count == 1)
  }

  /// Hybrids of deep networks of all layers lose nothing, so their errors fall with the columns.
  @Test func hybridsOfDeepNetworks() throws {
    let gelu = (0..<4).flatMap { _ in [Layer.dense(), .activation(.gelu)] } + [.dense()]
    let kernel = NeuralKernel(network: try Network(input: [12], layers: gelu))
    var generator = CaseGenerator(seed: 5)
    var points = generator.matrix(260, 12, as: Double.self)
    for i in 0..<260 { for j in 0..<12 { points[i, j] += 0.5 } }
    let (sample, test) = (Rows.dense(points.rows(0..<200)), Rows.dense(points.rows(200..<260)))
    let exact = try kernel.matrix(test)
    let makers: [(_ dimension: Int, _ seed: UInt64) throws -> any StorableFeatureMap] = [
      { try kernel.featureMap(method: .hybrid, dimension: $0, seed: $1, sample: sample).map },
      {
        try LayeredFeatureMap(
          kernel, dimension: $0, method: .hybrid, seed: $1, sample: sample)
      },
    ]
    for make in makers {
      func measures(_ dimension: Int) throws -> (trace: Double, error: Double) {
        let found = try (0..<12 as Range<UInt64>).map { seed in
          let z = try make(dimension, seed).images(of: test)
          let error = try relativeFrobeniusError(of: z, exact: exact, on: .allCores)
          let trace = z.elements.reduce(0) { $0 + $1 * $1 }
          return (trace / (0..<60).reduce(0) { $0 + exact[$1, $1] }, error)
        }
        return (found.reduce(0) { $0 + $1.0 } / 12, found.reduce(0) { $0 + $1.1 } / 12)
      }
      let (few, many) = (try measures(96), try measures(384))
      #expect(abs(few.trace - 1) < 0.1 && abs(many.trace - 1) < 0.1, "\(few) \(many)")
      #expect(many.error < 0.6 * few.error, "\(few) \(many)")
    }
  }
}
