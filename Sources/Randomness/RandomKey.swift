// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Keys derived by path, so that every part of every sketch has randomness of its own.

/// The name of one stream of random numbers, derived from a seed by a path of (name, index) steps.
///
///     let leaf = RandomKey(seed: 7).child("leaf", 3)
///     let sign = leaf.child("sign").stream.sign(at: 12)
///
/// Equal paths give equal keys on every machine; different paths give keys that are independent for
/// all practical purposes (each step is one Philox call under the parent's key). Two parts of a
/// sketch must never share a key: TensorSketch with equal hashes, for example, is biased.
public struct RandomKey: Hashable, Sendable {
  @usableFromInline let generator: Philox4x32

  /// The root key of a seed.
  public init(seed: UInt64) {
    generator = Philox4x32(
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  }

  init(generator: Philox4x32) {
    self.generator = generator
  }

  /// The seed whose root key this is: for handing a part of the path to something that takes a seed.
  public var seed: UInt64 { UInt64(generator.key.x) | UInt64(generator.key.y) << 32 }

  /// The key one step further down the path. Cost: one hash of the name and one Philox call.
  public func child(_ name: StaticString, _ index: Int = 0) -> RandomKey {
    // FNV-1a of the name's bytes; the index fills the other half of the counter.
    let hash = name.withUTF8Buffer { bytes in
      bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    let position = UInt64(bitPattern: Int64(index))
    let words = generator.words(
      at: SIMD4(
        UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32),
        UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32)))
    return RandomKey(generator: Philox4x32(key: SIMD2(words.x ^ words.z, words.y ^ words.w)))
  }

  /// The random numbers of this key.
  @inlinable
  public var stream: RandomStream { RandomStream(generator: generator) }
}
