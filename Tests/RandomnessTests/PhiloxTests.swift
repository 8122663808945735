// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Philox against the known answers of the Random123 distribution, and keys by path.

import CInnerLoops
import Testing

@testable import Randomness

@Suite("Philox and keys")
struct PhiloxTests {
  @Test(
    "known answers of philox4x32-10",
    arguments: [
      (
        SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
        SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
        SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
        SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ])
  func knownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
    #expect(Philox4x32(key: key).words(at: counter) == expected)
  }

  @Test("a seed is the generator's key, and a stream counts its blocks from zero")
  func streamWords() {
    let seed: UInt64 = 0x299f_31d0_a409_3822
    let generator = Philox4x32(key: SIMD2(0xa409_3822, 0x299f_31d0))
    let stream = RandomKey(seed: seed).stream
    let block: UInt64 = 0x1234_5678_9abc_def0
    #expect(
      stream.words(block: block) == generator.words(at: SIMD4(0x9abc_def0, 0x1234_5678, 0, 0)))
    #expect(stream.words(block: 0)[0] == stream.word(at: 0))
    #expect(stream.words(block: 1)[3] == stream.word(at: 7))
    let indices = (0..<83).map { Int32(truncatingIfNeeded: 0x4b1f_37c5 &* $0) & .max } + [.max]
    for vectors in BulkNormalTests.variants {
      for (count, shift) in [(84, 0), (84, 5), (64, 0), (1, 0), (0, 0)] {
        let words = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
          var nothing: UInt32 = 0
          withUnsafeMutablePointer(to: &nothing) {
            stream.fillWords(
              at: indices, shift: shift, count: count, into: buffer.baseAddress ?? $0,
              vectors: vectors)
          }
          initialized = count
        }
        #expect(words == indices.prefix(count).map { stream.word(at: UInt64($0 >> shift)) })
      }
      for (first, count) in [(0, 1), (5, 32), (0xffff_fff0, 77)] as [(UInt64, Int)] {
        let words = [UInt32](unsafeUninitializedCapacity: 4 * count) { buffer, initialized in
          stream.fillWords(from: first, count: count, into: buffer.baseAddress!, vectors: vectors)
          initialized = 4 * count
        }
        #expect(words == (0..<4 * count).map { stream.word(at: 4 * first + UInt64($0)) })
      }
    }
  }

  @Test("different paths give different keys, equal paths equal ones")
  func paths() {
    var keys: Set<RandomKey> = []
    var count = 0
    for seed in [0, 1, UInt64.max] {
      let root = RandomKey(seed: seed)
      keys.insert(root)
      count += 1
      for index in [-1, 0, 1, 2, 1 << 32, Int.max] {
        for child in [root.child("a", index), root.child("b", index), root.child("ab", index)] {
          for leaf in [child, child.child("a"), child.child("b"), child.child("a", 1)] {
            keys.insert(leaf)
            count += 1
          }
        }
      }
    }
    #expect(keys.count == count)
    let root = RandomKey(seed: 7)
    #expect(root.child("a").child("b") != root.child("b").child("a"))
    #expect(root.child("a", 3).child("b") == RandomKey(seed: 7).child("a", 3).child("b"))
  }

  @Test("one bit of the seed or of the index changes half of the words' bits")
  func avalanche() {
    let root = RandomKey(seed: 99)
    var flipped = 0
    for bit in 0..<63 {
      let other = root.child("node", 1 << bit).stream.word(at: 0)
      flipped += (other ^ root.child("node", 0).stream.word(at: 0)).nonzeroBitCount
      let seeded = RandomKey(seed: 99 ^ (1 << UInt64(bit))).stream.word(at: 0)
      flipped += (seeded ^ root.stream.word(at: 0)).nonzeroBitCount
    }
    // 4032 fair bits: mean 2016, standard deviation 32.
    #expect(abs(flipped - 2016) < 200)
  }
}
