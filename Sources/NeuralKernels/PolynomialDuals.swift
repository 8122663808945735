// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dual activations of polynomials, and of powers cut off at 0.

import LinearAlgebra

/// Σ cₖ xᵏ: k = Σⱼ βⱼ(q²) βⱼ(r²) cʲ with βⱼ(a) = Σᵢ cⱼ₊₂ᵢ (j + 2i)! aⁱ / (2ⁱ i! √j!), the
/// polynomial's Hermite coefficients over qʲ.
struct PolynomialDual: ClosedDual {
  /// βⱼ's coefficients in ascending order, for each j.
  private let beta: [[Double]]

  init(_ coefficients: [Double]) {
    beta = coefficients.indices.map { j in
      // j! / √j! and then (j + 2i)! / (2ⁱ i!) step by step.
      var factor = (1...max(1, j)).reduce(1.0) { $0 * Double($1).squareRoot() }
      return stride(from: j, to: coefficients.count, by: 2).map { k in
        if k > j { factor *= Double(k * (k - 1)) / Double(k - j) }
        return coefficients[k] * factor
      }
    }
  }

  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (a, b) = (pair.q * pair.q, pair.r * pair.r)
    var (value, derivative) = (0.0, 0.0)
    for row in beta.reversed() {
      var (x, y) = (0.0, 0.0)
      for coefficient in row.reversed() {
        x = x * a + coefficient
        y = y * b + coefficient
      }
      derivative = derivative * pair.c + value
      value = value * pair.c + x * y
    }
    return (value, derivative)
  }
}

/// xᵏ and Heₖ(x)/√k!: Σᵢ wᵢ tⁱ cᵏ⁻²ⁱ with wᵢ = N / (4ⁱ i!² (k − 2i)!), where N = k!² and t = q² r² for
/// the power, N = k! and t = (q² − 1)(r² − 1) for the Hermite polynomial.
struct PowerDual: ClosedDual {
  private let degree: Int
  private let centre: Double
  private let weights: [Double]

  init(monomial degree: Int) { self.init(degree, centre: 0, isMonic: true) }
  init(hermite degree: Int) { self.init(degree, centre: 1, isMonic: false) }

  private init(_ degree: Int, centre: Double, isMonic: Bool) {
    self.degree = degree
    self.centre = centre
    var weight = isMonic ? (1...max(1, degree)).reduce(1.0) { $0 * Double($1) } : 1
    weights = (0...degree / 2).map { i in
      if i > 0 {
        let left = degree - 2 * i
        weight *= Double((left + 1) * (left + 2)) / Double(4 * i * i)
      }
      return weight
    }
  }

  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let t = distance(pair.q) * distance(pair.r)
    let square = pair.c * pair.c
    // Σ wᵢ tⁱ s^(n−i) and its derivative in s = c², from the highest power of s down; then the odd c.
    var (value, slope, power) = (0.0, 0.0, 1.0)
    for weight in weights {
      slope = slope * square + value
      value = value * square + weight * power
      power *= t
    }
    guard degree % 2 == 1 else { return (value, 2 * pair.c * slope) }
    return (pair.c * value, value + 2 * square * slope)
  }

  /// q² less the centre.
  @inline(__always)
  private func distance(_ q: Double) -> Double {
    centre == 1 && Self.isUnit(q) ? 0 : q * q - centre
  }

  /// Whether q² is 1 but for rounding. Then Hermite polynomials give cᵏ alone, however small that is.
  @inline(__always)
  static func isUnit(_ q: Double) -> Bool { (q * q - 1).magnitude < 4e-15 }
}

/// 1[x ≥ 0] xᵏ: (qr)ᵏ Jₖ(θ) / 2π with derivative k² (qr)ᵏ⁻¹ Jₖ₋₁(θ) / 2π, where J₀ = π − θ,
/// J₁ = sin θ + (π − θ) cos θ and Jₖ = (2k − 1) cos θ Jₖ₋₁ + (k − 1)² sin² θ Jₖ₋₂ (Cho and Saul, 2009).
/// The derivative of the step, k = 0, counts as 0, like that of `sign`.
struct RectifiedPowerDual: ClosedDual {
  let degree: Int

  func callAsFunction(_ pair: GaussianPair) -> DualValues {
    let (cosine, sine) = pair.cosineAndSine
    let remaining = Double.atan2(y: sine, x: -cosine)
    guard degree > 0 else {
      // 0 counts as positive: a variable that vanishes does not matter.
      let share = (pair.q > 0 ? 0.5 : 1) * (pair.r > 0 ? 0.5 : 1)
      return (pair.q > 0 && pair.r > 0 ? remaining / (2 * .pi) : share, 0)
    }
    let square = sine * sine
    var (before, last) = (remaining, sine + remaining * cosine)
    let product = pair.q * pair.r
    var power = 1.0
    for k in 1..<degree {
      let next = Double(2 * k + 1) * cosine * last + Double(k * k) * square * before
      (before, last) = (last, next)
      power *= product
    }
    let n = Double(degree)
    return (
      max(0, last) * power * product / (2 * .pi), n * n * max(0, before) * power / (2 * .pi)
    )
  }
}
