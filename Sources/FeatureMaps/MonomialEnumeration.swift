// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// All monomials of a power series, where they are few.

import LeverageScores
import LinearAlgebra

/// Σ_j c_j ⟨x, y⟩ʲ written out in some of the coordinates: one monomial for each multiset of j of them.
///
/// With k_i the exponents, j!/∏ kᵢ! tuples make up a monomial, so c_j · j!/∏ kᵢ! is its weight and the sum
/// over all monomials is the series, exactly.
struct MonomialEnumeration {
  /// c_0, c_1, …
  let coefficients: [Double]
  /// The coordinates, in rising order; others are 0 at all points.
  let columns: [Int]

  /// The number of monomials, Σ_j C(d + j − 1, j) over degrees with c_j > 0; nil where it is above
  /// `limit`. Cost: a few operations per degree.
  func count(upTo limit: Int) -> Int? {
    var total = 0
    for (degree, coefficient) in coefficients.enumerated() where coefficient > 0 {
      guard
        let ofDegree = Self.count(dimension: columns.count, degree: degree, upTo: limit - total)
      else { return nil }
      total += ofDegree
    }
    return total
  }

  /// C(d + j − 1, j), the monomials of degree j in d coordinates; nil where it is above `limit`.
  static func count(dimension: Int, degree: Int, upTo limit: Int) -> Int? {
    // It grows with j where there are coordinates.
    var count = 1
    for j in stride(from: 1, through: degree, by: 1) {
      let product = count.multipliedReportingOverflow(by: dimension + j - 1)
      guard !product.overflow else { return nil }
      count = product.partialValue / j
      guard count <= limit else { return nil }
    }
    return count <= limit ? count : nil
  }

  /// The monomials by degree, then by indices. Cost: O(degree) each.
  var monomials: [Monomial] {
    var result: [Monomial] = []
    for (degree, coefficient) in coefficients.enumerated() where coefficient > 0 {
      extend([], from: 0, run: 0, by: degree, weight: coefficient, into: &result)
    }
    return result
  }

  /// Adds the monomials that begin with `indices` and have `rest` more, from the place `start` on.
  ///
  /// The t-th index, the r-th of a run of equal ones, multiplies the number of orders by t/r: in the
  /// end j!/∏ kᵢ!.
  private func extend(
    _ indices: [Int], from start: Int, run: Int, by rest: Int, weight: Double,
    into result: inout [Monomial]
  ) {
    guard rest > 0 else {
      result.append(Monomial(indices: indices, weight: weight))
      return
    }
    for place in start..<max(start, columns.count) {
      let run = place == start ? run + 1 : 1
      extend(
        indices + [columns[place]], from: place, run: run, by: rest - 1,
        weight: weight * Double(indices.count + 1) / Double(run), into: &result)
    }
  }
}
