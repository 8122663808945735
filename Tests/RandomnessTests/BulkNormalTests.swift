// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The vector loops give the bits of the scalar definition.

import CInnerLoops
import Testing

@testable import Randomness

@Suite struct BulkNormalTests {
  static var variants: [sketching_vectors] {
    (0...sketching_widest_vectors().rawValue).map { sketching_vectors(rawValue: $0) }
  }

  @Test(arguments: variants.map(\.rawValue)) func bitsAreThoseOfTheDefinition(_ variant: UInt32) {
    let vectors = sketching_vectors(rawValue: variant)
    let stream = RandomKey(seed: 0xFEDC_BA98_7654_3210).child("bulk").stream
    for (first, count) in [(0, 1), (3, 17), (5, 128), (0xFFFF_FFFB, 40_000)] as [(UInt64, Int)] {
      for scale in [1, 0.3] {
        // A guard after the end must stay.
        var wide = [Double](repeating: -99, count: 4 * count + 1)
        var narrow = [Float](repeating: -99, count: 4 * count + 1)
        stream.fillNormals(from: first, count: count, scale: scale, into: &wide, vectors: vectors)
        stream.fillNormals(
          from: first, count: count, scale: scale, into: &narrow, vectors: vectors)
        var differing = 0
        for block in 0..<count {
          let expected = scale * stream.normals(block: first + UInt64(block))
          for lane in 0..<4 {
            let place = 4 * block + lane
            if wide[place].bitPattern != expected[lane].bitPattern { differing += 1 }
            if narrow[place].bitPattern != Float(expected[lane]).bitPattern { differing += 1 }
          }
        }
        #expect(differing == 0, "\(count) blocks from \(first)")
        #expect(wide[4 * count] == -99 && narrow[4 * count] == -99)
      }
    }
  }

  @Test func nothingIsWrittenForNoBlocks() {
    var output: [Double] = [7]
    RandomKey(seed: 1).stream.fillNormals(from: 0, count: 0, into: &output)
    #expect(output == [7])
  }
}
