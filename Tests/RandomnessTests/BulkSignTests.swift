// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Signs written many at a time are those of the definition.

import CInnerLoops
import Testing

@testable import Randomness

@Suite struct BulkSignTests {
  @Test(arguments: [0, 1, 31, 32, 127, 128, 129, 1000]) func signsAreThoseOfTheStream(count: Int) {
    let stream = RandomKey(seed: 5).child("signs").stream
    for first in [0, 3, 0xFFFF_FFFF] as [UInt64] {
      // A guard after the end must stay.
      var wide = [Double](repeating: -99, count: count + 1)
      var narrow = [Float](repeating: -99, count: count + 1)
      stream.fillSigns(fromBlock: first, count: count, into: &wide)
      stream.fillSigns(fromBlock: first, count: count, into: &narrow)
      let expected = (0..<UInt64(count)).map { Double(stream.sign(at: 128 * first + $0)) }
      #expect(wide == expected + [-99])
      #expect(narrow.map(Double.init) == expected + [-99])
    }
  }

  @Test func everyVectorWidthGivesTheSameSigns() {
    let words: [UInt32] = [0x8000_0001, 0, ~0, 0x1234_5678]
    let expected = (0..<110).map { Double(1 - 2 * Int(words[$0 / 32] >> UInt32($0 % 32) & 1)) }
    for variant in 0...sketching_widest_vectors().rawValue {
      var wide = [Double](repeating: 0, count: 110)
      var narrow = [Float](repeating: 0, count: 110)
      sketching_signs_double(words, 110, &wide, sketching_vectors(rawValue: variant))
      sketching_signs_float(words, 110, &narrow, sketching_vectors(rawValue: variant))
      #expect(wide == expected && narrow.map(Double.init) == expected)
    }
  }
}
