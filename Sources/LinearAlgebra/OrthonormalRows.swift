// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows made orthonormal in place, on all cores.

import Validation

extension Matrix {
  /// Replaces the m ≤ n rows by orthonormal ones: for every i the first i span what the first i did.
  ///
  /// Block Gram–Schmidt with blocks of 128 rows: each block is freed of those before it, twice, and is then made
  /// orthonormal by Householder reflections. ‖A Aᵀ − I‖ is near n ulp(1) where the rows are well conditioned,
  /// as random ones are. Signs are those of the reflections: a row may be the opposite of what Gram–Schmidt
  /// gives.
  ///
  /// - Throws: `InvalidInput` unless the matrix has rows, no more of them than columns, and finite entries, and
  ///   where a row is a combination of those before it to working precision; the rows are then of no use.
  /// - Complexity: about 4m²n operations, in place.
  /// - Source: Björck, "Numerics of Gram-Schmidt orthogonalization", 1994; "twice is enough": Giraud, Langou,
  ///   Rozložník, "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005.
  public mutating func orthonormalizeRows(on execution: Execution = .allCores) throws {
    try validateForDecomposition()
    let (m, n) = (rowCount, columnCount)
    guard m <= n else {
      throw InvalidInput(
        "rows to be made orthonormal", found: "\(m)", expected: "at most their \(n) columns")
    }
    let size = 128
    var products = [Scalar](repeating: 0, count: m > size ? size * m : 0)
    try withUnsafeMutablePointer { base in
      for start in stride(from: 0, to: m, by: size) {
        let count = min(size, m - start)
        let block = base + start * n
        let lengths = (0..<count).map { Double(euclideanNorm(block + $0 * n, n)) }
        for _ in 0..<(start > 0 ? 2 : 0) {
          try products.withUnsafeMutableBufferPointer {
            try Self.remove(
              start, rows: base, from: block, count, n, products: $0.baseAddress!, on: execution)
          }
        }
        let left = LAPACK.orthonormalizeColumns(n, count, block)
        for (i, length) in lengths.enumerated()
        where left[i] <= Double(n) * Double(Scalar.ulpOfOne) * length {
          throw InvalidInput(
            "rows to be made orthonormal",
            found: "row \(start + i) a combination of those before it",
            expected: "independent rows")
        }
      }
    }
  }

  /// B ← B − (B Qᵀ) Q for the `known` orthonormal rows of Q.
  private static func remove(
    _ known: Int, rows: UnsafePointer<Scalar>, from block: UnsafeMutablePointer<Scalar>,
    _ count: Int, _ n: Int, products: UnsafeMutablePointer<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let (rows, block, products) = (rows, block, products)
    try Parallel.forEachBlock(of: known, size: 256, on: execution.silent) { range, _ in
      BLAS.gemm(
        transposeB: true, m: count, n: range.count, k: n, block, lda: n,
        rows + range.lowerBound * n, ldb: n, products + range.lowerBound, ldc: known)
    }
    try Parallel.forEachBlock(of: n, size: 512, on: execution.silent) { range, _ in
      BLAS.gemm(
        m: count, n: range.count, k: known, alpha: -1, products, lda: known,
        rows + range.lowerBound, ldb: n, beta: 1, block + range.lowerBound, ldc: n)
    }
  }
}
