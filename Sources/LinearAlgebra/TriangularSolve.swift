// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Triangular systems with many right-hand sides, in parallel blocks.

/// Solves with a lower triangular matrix L; the blocks depend on the shapes alone.
enum TriangularSolve {
  /// B ← L⁻¹B or L⁻ᵀB for each of the `steps` in turn, in blocks of columns.
  static func fromLeft<Scalar: RealScalar>(
    _ l: Matrix<Scalar>, transposed steps: [Bool], _ b: inout Matrix<Scalar>,
    on execution: Execution
  ) throws {
    let (n, m) = (l.rowCount, b.columnCount)
    try l.withUnsafePointer { l in
      try b.withUnsafeMutablePointer { base in
        nonisolated(unsafe) let (l, base) = (l, base)
        try Parallel.forEachBlock(of: m, size: 128, on: execution.silent) { columns, _ in
          for transposed in steps {
            BLAS.solveLower(
              transposed: transposed, m: n, n: columns.count, l, ldl: n,
              base + columns.lowerBound, ldb: m)
          }
        }
      }
    }
  }

  /// B ← B L⁻ᵀ, in blocks of rows.
  static func fromRightTransposed<Scalar: RealScalar>(
    _ l: Matrix<Scalar>, _ b: inout Matrix<Scalar>, on execution: Execution
  ) throws {
    let n = l.rowCount
    let m = b.rowCount
    try l.withUnsafePointer { l in
      try b.withUnsafeMutablePointer { base in
        nonisolated(unsafe) let (l, rows) = (l, RowOutput(base: base, stride: n))
        try Parallel.forEachBlock(of: m, size: 128, on: execution.silent) { range, _ in
          BLAS.solveLower(
            fromRight: true, transposed: true, m: range.count, n: n, l, ldl: n,
            rows.row(range.lowerBound), ldb: n)
        }
      }
    }
  }
}
