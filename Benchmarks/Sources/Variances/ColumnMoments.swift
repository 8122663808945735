// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exact standard error of a sampled variance, for products with independent weights.
//
// High powers have tails so heavy that a sample says little of its own variance, and even less of the
// error of that: where no draw of 20,000 hits the rare large values, a sample's own error is far too
// small. The exact one comes from the fourth moment, which is a polynomial in the weights.

import Foundation

/// Moments of Re Π_t ⟨w_t, x⟩⟨w̄_t, y⟩ over independent weights.
struct ColumnMoments {
  enum Weights {
    case normals, complexNormals, signs, complexSigns

    var isComplex: Bool { self == .complexNormals || self == .complexSigns }

    /// E wᵃ w̄ᵇ of one weight.
    func moment(_ a: Int, _ b: Int) -> Double {
      switch self {
      case .normals:
        (a + b) % 2 == 0 ? stride(from: 1, to: a + b, by: 2).map(Double.init).reduce(1, *) : 0
      case .complexNormals: a == b ? (0..<a).reduce(1) { $0 * Double($1 + 1) } : 0
      case .signs: (a + b) % 2 == 0 ? 1 : 0
      case .complexSigns: (a - b) % 4 == 0 ? 1 : 0
      }
    }
  }

  /// E uʲ ūˡ of one factor u = ⟨w, x⟩⟨w̄, y⟩ for j + l ≤ 4.
  private let factor: [[Double]]

  init(_ weights: Weights, _ x: [Double], _ y: [Double]) {
    factor = Self.factorMoments(weights, x, y)
  }

  /// E, E of the square, … of one column: Re(P)ᵏ = 2⁻ᵏ Σ_j C(k, j) Pʲ P̄ᵏ⁻ʲ, and the moments of P are
  /// powers of those of its factors.
  private func moments(degree: Int) -> [Double] {
    (1...4).map { k in
      (0...k).reduce(0) { $0 + Self.binomial(k, $1) * pow(factor[$1][k - $1], Double(degree)) }
        / pow(2, Double(k))
    }
  }

  /// The standard error of the variance of `draws` means of `count` independent columns.
  func varianceError(degree: Int, columns count: Int, draws: Int) -> Double {
    let moments = moments(degree: degree)
    let (first, second, third, fourth) = (moments[0], moments[1], moments[2], moments[3])
    let variance = second - first * first
    let central =
      fourth - 4 * third * first + 6 * second * first * first - 3 * first * first * first * first
    let n = Double(count)
    let ofMean = (central + 3 * (n - 1) * variance * variance) / (n * n * n)
    return (max(0, ofMean - variance * variance / (n * n)) / Double(draws)).squareRoot()
  }

  /// Coordinate by coordinate, over the exponents of ⟨w, x⟩, ⟨w̄, y⟩, ⟨w̄, x⟩ and ⟨w, y⟩.
  private static func factorMoments(
    _ weights: Weights, _ x: [Double], _ y: [Double]
  ) -> [[Double]] {
    let exponents = (0..<625).map { [$0 / 125, $0 / 25 % 5, $0 / 5 % 5, $0 % 5] }
    var table = [Double](repeating: 0, count: 625)
    table[0] = 1
    for (x, y) in zip(x, y) {
      let own = exponents.map { e in
        weights.moment(e[0] + e[3], e[1] + e[2]) * pow(x, Double(e[0] + e[2]))
          * pow(y, Double(e[1] + e[3]))
      }
      var next = [Double](repeating: 0, count: 625)
      for (index, e) in exponents.enumerated() {
        for a in 0...e[0] {
          for b in 0...e[1] {
            for c in 0...e[2] {
              for d in 0...e[3] {
                let part = 125 * a + 25 * b + 5 * c + d
                guard own[part] != 0 else { continue }
                next[index] +=
                  binomial(e[0], a) * binomial(e[1], b) * binomial(e[2], c) * binomial(e[3], d)
                  * own[part] * table[index - part]
              }
            }
          }
        }
      }
      table = next
    }
    return (0...4).map { j in (0...4).map { l in table[125 * j + 25 * j + 5 * l + l] } }
  }

  private static func binomial(_ n: Int, _ k: Int) -> Double { binomials[n][k] }

  private static let binomials: [[Double]] = [
    [1], [1, 1], [1, 2, 1], [1, 3, 3, 1], [1, 4, 6, 4, 1],
  ]
}
