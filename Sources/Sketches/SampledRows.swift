// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Uniform choices of m of D rows, with and without replacement, for any m.

import Randomness

enum SampledRows {
  /// The factor f such that mean-zero terms of variance V each, summed over m chosen rows and divided by
  /// m, have the variance f V.
  ///
  /// With replacement 1/m. Without, in ⌈m/D⌉ passes of which only the last, of r = m mod D rows, is
  /// incomplete: (r/m²)(1 − (r − 1)/(D − 1)).
  static func varianceFactor(_ m: Int, of population: Int, replacement: Bool) -> Double {
    guard !replacement else { return 1 / Double(m) }
    let r = m % population
    guard r > 0 else { return 0 }
    let (count, last, size) = (Double(m), Double(r), Double(population))
    return last / (count * count) * (1 - (last - 1) / (size - 1))
  }
}
