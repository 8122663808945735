// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The numbers of a pair of points that variances are made of.

import Validation

/// What second moments of sketched inner products depend on.
package struct PairMoments {
  /// k = ⟨x, y⟩.
  package var product: Double
  /// N = |x|²|y|².
  package var norms: Double
  /// s = Σₖ xₖ²yₖ².
  package var diagonal: Double

  package init(product: Double, norms: Double, diagonal: Double) {
    self.product = product
    self.norms = norms
    self.diagonal = diagonal
  }

  /// - Throws: `InvalidInput` unless both have `dimension` entries, all finite. Cost: O(dimension).
  package init(_ x: [Double], _ y: [Double], dimension: Int) throws {
    for (point, name) in [(x, "x"), (y, "y")] {
      try Check.equal(point.count, dimension, "entries of \(name)")
      if let index = point.firstIndex(where: { !$0.isFinite }) {
        throw InvalidInput(
          "entry \(index) of \(name)", found: "\(point[index])", expected: "a finite number")
      }
    }
    var (xx, yy, xy, diagonal) = (0.0, 0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += a * a
      yy += b * b
      xy += a * b
      diagonal += a * b * a * b
    }
    self.init(product: xy, norms: xx * yy, diagonal: diagonal)
  }

  /// The variance of ⟨w, x⟩⟨w, y⟩ for w of independent random signs: N + k² − 2s.
  var signVariance: Double { norms + product * product - 2 * diagonal }
}
