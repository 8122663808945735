// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Many random signs at once, as numbers.

import CInnerLoops

extension RandomStream {
  /// Writes `count` signs, number 128 · `first` and those after it, as −1 and +1.
  ///
  /// - Complexity: about 30 ns per 128; allocates nothing.
  public func fillSigns(
    fromBlock first: UInt64, count: Int, into output: UnsafeMutablePointer<Double>
  ) {
    let vectors = sketching_widest_vectors()
    forEachBlock(from: first, count: count) { words, start, count in
      sketching_signs_double(words, count, output + start, vectors)
    }
  }

  /// The same in single precision.
  public func fillSigns(
    fromBlock first: UInt64, count: Int, into output: UnsafeMutablePointer<Float>
  ) {
    let vectors = sketching_widest_vectors()
    forEachBlock(from: first, count: count) { words, start, count in
      sketching_signs_float(words, count, output + start, vectors)
    }
  }

  /// Calls `body` with the words of block after block, the place of its first sign and how many are
  /// wanted.
  @inline(__always)
  private func forEachBlock(
    from first: UInt64, count: Int, _ body: (UnsafePointer<UInt32>, Int, Int) -> Void
  ) {
    for start in stride(from: 0, to: count, by: 128) {
      withUnsafeBytes(of: words(block: first + UInt64(start >> 7))) {
        body($0.assumingMemoryBound(to: UInt32.self).baseAddress!, start, min(128, count - start))
      }
    }
  }
}
