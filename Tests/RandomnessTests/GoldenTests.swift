// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fixed seeds give fixed bits, on every machine and in every release.

import Randomness
import Testing

@Suite("Golden bits of randomness")
struct GoldenTests {
  private let key = RandomKey(seed: 20_240_229).child("leaf", 3)

  @Test("words, signs, buckets and samples")
  func integers() throws {
    let stream = key.stream
    #expect(
      (0..<4).map { stream.word(at: $0) } == [0xcf98_6813, 0x0389_785b, 0xe11d_5741, 0xd21f_a4a7])
    #expect(stream.signs(count: 16) == [-1, -1, 1, 1, -1, 1, 1, 1, 1, 1, 1, -1, 1, -1, -1, 1])
    #expect(stream.buckets(length: 8, count: 1000) == [810, 13, 879, 820, 604, 133, 268, 816])
    #expect(try stream.sampleWithoutReplacement(5, from: 10) == [8, 1, 9, 0, 7])
    #expect(try stream.sampleWithoutReplacement(3, from: 1000) == [810, 14, 879])
  }

  @Test("normal numbers, to the last bit")
  func normals() {
    let normals = key.child("normal").stream.normals(block: 5)
    #expect(
      (0..<4).map { normals[$0].bitPattern } == [
        0xbfd3_eeff_27e4_fc3b, 0xbfed_4741_8cff_abbb, 0x3ff1_d391_0d59_46ce, 0x3fda_da93_0a9a_850b,
      ])
  }
}
