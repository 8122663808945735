// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact moments of the sparse sketches.

extension SignedHash {
  /// W = Σ_b 1/(s²m_b) over the blocks of m_b rows: the variance is W (N + k² − 2s).
  ///
  /// At least 1/m, and 1/m where s divides m.
  package static func varianceFactor(nonzeros s: Int, bucketCount m: Int) -> Double {
    // m mod s of the blocks have one row more than the others.
    let (size, longer) = (m / s, m % s)
    let sum = Double(s - longer) / Double(size) + Double(longer) / Double(size + 1)
    return sum / (Double(s) * Double(s))
  }

  /// The moments of (Tx, Ty)/√s.
  func image(of pair: PairExpectation) -> PairExpectation {
    let factor = SignedHash.varianceFactor(nonzeros: nonzeros, bucketCount: bucketCount)
    let (diagonal, s) = (pair.diagonal, Double(nonzeros))
    var squares: [Double] = []
    squares.reserveCapacity(bucketCount)
    for b in 0..<nonzeros {
      let size = blockStart(b + 1) - blockStart(b)
      // E uₖ²vₖ² where a coordinate falls into k with probability 1/m_b.
      let (one, two) = (1 / Double(size), 1 / (Double(size) * Double(size)))
      let square = diagonal * one + (pair.norms + 2 * pair.squaredProduct - 3 * diagonal) * two
      squares += repeatElement(square / (s * s), count: size)
    }
    return PairExpectation(
      squaredProduct: pair.squaredProduct + factor * pair.signVariance,
      norms: pair.norms + 2 * factor * (pair.squaredProduct - diagonal), squares: squares)
  }
}
