// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The direction that a map of features keeps exact.

/// Which direction of the data a map carries exactly, sketching only what is orthogonal to it.
///
/// Real data lie around a mean far from the origin; a sketch spends its columns and makes its error
/// on that one direction unless it is split off: x = u m + r, and
/// f(⟨x, y⟩) = Σ_k F_k(uu′) ⟨r, r′⟩ᵏ. On images this cuts the error several times.
public enum Centring: Hashable, Sendable {
  /// None: the map is oblivious to the data, but for the interval its series is fitted on.
  case none
  /// The mean direction of the sample given to the map.
  case sample
  /// The direction of this vector, with an entry for every coordinate of a point. Where biases of a
  /// network add one, points are seen as (scale · v, bias), and the vector may have it as its last entry.
  /// Its length matters there; to the Gaussian kernel, from whose dense points it is subtracted; and to
  /// layered maps, which see it as a point.
  case vector([Double])
}

extension Centring {
  /// In a word.
  var name: String {
    switch self {
    case .none: "none"
    case .sample: "sample"
    case .vector: "a vector"
    }
  }
}

/// v / ‖v‖, or nil where v is zero or not finite.
func normalized(_ vector: [Double]) -> [Double]? {
  guard vector.allSatisfy(\.isFinite) else { return nil }
  let largest = vector.reduce(0) { Swift.max($0, abs($1)) }
  guard largest > 0 else { return nil }
  let scaled = vector.map { $0 / largest }
  let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return scaled.map { $0 / norm }
}
