// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Output dimensions planned from exact variances.

import LinearAlgebra
import Sketches
import Validation

extension PolynomialSketch {
  /// The least m for which the standard deviation of ⟨Sx, Sy⟩ is at most ε √(k(x, x) k(y, y)), where
  /// k(x, y) = (γ⟨x, y⟩ + r)^q. For all pairs plan with x = y of entries of equal size, the worst but
  /// for odd cases of the SRHT forms.
  ///
  /// By bisection: the variance falls with m but for ripples between odd and even m, and where a
  /// whole Hadamard transform is complete.
  ///
  /// - Parameter parameters: the sketch; its output dimension does not matter.
  /// - Throws: `InvalidInput` unless the parameters are sound, x and y have d entries, all finite, and
  ///   ε is above 0 and leaves m at 2²⁶ or below.
  /// - Complexity: 27 times that of the variance.
  public static func dimension(
    forRelativeError epsilon: Double, _ x: [Double], _ y: [Double], parameters: Parameters
  ) throws -> Int {
    try Check.positive(epsilon, "relative error")
    let input = try Homogenization(validated: parameters.polynomial)
    let size = power(try input.moments(x, y).norms, parameters.polynomial.degree)
    var candidate = parameters
    func variance(_ m: Int) throws -> Double {
      candidate.polynomial.outputDimension = m
      return try Self.variance(x, y, parameters: candidate)
    }
    func suffices(_ m: Int) throws -> Bool { try variance(m) <= epsilon * epsilon * size }
    let limit = PolynomialSketchParameters.largestOutputDimension
    var (low, high) = (max(1, parameters.leastOutputDimension), limit)
    guard low <= limit, try suffices(limit) else {
      throw InvalidInput(
        "relative error", found: "\(epsilon)",
        expected: "one that \(limit) features can reach")
    }
    while low < high {
      let middle = low + (high - low) / 2
      if try suffices(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension PolynomialSketch {
  /// v of `SpectralRule`, the mean over all pairs of the given points. Cost: O(n²(d + q)).
  ///
  /// - Throws: `InvalidInput` if the points do not have d columns, are none, not finite, or have powers
  ///   that all vanish or overflow.
  public func varianceRatio(on points: Rows<Double>) throws -> Double {
    try points.validate(columnCount: inputDimension, "points")
    let polynomial = parameters.polynomial
    return try SpectralRule.varianceRatio(
      of: points, dimension: outputDimension,
      kernel: {
        TensorSketches.power(
          polynomial.scale * $0 + polynomial.offset, polynomial.degree)
      },
      variance: variance)
  }
}
