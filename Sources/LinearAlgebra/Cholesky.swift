// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Cholesky decomposition of a positive definite matrix, on several threads.

import RealModule
import Validation

/// A = L Lᵀ for a symmetric positive definite A, with L lower triangular.
///
/// Right-looking with square blocks: LAPACK factors a diagonal block, then the blocks below it are
/// solved and the trailing matrix is updated in parallel tiles. The same bits for any number of
/// threads.
///
/// - Complexity: n³/3 operations, and no memory besides the matrix itself.
public struct Cholesky<Scalar: RealScalar>: Sendable {
  /// L, with zeros above the diagonal.
  public let lower: Matrix<Scalar>

  /// n, the number of rows.
  public var count: Int { lower.rowCount }

  /// The factor of A + shift · I. Only the lower triangle of A is read.
  ///
  /// A matrix passed as its last use is factored in place.
  ///
  /// - Throws: `InvalidInput` unless A is square with finite entries and the shift is finite,
  ///   `NotPositiveDefinite`, `CancellationError`.
  public init(
    _ a: consuming Matrix<Scalar>, addingToDiagonal shift: Scalar = 0,
    on execution: Execution = .allCores
  ) throws {
    try a.validateSquare("matrix to factor")
    guard shift.isFinite else {
      throw InvalidInput("diagonal shift", found: "\(shift)", expected: "a finite number")
    }
    let n = a.rowCount
    try a.withUnsafeMutablePointer { base in
      for i in 0..<n { base[i * n + i] += shift }
      try Cholesky.factor(n, base, execution.silent)
      for i in 0..<n { (base + i * n + i + 1).update(repeating: 0, count: n - i - 1) }
    }
    lower = a
  }

  /// The edge of a diagonal block: large enough for BLAS, small enough for LAPACK's serial part.
  private static var blockSize: Int { 256 }

  private static func factor(
    _ n: Int, _ base: UnsafeMutablePointer<Scalar>, _ execution: Execution
  ) throws {
    nonisolated(unsafe) let a = RowOutput(base: base, stride: n)
    for start in stride(from: 0, to: n, by: blockSize) {
      let end = min(n, start + blockSize)
      let (width, rest) = (end - start, n - end)
      let failure = LAPACK.cholesky(width, a.row(start) + start, lda: n)
      guard failure == 0 else { throw NotPositiveDefinite(pivot: start + failure - 1) }
      try Parallel.forEachBlock(of: rest, size: blockSize / 2, on: execution) { rows, _ in
        BLAS.solveLower(
          fromRight: true, transposed: true, m: rows.count, n: width, a.row(start) + start, ldl: n,
          a.row(end + rows.lowerBound) + start, ldb: n)
      }
      try TiledProduct.writeSymmetric(
        n: rest, k: width, alpha: -1,
        TiledProduct.Factor(base: UnsafePointer(a.row(end) + start), stride: n), beta: 1,
        into: RowOutput(base: a.row(end) + end, stride: n), mirrored: false, on: execution)
    }
  }
}

extension Cholesky {
  /// ln det A = 2 Σ ln Lᵢᵢ. Cost: O(n).
  public var logDeterminant: Double {
    (0..<count).reduce(0) { $0 + 2 * Double.log(Double(lower[$1, $1])) }
  }

  /// A⁻¹ B for an n × m B. Cost: 2n²m operations.
  ///
  /// - Throws: `InvalidInput` unless B has n rows of finite entries; `CancellationError`.
  public func solve(
    _ b: consuming Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try solve(b, steps: [false, true], on: execution)
  }

  /// A⁻¹ b. Cost: 2n² operations.
  ///
  /// - Throws: `InvalidInput` unless b has n finite entries.
  public func solve(_ b: [Scalar]) throws -> [Scalar] {
    let column = try Matrix(rowCount: b.count, columnCount: 1, elements: b)
    return Array(try solve(column).elements)
  }

  /// L⁻¹ B for an n × m B. Cost: n²m operations.
  ///
  /// - Throws: `InvalidInput` unless B has n rows of finite entries; `CancellationError`.
  public func solveLower(
    _ b: consuming Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try solve(b, steps: [false], on: execution)
  }

  /// L⁻ᵀ B for an n × m B. Cost: n²m operations.
  ///
  /// - Throws: `InvalidInput` unless B has n rows of finite entries; `CancellationError`.
  public func solveLowerTransposed(
    _ b: consuming Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try solve(b, steps: [true], on: execution)
  }

  /// L⁻¹ A L⁻ᵀ for a symmetric n × n A, of which both triangles are read; L⁻ᵀ is applied to the rows.
  /// The result is symmetric up to rounding. Cost: 2n³ operations.
  ///
  /// - Throws: `InvalidInput` unless A is n × n with finite entries; `CancellationError`.
  public func whiten(
    _ a: consuming Matrix<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(a.columnCount, count, "columns of the matrix to whiten")
    var result = try solveLower(a, on: execution)
    try TriangularSolve.fromRightTransposed(lower, &result, on: execution)
    return result
  }

  /// Solves with L, or Lᵀ, in turn.
  private func solve(
    _ b: consuming Matrix<Scalar>, steps: [Bool], on execution: Execution
  ) throws -> Matrix<Scalar> {
    try Check.equal(b.rowCount, count, "rows of the right-hand side")
    try b.validateFinite("right-hand side")
    try TriangularSolve.fromLeft(lower, transposed: steps, &b, on: execution)
    return b
  }
}

extension Matrix {
  /// Throws unless the matrix is square and finite, not empty, and small enough for LAPACK.
  func validateSquare(_ name: String, upTo limit: Int = Check.largestDimension) throws {
    try Check.dimension(rowCount, "rows of the \(name)", upTo: limit)
    try Check.equal(columnCount, rowCount, "columns of the \(name)")
    try validateFinite(name)
  }

  /// Throws unless the matrix is finite and has rows and columns that LAPACK can count.
  func validateForDecomposition() throws {
    try Check.dimension(rowCount, "rows of the matrix")
    try Check.dimension(columnCount, "columns of the matrix")
    try validateFinite("matrix")
  }
}
