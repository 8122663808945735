// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Means and variances over many seeds, held against theory.

import RealModule

/// Sample moments of independent trials.
public struct Moments {
  public let count: Int
  public let mean: Double
  public let variance: Double
  /// The standard error of `mean`.
  public let meanError: Double
  /// The standard error of `variance`, from the fourth moment.
  public let varianceError: Double

  public init(_ values: [Double]) {
    let n = Double(values.count)
    let average = values.reduce(0, +) / n
    let second = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / n
    let fourth =
      values.reduce(0) { sum, value in
        let square = (value - average) * (value - average)
        return sum + square * square
      } / n
    count = values.count
    mean = average
    variance = second * n / (n - 1)
    meanError = (variance / n).squareRoot()
    varianceError = (max(0, fourth - second * second) / n).squareRoot()
  }

  /// How many standard errors the mean lies from `expected` (0 if both are exact).
  public func meanScore(_ expected: Double) -> Double {
    score(mean - expected, meanError, scale: expected)
  }

  /// How many standard errors the variance lies from `expected`.
  public func varianceScore(_ expected: Double) -> Double {
    score(variance - expected, varianceError, scale: expected)
  }

  private func score(_ difference: Double, _ error: Double, scale: Double) -> Double {
    if abs(difference) <= 1e-12 * max(1e-300, abs(scale)) { return 0 }
    return error > 0 ? difference / error : .infinity
  }
}

/// The score that a fair test of `comparisons` comparisons exceeds less than once in 10⁶ runs, with a
/// margin of one for the heavy tails of products of random signs: the two-sided normal quantile.
public func scoreThreshold(comparisons: Int) -> Double {
  // P(|N| > z) ≤ 2 exp(−z²/2) / (z √(2π)); solved by bisection.
  var (low, high) = (1.0, 40.0)
  let target = 1e-6 / Double(comparisons)
  while high - low > 1e-9 {
    let middle = (low + high) / 2
    let tail = 2 * Double.exp(-middle * middle / 2) / (middle * 2.5066282746310002)
    if tail > target { low = middle } else { high = middle }
  }
  return high + 1
}
