// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Lanczos process: known spectra, true residuals, and the reach of what it has not seen.

import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@Suite("Lanczos process")
struct LanczosTests {
  private func rule(_ tolerance: Double, _ limit: Int = 400) throws -> StoppingRule {
    try StoppingRule(tolerance: tolerance, iterationLimit: limit)
  }

  private static let spectra: [[Double]] = [
    [2], [-3, 5], (0..<90).map { Double($0) - 30 },
    (0..<70).map { Double.pow(10, -Double($0) / 4) },
    Array(repeating: 1, count: 20) + [7], (0..<60).map { 1e200 * Double($0 + 1) },
    Array(repeating: 0, count: 5),
  ]

  @Test("finds both ends, with residuals that are true", arguments: spectra.indices)
  func ends(_ index: Int) throws {
    let spectrum = Self.spectra[index]
    let a = try Matrix.symmetric(spectrum: spectrum, seed: UInt64(index))
    let size = spectrum.map(abs).max()!
    let lanczos = try Lanczos(a, stopping: rule(1e-10), seed: 7)
    let values = lanczos.values
    #expect(lanczos.status.isConverged && lanczos.status.iterations == values.count)
    #expect(abs(values[0] - spectrum.min()!) <= 1e-10 * size)
    #expect(abs(values[values.count - 1] - spectrum.max()!) <= 1e-10 * size)
    let u = lanczos.vectors(0..<values.count)
    #expect(u.naiveTranspose.naiveProduct(u).isClose(to: .identity(values.count), 1e-12))
    let image = try a.multiplied(by: u)
    for j in 0..<values.count {
      let difference = (0..<a.rowCount).map { (image[$0, j] - values[j] * u[$0, j]) / max(size, 1) }
      let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(length - lanczos.residuals[j] / max(size, 1)) <= 1e-12)
    }
  }

  @Test("finds as many as asked, on the side asked")
  func several() throws {
    let spectrum = (0..<200).map { Double.pow(1.05, -Double($0)) }
    let a = try Matrix.symmetric(spectrum: spectrum, seed: 3)
    let top = try Lanczos(a, smallest: 0, largest: 6, stopping: rule(1e-9))
    #expect(top.status.isConverged && top.values.count < 120)
    for (i, value) in top.values.suffix(6).reversed().enumerated() {
      #expect(abs(value - spectrum[i]) < 1e-9)
    }
    let one = try Lanczos(a, smallest: 0, largest: 1, stopping: rule(1e-9))
    #expect(one.values.count < top.values.count)
    let short = try Lanczos(a, smallest: 0, largest: 6, stopping: rule(1e-9, 12))
    #expect(short.status.reason == .iterationLimit && short.values.count == 12)
    #expect(short.status.residual > 1e-9 && !short.isExhausted)
    for execution in threadCounts {
      #expect(
        try Lanczos(a, smallest: 0, largest: 6, stopping: rule(1e-9), on: execution).values
          == top.values)
    }
  }

  @Test("an invariant Krylov space ends the process")
  func exhausted() throws {
    let a = Matrix<Double>.diagonal((0..<40).map { Double([1, 4, 9][$0 % 3]) })
    let lanczos = try Lanczos(a, stopping: rule(1e-15))
    #expect(lanczos.isExhausted && lanczos.values.count == 3)
    for (value, expected) in zip(lanczos.values, [1.0, 4, 9]) {
      #expect(abs(value - expected) < 1e-13)
    }
    #expect(try lanczos.reach(failureProbability: 0.01) == 0)
  }

  @Test("the spectrum stays within reach, and not far within")
  func reach() throws {
    let spectrum = (0..<300).map { Double($0) / 299 }
    let a = Matrix<Double>.diagonal(spectrum)
    var (worst, least) = (0.0, Double.infinity)
    for seed in 0..<60 as Range<UInt64> {
      let lanczos = try Lanczos(a, stopping: rule(1e-12, 22), seed: seed)
      let reach = try #require(try lanczos.reach(failureProbability: 0.1))
      let (low, high) = (lanczos.values[0], lanczos.values[21])
      #expect(low >= -1e-14 && high <= 1 + 1e-14)
      worst = max(worst, low / reach, (1 - high) / reach)
      least = min(least, reach)
      // Rarer failure reaches further.
      let wider = try #require(try lanczos.reach(failureProbability: 1e-3))
      #expect(wider > reach)
    }
    #expect(worst <= 1 && worst > 0.01 && least < 0.1)
    let few = try Lanczos(a, stopping: rule(1e-12, 4))
    #expect(try few.reach(failureProbability: 0.1) == nil)
    for bad in [0, 1, -1, Double.nan] {
      #expect(throws: InvalidInput.self) { try few.reach(failureProbability: bad) }
    }
  }

  @Test("input that makes no sense is refused")
  func refused() throws {
    let a = Matrix<Double>.identity(3)
    for (smallest, largest) in [(0, 0), (-1, 2), (0, 4), (4, 0)] {
      #expect(throws: InvalidInput.self) {
        try Lanczos(a, smallest: smallest, largest: largest, stopping: rule(0.1))
      }
    }
    #expect(throws: InvalidInput.self) {
      try Lanczos(Matrix(rowCount: 2, columnCount: 3), stopping: rule(0.1))
    }
    #expect(throws: InvalidInput.self) {
      try Lanczos(Matrix(repeating: .nan, rowCount: 3, columnCount: 3), stopping: rule(0.1))
    }
    #expect(throws: CancellationError.self) {
      try Lanczos(a, stopping: rule(0.1), on: Execution(isCancelled: { true }))
    }
  }
}
