// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations by quadrature on tiles of kernel values.

import LinearAlgebra

/// The dual of a function without closed form, between two sets of standard deviations.
///
/// A Hermite series where the rest after some terms is certainly below 1e-13 of
/// √(E σ′(u)² E σ′(v)²), else a quadrature for the pair: it is next to |ρ| = 1 that kinks and large
/// deviations make the series slow.
struct QuadratureTile {
  private let function: SmoothPieces
  private let left: HermiteExpansion
  private let right: HermiteExpansion
  private static let tolerance = 1e-13
  /// Terms are counted in steps of this many.
  private static let step = 16

  /// Cost: 0.1 ms per different deviation, 4 kB each.
  init<Scalar: RealScalar>(
    _ function: SmoothPieces, _ left: UnsafePointer<Scalar>, _ leftCount: Int,
    _ right: UnsafePointer<Scalar>, _ rightCount: Int
  ) {
    self.function = function
    self.left = HermiteExpansion(function, deviations: (0..<leftCount).map { Double(left[$0]) })
    self.right = HermiteExpansion(function, deviations: (0..<rightCount).map { Double(right[$0]) })
  }

  /// Takes covariances of left points with as many right points through the activation. Cost: up to
  /// 0.1 µs per entry by the series, a millisecond without.
  ///
  /// - Parameters:
  ///   - left: the first left point; the others are the same if `leftStep` is 0, the next if it is 1.
  ///   - right: the first right point, before the next.
  ///   - same: the entry of which both points are one, if any; its values are left out.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(
    left first: Int, leftStep: Int, right start: Int, count: Int, same: Int?,
    nngp: UnsafeMutablePointer<Scalar>, ntk: UnsafeMutablePointer<Scalar>?, workspace: Workspace
  ) {
    workspace.withScratch(Double.self, 4 * count) { scratch in
      let (cosines, powers) = (scratch, scratch + count)
      let (values, derivatives) = (scratch + 2 * count, scratch + 3 * count)
      var terms = 0
      for j in 0..<count {
        let pair = pair(first + j * leftStep, start + j, Double(nngp[j]))
        cosines[j] = pair.cosineAndSine.0
        powers[j] = 1
        (values[j], derivatives[j]) = (0, 0)
        if j == same {
          cosines[j] = 0
        } else if let needed = termCount(
          first + j * leftStep, start + j, cosines[j])
        {
          terms = max(terms, needed)
        } else {
          cosines[j] = .nan
        }
      }
      for term in 0..<terms {
        let share = 1 / Double(term + 1)
        left.withTerm(term, from: first) { lefts in
          right.withTerm(term, from: start) { rights in
            for j in 0..<count {
              let summand = lefts[j * leftStep] * rights[j] * powers[j]
              derivatives[j] += summand
              powers[j] *= cosines[j]
              values[j] += summand * cosines[j] * share
            }
          }
        }
      }
      for j in 0..<count {
        let (i, k) = (first + j * leftStep, start + j)
        if cosines[j].isNaN {
          let exact = PairQuadrature(function)(pair(i, k, Double(nngp[j])))
          (values[j], derivatives[j]) = (exact.value, exact.derivative)
        } else {
          values[j] =
            left.points[i].mean * right.points[k].mean
            + left.points[i].deviation * right.points[k].deviation * values[j]
        }
        nngp[j] = Scalar(values[j])
        if let ntk { ntk[j] *= Scalar(derivatives[j]) }
      }
    }
  }

  private func pair(_ i: Int, _ j: Int, _ covariance: Double) -> GaussianPair {
    GaussianPair(left.points[i].deviation, right.points[j].deviation, covariance: covariance)
  }

  /// After how many terms the rest does not matter, by Cauchy and Schwarz; nil if more than there are.
  private func termCount(_ i: Int, _ j: Int, _ cosine: Double) -> Int? {
    let (n, m) = (left.points.count, right.points.count)
    let bound = Self.tolerance * left.tails[i] * right.tails[j]
    var (base, factor) = (cosine.magnitude, 1.0)
    for _ in 0..<4 { base *= base }
    var terms = 0
    while factor * left.tails[terms * n + i] * right.tails[terms * m + j] > bound {
      terms += Self.step
      factor *= base
      if terms > HermiteExpansion.termCount { return nil }
    }
    return terms
  }
}
