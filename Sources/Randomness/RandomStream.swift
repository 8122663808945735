// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Words, uniform numbers, signs and buckets at any position of a stream.

/// An infinite sequence of random numbers with random access.
///
/// Each kind of number reads the words of the same stream in its own layout, so one stream must
/// serve one kind only: derive a child key per purpose.
public struct RandomStream: Hashable, Sendable {
  @usableFromInline let generator: Philox4x32

  @inlinable
  init(generator: Philox4x32) {
    self.generator = generator
  }

  /// The block of four 32-bit words number `block`.
  @inlinable
  public func words(block: UInt64) -> SIMD4<UInt32> {
    generator.words(
      at: SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0))
  }

  /// The 32-bit word number `index`.
  @inlinable
  public func word(at index: UInt64) -> UInt32 {
    words(block: index >> 2)[Int(index & 3)]
  }

  /// Number `index` of a sequence of independent uniform numbers in (0, 1): odd multiples of 2⁻³³.
  @inlinable
  public func uniform(at index: UInt64) -> Double {
    (Double(word(at: index)) + 0.5) * 0x1p-32
  }

  /// Number `index` of a sequence of independent fair signs, −1 or +1; 128 signs share a block.
  @inlinable
  public func sign(at index: UInt64) -> Int8 {
    let word = words(block: index >> 7)[Int(index >> 5) & 3]
    return 1 - 2 * Int8(truncatingIfNeeded: (word >> UInt32(index & 31)) & 1)
  }

  /// Number `index` of a sequence of independent buckets in `0..<count`, `1 ≤ count ≤ 2³²`.
  ///
  /// By multiplication and shift: the probability of each bucket is within 2⁻³² of 1/count.
  @inlinable
  public func bucket(at index: UInt64, count: Int) -> Int {
    Int((UInt64(word(at: index)) &* UInt64(count)) >> 32)
  }
}

extension RandomStream {
  /// The first `count` signs as −1 and +1. Cost: one Philox call per 128.
  public func signs(count: Int) -> [Int8] {
    var result = [Int8](repeating: 0, count: count)
    var index = 0
    while index < count {
      let block = words(block: UInt64(index >> 7))
      for lane in 0..<4 {
        var word = block[lane]
        let end = min(count, index + 32)
        while index < end {
          result[index] = 1 - 2 * Int8(truncatingIfNeeded: word & 1)
          word >>= 1
          index += 1
        }
      }
    }
    return result
  }

  /// The first `length` buckets in `0..<count`. Cost: one Philox call per four.
  public func buckets(length: Int, count: Int) -> [Int32] {
    var result = [Int32](repeating: 0, count: length)
    for index in stride(from: 0, to: length, by: 4) {
      let block = words(block: UInt64(index >> 2))
      for lane in 0..<min(4, length - index) {
        result[index + lane] = Int32(
          truncatingIfNeeded: (UInt64(block[lane]) &* UInt64(count)) >> 32)
      }
    }
    return result
  }
}
