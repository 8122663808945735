// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What tensor rows are drawn from: points, a series of powers or several factors, and their kernel.

import LinearAlgebra
import Randomness
import Validation

/// K = Σ_j c_j w wᵀ ∘ (XXᵀ)^{∘j}, or the Hadamard product of the X_tX_tᵀ of several factors.
///
/// Points are brought to norms of at most 1; what that takes is in the coefficients, so that rows of A
/// are the same.
struct TensorRowLaw {
  /// The points, n × d, once, or once for each of several factors.
  let points: [Rows<Double>]
  let factors: [FactorColumns]
  /// tr K; in this law K and λ are divided by it.
  private(set) var unit = 1.0
  /// c_j of the scaled points and K, for every degree j.
  private(set) var coefficients: [Double]
  /// c_j of the points as they were given.
  let givenCoefficients: [Double]
  /// w.
  let pointWeights: [Double]
  /// |xᵢ|² of the scaled points, factor by factor.
  private let squares: [[Double]]

  var pointCount: Int { pointWeights.count }
  var arePowers: Bool { points.count == 1 }
  var degree: Int { arePowers ? coefficients.count - 1 : points.count }

  /// Powers of one factor.
  ///
  /// - Throws: `InvalidInput` if the coefficients are not finite or below 0, all of degrees from 1 on
  ///   are 0, degrees reach beyond 64, the weights are not finite or do not fit, or the points are
  ///   none, zero or not finite, or of so large norms that powers overflow.
  init(
    series: [Double], of points: Rows<Double>, pointWeights: [Double]?, bucketCount: Int? = nil,
    key: RandomKey, on execution: Execution
  ) throws {
    for (power, coefficient) in series.enumerated() {
      try Check.nonnegative(coefficient, "coefficient of degree \(power)")
    }
    guard let degree = series.lastIndex(where: { $0 > 0 }), 1...64 ~= degree else {
      throw InvalidInput(
        "coefficients", found: "none above 0 from degree 1 to 64", expected: "some")
    }
    let weights = pointWeights ?? Array(repeating: 1, count: points.rowCount)
    try Check.equal(weights.count, points.rowCount, "number of point weights")
    guard weights.allSatisfy(\.isFinite) else {
      throw InvalidInput("point weights", found: "NaN or infinity", expected: "finite numbers")
    }
    let (scaled, scale) = try Self.scaled(points)
    let coefficients = series[...degree].enumerated().map { power, coefficient in
      coefficient * pow(scale * scale, power)
    }
    self.init(
      points: [scaled],
      factors: [try FactorColumns(scaled, bucketCount: bucketCount, key: key, on: execution)],
      coefficients: coefficients, givenCoefficients: series, pointWeights: weights)
    try normalise()
  }

  /// One factor for each of several matrices with a row for each point.
  init(
    factors points: [Rows<Double>], bucketCount: Int? = nil, key: RandomKey,
    on execution: Execution
  ) throws {
    guard let first = points.first, points.count <= 64 else {
      throw InvalidInput("factors", found: "\(points.count)", expected: "1 to 64")
    }
    var (scaled, product) = ([Rows<Double>](), 1.0)
    for factor in points {
      try Check.equal(factor.rowCount, first.rowCount, "rows of a factor")
      let (rows, scale) = try Self.scaled(factor)
      scaled.append(rows)
      product *= scale * scale
    }
    self.init(
      points: scaled,
      factors: try scaled.enumerated().map { index, rows in
        try FactorColumns(
          rows, bucketCount: bucketCount, key: key.child("factor", index), on: execution)
      },
      coefficients: Array(repeating: 0, count: points.count) + [product],
      givenCoefficients: Array(repeating: 0, count: points.count) + [1],
      pointWeights: Array(repeating: 1, count: first.rowCount))
    try normalise()
  }

  /// Divides K by its trace.
  private mutating func normalise() throws {
    let trace = trace
    guard trace.isFinite, trace >= .leastNormalMagnitude else {
      throw InvalidInput(
        "points", found: "powers that overflow or vanish", expected: "points of moderate norm")
    }
    unit = trace
    coefficients = coefficients.map { $0 / trace }
    guard !blocks.isEmpty else {
      throw InvalidInput(
        "points", found: "powers that vanish beside the constant", expected: "larger points")
    }
  }

  private init(
    points: [Rows<Double>], factors: [FactorColumns], coefficients: [Double],
    givenCoefficients: [Double], pointWeights: [Double]
  ) {
    self.points = points
    self.factors = factors
    self.coefficients = coefficients
    self.givenCoefficients = givenCoefficients
    self.pointWeights = pointWeights
    squares = points.map(squaredNorms)
  }

  /// The points divided by their largest norm.
  private static func scaled(_ points: Rows<Double>) throws -> (Rows<Double>, Double) {
    try points.validateForScores()
    var largest = 0.0
    points.withUnsafeBlock { block in
      switch block.entries {
      case .dense(let base, _):
        for k in 0..<block.rowCount * block.columnCount { largest = max(largest, abs(base[k])) }
      case .sparse(let view):
        let count = block.rowCount > 0 ? view.positions(ofRow: block.rowCount - 1).upperBound : 0
        for k in 0..<count { largest = max(largest, abs(view.values[k])) }
      }
    }
    guard largest > 0 else {
      throw InvalidInput("points", found: "zeros alone", expected: "some that are not zero")
    }
    let unit = points.mapped { $0 / largest }
    let norm = squaredNorms(unit).reduce(0, max).squareRoot()
    return (unit.mapped { $0 / norm }, largest * norm)
  }

  /// The blocks of degrees from 1 on whose coefficient is not 0.
  var blocks: [TensorRowDraw.Block] {
    (1...degree).filter { coefficients[$0] > 0 }.map { degree in
      let root = coefficients[degree].squareRoot()
      return TensorRowDraw.Block(degree: degree, start: pointWeights.map { root * $0 })
    }
  }

  /// √c_0 w, the constant feature; nil where c_0 is 0.
  var constant: [Double]? {
    guard coefficients[0] > 0 else { return nil }
    return pointWeights.map { coefficients[0].squareRoot() * $0 }
  }

  /// tr K.
  var trace: Double {
    (0..<pointCount).reduce(0) { sum, i in
      let value =
        arePowers
        ? coefficients.reversed().reduce(0) { $0 * squares[0][i] + $1 }
        : squares.reduce(coefficients[degree]) { $0 * $1[i] }
      return sum + value * pointWeights[i] * pointWeights[i]
    }
  }
}

private func pow(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * base }
}

/// |xᵢ|² of every row.
private func squaredNorms(_ rows: Rows<Double>) -> [Double] {
  rows.withUnsafeBlock { block in
    (0..<block.rowCount).map { i in
      switch block.entries {
      case .dense(let base, let stride):
        return BLAS.dot(block.columnCount, base + i * stride, base + i * stride)
      case .sparse(let view):
        let positions = view.positions(ofRow: i)
        let start = view.values + positions.lowerBound
        return BLAS.dot(positions.count, start, start)
      }
    }
  }
}

extension Rows where Scalar == Double {
  /// The same rows with every entry changed; zeros of sparse rows stay.
  fileprivate func mapped(_ change: (Double) -> Double) -> Rows {
    switch self {
    case .dense(let matrix):
      return .dense(
        Matrix(rowCount: matrix.rowCount, columnCount: matrix.columnCount) { output in
          matrix.withUnsafePointer { input in
            for k in 0..<matrix.rowCount * matrix.columnCount { output[k] = change(input[k]) }
          }
        })
    case .sparse(let matrix):
      return .sparse(
        matrix.mappingValues { values, _ in
          for k in 0..<matrix.nonzeroCount { values[k] = change(values[k]) }
        })
    }
  }
}
