// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The normal equations of least squares, accumulated tile by tile.

import LinearAlgebra
import Validation

/// The sums Σ wᵢ zᵢzᵢᵀ, Σ wᵢ zᵢyᵢᵀ, Σ wᵢ zᵢ and Σ wᵢ yᵢ over the rows of all tiles added so far, with
/// weights wᵢ that are 1 unless given: all that ridge regression needs (`model(ridge:)`, `fit(heldOut:)`).
///
/// Sums over tiles are kept in double precision. Inside a tile products run in the precision of the
/// features. In single precision its rounding bounds the ridges that are of use, to 2⁻²⁴ of the trace
/// of ZᵀZ or more, and
/// targets far from 0 lose digits: shift them by a constant first, and the intercepts back.
///
/// - Memory: D² + Dk doubles for D features and k targets, however many rows there are.
public struct NormalEquations: Sendable {
  public let featureCount: Int
  public let targetCount: Int
  public private(set) var rowCount = 0
  /// Σ wᵢ, the number of rows where no weights were given.
  public private(set) var totalWeight = 0.0
  /// The coarsest precision of products among the tiles.
  public private(set) var precision = Precision.double
  /// Σ wᵢ zᵢzᵢᵀ, `D × D`; the lower triangle only.
  public private(set) var gramLower: Matrix<Double>
  /// Σ wᵢ yᵢ, one for each target.
  public private(set) var targetSums: [Double]
  /// Σ wᵢ zᵢ(yᵢ, 1)ᵀ, `D × (k + 1)`.
  private(set) var extendedMoments: Matrix<Double>

  /// Σ wᵢ zᵢyᵢᵀ, a copy, `D × k`.
  public var moments: Matrix<Double> { extendedMoments.columns(0..<targetCount) }
  /// Σ wᵢ zᵢ, one for each feature.
  public var featureSums: [Double] {
    (0..<featureCount).map { extendedMoments[$0, targetCount] }
  }

  /// - Throws: `InvalidInput` if a count is not positive or D² does not fit memory's indices.
  public init(featureCount: Int, targetCount: Int) throws {
    try Check.dimension(featureCount, "number of features")
    try Check.dimension(targetCount, "number of targets")
    _ = try Check.count([featureCount, featureCount], "shape of the Gram matrix")
    self.featureCount = featureCount
    self.targetCount = targetCount
    gramLower = Matrix(rowCount: featureCount, columnCount: featureCount)
    targetSums = Array(repeating: 0, count: targetCount)
    extendedMoments = Matrix(rowCount: featureCount, columnCount: targetCount + 1)
  }

  /// The side of the square blocks of ZᵀZ that one thread computes at a time.
  private static let blockSide = 512

  /// Adds the rows of a tile: features `t × D`, targets `t × k`.
  ///
  /// - Parameter weights: w of each row, from 0 on; 1 if nil. A whole number counts as that many equal
  ///   rows.
  /// - Throws: `InvalidInput` if the shapes do not fit, or a weight is negative or not finite;
  ///   `CancellationError` (the sums are then incomplete and must be dropped).
  /// - Complexity: t D² + 2 t D k operations, spread over fixed blocks of ZᵀZ; with weights a copy of the
  ///   tile.
  public mutating func add<Scalar: RealScalar>(
    features: Matrix<Scalar>, targets: Matrix<Double>, weights: [Double]? = nil,
    on execution: Execution = .allCores
  ) throws {
    try Check.equal(features.columnCount, featureCount, "columns of the features")
    try Check.equal(targets.columnCount, targetCount, "columns of the targets")
    try Check.equal(targets.rowCount, features.rowCount, "rows of the targets")
    if let weights {
      try Check.equal(weights.count, features.rowCount, "number of weights")
      for (i, weight) in weights.enumerated() { try Check.nonnegative(weight, "weight \(i)") }
    }
    let tileRows = features.rowCount
    let (d, k) = (featureCount, targetCount + 1)
    var (features, extended) = (features, Matrix<Double>(rowCount: tileRows, columnCount: k))
    var sums = [Double](repeating: 0, count: targetCount)
    for i in 0..<tileRows {
      for (j, value) in targets.row(i).enumerated() {
        extended[i, j] = value
        sums[j] += (weights?[i] ?? 1) * value
      }
      extended[i, targetCount] = 1
    }
    if let roots = weights?.map({ $0.squareRoot() }) {
      features.scaleRows(by: roots)
      extended.scaleRows(by: roots)
    }
    let side = Self.blockSide
    let blocks = (0..<(d + side - 1) / side).flatMap { i in (0...i).map { j in (i, j) } }
    let tileTargets = extended.converted(to: Scalar.self)
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
        try extendedMoments.withUnsafeMutablePointer { sums in
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
    for (j, sum) in sums.enumerated() { targetSums[j] += sum }
    rowCount += tileRows
    totalWeight += weights?.reduce(0, +) ?? Double(tileRows)
    if tileRows > 0, Scalar.precision == .single { precision = .single }
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
    extendedMoments.add(next.extendedMoments, times: 1)
    for (j, sum) in next.targetSums.enumerated() { targetSums[j] += sum }
    rowCount += next.rowCount
    totalWeight += next.totalWeight
    if next.precision == .single { precision = .single }
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
