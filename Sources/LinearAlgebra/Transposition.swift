// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Transposes in square blocks that stay in the first cache.

/// Moves between rows and columns, on pointers.
enum Transposition {
  /// Blocks of 16 × 16 `Double`s: two kilobytes on either side.
  private static let edge = 16

  /// `output[j, i] = input[i, j]`, with a row-major m × n input and dense rows on both sides.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func copy<Scalar: RealScalar>(
    m: Int, n: Int, _ input: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>
  ) {
    for i0 in stride(from: 0, to: m, by: edge) {
      for j0 in stride(from: 0, to: n, by: edge) {
        let (i1, j1) = (min(m, i0 + edge), min(n, j0 + edge))
        for j in j0..<j1 {
          for i in i0..<i1 { output[j * m + i] = input[i * n + j] }
        }
      }
    }
  }

  /// Copies what lies below the diagonal in the given rectangle to its mirror image above.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func mirror<Scalar: RealScalar>(
    rows: Range<Int>, columns: Range<Int>, of matrix: RowOutput<Scalar>
  ) {
    let (base, stride) = (matrix.base, matrix.stride)
    for i0 in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: edge) {
      for j0 in Swift.stride(from: columns.lowerBound, to: columns.upperBound, by: edge) {
        let (i1, j1) = (min(rows.upperBound, i0 + edge), min(columns.upperBound, j0 + edge))
        for j in j0..<j1 {
          for i in max(i0, j + 1)..<max(i1, j + 1) {
            base[j * stride + i] = base[i * stride + j]
          }
        }
      }
    }
  }

  /// Transposes a square matrix in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func transposeSquare<Scalar: RealScalar>(
    _ n: Int, _ matrix: UnsafeMutablePointer<Scalar>
  ) {
    for i0 in stride(from: 0, to: n, by: edge) {
      for j0 in stride(from: 0, through: i0, by: edge) {
        for i in i0..<min(n, i0 + edge) {
          for j in j0..<min(i, j0 + edge) {
            let upper = matrix[j * n + i]
            matrix[j * n + i] = matrix[i * n + j]
            matrix[i * n + j] = upper
          }
        }
      }
    }
  }
}
