// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// All monomials of one degree.

import LinearAlgebra

/// The monomials of degree k of x ∈ ℝᵈ, each times the root of the number of orders of its factors:
/// z(x) ∈ ℝ^C(d + k − 1, k) with ⟨z(x), z(y)⟩ = ⟨x, y⟩ᵏ, exactly.
///
/// Monomials come in the order of their indices. Those that begin with xᵢ are xᵢ times the monomials of degree
/// k − 1 that begin with xᵢ or a later entry, which are consecutive: so each degree is made from the last
/// by one multiplication for each monomial.
struct SymmetricPower: Sendable {
  let dimension: Int
  let degree: Int
  /// √(k!/∏ kᵢ!) of every monomial; empty for k = 1.
  private let roots: [Double]
  /// For degrees 1 … k − 1 the place of the first monomial that begins with xᵢ, and the count of all.
  private let starts: [[Int]]

  var count: Int { degree == 1 ? dimension : roots.count }

  /// The most monomials that make sense.
  static let largestCount = 1 << 24

  /// - Complexity: a few operations and up to 50 bytes for each monomial, 8 of which stay.
  init(dimension: Int, degree: Int) {
    precondition(dimension > 0 && degree > 0)
    self.dimension = dimension
    self.degree = degree
    guard degree > 1 else {
      (roots, starts) = ([], [])
      return
    }
    // Of the last degree, monomial by monomial: k!/∏ kᵢ!, and how often it has its first factor.
    var (weights, runs) = (
      [Double](repeating: 1, count: dimension), [Int](repeating: 1, count: dimension)
    )
    var starts = [Array(0...dimension)]
    for level in 2...degree {
      let last = starts[level - 2]
      var next: (weights: [Double], runs: [Int], starts: [Int]) = ([], [], [0])
      for i in 0..<dimension {
        for place in last[i]..<last[dimension] {
          let run = place < last[i + 1] ? runs[place] + 1 : 1
          next.weights.append(weights[place] * Double(level) / Double(run))
          next.runs.append(run)
        }
        next.starts.append(next.weights.count)
      }
      (weights, runs) = (next.weights, next.runs)
      if level < degree { starts.append(next.starts) }
    }
    roots = weights.map { $0.squareRoot() }
    self.starts = starts
  }

  /// Writes z(x). Cost: up to twice as many multiplications as monomials.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, to output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    guard degree > 1 else { return output.update(from: x, count: dimension) }
    let half = starts[degree - 2][dimension]
    workspace.withScratch(Scalar.self, 2 * half) { scratch in
      var last = x
      for level in 1..<degree {
        let next = level == degree - 1 ? output : scratch + (level % 2) * half
        starts[level - 1].withUnsafeBufferPointer { starts in
          var position = 0
          for i in 0..<dimension {
            let factor = x[i]
            for place in starts[i]..<starts[dimension] {
              next[position] = factor * last[place]
              position += 1
            }
          }
        }
        last = UnsafePointer(next)
      }
    }
    roots.withUnsafeBufferPointer { roots in
      for c in 0..<roots.count { output[c] *= Scalar(roots[c]) }
    }
  }
}
