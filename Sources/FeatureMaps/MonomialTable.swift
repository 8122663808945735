// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Products of entries of a point, many for each point.

import LeverageScores

/// Monomials laid out for evaluation: √weight and the factors of each, one after the other.
struct MonomialTable: Sendable {
  /// The coordinates that some monomial has.
  let columns: ColumnSubset
  private let factors: [Double]
  private let starts: [Int]
  /// Of each factor its place among the columns.
  private let places: [Int32]

  var count: Int { factors.count }

  init(_ monomials: [Monomial]) {
    factors = monomials.map { $0.weight.squareRoot() }
    let columns = ColumnSubset(
      monomials.flatMap { $0.indices.map { Int32(truncatingIfNeeded: $0) } })
    self.columns = columns
    let place = Dictionary(
      uniqueKeysWithValues: zip(columns.columns, (0..<columns.count).map(Int32.init)))
    places = monomials.flatMap {
      $0.indices.map { place[Int32(truncatingIfNeeded: $0)] ?? 0 }
    }
    starts = monomials.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.degree) }
  }

  /// Writes weight · √weight_c · ∏ xᵢ for every monomial c, x the entries in `columns`. Cost: one multiplication for each factor.
  func write(_ x: UnsafePointer<Double>, weight: Double, to output: UnsafeMutablePointer<Double>) {
    factors.withUnsafeBufferPointer { factors in
      starts.withUnsafeBufferPointer { starts in
        places.withUnsafeBufferPointer { places in
          for c in 0..<factors.count {
            var product = weight * factors[c]
            for position in starts[c]..<starts[c + 1] { product *= x[Int(places[position])] }
            output[c] = product
          }
        }
      }
    }
  }
}
