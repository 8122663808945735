// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exponential as a polynomial, as far as given points need it.

import RealModule

extension PowerSeries {
  /// Σ_{p ≤ degree} (scale · t)ᵖ/p!, its coefficients.
  static func exponential(degree: Int, scale: Double = 1) -> [Double] {
    var coefficient = 1.0
    return (0...degree).map { p in
      if p > 0 { coefficient *= scale / Double(p) }
      return coefficient
    }
  }

  /// The least degree at which the series of exp lacks less than 10⁻⁴ of exp(t), t ≥ 0, and so of all
  /// that is less; nil where that takes more than `largestDegree`.
  static func exponentialDegree(reaching t: Double) -> Int? {
    var (term, sum) = (Double.exp(-t), Double.exp(-t))
    for degree in 1...largestDegree {
      term *= t / Double(degree)
      sum += term
      if 1 - sum < 1e-4 { return degree }
    }
    return nil
  }
}
