// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Philox4x32-10: the counter-based generator under every random choice in the library.

/// The bijection Philox4x32-10 from counters to random words, for a 64-bit key.
///
/// `words(at:)` is a pure function: any word of any stream is computed on its own, in any order, on
/// any thread, on any machine, with the same result.
///
/// - Complexity: 20 multiplications per call, four 32-bit words each.
/// - Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct Philox4x32: Hashable, Sendable {
  /// The key, low word first.
  public let key: SIMD2<UInt32>

  @inlinable
  public init(key: SIMD2<UInt32>) {
    self.key = key
  }

  /// The four words at a 128-bit counter (low word first).
  @inlinable
  public func words(at counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = UInt64(c.x) &* 0xD251_1F53
      let b = UInt64(c.z) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: b >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: a))
      k = SIMD2(k.x &+ 0x9E37_79B9, k.y &+ 0xBB67_AE85)
    }
    return c
  }
}
