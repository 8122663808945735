// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The moments of a pair of points, given or sketched, that variances of sketches are made of.

import Validation

/// What the variance of a further sketch of (x, y) depends on, where x and y may be random themselves.
public struct PairExpectation: Sendable {
  /// E⟨x, y⟩².
  public var squaredProduct: Double
  /// E|x|²|y|².
  public var norms: Double
  /// E xₖ²yₖ² for every coordinate k.
  public var squares: [Double]

  public init(squaredProduct: Double, norms: Double, squares: [Double]) {
    self.squaredProduct = squaredProduct
    self.norms = norms
    self.squares = squares
  }

  /// The moments of two given points.
  ///
  /// - Throws: `InvalidInput` unless both have `dimension` entries, all finite. Cost: O(dimension).
  public init(_ x: [Double], _ y: [Double], dimension: Int) throws {
    let pair = try PairMoments(x, y, dimension: dimension)
    self.init(
      squaredProduct: pair.product * pair.product, norms: pair.norms,
      squares: zip(x, y).map { ($0 * $1) * ($0 * $1) })
  }

  /// Σₖ E xₖ²yₖ².
  var diagonal: Double { squares.reduce(0, +) }

  /// The variance of ⟨w, x⟩⟨w, y⟩ for w of independent random signs: N + k² − 2s.
  var signVariance: Double { norms + squaredProduct - 2 * diagonal }
}
