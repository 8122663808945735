// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The directions in which features of a sample of images vary most.

import LinearAlgebra

/// The leading right singular vectors of features, on which others are projected.
///
/// With V the leading c of them and features Z, (ZV)(ZV)ᵀ ⪯ ZZᵀ, and on the sample no other c directions
/// leave less.
///
/// - Source: Eckart, Young, "The approximation of one matrix by another of lower rank", 1936.
enum LeadingDirections {
  /// How many images to find `count` directions from: enough for those that images unlike the sample's
  /// share with it, few enough to be quick.
  static func imageCount(_ count: Int) -> Int { max(min(2 * count, 2048), count * 5 / 4) }

  /// V with orthonormal columns, as many rows as features have columns; fewer columns than `count`
  /// where the features have a lower rank.
  ///
  /// - Throws: `NoConvergence`, `CancellationError`.
  /// - Complexity: min(m, w)³ and 4wc² operations for m × w features.
  static func of<Scalar: RealScalar>(
    _ features: Matrix<Scalar>, count: Int, on execution: Execution
  ) throws -> FittedMatrix {
    let rows = features.converted(to: Double.self)
    let isTall = rows.rowCount >= rows.columnCount
    let moment = try isTall ? rows.gram(on: execution) : rows.outerGram(on: execution)
    let eigen = try SymmetricEigen(moment, on: execution)
    let n = moment.rowCount
    let unit = Double(Scalar.ulpOfOne)
    let least = (eigen.values.last ?? 0) * Double(n) * max(.ulpOfOne, unit * unit)
    let kept = (0..<n).reversed().prefix(count).filter { eigen.values[$0] > least }
    // Zeros alone vary in no direction; any is as good.
    let vectors = eigen.vectors.columns(at: kept.isEmpty ? [n - 1] : Array(kept))
    guard !isTall else { return FittedMatrix(vectors) }
    // Small singular values would spoil the right angles between XᵀU's columns.
    return FittedMatrix(try QR(rows.transposeMultiplied(by: vectors, on: execution)).orthonormal)
  }
}
