// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores by a falling ridge: BLESS, whose cost does not depend on the number of points.

import Kernels
import LinearAlgebra
import Randomness
import RealModule
import Validation

extension ScoredPoints {
  /// Scores of a uniform part of the points, at a ridge that falls by halves from n · max k(x, x).
  ///
  /// At each ridge λ a part of q n max k(x, x)/λ points, at most all, is scored against the sample taken
  /// at the ridge before, for an oversampling q. No score exceeds max k(x, x)/λ, so that no probability
  /// q l̃ᵢ exceeds the share of the part. Samples on the way are small: what they measure is measured
  /// again.
  ///
  /// - Parameters:
  ///   - count: how many points will be drawn from the last part, if that is fixed.
  ///   - isDone: whether to stop, given the candidates of a ridge; always done at `target`.
  /// - Source: Rudi, Calandriello, Carratino, Rosasco, "On fast leverage score sampling and optimal
  ///   learning", NeurIPS 2018.
  func fallingRidge(
    to target: Double, oversampling: Double?, count: Int? = nil, key: RandomKey,
    on execution: Execution, isDone: (RidgeCandidates) -> Bool = { _ in false }
  ) throws -> RidgeCandidates {
    let n = points.rowCount
    let largest = Double(diagonal.max() ?? 0)
    let range = RidgeSampler.bless.oversampling
    let start = max(Double(n) * largest, target)
    let stepCount = start > target ? Int(Double.log2(start / target).rounded(.up)) : 1
    var sample = RidgeSample(
      ridge: start, indices: [], probabilities: [], statisticalDimension: 0)
    for step in 1...max(1, stepCount) {
      let ridge = max(target, start * Double.pow(0.5, step))
      let key = key.child("ridge", step)
      var most =
        oversampling ?? (step == stepCount ? range.upperBound : range.lowerBound)
      if let count, step == stepCount {
        // s_2λ of the ridge before is at most s_λ; without one it is 0, and the part all points.
        most = max(most, Double(count) / sample.statisticalDimension)
      }
      let wanted = most * Double(n) * largest / ridge
      let size = wanted < Double(n) ? max(1, Int(wanted.rounded(.up))) : n
      let part =
        size == n
        ? Array(0..<n)
        : try key.child("part").stream.sampleWithoutReplacement(size, from: n).sorted()
      let found = try candidates(
        part, rate: Double(size) / Double(n), against: sample, ridge: ridge, on: execution.silent)
      execution.report(step, of: stepCount)
      if step >= stepCount || isDone(found) { return found }
      sample = found.independent(oversampling ?? range.lowerBound, key: key)
    }
    preconditionFailure("the last step is done")
  }
}
