// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Normal numbers: accuracy of the transform, and the distribution.

import Foundation
import Randomness
import TestSupport
import Testing

@testable import Randomness

@Suite("Normal numbers")
struct NormalTests {
  @Test("the radius agrees with the system's logarithm to 1e-14")
  func radius() {
    let stream = RandomKey(seed: 1).stream
    var cases = (0..<20_000 as Range<UInt64>).map { stream.uniform(at: $0) }
    cases += [0x1p-33, 0x1.8p-32, 0.25, 0.5, 0.7071067811865475, 0.7071067811865477, 0.75]
    cases += [1 - 0x1p-33, 1 - 0x1.8p-32]
    for u in cases {
      let expected = (-2 * log(u)).squareRoot()
      #expect(abs(portableRadius(u) - expected) <= 1e-14 * expected, "u = \(u)")
    }
  }

  @Test("the turn agrees with the system's sine and cosine to 1e-14")
  func turn() {
    let stream = RandomKey(seed: 2).stream
    var cases = (0..<20_000 as Range<UInt64>).map { stream.word(at: $0) }
    for eighth in 0..<8 as Range<UInt32> {
      cases += [eighth << 29, (eighth << 29) &- 1, (eighth << 29) + 1]
    }
    for word in cases {
      let (cosine, sine) = portableTurn(word)
      let angle = 2 * Double.pi * (Double(word) * 0x1p-32)
      #expect(abs(cosine - cos(angle)) <= 1e-14 && abs(sine - sin(angle)) <= 1e-14, "\(word)")
      #expect(abs(cosine * cosine + sine * sine - 1) <= 1e-15)
    }
  }

  @Test("single access equals the numbers of the block")
  func access() {
    let stream = RandomKey(seed: 3).stream
    for block in [0, 1, 1 << 40] as [UInt64] {
      let normals = stream.normals(block: block)
      for lane in 0..<4 { #expect(stream.normal(at: 4 * block + UInt64(lane)) == normals[lane]) }
    }
  }

  @Test("moments, and correlations inside and between blocks", arguments: [0, 9])
  func moments(seed: UInt64) {
    let stream = RandomKey(seed: seed).child("normal").stream
    let blockCount = 100_000
    let blocks = (0..<UInt64(blockCount)).map { stream.normals(block: $0) }
    let threshold = scoreThreshold(comparisons: 60)
    for a in 0..<4 {
      let lane = blocks.map { $0[a] }
      #expect(abs(Moments(lane).meanScore(0)) < threshold)
      #expect(abs(Moments(lane.map { $0 * $0 }).meanScore(1)) < threshold)
      #expect(abs(Moments(lane.map { $0 * $0 * $0 }).meanScore(0)) < threshold)
      #expect(abs(Moments(lane.map { $0 * $0 * $0 * $0 }).meanScore(3)) < threshold)
      for b in 0..<a {
        #expect(abs(Moments(blocks.map { $0[a] * $0[b] }).meanScore(0)) < threshold)
        // Also the sizes are independent: E a²b² = 1.
        let squares = blocks.map { $0[a] * $0[a] * $0[b] * $0[b] }
        #expect(abs(Moments(squares).meanScore(1)) < threshold)
      }
      let lagged = (1..<blockCount).map { blocks[$0][a] * blocks[$0 - 1][3 - a] }
      #expect(abs(Moments(lagged).meanScore(0)) < threshold)
    }
  }

  @Test("the tails hold as many numbers as they should")
  func tails() {
    let stream = RandomKey(seed: 21).child("tail").stream
    let count = 1_000_000
    var values: [Double] = []
    for block in 0..<UInt64(count / 4) {
      let normals = stream.normals(block: block)
      values += [normals.x, normals.y, normals.z, normals.w]
    }
    #expect(values.allSatisfy { abs($0) <= 6.77 })
    for limit in [0.5, 1, 2, 3, 4] {
      for sign in [-1.0, 1] {
        let tail = erfc(limit / 2.0.squareRoot()) / 2
        let found = Double(values.count { sign * $0 > limit })
        let deviation = (Double(count) * tail * (1 - tail)).squareRoot()
        let score = (found - Double(count) * tail) / deviation
        #expect(abs(score) < scoreThreshold(comparisons: 10), "beyond \(sign * limit)")
      }
    }
  }
}
