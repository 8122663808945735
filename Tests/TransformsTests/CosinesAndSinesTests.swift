// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import CInnerLoops
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Transforms

@Suite struct CosinesAndSinesTests {
  private func check<Scalar: RealScalar>(
    _ angles: [Scalar], scale: Scalar, tolerance: Double, _ vectors: sketching_vectors
  ) {
    var (cosines, sines) = (angles, angles)
    CosinesAndSines.write(
      angles.count, of: angles, scale: scale, cosines: &cosines, sines: &sines, vectors: vectors)
    let size = Double(scale)
    for (i, angle) in angles.enumerated() {
      guard angle.isFinite else {
        #expect(cosines[i].isNaN && sines[i].isNaN, "of \(angle)")
        continue
      }
      let near =
        abs(Double(cosines[i]) - size * cos(Double(angle))) <= tolerance * size
        && abs(Double(sines[i]) - size * sin(Double(angle))) <= tolerance * size
      #expect(near, "of \(angle)")
      if !near { return }
    }
  }

  private func checkAll<Scalar: RealScalar>(_ type: Scalar.Type, tolerance: Double) {
    let widest = sketching_widest_vectors()
    for vectors in [sketching_vectors_plain, sketching_vectors_avx2]
    where vectors.rawValue <= widest.rawValue {
      for (seed, range) in [1e-6, 1, 10, 1e3, 0.9e6].enumerated() {
        var generator = CaseGenerator(seed: UInt64(seed))
        let angles = (0..<1003).map { _ in Scalar(range * generator.normal()) }
        check(angles, scale: 0.3, tolerance: tolerance, vectors)
      }
      // Where quadrants meet, where the reduction ends, and beyond.
      let quarters = (-9...9).map { Scalar(Double($0) * Double.pi / 4) }
      let edges: [Scalar] = [
        0, 1e6, -1e6, Scalar(999_999.9), 4e9, -1e30, .greatestFiniteMagnitude, .nan, .infinity,
        -.infinity, .leastNonzeroMagnitude,
      ]
      check(quarters + edges + quarters, scale: 1, tolerance: tolerance, vectors)
    }
  }

  @Test func equalTheLibrary() {
    checkAll(Double.self, tolerance: 1e-15)
    checkAll(Float.self, tolerance: 2e-7)
  }

  @Test func nothing() {
    check([Double](), scale: 1, tolerance: 0, sketching_vectors_plain)
  }
}
