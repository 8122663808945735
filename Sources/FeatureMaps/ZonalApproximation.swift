// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What stands for a function of cosines: a polynomial, and a cusp at 1.

import LinearAlgebra
import RealModule
import Validation

/// f(t) ≈ p(t) + c e^(−√(2 − 2t)/ℓ) with nonnegative coefficients, so that both parts are kernels.
struct ZonalApproximation {
  let series: PowerSeries
  /// c; 0 where there is no cusp.
  let cuspWeight: Double
  /// ℓ.
  let lengthScale: Double

  /// Whether all points of a sample are of one direction, and there is nothing to choose by.
  private static func areEqual(_ cosines: [Double]) -> Bool { cosines.first ?? 1 > 1 - 1e-12 }

  /// Widths of cusps to try: between 0.02 and 1, and where most pairs are near, about their distance. None where
  /// all points are of one direction: at 1 features of a cusp seem exact, however few.
  static func lengthScales(_ cosines: [Double]) -> [Double] {
    guard !areEqual(cosines) else { return [] }
    let near = near(cosines)
    let distance = near.isEmpty ? 0 : max(0, 2 - 2 * near[near.count / 2]).squareRoot()
    return [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1]
      + (distance > 0 ? [distance / 2, distance, 2 * distance] : [])
  }

  /// Degrees to choose from: high ones too where most pairs are near, as slopes grow with them; one where
  /// all points are of one direction.
  static func degrees(_ cosines: [Double]) -> [Int] {
    guard !areEqual(cosines) else { return [8] }
    return [2, 4, 8] + (near(cosines).isEmpty ? [] : [32, 64])
  }

  /// A polynomial alone, fitted where cosines of different points lie, from the sample's smallest (at most
  /// 0) to 0.97. Where most pairs lie beyond, as of nearly parallel points, it is they that it is fitted to.
  init(_ f: (Double) -> Double, degree: Int, cosines: [Double]) throws {
    series = try PowerSeries.fit(
      f, degree: degree, on: Self.smallest(cosines)...Self.largestCosine,
      above: Self.near(cosines))
    (cuspWeight, lengthScale) = (0, 1)
  }

  /// A polynomial and a cusp, fitted up to 1.
  init(
    _ f: (Double) -> Double, degree: Int, lengthScale: Double, cosines: [Double]
  ) throws {
    try Check.dimension(degree, "degree of the series", upTo: PowerSeries.largestDegree)
    // Even in the angle, weighted as if even in the cosine, but for a little more near 1.
    let (count, widest) = (512, Double.acos(Self.smallest(cosines)))
    let grid = (0..<count).map { index -> (t: Double, weight: Double) in
      let angle = widest * Double(index) / Double(count - 1)
      return (Double.cos(angle), Double.sin(angle) + 0.01)
    }
    let total = grid.reduce(0) { $0 + $1.weight }
    let near = Self.near(cosines)
    let more = 100 * total / Double(max(1, near.count))
    // Equal points are in every kernel matrix.
    let points =
      grid + near.map { ($0, more) } + [(1, near.isEmpty ? total / 10 : 10 * total)]
    let columns = degree + 2
    let matrix = Matrix<Double>(rowCount: points.count, columnCount: columns) { output in
      for (row, point) in points.enumerated() {
        var power = point.weight.squareRoot()
        output[row * columns + degree + 1] =
          power * CuspFeatures.value(point.t, lengthScale: lengthScale)
        for p in 0...degree {
          output[row * columns + p] = power
          power *= point.t
        }
      }
    }
    let found = try nonnegativeLeastSquares(
      matrix, PowerSeries.finite(points.map { f($0.t) * $0.weight.squareRoot() }))
    series = try PowerSeries(coefficients: Array(found.dropLast()))
    cuspWeight = found[degree + 1]
    self.lengthScale = lengthScale
  }

  /// The value at the cosine t.
  func callAsFunction(_ t: Double) -> Double { series(t) + cusp(t) }

  /// That of the cusp alone.
  func cusp(_ t: Double) -> Double {
    cuspWeight > 0 ? cuspWeight * CuspFeatures.value(t, lengthScale: lengthScale) : 0
  }

  private static let largestCosine = 0.97

  private static func smallest(_ cosines: [Double]) -> Double {
    min(0, max(-1, cosines.first ?? 1))
  }

  /// Some cosines of a sample of which most are near 1; of one without pairs, that of a point with itself.
  private static func near(_ cosines: [Double]) -> [Double] {
    guard cosines.isEmpty || cosines[cosines.count / 2] > largestCosine else { return [] }
    return cosines.isEmpty ? [1] : spread(64, over: cosines.count).map { min(1, cosines[$0]) }
  }
}
