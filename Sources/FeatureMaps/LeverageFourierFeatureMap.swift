// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random Fourier features whose frequencies are chosen by leverage.

import Kernels
import LeverageScores
import LinearAlgebra
import Randomness
import Transforms
import Validation

/// z(x) = (√v_f cos ⟨w_f, x⟩)_f, (√v_f sin ⟨w_f, x⟩)_f for frequencies w_f taken from a pool of M with
/// probabilities π_f proportional to their ridge leverage on a sample, and v_f = 1/(M π_f).
///
/// The score of a frequency is τ = z(w)ᴴ(K + λI)⁻¹z(w)/M with z(w)ᵢ = exp(−i⟨w, xᵢ⟩) and K that of the pool's own
/// features. Features are unbiased for those of the pool, so for the kernel. In a few dimensions they need
/// fewer columns than plain ones; in hundreds all frequencies have about the same leverage, and nothing is
/// gained. Where x = y the kernel is met on average, not exactly.
///
/// - Complexity: per dense row D d operations and D nanoseconds; per nonzero of a sparse row D operations,
///   or where dM is above 2²⁷ (above 2²⁴ for d above 2¹⁶) for Laplace and Cauchy kernels the drawing of M
///   numbers. Memory: 2 d D bytes; there none, or where a table is shared 4 MB, for M above 2¹⁵ up to 256 M
///   bytes.
/// - Source: Avron, Kapralov, Musco, Musco, Velingker, Zandieh, "Random Fourier features for kernel ridge
///   regression", ICML 2017; Li, Ton, Oglic, Sejdinovic, "Towards a unified analysis of random Fourier
///   features", ICML 2019, for the pool.
public struct LeverageFourierFeatureMap<ExactKernel: ShiftInvariantKernel>: FeatureMap {
  public let kernel: ExactKernel
  public let seed: UInt64
  /// M.
  public let poolCount: Int
  /// The numbers in the pool of the frequencies taken.
  let picked: [Int]
  /// v_f.
  let weights: [Double]
  let design: FrequencyDesign
  private let frequencies: Frequencies
  /// √v_f, twice.
  private let factors: [Double]

  /// So many rows of a sample are looked at, spread evenly.
  static var sampleRowCount: Int { 2048 }

  /// - Parameters:
  ///   - dimension: the most columns the features may have, at least 2; D is the next even number below.
  ///   - poolCount: M, at least D/2; without one 4 D, at most 16,384 where D is below.
  ///   - ridge: λ, in all for the sample; without one, that for which D/2 frequencies are about enough.
  ///   - sample: points like those to be mapped, of which 2,048 are looked at.
  /// - Throws: `InvalidInput` if a number is out of its range, λ is not above 0 or below the rounding of K,
  ///   or the sample is empty or not finite; `CancellationError`.
  /// - Complexity: for n ≤ 2,048 rows and a pool of M about 2nM(d + n) + n³ operations; memory of M(4d +
  ///   32n) bytes, where a table is shared of 32Mn.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, dimension: Int, poolCount: Int? = nil, ridge: Double? = nil,
    seed: UInt64 = 0, sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws {
    try Check.dimension(dimension, "dimension", from: 2, upTo: Check.largestDimension / 8)
    let count = dimension / 2
    let poolCount = poolCount ?? max(count, min(8 * count, 16384))
    guard count...Check.largestDimension / 2 ~= poolCount else {
      throw InvalidInput(
        "pool", found: "\(poolCount)", expected: "at least half of the dimension, \(count)")
    }
    if let ridge { try Check.positive(ridge, "ridge") }
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: kernel.inputDimension ?? sample.columnCount, "sample")
    let points = sample.rows(at: spread(Self.sampleRowCount, over: sample.rowCount))
      .converted(to: Double.self)
    let design: FrequencyDesign = sample.columnCount <= 12 ? .quasiRandom : .plain
    let pool = try RandomFourierFeatureMap(
      kernel, inputDimension: sample.columnCount, dimension: 2 * poolCount, seed: seed,
      design: design)
    let features = try pool.features(of: points, on: execution.silent)
    let share = Double(points.rowCount) / Double(sample.rowCount)
    let used =
      try ridge.map { $0 * share }
      ?? RidgeLeverageScores.ridge(
        forSampleOf: count, spectrum: SymmetricEigen.values(of: features.outerGram(on: execution)))
    let scores = try Rows.dense(features.transposed).approximateRidgeLeverageScores(
      ridge: used, seed: seed, on: execution.silent
    ).values
    let taken = try RidgeLeverageScores(
      ridge: used, values: (0..<poolCount).map { scores[$0] + scores[poolCount + $0] }
    ).sample(count: count, seed: RandomKey(seed: seed).child("leverage Fourier").seed)
    try self.init(
      kernel, inputDimension: sample.columnCount, poolCount: poolCount, design: design, seed: seed,
      picked: taken.indices, weights: taken.weights.map { $0 / Double(poolCount) })
  }

  init(
    _ kernel: ExactKernel, inputDimension: Int, poolCount: Int, design: FrequencyDesign,
    seed: UInt64, picked: [Int], weights: [Double]
  ) throws {
    self.kernel = kernel
    self.seed = seed
    self.poolCount = poolCount
    self.design = design
    self.picked = picked
    self.weights = weights
    try Check.dimension(poolCount, "pool", upTo: Check.largestDimension / 2)
    frequencies = try Frequencies(
      kernel.spectralMeasure, design, inputDimension: inputDimension, count: poolCount,
      key: RandomKey(seed: seed).child("random Fourier"), isBounded: true
    ).selecting(picked)
    let roots = weights.map { $0.squareRoot() }
    factors = roots + roots
  }

  public var inputDimension: Int { frequencies.inputDimension }
  public var outputDimension: Int { factors.count }
  public var blockRowCount: Int { frequencies.blockRowCount }
  /// The number of frequencies, each with a cosine and a sine, and M.
  public var structure: String {
    counted(frequencies.count, "frequency", "frequencies") + " of a pool of \(poolCount)"
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let count = frequencies.count
    frequencies.forEachTile(rows, workspace: workspace) { range, phases in
      for i in 0..<rows.rowCount {
        let row = output.row(i) + range.lowerBound
        CosinesAndSines.write(
          range.count, of: phases.row(i), scale: 1, cosines: row, sines: row + count)
      }
    }
    for i in 0..<rows.rowCount { multiply(output.row(i), by: factors) }
  }
}

/// row ← row ∘ factors.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiply<Scalar: RealScalar>(
  _ row: UnsafeMutablePointer<Scalar>, by factors: [Double]
) {
  factors.withUnsafeBufferPointer { factors in
    for j in 0..<factors.count { row[j] *= Scalar(factors[j]) }
  }
}
