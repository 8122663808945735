// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Some entries of the Walsh-Hadamard transform of a vector with few nonzeros.

import CInnerLoops
import LinearAlgebra

/// Entries Σⱼ H[k, j] xⱼ of a transform, each from the nonzeros of x alone.
///
/// The whole transform adds along a binary tree over the coordinates, in which zeros change nothing.
/// Sums here pair up in the same way, so their bits are the same.
package enum SparseHadamard {
  /// Whether `count` entries of some transforms together cost less than these whole, of `length` numbers
  /// each: a nonzero of an entry takes as long as about 16 butterflies.
  package static func isCheaper(
    nonzeros: Int, count: Int, length: Int, transforms: Int
  ) -> Bool {
    16 * nonzeros * count < length * length.trailingZeroBitCount * transforms
  }

  /// Writes how many sums close after each nonzero, for `count` rising columns.
  ///
  /// Nonzeros j and j′ that follow each other are in different halves of the subtree of as many
  /// levels as j ⊕ j′ has bits: this is when the sums before it close.
  package static func findMerges(
    _ count: Int, _ columns: UnsafePointer<Int32>, into merges: UnsafeMutablePointer<UInt8>
  ) {
    // Bit l of `open` stands for a left half of 2ˡ coordinates that awaits its right half.
    var open = 0 as UInt64
    for k in 0..<count {
      guard k + 1 < count else {
        merges[k] = UInt8(open.nonzeroBitCount)
        break
      }
      let level = 31 - UInt64((columns[k] ^ columns[k + 1]).leadingZeroBitCount)
      let closed = open & ((1 << level) - 1)
      merges[k] = UInt8(closed.nonzeroBitCount)
      open = open & ~closed | 1 << level
    }
  }

  /// Writes scale · Σⱼ H[rows[k], columns[j]] values[j] for every k.
  ///
  /// - Complexity: O(count · rows.count).
  package static func entries<Scalar: RealScalar>(
    _ count: Int, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Scalar>,
    merges: UnsafePointer<UInt8>, rows: UnsafeBufferPointer<Int32>, scale: Scalar,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    guard let kept = rows.baseAddress else { return }
    let vectors = sketching_widest_vectors()
    switch Scalar.precision {
    case .single:
      sketching_sparse_hadamard_float(
        count, columns, values.cast(to: Float.self), merges, rows.count, kept, Float(scale),
        output.cast(to: Float.self), vectors)
    case .double:
      sketching_sparse_hadamard_double(
        count, columns, values.cast(to: Double.self), merges, rows.count, kept, Double(scale),
        output.cast(to: Double.self), vectors)
    }
  }
}
