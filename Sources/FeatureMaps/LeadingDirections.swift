// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The directions in which features of a sample of images vary most.

import LinearAlgebra
import Validation

/// An orthonormal matrix V that features of whole images are multiplied by: the first few features stay
/// as they are, and of the others the directions are kept in which those of a sample vary most.
///
/// (ZV)(ZV)ᵀ ⪯ ZZᵀ. A sample of at least as many images as columns are wanted gives all columns: no other
/// as many directions leave less of its features. One of fewer images gives as many columns as it has
/// images, which leave nothing of its features, and the rest of the columns are the first features: for
/// images unlike the sample's, where landmarks come in random order, those of the first landmarks.
///
/// - Source: Eckart, Young, "The approximation of one matrix by another of lower rank", 1936.
struct LeadingDirections: Hashable, Codable, Sendable {
  /// How many features stay as they are.
  let prefix: Int
  /// Directions of the features behind these, as columns.
  let others: FittedMatrix

  var inputDimension: Int { prefix + others.rowCount }
  var outputDimension: Int { prefix + others.columnCount }

  /// How many images to find `count` directions from: enough for those that images unlike the sample's
  /// share with it, few enough to be quick.
  static func imageCount(_ count: Int) -> Int { max(min(2 * count, 2048), count * 5 / 4) }

  /// At most `count` directions of the features of a sample, fewer where these have a lower rank.
  ///
  /// - Throws: `NoConvergence`, `CancellationError`.
  /// - Complexity: min(m, w)³ and 4wc² operations for m × w features.
  init<Scalar: RealScalar>(
    of features: Matrix<Scalar>, count: Int, on execution: Execution
  ) throws {
    prefix = max(0, min(count, features.columnCount) - features.rowCount)
    others = try Self.leading(
      count - prefix, of: features.columns(prefix..<features.columnCount), on: execution)
  }

  /// Throws `InvalidInput` unless features of the given width have at most `most` such directions.
  func validate(width: Int, upTo most: Int) throws {
    guard 0...width ~= prefix else {
      throw InvalidInput(
        "prefix of the directions of features", found: "\(prefix)", expected: "0 to \(width)")
    }
    try Check.dimension(outputDimension, "directions of features", upTo: most)
    try Check.equal(inputDimension, width, "rows of the directions of features")
  }

  /// Writes ZV.
  func apply<Scalar: RealScalar>(
    _ count: Int, _ features: UnsafePointer<Scalar>, into output: RowOutput<Scalar>
  ) {
    LayeredLoops.copyRows(
      count, prefix, features, inputDimension, to: output.base, output.stride)
    others.withPointer(as: Scalar.self) {
      BLAS.gemm(
        m: count, n: others.columnCount, k: others.rowCount, features + prefix,
        lda: inputDimension, $0, ldb: others.columnCount, output.base + prefix,
        ldc: output.stride)
    }
  }

  /// The leading right singular vectors, as columns.
  private static func leading<Scalar: RealScalar>(
    _ count: Int, of features: Matrix<Scalar>, on execution: Execution
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
