// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores measured against a weighted sample.

import Kernels
import LinearAlgebra
import Validation

/// Points J taken with probabilities pⱼ, which stand for all: Φ_JᵀP⁻¹Φ_J ≈ ΦᵀΦ.
///
/// The score of any point x against them is (k(x, x) − k_xJ (K_JJ + λP)⁻¹ k_Jx)/λ: exact where J holds all
/// points with probability 1, and k(x, x)/λ where it is empty.
///
/// - Source: Alaoui, Mahoney, 2015; Calandriello, Lazaric, Valko, 2017.
struct WeightedDictionary<K: Kernel, Scalar: RealScalar> {
  private let kernel: K
  private let ridge: Double
  private let points: Rows<Scalar>
  /// L with L Lᵀ = K_JJ + λP, rounded to the points' precision; nil where J is empty.
  private let factor: Matrix<Scalar>?

  /// - Parameter all: the points that the sample's indices number.
  /// - Throws: as `Kernel.matrix`, and `InvalidInput` if λ is below the rounding of K.
  /// - Complexity: the kernel of all pairs and |J|³/3 operations.
  init(
    _ kernel: K, _ sample: RidgeSample, of all: Rows<Scalar>, ridge: Double,
    on execution: Execution
  ) throws {
    self.kernel = kernel
    self.ridge = ridge
    points = all.rows(at: sample.indices)
    guard !sample.indices.isEmpty else {
      factor = nil
      return
    }
    var matrix = try kernel.matrix(points.converted(to: Double.self), on: execution)
    var trace = 0.0
    for (i, probability) in sample.probabilities.enumerated() {
      trace += matrix[i, i]
      matrix[i, i] += ridge * probability
    }
    do {
      factor = try Cholesky(matrix, on: execution).lower.converted(to: Scalar.self)
    } catch is NotPositiveDefinite {
      throw InvalidInput(
        ridgeBelowRounding: ridge, Double(sample.indices.count) * .ulpOfOne * trace)
    }
  }

  /// The scores of points with the given k(x, x), at most 1.
  ///
  /// Computed in the points' precision, but for L.
  ///
  /// - Complexity: per point |J| values of the kernel and |J|² operations; memory of 4,096 |J| numbers.
  func scores(
    of points: Rows<Scalar>, diagonal: [Scalar], on execution: Execution
  ) throws -> [Double] {
    guard let factor else { return diagonal.map { min(1, Double($0) / ridge) } }
    var scores: [Double] = []
    scores.reserveCapacity(points.rowCount)
    for start in stride(from: 0, to: points.rowCount, by: 2048) {
      let range = start..<min(points.rowCount, start + 2048)
      var values = try kernel.matrix(self.points, points.rows(range), on: execution.silent)
      try values.solveLower(by: factor, on: execution.silent)
      let explained = squaredColumnNorms(values)
      for (column, i) in range.enumerated() {
        scores.append(min(1, max(0, (Double(diagonal[i]) - explained[column]) / ridge)))
      }
      execution.report(range.upperBound, of: points.rowCount)
    }
    return scores
  }
}

extension Matrix {
  /// B ← L⁻¹B, in blocks of columns.
  fileprivate mutating func solveLower(by lower: Matrix, on execution: Execution) throws {
    let (n, m) = (lower.rowCount, columnCount)
    try lower.withUnsafePointer { l in
      try withUnsafeMutablePointer { base in
        nonisolated(unsafe) let (l, base) = (l, base)
        try Parallel.forEachBlock(of: m, size: 256, on: execution) { columns, _ in
          BLAS.solveLower(
            m: n, n: columns.count, l, ldl: n, base + columns.lowerBound, ldb: m)
        }
      }
    }
  }
}

/// Σᵢ aᵢⱼ² for every column.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredColumnNorms<Scalar: RealScalar>(_ a: Matrix<Scalar>) -> [Double] {
  var sums = [Double](repeating: 0, count: a.columnCount)
  a.withUnsafePointer { base in
    sums.withUnsafeMutableBufferPointer { sums in
      for i in 0..<a.rowCount {
        let row = base + i * a.columnCount
        for j in 0..<a.columnCount { sums[j] += Double(row[j]) * Double(row[j]) }
      }
    }
  }
  return sums
}

/// Points of a kernel with what every sampler of them needs.
struct ScoredPoints<K: Kernel, Scalar: RealScalar> {
  let kernel: K
  let points: Rows<Scalar>
  /// k(xᵢ, xᵢ).
  let diagonal: [Scalar]

  /// - Throws: `InvalidInput` if there are no points, or they do not fit or are not finite.
  init(_ kernel: K, _ points: Rows<Scalar>, on execution: Execution) throws {
    try Check.dimension(points.rowCount, "number of points")
    self.kernel = kernel
    self.points = points
    diagonal = try kernel.diagonal(points, on: execution.silent)
  }

  /// Throws `InvalidInput` if λ is below the rounding of K, before samplers halve it that far.
  ///
  /// That is at least ulp(1) tr K, as n times the largest eigenvalue is tr K or more.
  func check(_ ridge: Double) throws {
    let rounding = Double.ulpOfOne * diagonal.reduce(0) { $0 + Double($1) }
    guard ridge >= rounding else { throw InvalidInput(ridgeBelowRounding: ridge, rounding) }
  }

  /// The sample with s_λ as it tells it itself: Σ wⱼ l̃ⱼ over its own points. Cost: |J|³ operations.
  func refined(_ sample: RidgeSample, on execution: Execution) throws -> RidgeSample {
    let own = try candidates(
      sample.indices, against: sample, ridge: sample.ridge, on: execution.silent)
    return RidgeSample(
      ridge: sample.ridge, indices: sample.indices, probabilities: sample.probabilities,
      statisticalDimension: zip(own.scores, sample.weights).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// The least ridge that samplers walk down to.
  var leastRidge: Double { 1e-10 * diagonal.reduce(0) { $0 + Double($1) } }

  /// Scores of some of the points against a sample of them.
  func candidates(
    _ indices: [Int], rate: Double = 1, against sample: RidgeSample, ridge: Double,
    on execution: Execution
  ) throws -> RidgeCandidates {
    let dictionary = try WeightedDictionary(
      kernel, sample, of: points, ridge: ridge, on: execution.silent)
    let part = indices.count == points.rowCount ? points : points.rows(at: indices)
    return RidgeCandidates(
      ridge: ridge, indices: indices, rate: rate,
      scores: try dictionary.scores(
        of: part, diagonal: indices.map { diagonal[$0] }, on: execution))
  }
}
