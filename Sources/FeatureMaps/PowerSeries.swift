// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Polynomials with nonnegative coefficients: the dot-product kernels that sketches can approximate.

import LinearAlgebra
import RealModule
import Validation

/// f(t) = Σ_p c_p tᵖ with c_p ≥ 0, so that f(⟨x, y⟩) is positive semidefinite.
public struct PowerSeries: Hashable, Codable, Sendable {
  /// c_0, c_1, …; the last one is above zero.
  public let coefficients: [Double]

  /// The largest degree supported.
  public static let largestDegree = 64

  /// - Throws: `InvalidInput` if a coefficient is negative or not finite, none is above zero, or the
  ///   degree exceeds 64.
  public init(coefficients: [Double]) throws {
    for (power, coefficient) in coefficients.enumerated() {
      try Check.nonnegative(coefficient, "coefficient of degree \(power)")
    }
    let last = coefficients.lastIndex { $0 > 0 }
    guard let last, last <= Self.largestDegree else {
      throw InvalidInput(
        "coefficients", found: last.map { "degree \($0)" } ?? "none above 0",
        expected: "some above 0, up to degree \(Self.largestDegree)")
    }
    self.coefficients = Array(coefficients[...last])
  }

  public init(from decoder: any Decoder) throws {
    try self.init(coefficients: decoder.singleValueContainer().decode([Double].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(coefficients)
  }

  public var degree: Int { coefficients.count - 1 }

  /// f(t), by Horner's rule.
  public func callAsFunction(_ t: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * t + $1 }
  }

  /// The series F_k(s) = Σ_{p ≥ k} c_p C(p, k) s^{p−k}, with which
  /// f(uu′ + ⟨r, r′⟩) = Σ_k F_k(uu′) ⟨r, r′⟩ᵏ; its coefficients.
  func coefficientsAroundProduct(power k: Int) -> [Double] {
    var binomial = 1.0  // C(p, k)
    return (k...max(k, degree)).map { p in
      if p > k { binomial *= Double(p) / Double(p - k) }
      return p <= degree ? coefficients[p] * binomial : 0
    }
  }

  /// (scale · t + offset)ᵈᵉᵍʳᵉᵉ.
  ///
  /// - Throws: `InvalidInput` if scale or offset is negative or the degree is not 1 to 64.
  public static func power(degree: Int, scale: Double, offset: Double) throws -> PowerSeries {
    try Check.dimension(degree, "degree", upTo: largestDegree)
    try Check.nonnegative(scale, "scale")
    try Check.nonnegative(offset, "offset")
    var binomial = 1.0
    return try PowerSeries(
      coefficients: (0...degree).map { p in
        if p > 0 { binomial *= Double(degree - p + 1) / Double(p) }
        return binomial * Double.pow(scale, p) * Double.pow(offset, degree - p)
      })
  }

  /// The series of at most the given degree nearest to `function` on `interval`, in the mean square
  /// over 512 even points.
  ///
  /// A function like the ReLU NTK, with a cusp at 1, is better met on the interval where cosines of
  /// different points lie than up to 1: what the series lacks at 1 is a multiple of the identity.
  ///
  /// - Parameter others: more points, that count a hundred times as much together as those of the
  ///   interval.
  /// - Throws: `InvalidInput` if the function is not finite there or has no positive part.
  public static func fit(
    _ function: (Double) -> Double, degree: Int, on interval: ClosedRange<Double>,
    above others: [Double] = []
  ) throws -> PowerSeries {
    try Check.dimension(degree, "degree of the series", upTo: largestDegree)
    let count = 512
    let width = interval.upperBound - interval.lowerBound
    let points =
      (0..<count).map { interval.lowerBound + width * Double($0) / Double(count - 1) } + others
    let weights = points.indices.map {
      $0 < count ? 1 : (100 * Double(count) / Double(others.count)).squareRoot()
    }
    let powers = Matrix<Double>(rowCount: points.count, columnCount: degree + 1) { output in
      for (row, t) in points.enumerated() {
        var power = weights[row]
        for p in 0...degree {
          output[row * (degree + 1) + p] = power
          power *= t
        }
      }
    }
    let values = try finite(zip(points, weights).map { function($0) * $1 })
    return try PowerSeries(coefficients: nonnegativeLeastSquares(powers, values))
  }

  /// Values of a function, unless one is not finite.
  static func finite(_ values: [Double]) throws -> [Double] {
    guard values.allSatisfy(\.isFinite) else {
      throw InvalidInput(
        "kernel as a function of the cosine", found: "values that are not finite",
        expected: "weights of moderate size")
    }
    return values
  }
}
