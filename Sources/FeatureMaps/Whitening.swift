// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points made of uncorrelated entries, as colour images want it before a convolutional kernel.

import LinearAlgebra
import Validation

/// x ↦ (C + λI)^(−1/2) (x − m) for the mean m and the covariance C of a sample: ZCA whitening.
///
/// Of all maps that take correlations away this one leaves points nearest to what they were, so that
/// images stay images. λ keeps directions in which the sample hardly varies from becoming noise.
///
///     let whitening = try Whitening(sample: images.normalized())
///     let white = try whitening.images(of: images.normalized())
///
/// Equal bits for any number of threads; for other batches equal to rounding.
///
/// - Complexity: 2d² operations for a point of d entries, sparse or not. Memory: 12 d² bytes.
/// - Source: Bell, Sejnowski, "The 'independent components' of natural scenes are edge filters", 1997.
public struct Whitening: RowMap, Hashable {
  /// The name of the map, as stored.
  public static let law = "whitening"

  /// m.
  public let means: [Double]
  /// (C + λI)^(−1/2), d × d and symmetric.
  private let root: FittedMatrix

  /// The whitening of a sample, read twice in tiles.
  ///
  /// - Parameter shrinkage: λ as a share of the entries' mean variance tr C/d, above 0.
  /// - Throws: `InvalidInput` if the sample has no rows, is not finite or does not vary, or the shrinkage
  ///   is not above 0; errors of the source; `NoConvergence`; `CancellationError`.
  /// - Complexity: n d² + 11 d³ operations for n points; memory of 4d² numbers.
  public init<Source: RowSource>(
    sample: Source, shrinkage: Double = 0.1, on execution: Execution = .allCores
  ) throws {
    try Check.positive(shrinkage, "shrinkage")
    try Check.dimension(sample.rowCount, "rows of the sample")
    let (n, d) = (Double(sample.rowCount), sample.columnCount)
    var sums = Matrix<Double>(rowCount: 1, columnCount: d)
    for range in sample.tiles() {
      let tile = try sample.rows(range, as: Double.self)
      try tile.validate(columnCount: d, "sample")
      let ones = Matrix<Double>(repeating: 1, rowCount: range.count, columnCount: 1)
      try sums.addTransposedProduct(ones, tile.dense, on: execution.silent)
    }
    means = sums.elements.map { $0 / n }
    var covariance = Matrix<Double>(rowCount: d, columnCount: d)
    for range in sample.tiles() {
      var tile = try sample.rows(range, as: Double.self).dense
      tile.subtract(row: means)
      try covariance.addGram(of: tile, on: execution.silent)
      execution.report(range.upperBound, of: sample.rowCount)
    }
    covariance.scaleEntries(by: 1 / n)
    let variance = (0..<d).reduce(0) { $0 + covariance[$1, $1] } / Double(d)
    guard variance > 0, variance.isFinite else {
      throw InvalidInput(
        "sample", found: "a mean variance of \(variance)", expected: "rows that differ")
    }
    let eigen = try SymmetricEigen(covariance, on: execution)
    let scales = eigen.values.map { 1 / (max(0, $0) + shrinkage * variance).squareRoot() }
    var scaled = eigen.vectors.transposed
    scaled.scaleRows(by: scales.map { $0.squareRoot() })
    root = FittedMatrix(try scaled.gram(on: execution.silent))
  }

  public var inputDimension: Int { means.count }
  public var outputDimension: Int { means.count }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let d = means.count
    workspace.withScratch(Scalar.self, rows.rowCount * d) { centred in
      for i in 0..<rows.rowCount {
        let row = centred + i * d
        rows.copyDense(row: i, to: row)
        for j in 0..<d { row[j] -= Scalar(means[j]) }
      }
      root.withPointer(as: Scalar.self) { root in
        BLAS.gemm(
          m: rows.rowCount, n: d, k: d, centred, lda: d, root, ldb: d, output.base,
          ldc: output.stride)
      }
    }
  }
}

extension Whitening: Codable {
  private struct Stored: Codable {
    var law: String
    var means: [Double]
    var root: FittedMatrix
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, means: means, root: root).encode(to: encoder)
  }

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let stored = try Stored(from: decoder)
    let d = stored.means.count
    try Check.dimension(d, "means of a whitening")
    try Check.equal(stored.root.rowCount, d, "rows of a whitening")
    try Check.equal(stored.root.columnCount, d, "columns of a whitening")
    (means, root) = (stored.means, stored.root)
  }
}

extension Matrix<Double> {
  /// Subtracts `row` from every row.
  fileprivate mutating func subtract(row: [Double]) {
    let (n, d) = (rowCount, columnCount)
    withUnsafeMutablePointer { p in
      for i in 0..<n {
        for j in 0..<d { p[i * d + j] -= row[j] }
      }
    }
  }
}
