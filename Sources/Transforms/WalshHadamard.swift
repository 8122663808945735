// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard transform: x ↦ H x with the ±1 matrix of Sylvester.

import CInnerLoops
import LinearAlgebra
import Validation

/// The unnormalised Walsh-Hadamard transform in natural (Sylvester) order.
///
/// H₁ = 1 and H₂ₙ = [[Hₙ, Hₙ], [Hₙ, −Hₙ]], so entries are ±1, H = Hᵀ and H H = n I. Only additions
/// and subtractions in a fixed order: the same bits on every machine and for any batch.
public enum WalshHadamard {
  /// The least power of two that is at least `dimension`: how far points are padded with zeros.
  public static func paddedLength(_ dimension: Int) -> Int {
    precondition(dimension >= 1 && dimension <= 1 << 62)
    return dimension == 1 ? 1 : 1 << (Int.bitWidth - (dimension - 1).leadingZeroBitCount)
  }

  /// Replaces every row of a matrix by its transform.
  ///
  /// - Throws: `InvalidInput` if the number of columns is not a power of two.
  /// - Complexity: O(rowCount · n log n) for n columns, in place.
  public static func transform<Scalar: RealScalar>(_ matrix: inout Matrix<Scalar>) throws {
    let (rowCount, length) = (matrix.rowCount, matrix.columnCount)
    guard length > 0, length & (length - 1) == 0 else {
      throw InvalidInput("columns", found: "\(length)", expected: "a power of two")
    }
    matrix.withUnsafeMutablePointer { transform($0, rowCount: rowCount, length: length) }
  }

  /// Replaces `rowCount` consecutive rows of `length` numbers, a power of two, by their transforms.
  ///
  /// - Complexity: O(rowCount · n log n), in place, on one thread.
  public static func transform<Scalar: RealScalar>(
    _ rows: UnsafeMutablePointer<Scalar>, rowCount: Int, length: Int
  ) {
    transform(rows, rowCount: rowCount, length: length, vectors: sketching_widest_vectors())
  }

  static func transform<Scalar: RealScalar>(
    _ rows: UnsafeMutablePointer<Scalar>, rowCount: Int, length: Int, vectors: sketching_vectors
  ) {
    precondition(length > 0 && length & (length - 1) == 0)
    switch Scalar.precision {
    case .single:
      sketching_walsh_hadamard_float(rows.cast(to: Float.self), rowCount, length, vectors)
    case .double:
      sketching_walsh_hadamard_double(rows.cast(to: Double.self), rowCount, length, vectors)
    }
  }

  /// Writes H Σ x, `length` numbers, for a diagonal Σ of signs (or zeros) and factor times the first
  /// `count` entries of x, the others being zero. Only that many signs are read.
  package static func transform<Scalar: RealScalar>(
    signs: UnsafePointer<Int8>, _ x: UnsafePointer<Scalar>, times factor: Scalar = 1, count: Int,
    into output: UnsafeMutablePointer<Scalar>, length: Int
  ) {
    let vectors = sketching_widest_vectors()
    switch Scalar.precision {
    case .single:
      sketching_signed_hadamard_float(
        signs, x.cast(to: Float.self), Float(factor), count, output.cast(to: Float.self), length,
        vectors)
    case .double:
      sketching_signed_hadamard_double(
        signs, x.cast(to: Double.self), Double(factor), count, output.cast(to: Double.self), length,
        vectors)
    }
  }
}
