// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The parallel matrix product on pointers: one single-threaded gemm per fixed tile of the output.

import Validation

/// C ← α op(A) op(B) + β C, tile by tile; every dense product of the library runs through here.
///
/// The tiles depend on the shape of C alone, so the bits do not depend on the number of threads.
enum TiledProduct {
  /// A factor: a row-major matrix, or the transpose of one.
  struct Factor<Scalar: RealScalar>: @unchecked Sendable {
    let base: UnsafePointer<Scalar>
    let stride: Int
    var transposed = false

    func droppingRows(_ count: Int) -> UnsafePointer<Scalar> {
      base + (transposed ? count : count * stride)
    }

    func droppingColumns(_ count: Int) -> UnsafePointer<Scalar> {
      base + (transposed ? count * stride : count)
    }
  }

  /// The general product, with C m × n and op(A) m × k.
  static func write<Scalar: RealScalar>(
    m: Int, n: Int, k: Int, alpha: Scalar = 1, _ a: Factor<Scalar>, _ b: Factor<Scalar>,
    beta: Scalar = 0, into c: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try checkCounts(k, a.stride, b.stride, c.stride)
    let edge = tileEdge(m, n)
    let tilesAcross = (n + edge - 1) / edge
    nonisolated(unsafe) let c = c
    try Parallel.forEachBlock(of: (m + edge - 1) / edge * tilesAcross, size: 1, on: execution) {
      block, _ in
      let (i, j) = (block.lowerBound / tilesAcross * edge, block.lowerBound % tilesAcross * edge)
      BLAS.gemm(
        transposeA: a.transposed, transposeB: b.transposed, m: min(edge, m - i),
        n: min(edge, n - j), k: k, alpha: alpha, a.droppingRows(i), lda: a.stride,
        b.droppingColumns(j), ldb: b.stride, beta: beta, c.row(i) + j, ldc: c.stride)
    }
  }

  /// The symmetric product α op(A) op(A)ᵀ + β C, with op(A) n × k: the lower triangle is computed,
  /// and copied to the upper one if `mirrored`.
  static func writeSymmetric<Scalar: RealScalar>(
    n: Int, k: Int, alpha: Scalar = 1, _ a: Factor<Scalar>, beta: Scalar = 0,
    into c: RowOutput<Scalar>, mirrored: Bool = true, on execution: Execution
  ) throws {
    try checkCounts(k, a.stride, c.stride)
    let edge = tileEdge(n, n / 2)
    let tilesAcross = (n + edge - 1) / edge
    nonisolated(unsafe) let c = c
    try Parallel.forEachBlock(of: tilesAcross * (tilesAcross + 1) / 2, size: 1, on: execution) {
      block, _ in
      let (row, column) = trianglePosition(block.lowerBound)
      let (i, j) = (row * edge, column * edge)
      let (height, width) = (min(edge, n - i), min(edge, n - j))
      if i == j {
        BLAS.symmetricLower(
          transposeA: a.transposed, n: height, k: k, alpha: alpha, a.droppingRows(i),
          lda: a.stride, beta: beta, c.row(i) + j, ldc: c.stride)
      } else {
        BLAS.gemm(
          transposeA: a.transposed, transposeB: !a.transposed, m: height, n: width, k: k,
          alpha: alpha, a.droppingRows(i), lda: a.stride, a.droppingRows(j), ldb: a.stride,
          beta: beta, c.row(i) + j, ldc: c.stride)
      }
      if mirrored {
        Transposition.mirror(rows: i..<i + height, columns: j..<j + width, of: c)
      }
    }
  }

  /// Throws `InvalidInput` where BLAS cannot count in 32 bits.
  private static func checkCounts(_ counts: Int...) throws {
    for count in counts {
      _ = try Check.count([count], "side of a factor", upTo: Check.largestDimension)
    }
  }

  /// The largest of a few edges that still gives some tiles to each of several threads.
  private static func tileEdge(_ m: Int, _ n: Int) -> Int {
    [512, 256].first { edge in ((m + edge - 1) / edge) * ((n + edge - 1) / edge) >= 16 } ?? 128
  }

  /// Row and column of entry `index` of a lower triangle stored row by row.
  private static func trianglePosition(_ index: Int) -> (row: Int, column: Int) {
    var row = Int((Double(8 * index + 1).squareRoot() - 1) / 2)
    while row * (row + 1) / 2 > index { row -= 1 }
    while (row + 1) * (row + 2) / 2 <= index { row += 1 }
    return (row, index - row * (row + 1) / 2)
  }
}
