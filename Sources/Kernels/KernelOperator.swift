// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A kernel matrix as an operator: computed tile by tile at each product, never stored.

import LinearAlgebra
import Validation

/// K = k(X, X) for points X, known by its products.
///
/// Entries are computed in the precision of the points, each pair once, and widened: K is the same
/// symmetric matrix at every product. Sums are in double precision and in a fixed order, so bits do not
/// depend on the number of threads.
///
/// - Complexity: n²/2 kernel entries and 2n²k operations for k vectors; memory of 2nk numbers, and two
///   tiles for each thread. Progress counts numbers of K.
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
    let (n, k, blocks) = (rowCount, x.columnCount, blocks)
    var result = Matrix<Double>(rowCount: n, columnCount: k)
    try x.withUnsafePointer { x in
      try result.withUnsafeMutablePointer { y in
        nonisolated(unsafe) let (x, y) = (x, y)
        for (first, rows) in blocks.enumerated() {
          // What each block from the diagonal on gives to these rows. What it gives to the rows of its
          // columns goes straight there: no other block of these rows does.
          let (count, size) = (blocks.count - first, rows.count * k)
          var shares = Matrix<Double>(rowCount: count, columnCount: size)
          try shares.withUnsafeMutablePointer { shares in
            nonisolated(unsafe) let shares = shares
            try Parallel.forEachBlock(of: count, size: 1, on: execution.silent) {
              part, workspace in
              let columns = blocks[first + part.lowerBound]
              let share = shares + part.lowerBound * size
              try multiply(
                rows, columns, by: x, k, into: share,
                mirrored: rows == columns ? share : y + columns.lowerBound * k,
                workspace: workspace)
            }
            let images = y + rows.lowerBound * k
            for i in 0..<count {
              for j in 0..<size { images[j] += shares[i * size + j] }
            }
          }
          execution.report(n * n - (n - rows.upperBound) * (n - rows.upperBound), of: n * n)
        }
      }
    }
    return result
  }

  /// Fixed ranges of points, whole tiles each; fewer where there are too few to keep threads busy.
  private var blocks: [Range<Int>] {
    let tileCount = points.tiles(of: kernel.tileSide).count
    return points.tiles(of: max(1, min(4, tileCount / 32)) * kernel.tileSide)
  }

  /// Adds K(rows, columns) X(columns) to `images` and, from tiles above the diagonal,
  /// K(columns, rows) X(rows) to `mirrored`, tile by tile on one thread.
  private func multiply(
    _ rows: Range<Int>, _ columns: Range<Int>, by x: UnsafePointer<Double>, _ k: Int,
    into images: UnsafeMutablePointer<Double>, mirrored: UnsafeMutablePointer<Double>,
    workspace: Workspace
  ) throws {
    let side = kernel.tileSide
    let block = KernelBlock(kernel: kernel, x: points, y: points, positions: (0, 0))
    try workspace.withScratch(Scalar.self, side * side) { values in
      try workspace.withScratch(Double.self, side * side) { tile in
        for i in rows.tiles(of: side) {
          for j in columns.tiles(of: side) where i.lowerBound <= j.lowerBound {
            let width = j.count
            try block.writeTile(
              i, j, into: RowOutput(base: values, stride: width), workspace: workspace)
            Entries.convert(i.count * width, values, to: tile)
            BLAS.gemm(
              m: i.count, n: k, k: width, tile, lda: width, x + j.lowerBound * k, ldb: k, beta: 1,
              images + (i.lowerBound - rows.lowerBound) * k, ldc: k)
            guard i != j else { continue }
            BLAS.gemm(
              transposeA: true, m: width, n: k, k: i.count, tile, lda: width,
              x + i.lowerBound * k, ldb: k, beta: 1,
              mirrored + (j.lowerBound - columns.lowerBound) * k, ldc: k)
          }
        }
      }
    }
  }
}

extension Range<Int> {
  /// The range cut every `side` numbers from its start.
  fileprivate func tiles(of side: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: side).map { $0..<Swift.min($0 + side, upperBound) }
  }
}
