// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A kernel matrix as an operator: computed block by block at each product, never stored.

import LinearAlgebra
import Validation

/// K = k(X, X) for points X, known by its products.
///
/// Entries are computed in the precision of the points, each pair once, and widened: K is the same
/// symmetric matrix at every product. Sums are in double precision and in a fixed order, so bits do not
/// depend on the number of threads.
///
/// - Complexity: n²/2 kernel entries and 2n²k operations for k vectors; memory of a block of 1024 × 1024
///   numbers at most, twice. Progress counts numbers of K.
public struct KernelOperator<ExactKernel: Kernel, Scalar: RealScalar>: LinearOperator {
  public let kernel: ExactKernel
  /// X.
  public let points: Rows<Scalar>

  /// - Throws: `InvalidInput` if there are no points, they do not fit the kernel, or hold NaN or
  ///   infinity.
  public init(_ kernel: ExactKernel, points: Rows<Scalar>) throws {
    try Check.dimension(points.rowCount, "number of points")
    try points.validate(columnCount: kernel.inputDimension ?? points.columnCount, "points")
    self.kernel = kernel
    self.points = points
  }

  public var rowCount: Int { points.rowCount }
  public var columnCount: Int { points.rowCount }

  /// - Throws: `InvalidInput` if X has not n rows or a value of the kernel overflows;
  ///   `CancellationError`.
  public func multiplied(
    by x: Matrix<Double>, on execution: Execution = .allCores
  ) throws -> Matrix<Double> {
    try Check.equal(x.rowCount, rowCount, "rows of the vectors")
    let k = x.columnCount
    var result = Matrix<Double>(rowCount: rowCount, columnCount: k)
    let silent = execution.silent
    try x.withUnsafePointer { x in
      try result.withUnsafeMutablePointer { y in
        nonisolated(unsafe) let (x, y) = (x, y)
        try kernel.forEachBlock(points, nil as Rows<Scalar>?, as: Scalar.self, on: execution) {
          _, rows, columns, values in
          let block = values.converted(to: Double.self)
          try block.withUnsafePointer { b in
            nonisolated(unsafe) let b = b
            let width = columns.count
            try Parallel.forEachBlock(of: rows.count, size: 128, on: silent) { part, _ in
              BLAS.gemm(
                m: part.count, n: k, k: width, b + part.lowerBound * width, lda: width,
                x + columns.lowerBound * k, ldb: k, beta: 1,
                y + (rows.lowerBound + part.lowerBound) * k, ldc: k)
            }
            guard rows != columns else { return }
            try Parallel.forEachBlock(of: width, size: 128, on: silent) { part, _ in
              BLAS.gemm(
                transposeA: true, m: part.count, n: k, k: rows.count, b + part.lowerBound,
                lda: width, x + rows.lowerBound * k, ldb: k, beta: 1,
                y + (columns.lowerBound + part.lowerBound) * k, ldc: k)
            }
          }
        }
      }
    }
    return result
  }
}
