// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How a kernel of one number is split into features of one number.

/// F(uu′) ≈ Σ_j g_j(u) g_j(u′): Nyström's approximation of a kernel F on a few anchors.
///
/// Exact where u or u′ is an anchor; what is missing elsewhere is positive semidefinite.
struct ScalarFactors {
  /// How many anchors there may be.
  static let largestCount = 4

  /// The coefficients of F.
  private let series: [Double]
  private let anchors: [Double]
  /// The rows of L⁻¹, where L Lᵀ is the matrix F(aᵢ aⱼ) of the anchors that add something.
  private var inverse: [[Double]] = []

  /// The number of terms j; none where F vanishes on all anchors.
  var count: Int { inverse.count }

  /// - Parameter anchors: values of u that are typical of the data; 0 where u is always 0.
  init(series: [Double], anchors: [Double]) {
    precondition(1...Self.largestCount ~= anchors.count)
    self.series = series
    self.anchors = anchors
    for (i, anchor) in anchors.enumerated() {
      let known = inverse.indices.map { value($0, at: anchor) }
      let square = Self.value(series, anchor * anchor)
      let rest = square - known.reduce(0) { $0 + $1 * $1 }
      // A further term pays only where the others do not do.
      guard rest > 1e-8 * square else { continue }
      var row = [Double](repeating: 0, count: anchors.count)
      row[i] = 1
      for (factor, other) in zip(known, inverse) {
        for k in row.indices { row[k] -= factor * other[k] }
      }
      inverse.append(row.map { $0 / rest.squareRoot() })
    }
  }

  /// g_j(u).
  func value(_ j: Int, at u: Double) -> Double {
    var sum = 0.0
    for (weight, anchor) in zip(inverse[j], anchors) where weight != 0 {
      sum += weight * ScalarFactors.value(series, u * anchor)
    }
    return sum
  }

  /// Σ_p c_p sᵖ.
  private static func value(_ series: [Double], _ s: Double) -> Double {
    var sum = 0.0
    for coefficient in series.reversed() { sum = sum * s + coefficient }
    return sum
  }
}
