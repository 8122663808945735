// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import CInnerLoops
import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import Transforms

@Suite struct WalshHadamardTests {
  /// Entry (i, j) of the Sylvester matrix is −1 to the number of ones common to i and j.
  static func naive<Scalar: RealScalar>(_ x: [Scalar]) -> [Double] {
    x.indices.map { i in
      x.indices.reduce(0.0) { sum, j in
        (i & j).nonzeroBitCount % 2 == 0 ? sum + Double(x[j]) : sum - Double(x[j])
      }
    }
  }

  static func check<Scalar: RealScalar>(_ type: Scalar.Type, tolerance: Double) throws {
    var generator = CaseGenerator(seed: 1)
    for logarithm in 0...11 {
      let n = 1 << logarithm
      let x = generator.matrix(3, n, as: type)
      var y = x
      try WalshHadamard.transform(&y)
      for row in 0..<3 {
        let expected = naive(Array(x.row(row)))
        let largest = expected.map(abs).max()!
        for (a, b) in zip(y.row(row), expected) {
          #expect(abs(Double(a) - b) <= tolerance * max(1, largest), "length \(n)")
        }
      }
    }
  }

  @Test func equalsTheDefinition() throws {
    try Self.check(Float.self, tolerance: 1e-5)
    try Self.check(Double.self, tolerance: 1e-13)
  }

  @Test func twiceIsMultiplicationByTheLength() throws {
    for n in [1, 2, 64, 4096, 1 << 17] {
      // Whole numbers small enough that every sum is exact.
      let x = Matrix<Double>(rowCount: 2, columnCount: n) { p in
        for i in 0..<2 * n { p[i] = Double((i &* 7919) % 1009 - 504) }
      }
      var y = x
      try WalshHadamard.transform(&y)
      #expect(n == 1 || y != x)
      try WalshHadamard.transform(&y)
      #expect(zip(y.elements, x.elements).allSatisfy { $0 == Double(n) * $1 }, "length \(n)")
    }
  }

  static func bits<Scalar: RealScalar>(_ x: Matrix<Scalar>, _ vectors: sketching_vectors)
    -> Matrix<Scalar>
  {
    var y = x
    y.withUnsafeMutablePointer {
      WalshHadamard.transform(
        $0, rowCount: x.rowCount, length: x.columnCount, vectors: vectors)
    }
    return y
  }

  @Test func everyVectorWidthGivesTheSameBits() {
    var generator = CaseGenerator(seed: 2)
    for logarithm in 0...16 {
      let x = generator.matrix(2, 1 << logarithm, as: Double.self)
      let y = x.converted(to: Float.self)
      for variant in 0...sketching_widest_vectors().rawValue {
        let vectors = sketching_vectors(rawValue: variant)
        #expect(Self.bits(x, vectors) == Self.bits(x, sketching_vectors_plain), "2^\(logarithm)")
        #expect(Self.bits(y, vectors) == Self.bits(y, sketching_vectors_plain), "2^\(logarithm)")
      }
    }
  }

  @Test func rowsAreIndependent() throws {
    var generator = CaseGenerator(seed: 3)
    let x = generator.matrix(5, 256, as: Float.self)
    var together = x
    try WalshHadamard.transform(&together)
    for i in 0..<5 {
      var alone = x.rows(i..<i + 1)
      try WalshHadamard.transform(&alone)
      #expect(alone == together.rows(i..<i + 1))
    }
  }

  @Test(arguments: [0, 3, 6, 12, 100]) func otherLengthsAreRefused(length: Int) {
    var x = Matrix<Float>(rowCount: 1, columnCount: length)
    #expect(throws: InvalidInput.self) { try WalshHadamard.transform(&x) }
  }

  @Test func paddedLengths() {
    let expected = [1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 1023: 1024, 1024: 1024, 1025: 2048]
    for (dimension, padded) in expected {
      #expect(WalshHadamard.paddedLength(dimension) == padded)
    }
  }
}
