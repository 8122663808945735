// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every randomized linear map is.

import LinearAlgebra

/// A random matrix S ∈ ℝᵐˣᵈ with E[SᵀS] = I, drawn from a law by a seed and applied to points.
///
/// A value made of law, dimensions and seed: that is what it stores (`Codable`) and what equality
/// compares. Equal values are equal matrices on every machine; tables are only a cache. It is
/// oblivious: the data play no part in it. Sketches of parts of a sum add up to the sketch of the
/// sum, since it is linear.
public protocol LinearSketch: RowMap, Codable, Hashable {
  /// The seed of all its random choices.
  var seed: UInt64 { get }

  /// The exact variance of ⟨Sx, Sy⟩ over all random choices.
  func variance(_ x: [Double], _ y: [Double]) -> Double
}

extension LinearSketch {
  /// Z = X Sᵀ: the sketch of every row of X, `n × m`.
  ///
  /// Equal bits for any number of threads; see the law for what else it promises.
  ///
  /// - Throws: `InvalidInput` if X does not have d columns or holds NaN or infinity.
  public func apply<Scalar: RealScalar>(
    to rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try images(of: rows, on: execution)
  }
}
