// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the landmarks of a Nyström map are chosen from a sample.

import Kernels
import LeverageScores
import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// How landmarks are chosen from a sample of points.
///
/// A `LayeredFeatureMap` chooses the patches of each activation so, and weighs them by their lengths:
/// longer ones are likelier in a `uniform` sample, and count more for `kMeans`.
public enum LandmarkChoice: String, Hashable, Codable, CaseIterable, Sendable {
  /// A uniform sample without replacement; of different rows, where it would repeat some.
  case uniform
  /// The centres of k-means clusters (10 Lloyd steps); of sparse points those nearest to the centres, so
  /// that landmarks stay sparse. Mostly a little better than a sample, and slower to find.
  ///
  /// - Source: Zhang, Tsang, Kwok, "Improved Nyström low-rank approximation and error analysis", ICML
  ///   2008.
  case kMeans = "kmeans"
  /// A sample with probabilities proportional to ridge leverage scores, by recursive halving
  /// (`RidgeSampler.recursive`). Finds rare points with directions of their own.
  case leverage
  /// The same by `RidgeSampler.bless`.
  case bless
}

extension Rows {
  /// Up to `count` landmarks for a kernel on the rows: all of them where there are no more.
  ///
  /// The same for any number of threads. Centres are rounded to single precision, so that both
  /// precisions see the same ones; leverage is measured in the rows' precision.
  ///
  /// For networks on images scores come from features (`LayeredFeatureMap`), not from the kernel.
  ///
  /// - Parameter ridge: λ of leverage scores; without one, as `Kernel.ridgeSample(of:count:)` finds it.
  /// - Throws: `InvalidInput` if the count is not in 1 to 2³¹ − 1, there are no rows, they hold NaN or
  ///   infinity, their squared distances overflow in k-means, or λ is not above 0 or below the rounding of K;
  ///   `NoConvergence`; `CancellationError`.
  /// - Complexity: the entries of the landmarks for a sample, or of all rows where it repeats some; for k-means of n rows about 20 n · count · d operations, with
  ///   min(d, 512) for d if they are sparse, and memory of 512 n numbers then; for leverage that of `Kernel.ridgeSample`.
  public func landmarks(
    _ choice: LandmarkChoice, count: Int, for kernel: some Kernel, ridge: Double? = nil,
    seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> Rows {
    try Check.dimension(count, "number of landmarks")
    try Check.dimension(rowCount, "rows of the sample")
    try validate(columnCount: kernel.inputDimension ?? columnCount, "sample")
    if let ridge { try Check.positive(ridge, "ridge") }
    guard count < rowCount else { return self }
    let key = RandomKey(seed: seed).child("landmarks")
    switch (choice, self) {
    case (.uniform, _):
      let picked = try key.stream.sampleWithoutReplacement(count, from: rowCount).sorted()
      guard distinct(among: picked).count < count else { return rows(at: picked) }
      // What equal landmarks say once they say twice for two columns.
      let others = distinct(among: Array(0..<rowCount))
      guard others.count > count else { return rows(at: others) }
      return rows(
        at: try key.child("distinct").stream.sampleWithoutReplacement(count, from: others.count)
          .sorted().map { others[$0] })
    case (.kMeans, .dense(let points)):
      let centres = try KMeans.centres(
        of: points, count: count, steps: 10, key: key, on: execution)
      return .dense(centres.converted(to: Float.self).converted(to: Scalar.self))
    case (.kMeans, .sparse(let points)):
      return rows(
        at: try KMeans.medoids(of: points, count: count, steps: 10, key: key, on: execution))
    case (.leverage, _), (.bless, _):
      if let network = kernel as? NeuralKernel, network.network.actsOnPixels {
        let map = try LayeredFeatureMap(
          network, dimension: min(1024, 2 * count + 64), seed: seed, sample: self, on: execution)
        return try landmarks(
          byLeverageUnder: map, count: count, ridge: ridge, seed: seed, on: execution)
      }
      let sample = try kernel.ridgeSample(
        of: self, count: count, ridge: ridge, by: choice == .bless ? .bless : .recursive,
        seed: key.seed, on: execution)
      return rows(at: sample.indices)
    }
  }

  /// Up to `count` landmarks by the ridge leverage of the rows' features: no value of a kernel is needed.
  ///
  /// - Parameters:
  ///   - map: features of D columns, such as a sketch of the kernel.
  ///   - ridge: λ; without one, that for which `count` landmarks are about enough, by the spectrum of
  ///     the features.
  /// - Throws: as `landmarks(_:count:for:)`, and as the map does.
  /// - Complexity: the features of n rows, nD² + 9D³ operations, and memory of nD numbers.
  public func landmarks(
    byLeverageUnder map: some RowMap, count: Int, ridge: Double? = nil, seed: UInt64 = 0,
    on execution: Execution = .allCores
  ) throws -> Rows {
    try Check.dimension(count, "number of landmarks")
    try Check.dimension(rowCount, "rows of the sample")
    if let ridge { try Check.positive(ridge, "ridge") }
    let features = try map.images(of: self, on: execution)
    guard count < rowCount else { return self }
    let used =
      try ridge
      ?? RidgeLeverageScores.ridge(
        forSampleOf: count,
        spectrum: SymmetricEigen.values(
          of: features.gram(on: execution).converted(to: Double.self)))
    let scores = try Rows.dense(features).approximateRidgeLeverageScores(
      ridge: used, seed: seed, on: execution)
    return rows(at: try scores.sample(count: count, seed: seed).indices)
  }
}
