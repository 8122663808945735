// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of entries of a point, many for each point.

import LeverageScores

/// Monomials laid out for evaluation: √weight and the indices of each, one after the other.
struct MonomialTable: Sendable {
  private let factors: [Double]
  private let starts: [Int]
  private let indices: [Int32]

  var count: Int { factors.count }

  init(_ monomials: [Monomial]) {
    factors = monomials.map { $0.weight.squareRoot() }
    indices = monomials.flatMap { $0.indices.map { Int32(truncatingIfNeeded: $0) } }
    starts = monomials.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.degree) }
  }

  /// Writes weight · √weight_c · ∏ xᵢ for every monomial c. Cost: one multiplication for each factor.
  func write(_ x: UnsafePointer<Double>, weight: Double, to output: UnsafeMutablePointer<Double>) {
    factors.withUnsafeBufferPointer { factors in
      starts.withUnsafeBufferPointer { starts in
        indices.withUnsafeBufferPointer { indices in
          for c in 0..<factors.count {
            var product = weight * factors[c]
            for position in starts[c]..<starts[c + 1] { product *= x[Int(indices[position])] }
            output[c] = product
          }
        }
      }
    }
  }
}
