// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores by recursive halving of the points.

import Kernels
import LinearAlgebra
import Randomness
import RealModule
import Validation

extension ScoredPoints {
  /// The scores of all points against a sample of a random half, which comes from the scores of that
  /// half against a sample of a quarter, and so on down to 64 points.
  ///
  /// A half lacks directions that the whole has, so its scores err upwards.
  ///
  /// - Parameter ridge: λ of a level, given its sample's successor in size.
  /// - Source: Musco, Musco, "Recursive sampling for the Nyström method", NeurIPS 2017.
  func halving(
    oversampling: Double?, key: RandomKey, on execution: Execution,
    ridge: (RidgeSample, _ level: [Int]) throws -> Double
  ) throws -> RidgeCandidates {
    let n = points.rowCount
    let order = try key.child("order").stream.sampleWithoutReplacement(n, from: n)
    var sizes = [n]
    while let last = sizes.last, last > 64 { sizes.append((last + 1) / 2) }
    let start = Array(order[..<sizes.removeLast()]).sorted()
    var sample = RidgeSample(
      ridge: 0, indices: start, probabilities: start.map { _ in 1 }, statisticalDimension: 0)
    if sizes.isEmpty { sizes = [n] }
    while let size = sizes.popLast() {
      let level = size == n ? Array(0..<n) : Array(order[..<size]).sorted()
      let found = try candidates(
        level, against: sample, ridge: ridge(sample, level),
        on: size == n ? execution : execution.silent)
      if size == n { return found }
      sample = found.independent(
        oversampling, within: RidgeSampler.recursive.oversampling, key: key.child("level", size))
    }
    preconditionFailure("the last level holds all points")
  }

  /// The ridge for a sample of `count`, by the level's trace and the eigenvalues that its sample tells.
  func tailRidge(_ sample: RidgeSample, _ level: [Int], count: Int) throws -> Double {
    let trace = level.reduce(0) { $0 + Double(diagonal[$1]) }
    guard trace > 0 else {
      throw InvalidInput(
        "points", found: "some at which the kernel is zero", expected: "ones at which it is not")
    }
    var matrix = try kernel.matrix(points.rows(at: sample.indices).converted(to: Double.self))
    let roots = sample.probabilities.map { (1 / $0).squareRoot() }
    for i in roots.indices {
      for j in roots.indices { matrix[i, j] *= roots[i] * roots[j] }
    }
    guard !roots.isEmpty else { return trace }
    // The sample's own trace may differ from the level's.
    let spectrum = try SymmetricEigen.values(of: matrix)
    let scale = trace / spectrum.reduce(0, +)
    return RidgeLeverageScores.ridge(
      forSampleOf: count, spectrum: scale.isFinite ? spectrum.map { scale * $0 } : [trace])
  }
}

extension RidgeLeverageScores {
  /// The λ for which a sample of `count` points is about enough: (1/k) Σ_{i > k} σᵢ with k = count/(2 ln
  /// count), so that s_λ ≤ 2k; at least 10⁻¹⁰ of Σ σᵢ.
  ///
  /// - Parameter spectrum: the eigenvalues σ of K, in any order.
  /// - Source: Musco, Musco, "Recursive sampling for the Nyström method", NeurIPS 2017.
  public static func ridge(forSampleOf count: Int, spectrum: [Double]) -> Double {
    let k = max(1, Int(Double(count) / (2 * max(1, Double.log(Double(max(1, count)))))))
    let falling = spectrum.map { max(0, $0) }.sorted(by: >)
    let tail = falling.dropFirst(k).reduce(0, +)
    return max(tail / Double(k), 1e-10 * falling.reduce(0, +))
  }
}
