// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How sketches of an activation depend on the norm of a patch and its angle to the mean direction.

import LinearAlgebra
import NeuralKernels

/// g_df for the values of the dual and of its derivative, of every term.
///
/// For fixed n and u the part of σ(n⟨x̂, w⟩) of degree d in r is |r|ᵈ h_d(⟨r̂, w⟩) Σ_j a_j h_{j−d}(⟨m, w⟩) over
/// normal w, with a_j = αⱼ(n) √C(j, d) u^{j−d}. g_df = ⟨a, e_f⟩, where the e_f are an orthonormal basis of the a
/// of the anchors.
struct SketchFactors: Sendable {
  private let degrees: [Int]
  /// e_f times √C(j, d), of the values and of the derivatives.
  private let values: [[Double]]
  private let slopes: [[Double]]
  /// √C(j, d) of every degree.
  private let roots: [[Double]]
  let coefficients: HermiteCoefficients

  init(_ activation: Activation, _ plan: SketchPlan) {
    let count = activation.slopes == nil ? 32 : 48
    coefficients = HermiteCoefficients(activation, count: count)
    var (a, b) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    var (values, slopes): ([[[Double]]], [[[Double]]]) = ([], [])
    var allRoots: [[Double]] = []
    for degree in 0...SketchPlan.largestDegree {
      var (binomial, roots) = (1.0, a.map { _ in 0.0 })
      for j in degree..<count {
        if j > degree { binomial *= Double(j) / Double(j - degree) }
        roots[j] = binomial.squareRoot()
      }
      // The rows of Gram and Schmidt from those of the anchors.
      var bases: ([[Double]], [[Double]]) = ([], [])
      for anchor in plan.anchors {
        coefficients.write(at: anchor.deviation, values: &a, slopes: &b)
        func row(_ c: [Double], _ basis: [[Double]]) -> [Double] {
          var row = c.indices.map { j in
            j < degree ? 0 : c[j] * roots[j] * Double.pow(anchor.cosine, j - degree)
          }
          let whole = row.reduce(0) { $0 + $1 * $1 }
          for other in basis {
            let along = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
            for j in row.indices { row[j] -= along * other[j] }
          }
          let square = row.reduce(0) { $0 + $1 * $1 }
          return row.map { square > 1e-8 * whole ? $0 / square.squareRoot() : 0 }
        }
        bases.0.append(row(a, bases.0))
        bases.1.append(row(b, bases.1))
      }
      values.append(bases.0.map { zip($0, roots).map { $0 * $1 } })
      slopes.append(bases.1.map { zip($0, roots).map { $0 * $1 } })
      allRoots.append(roots)
    }
    degrees = plan.terms.map(\.degree)
    roots = allRoots
    self.values = plan.terms.map { values[$0.degree][$0.factor] }
    self.slopes = plan.terms.map { slopes[$0.degree][$0.factor] }
  }

  /// g_df of both at one n and u.
  func values(deviation: Double, cosine: Double) -> (values: [Double], slopes: [Double]) {
    let count = degrees.count
    var numbers = [Double](repeating: 0, count: 2 * (count + coefficients.count))
    numbers.withUnsafeMutableBufferPointer { buffer in
      guard let g = buffer.baseAddress else { return }
      write(
        deviation: deviation, cosine: cosine, values: g, slopes: g + count, scratch: g + 2 * count)
    }
    return (Array(numbers[..<count]), Array(numbers[count..<2 * count]))
  }

  /// Writes g_df of both at one n and u.
  ///
  /// - Parameter scratch: for 2 · `coefficients.count` numbers.
  func write(
    deviation: Double, cosine: Double, values g: UnsafeMutablePointer<Double>,
    slopes h: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let count = coefficients.count
    let (a, b) = (scratch, scratch + count)
    coefficients.write(at: deviation, values: a, slopes: b)
    for term in values.indices {
      var sums = (0.0, 0.0)
      values[term].withUnsafeBufferPointer { values in
        slopes[term].withUnsafeBufferPointer { slopes in
          for j in (degrees[term]..<count).reversed() {
            sums.0 = sums.0 * cosine + a[j] * values[j]
            sums.1 = sums.1 * cosine + b[j] * slopes[j]
          }
        }
      }
      (g[term], h[term]) = sums
    }
  }

  /// Σ_j e_fj h_{j−d}(z) of every term: what multiplies g_df |r|ᵈ h_d(⟨r̂, w⟩) for w with ⟨m, w⟩ = z.
  func functions(at z: Double) -> (values: [Double], slopes: [Double]) {
    let count = coefficients.count
    var polynomials = [1.0, z]
    for k in 1..<count {
      polynomials.append(
        (z * polynomials[k] - Double(k).squareRoot() * polynomials[k - 1])
          / Double(k + 1).squareRoot())
    }
    func sums(_ rows: [[Double]]) -> [Double] {
      zip(rows, degrees).map { row, degree in
        (degree..<count).reduce(0) { $0 + row[$1] / roots[degree][$1] * polynomials[$1 - degree] }
      }
    }
    return (sums(values), sums(slopes))
  }
}
