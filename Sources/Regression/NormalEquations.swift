// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The normal equations of least squares, accumulated tile by tile.

import LinearAlgebra
import Validation

/// The sums ZᵀZ, ZᵀY, the column sums of Y and the number of rows, over all tiles added so far.
///
/// Sums over tiles are kept in double precision. Inside a tile products run in the precision of the
/// features. In single precision its rounding bounds the ridges that are of use, to 2⁻²⁴ of the trace
/// of ZᵀZ or more.
///
/// - Memory: D² + Dk doubles for D features and k targets, however many rows there are.
public struct NormalEquations: Sendable {
  public let featureCount: Int
  public let targetCount: Int
  public private(set) var rowCount = 0
  /// Σ zᵢ zᵢᵀ, `D × D`; the lower triangle only.
  public private(set) var gramLower: Matrix<Double>
  /// Σ zᵢ yᵢᵀ, `D × k`.
  public private(set) var moments: Matrix<Double>

  /// - Throws: `InvalidInput` if a count is not positive or D² does not fit memory's indices.
  public init(featureCount: Int, targetCount: Int) throws {
    try Check.dimension(featureCount, "number of features")
    try Check.dimension(targetCount, "number of targets")
    _ = try Check.count([featureCount, featureCount], "shape of the Gram matrix")
    self.featureCount = featureCount
    self.targetCount = targetCount
    gramLower = Matrix(rowCount: featureCount, columnCount: featureCount)
    moments = Matrix(rowCount: featureCount, columnCount: targetCount)
  }

  /// The side of the square blocks of ZᵀZ that one thread computes at a time.
  private static let blockSide = 512

  /// Adds the rows of a tile: features `t × D`, targets `t × k`.
  ///
  /// - Throws: `InvalidInput` if the shapes do not fit; `CancellationError` (the sums are then
  ///   incomplete and must be dropped).
  /// - Complexity: t D² + 2 t D k operations, spread over fixed blocks of ZᵀZ.
  public mutating func add<Scalar: RealScalar>(
    features: Matrix<Scalar>, targets: Matrix<Double>, on execution: Execution = .allCores
  ) throws {
    try Check.equal(features.columnCount, featureCount, "columns of the features")
    try Check.equal(targets.columnCount, targetCount, "columns of the targets")
    try Check.equal(targets.rowCount, features.rowCount, "rows of the targets")
    let tileRows = features.rowCount
    let (d, k) = (featureCount, targetCount)
    let side = Self.blockSide
    let blocks = (0..<(d + side - 1) / side).flatMap { i in (0...i).map { j in (i, j) } }
    let tileTargets = targets.converted(to: Scalar.self)
    let silent = execution.silent

    try features.withUnsafePointer { z in
      nonisolated(unsafe) let z = z
      try gramLower.withUnsafeMutablePointer { gram in
        nonisolated(unsafe) let gram = gram
        try Parallel.forEachBlock(of: blocks.count, size: 1, on: silent) { range, workspace in
          let (blockRow, blockColumn) = blocks[range.lowerBound]
          let (row, column) = (blockRow * side, blockColumn * side)
          let (m, n) = (min(side, d - row), min(side, d - column))
          workspace.withScratch(Scalar.self, m * n) { product in
            let isDiagonal = row == column
            if isDiagonal {
              BLAS.symmetricLower(
                transposeA: true, n: n, k: tileRows, z + row, lda: d, product, ldc: n)
            } else {
              BLAS.gemm(
                transposeA: true, m: m, n: n, k: tileRows, z + row, lda: d, z + column, ldb: d,
                product, ldc: n)
            }
            for i in 0..<m {
              addWidened(
                product + i * n, to: gram + (row + i) * d + column,
                count: isDiagonal ? i + 1 : n)
            }
          }
        }
      }
      try tileTargets.withUnsafePointer { y in
        nonisolated(unsafe) let y = y
        try moments.withUnsafeMutablePointer { sums in
          nonisolated(unsafe) let sums = sums
          try Parallel.forEachBlock(of: d, size: side, on: silent) { range, workspace in
            workspace.withScratch(Scalar.self, range.count * k) { product in
              BLAS.gemm(
                transposeA: true, m: range.count, n: k, k: tileRows, z + range.lowerBound, lda: d,
                y, ldb: k, product, ldc: k)
              addWidened(product, to: sums + range.lowerBound * k, count: range.count * k)
            }
          }
        }
      }
    }
    rowCount += tileRows
  }
}

extension NormalEquations {
  /// Adds the sums over the rows that follow, as of another stream. Cost: D² + Dk additions.
  ///
  /// Sums of one tile each, merged in the order of the tiles, are those of one stream to the last bit;
  /// of more tiles each, equal to rounding: for their bits there is `PairwiseNormalEquations`.
  ///
  /// - Throws: `InvalidInput` if the counts of features or targets differ.
  public mutating func merge(_ next: NormalEquations) throws {
    try Check.equal(next.featureCount, featureCount, "columns of the features")
    try Check.equal(next.targetCount, targetCount, "columns of the targets")
    gramLower.add(next.gramLower, times: 1)
    moments.add(next.moments, times: 1)
    rowCount += next.rowCount
  }
}

/// sums ← sums + terms.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func addWidened<Scalar: RealScalar>(
  _ terms: UnsafePointer<Scalar>, to sums: UnsafeMutablePointer<Double>, count: Int
) {
  for i in 0..<count { sums[i] += Double(terms[i]) }
}
