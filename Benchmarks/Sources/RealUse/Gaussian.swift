// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random Fourier features of the Gaussian kernel, with a length scale chosen on held-out points.

import Sketching

/// Length scales to choose from, for us and for scikit-learn: shares of the median distance.
func lengthScales(for problem: Problem) throws -> [Double] {
  let median = try problem.medianDistance()
  return [0.125, 0.25, 0.5, 1, 2, 4].map { $0 * median }
}

/// The most training points that settings are chosen on, and the most columns meanwhile.
let trialSize = (points: 10_000, columns: 1024)

/// Learns with random Fourier features; the length scale is chosen before the clock starts.
func learnWithFourierFeatures(
  _ problem: Problem, dimension: Int
) throws -> (outcome: Outcome, kernel: GaussianKernel) {
  func outcome(_ kernel: GaussianKernel, _ problem: Problem, _ columns: Int) throws -> Outcome {
    try learn(problem) {
      try RandomFourierFeatureMap(
        kernel, inputDimension: problem.training.columnCount, dimension: columns)
    }
  }
  let some = problem.part(trialSize.points)
  let kernel = try best(lengthScales(for: problem).map(GaussianKernel.init)) {
    try outcome($0, some, min(dimension, trialSize.columns))
  }
  return (try outcome(kernel, problem, dimension), kernel)
}
