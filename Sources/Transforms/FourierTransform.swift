// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Real Fourier transforms of rows and the length they work at.

import LinearAlgebra
import Validation

/// The discrete Fourier transform of real vectors of one length m, and its inverse.
///
/// X_k = Σ_j x_j exp(−2πi jk/m) for k = 0 … ⌊m/2⌋; the other half are conjugates. The value holds only
/// the length; `plan(for:)` gives the routines for a number type.
public struct FourierTransform: Hashable, Sendable {
  /// The lengths that can be transformed.
  public static let lengths = 1...(1 << 26)

  /// m, the number of real entries.
  public let length: Int

  /// - Throws: `InvalidInput` if the length is not in `FourierTransform.lengths`.
  public init(length: Int) throws {
    try Check.dimension(length, "transform length", upTo: FourierTransform.lengths.upperBound)
    self.length = length
  }

  /// ⌊m/2⌋ + 1, the number of complex entries of a spectrum.
  public var spectrumCount: Int { length / 2 + 1 }

  /// The routines of this length for one number type; made on first use, then kept for the process.
  ///
  /// - Complexity: some milliseconds the first time, then one dictionary lookup under a lock.
  public func plan<Scalar: RealScalar>(for type: Scalar.Type) -> FourierPlan<Scalar> {
    FourierPlan(length: length, routines: .routines(length: length, type: type))
  }

  /// The greatest even length at or below `limit` with no prime factor above 7: such are the fastest.
  ///
  /// For a limit of 1 it is 1.
  public static func fastLength(atMost limit: Int) -> Int {
    precondition(lengths.contains(limit))
    var candidate = limit - limit % 2
    while candidate > 1, !isFast(candidate) { candidate -= 2 }
    return max(1, candidate)
  }

  /// The least even length at or above `limit` with no prime factor above 7: such are the fastest.
  public static func fastLength(atLeast limit: Int) -> Int {
    precondition(lengths.contains(limit))
    var candidate = limit + limit % 2
    while !isFast(candidate) { candidate += 2 }
    return candidate
  }

  private static func isFast(_ length: Int) -> Bool {
    var rest = length
    for prime in [2, 3, 5, 7] {
      while rest % prime == 0 { rest /= prime }
    }
    return rest == 1
  }
}
