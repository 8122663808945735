// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores, and their exact computation.

import Kernels
import LinearAlgebra
import Validation

/// The ridge leverage scores of n points: lᵢ = [K(K + λI)⁻¹]ᵢᵢ, between 0 and 1.
///
/// For rows aᵢ of a matrix A, K = AAᵀ and lᵢ = aᵢ(AᵀA + λI)⁻¹aᵢᵀ. A score tells how much of the
/// point's direction the other points lack. Scores fall with λ, and lᵢ(λ/2) ≤ 2 lᵢ(λ).
public struct RidgeLeverageScores: Hashable, Codable, Sendable {
  /// λ.
  public let ridge: Double
  /// lᵢ, one per point.
  public let values: [Double]

  /// s_λ = tr K(K + λI)⁻¹, the sum of the scores; an estimate where they are.
  public var statisticalDimension: Double { values.reduce(0, +) }

  package init(ridge: Double, values: [Double]) {
    self.ridge = ridge
    self.values = values
  }

  /// The exact scores from a kernel matrix.
  ///
  /// - Parameters:
  ///   - matrix: K, symmetric and positive semidefinite; only its lower triangle is read.
  ///   - ridge: λ > 0.
  /// - Throws: `InvalidInput` unless K is square, not empty, finite and at most 46,000 wide, and λ is
  ///   above 0 and above the rounding of K; `NoConvergence`; `CancellationError`.
  /// - Complexity: about 9n³ operations; memory of 3n² numbers.
  public init(
    kernelMatrix matrix: consuming Matrix<Double>, ridge: Double,
    on execution: Execution = .allCores
  ) throws {
    try Check.positive(ridge, "ridge")
    let eigen = try SymmetricEigen(matrix, on: execution)
    let shrunk = try shrinkage(eigen.values, ridge: ridge).map { $0.value * $0.inverse }
    self.init(ridge: ridge, values: squaredRowNorms(eigen.vectors, weights: shrunk))
  }
}

extension Kernel {
  /// The exact ridge leverage scores of points under the kernel, in double precision.
  ///
  /// - Throws: `InvalidInput` if λ is not above 0 or below the rounding of K, there are no points or
  ///   more than 46,000, or they do not fit or are not finite; `NoConvergence`; `CancellationError`.
  /// - Complexity: the kernel of all pairs and about 9n³ operations; memory of 4n² numbers.
  public func ridgeLeverageScores<Scalar: RealScalar>(
    of points: Rows<Scalar>, ridge: Double, on execution: Execution = .allCores
  ) throws -> RidgeLeverageScores {
    try Check.positive(ridge, "ridge")
    try Check.dimension(
      points.rowCount, "number of points", upTo: SymmetricEigen<Double>.largestCount)
    return try RidgeLeverageScores(
      kernelMatrix: matrix(points.converted(to: Double.self), on: execution), ridge: ridge,
      on: execution)
  }
}

extension Rows {
  /// The exact ridge leverage scores aᵢ(AᵀA + λI)⁻¹aᵢᵀ of the rows of A, n × d, in double precision.
  ///
  /// - Throws: `InvalidInput` if λ is not above 0 or below the rounding of AᵀA, A is empty, not finite
  ///   or has more than 46,000 rows and columns; `NoConvergence`; `CancellationError`.
  /// - Complexity: with k = min(n, d) about 3ndk + 9k³ operations; memory of nd + 4k² numbers.
  public func ridgeLeverageScores(
    ridge: Double, on execution: Execution = .allCores
  ) throws -> RidgeLeverageScores {
    try Check.positive(ridge, "ridge")
    try validateForScores()
    let rows = converted(to: Double.self)
    guard columnCount < rowCount else {
      return try RidgeLeverageScores(
        kernelMatrix: rows.multiplied(byTransposeOf: rows, on: execution), ridge: ridge,
        on: execution)
    }
    let eigen = try SymmetricEigen(rows.columnGram(on: execution), on: execution)
    let inverses = try shrinkage(eigen.values, ridge: ridge).map(\.inverse)
    let products = try rows.multiplied(by: eigen.vectors, on: execution)
    return RidgeLeverageScores(
      ridge: ridge, values: squaredRowNorms(products, weights: inverses))
  }

  func validateForScores() throws {
    try Check.dimension(rowCount, "number of rows")
    try Check.dimension(columnCount, "number of columns")
    try validate(columnCount: columnCount, "matrix")
  }

  /// AᵀA.
  func columnGram(on execution: Execution) throws -> Matrix<Scalar> {
    switch self {
    case .dense(let matrix): return try matrix.gram(on: execution)
    case .sparse(let matrix):
      let columns = Rows.sparse(try matrix.transposed())
      return try columns.multiplied(byTransposeOf: columns, on: execution)
    }
  }

  /// A B.
  func multiplied(
    by other: Matrix<Scalar>, on execution: Execution
  ) throws -> Matrix<Scalar> {
    switch self {
    case .dense(let matrix): try matrix.multiplied(by: other, on: execution)
    case .sparse(let matrix): try matrix.multiplied(by: other, on: execution)
    }
  }
}

/// The eigenvalues w, those below rounding as 0, with 1/(w + λ).
///
/// - Throws: `InvalidInput` if λ does not stand clear of the rounding of the largest.
private func shrinkage(
  _ spectrum: [Double], ridge: Double
) throws -> [(value: Double, inverse: Double)] {
  let rounding = Double(spectrum.count) * .ulpOfOne * (spectrum.last ?? 0)
  guard ridge >= rounding else { throw InvalidInput(ridgeBelowRounding: ridge, rounding) }
  return spectrum.map { value in
    let clear = value > rounding ? value : 0
    return (clear, 1 / (clear + ridge))
  }
}

extension InvalidInput {
  init(ridgeBelowRounding ridge: Double, _ rounding: Double) {
    self.init(
      "ridge", found: "\(ridge), below the rounding of the kernel matrix",
      expected: "at least \(rounding)")
  }
}

/// Σ_j wⱼ aᵢⱼ² for every row, at most 1.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredRowNorms<Scalar: RealScalar>(_ a: Matrix<Scalar>, weights: [Double]) -> [Double] {
  a.withUnsafePointer { base in
    weights.withUnsafeBufferPointer { weights in
      (0..<a.rowCount).map { i in
        let row = base + i * a.columnCount
        var sum = 0.0
        for j in 0..<a.columnCount { sum += weights[j] * (Double(row[j]) * Double(row[j])) }
        return min(1, sum)
      }
    }
  }
}
