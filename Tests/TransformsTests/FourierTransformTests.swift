// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import Dispatch
import Foundation
import LinearAlgebra
import Synchronization
import TestSupport
import Testing
import Transforms
import Validation

@Suite struct FourierTransformTests {
  /// Spectra of rows, as pairs; and the rows that come back.
  static func transform<Scalar: RealScalar>(_ x: Matrix<Scalar>) throws -> (
    spectra: [[Scalar]], back: [[Scalar]]
  ) {
    let (n, m) = (x.rowCount, x.columnCount)
    let transform = try FourierTransform(length: m)
    let plan = transform.plan(for: Scalar.self)
    let workspace = Workspace()
    return workspace.withScratch(Scalar.self, n * plan.realStride) { rows in
      workspace.withScratch(Scalar.self, n * plan.spectrumStride) { spectra in
        for i in 0..<n {
          for (j, value) in x.row(i).enumerated() { rows[i * plan.realStride + j] = value }
        }
        plan.forward(rows, into: spectra, rowCount: n)
        let read = (0..<n).map { i in
          (0..<2 * transform.spectrumCount).map { spectra[i * plan.spectrumStride + $0] }
        }
        plan.inverse(spectra, into: rows, rowCount: n)
        return (read, (0..<n).map { i in (0..<m).map { rows[i * plan.realStride + $0] } })
      }
    }
  }

  static func check<Scalar: RealScalar>(length m: Int, _ type: Scalar.Type, _ tolerance: Double)
    throws
  {
    var generator = CaseGenerator(seed: UInt64(m))
    let x = generator.matrix(3, m, as: type)
    let (spectra, back) = try transform(x)
    for i in 0..<3 {
      let row = x.row(i).map { Double($0) }
      let scale = tolerance * Double(m).squareRoot() * 4
      for k in 0...m / 2 {
        var (re, im) = (0.0, 0.0)
        for (j, value) in row.enumerated() {
          let angle = -2 * Double.pi * Double(j * k % m) / Double(m)
          re += value * cos(angle)
          im += value * sin(angle)
        }
        #expect(abs(Double(spectra[i][2 * k]) - re) <= scale, "length \(m), entry \(k)")
        #expect(abs(Double(spectra[i][2 * k + 1]) - im) <= scale, "length \(m), entry \(k)")
      }
      for (a, b) in zip(back[i], row) {
        #expect(abs(Double(a) / Double(m) - b) <= 8 * tolerance, "length \(m), inverse")
      }
    }
  }

  @Test(arguments: Array(1...40) + [97, 128, 210, 1000, 1024])
  func equalsTheDefinition(length: Int) throws {
    try Self.check(length: length, Float.self, 1e-6)
    try Self.check(length: length, Double.self, 1e-14)
  }

  @Test func batchesGiveTheSameBits() throws {
    var generator = CaseGenerator(seed: 4)
    for m in [15, 64, 1000] {
      let x = generator.matrix(7, m, as: Float.self)
      let together = try Self.transform(x)
      for i in 0..<7 {
        let alone = try Self.transform(x.rows(i..<i + 1))
        #expect(alone.spectra[0] == together.spectra[i] && alone.back[0] == together.back[i])
      }
    }
  }

  @Test func plansMayBeMadeAndUsedOnManyThreads() throws {
    // Lengths that no other test uses, so that they are planned here, at once.
    let lengths = Array(300..<340)
    let matrices = lengths.map { m in
      var generator = CaseGenerator(seed: UInt64(m))
      return generator.matrix(2, m, as: Double.self)
    }
    let results = Mutex<[[Int: [[Double]]]]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      var own: [Int: [[Double]]] = [:]
      for index in lengths.indices {
        let matrix = matrices[(index + 7 * worker) % lengths.count]
        own[matrix.columnCount] = try? Self.transform(matrix).spectra
      }
      results.withLock { $0.append(own) }
    }
    let all = results.withLock { $0 }
    #expect(all.count == 4)
    for own in all {
      #expect(own.count == lengths.count)
      #expect(own == all[0])
    }
    for matrix in matrices { try Self.check(length: matrix.columnCount, Double.self, 1e-14) }
  }

  @Test(arguments: [0, -1, 1_000_000_000_000]) func otherLengthsAreRefused(length: Int) {
    #expect(throws: InvalidInput.self) { try FourierTransform(length: length) }
  }

  @Test func fastLengths() {
    for limit in 1...500 {
      let (below, above) = (
        FourierTransform.fastLength(atMost: limit), FourierTransform.fastLength(atLeast: limit)
      )
      #expect(below <= limit && above >= limit)
      for length in [below, above] where length > 1 {
        #expect(length % 2 == 0)
        #expect(
          [2, 3, 5, 7].reduce(length) { rest, p in
            var rest = rest
            while rest % p == 0 { rest /= p }
            return rest
          } == 1)
      }
    }
    #expect(FourierTransform.fastLength(atMost: 1023) == 1008)
    #expect(FourierTransform.fastLength(atLeast: 1023) == 1024)
    #expect(FourierTransform.fastLength(atMost: 1) == 1)
  }
}
