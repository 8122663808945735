// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How a kernel of one number is split into features of one number.

/// F(uu′) ≈ Σ_j g_j(u) g_j(u′): Nyström's approximation of a kernel F on one or two anchors.
///
/// Exact where u or u′ is an anchor; what is missing elsewhere is positive semidefinite.
struct ScalarFactors {
  /// The coefficients of F.
  private let series: [Double]
  private let anchors: [Double]
  /// The rows of L⁻¹, where L Lᵀ is the matrix F(aᵢ aⱼ).
  private let inverse: [[Double]]

  /// The number of terms j; none where F vanishes on the first anchor.
  var count: Int { inverse.count }

  /// - Parameter anchors: one or two values of u that are typical of the data; 0 where u is always 0.
  init(series: [Double], anchors: [Double]) {
    precondition(1...2 ~= anchors.count)
    self.series = series
    self.anchors = anchors
    let corner = ScalarFactors.value(series, anchors[0] * anchors[0])
    guard corner > 0 else {
      inverse = []
      return
    }
    let first = 1 / corner.squareRoot()
    guard anchors.count > 1 else {
      inverse = [[first]]
      return
    }
    let below = ScalarFactors.value(series, anchors[0] * anchors[1]) * first
    let square = ScalarFactors.value(series, anchors[1] * anchors[1])
    let rest = square - below * below
    // A second term pays only where one does not do.
    if rest > 1e-8 * square {
      let scale = 1 / rest.squareRoot()
      inverse = [[first], [-scale * below * first, scale]]
    } else {
      inverse = [[first]]
    }
  }

  /// g_j(u).
  func value(_ j: Int, at u: Double) -> Double {
    var sum = 0.0
    for (weight, anchor) in zip(inverse[j], anchors) {
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
