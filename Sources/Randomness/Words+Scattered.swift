// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Many words of a stream at once: at any places, or in a row.

import CInnerLoops

extension RandomStream {
  /// Writes the words number `indices[i] >> shift`, as `word(at:)` gives them one by one; `count` of them.
  /// No index may be below 0.
  ///
  /// - Complexity: a Philox block for each word, as many side by side as vectors hold; allocates nothing.
  public func fillWords(
    at indices: UnsafePointer<Int32>, shift: Int = 0, count: Int,
    into output: UnsafeMutablePointer<UInt32>
  ) {
    fillWords(
      at: indices, shift: shift, count: count, into: output, vectors: sketching_widest_vectors())
  }

  func fillWords(
    at indices: UnsafePointer<Int32>, shift: Int, count: Int,
    into output: UnsafeMutablePointer<UInt32>, vectors: sketching_vectors
  ) {
    let key = UInt64(generator.key.x) | UInt64(generator.key.y) << 32
    sketching_scattered_words(key, indices, Int32(shift), count, output, vectors)
  }

  /// Writes the words of `count` blocks from `first` on, four each, as `words(block:)` gives them.
  ///
  /// - Complexity: O(1) for each block; allocates nothing.
  public func fillWords(
    from first: UInt64, count: Int, into output: UnsafeMutablePointer<UInt32>
  ) {
    fillWords(from: first, count: count, into: output, vectors: sketching_widest_vectors())
  }

  func fillWords(
    from first: UInt64, count: Int, into output: UnsafeMutablePointer<UInt32>,
    vectors: sketching_vectors
  ) {
    let key = UInt64(generator.key.x) | UInt64(generator.key.y) << 32
    sketching_consecutive_words(key, first, count, output, vectors)
  }
}
