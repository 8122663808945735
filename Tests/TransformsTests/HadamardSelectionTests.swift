// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import TestSupport
import Testing

@testable import Transforms

@Suite struct HadamardSelectionTests {
  /// What is kept of a transform are the bits of the whole one, whatever is kept, in whatever order, and
  /// however short x is.
  @Test(arguments: [1, 8, 512, 1024, 2048, 16384], [1, 40, 3000])
  func keepsTheBitsOfTheWhole(length: Int, kept: Int) {
    func check<Scalar: RealScalar>(_: Scalar.Type) {
      var generator = CaseGenerator(seed: UInt64(length + kept))
      let count = generator.int(in: 1...length)
      let x = (0..<count).map { _ in Scalar(generator.normal()) }
      let signs = (0..<length).map { _ in Int8(generator.int(in: 0...1) * 2 - 1) }
      // With repetitions, and the last number of all.
      let indices =
        (1..<kept).map { _ in Int32(generator.int(in: 0...length - 1)) } + [Int32(length - 1)]
      var whole = zip(signs, x).map { Scalar($0) * $1 }
      whole += [Scalar](repeating: 0, count: length - count)
      whole.withUnsafeMutableBufferPointer {
        WalshHadamard.transform($0.baseAddress!, rowCount: 1, length: length)
      }
      var scratch = [Scalar](repeating: .nan, count: length)
      let sorted = HadamardSelection.sorted(indices, length: length)
      #expect(sorted.sorted() == indices.sorted())
      for indices in [indices, sorted] {
        var output = [Scalar](repeating: .nan, count: kept)
        HadamardSelection(indices, length: length).transform(
          signs: signs, x, count: count, scale: 0.3, into: &output, scratch: &scratch)
        #expect(output == indices.map { 0.3 * whole[Int($0)] }, "\(length) \(kept) \(count)")
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
