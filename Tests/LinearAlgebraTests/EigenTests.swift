// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Symmetric and generalised eigenproblems: known spectra, residuals, extremes of scale.

import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@Suite("Symmetric eigenproblems")
struct EigenTests {
  private func check<Scalar: RealScalar>(spectrum: [Scalar], seed: UInt64) throws {
    let n = spectrum.count
    let a = try Matrix.symmetric(spectrum: spectrum, seed: seed)
    let scale = spectrum.reduce(0) { max($0, $1.magnitude) }
    let tolerance = scale * Scalar(20 + n) * Scalar.ulpOfOne
    let eigen = try SymmetricEigen(a)
    let values = try SymmetricEigen.values(of: a)
    let expected = spectrum.sorted()
    for i in 0..<n {
      #expect((eigen.values[i] - expected[i]).magnitude <= tolerance)
      #expect((values[i] - expected[i]).magnitude <= tolerance)
    }
    let v = eigen.vectors
    #expect(v.naiveTranspose.naiveProduct(v).isClose(to: .identity(n)))
    let left = a.naiveProduct(v)
    let right = v.naiveProduct(.diagonal(eigen.values))
    for i in 0..<n {
      for j in 0..<n { #expect((left[i, j] - right[i, j]).magnitude <= 4 * tolerance) }
    }
  }

  @Test("known spectra: spread, repeated, indefinite, singular, ill-conditioned, of any scale")
  func knownSpectra() throws {
    try check(spectrum: [3.0], seed: 0)
    try check(spectrum: [2.0, -1], seed: 1)
    try check(spectrum: (0..<60).map { Double($0) - 20 }, seed: 2)
    try check(spectrum: Array(repeating: 1.0, count: 20) + Array(repeating: 0, count: 20), seed: 3)
    try check(spectrum: (0..<50).map { Double.pow(10, -$0 * 20 / 50) }, seed: 4)
    try check(spectrum: (0..<30).map { Double($0 + 1) * 1e250 }, seed: 5)
    try check(spectrum: (0..<30).map { Double($0 + 1) * 1e-290 }, seed: 6)
    try check(spectrum: (0..<60).map { Float($0) - 20 }, seed: 7)
    try check(spectrum: (0..<30).map { Float($0 + 1) * 1e-36 }, seed: 8)
    try check(spectrum: Array(repeating: 0.0, count: 9), seed: 9)
  }

  @Test("the second difference matrix has the eigenvalues 2 − 2 cos(kπ/(n + 1))")
  func secondDifference() throws {
    let n = 300
    var a = Matrix<Double>(rowCount: n, columnCount: n)
    for i in 0..<n {
      a[i, i] = 2
      if i > 0 { a[i, i - 1] = -1 }
    }
    // Only the lower triangle has been filled.
    let eigen = try SymmetricEigen(a)
    for k in 1...n {
      let expected = 2 - 2 * Double.cos(Double(k) * .pi / Double(n + 1))
      #expect(abs(eigen.values[k - 1] - expected) < 1e-13)
    }
  }

  @Test("bits do not depend on the number of threads")
  func threads() throws {
    var generator = CaseGenerator(seed: 3)
    let a = try generator.matrix(530, 20, as: Double.self).outerGram()
    let eigens = try threadCounts.map { try SymmetricEigen(a, on: $0) }
    #expect(eigens.allSatisfy { $0.values == eigens[0].values })
    #expect(eigens.allSatisfy { $0.vectors == eigens[0].vectors })
    let b = Matrix<Double>.diagonal((1...530).map { Double($0) })
    let relative = try threadCounts.map {
      try GeneralizedSymmetricEigen(a, relativeTo: b, on: $0)
    }
    #expect(relative.allSatisfy { $0.vectors == relative[0].vectors })
  }

  private func checkRelative<Scalar: RealScalar>(_: Scalar.Type, tolerance: Scalar) throws {
    let n = 40
    var generator = CaseGenerator(seed: 11)
    let x = generator.matrix(n, n, as: Scalar.self)
    let a = try Matrix<Scalar>.symmetric(spectrum: (0..<n).map { Scalar($0 - 10) }, seed: 12)
    let b = try Matrix<Scalar>.symmetric(spectrum: (0..<n).map { Scalar($0 + 20) }, seed: 13)
    let eigen = try GeneralizedSymmetricEigen(a, relativeTo: b)
    let values = try GeneralizedSymmetricEigen.values(of: a, relativeTo: b)
    let v = eigen.vectors
    let left = a.naiveProduct(v)
    let right = b.naiveProduct(v).naiveProduct(.diagonal(eigen.values))
    #expect(left.isClose(to: right, Double(tolerance)))
    #expect(
      v.naiveTranspose.naiveProduct(b).naiveProduct(v).isClose(to: .identity(n), Double(tolerance)))
    for i in 0..<n { #expect((values[i] - eigen.values[i]).magnitude <= tolerance) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    // A congruence changes both matrices and no eigenvalue.
    let moved = try GeneralizedSymmetricEigen.values(
      of: x.naiveProduct(a).naiveProduct(x.naiveTranspose),
      relativeTo: x.naiveProduct(b).naiveProduct(x.naiveTranspose))
    for i in 0..<n { #expect((values[i] - moved[i]).magnitude <= 1e4 * tolerance) }
  }

  @Test("generalised eigenproblems: residual, orthogonality, congruence")
  func relative() throws {
    try checkRelative(Double.self, tolerance: 1e-12)
    try checkRelative(Float.self, tolerance: 2e-4)
    let a = Matrix<Double>.diagonal([1, 6, 3])
    let b = Matrix<Double>.diagonal([1, 2, 4])
    let simple = try GeneralizedSymmetricEigen.values(of: a, relativeTo: b)
    #expect(zip(simple, [0.75, 1, 3]).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test("input that makes no sense is refused")
  func refused() {
    let identity = Matrix<Double>.identity(2)
    let wide = Matrix<Double>(rowCount: 2, columnCount: 3)
    let empty = Matrix<Double>(rowCount: 0, columnCount: 0)
    var hostile = identity
    hostile[1, 0] = .nan
    for bad in [wide, empty, hostile] {
      #expect(throws: InvalidInput.self) { try SymmetricEigen(bad) }
      #expect(throws: InvalidInput.self) { try SymmetricEigen.values(of: bad) }
      #expect(throws: InvalidInput.self) {
        try GeneralizedSymmetricEigen(bad, relativeTo: identity)
      }
      #expect(throws: InvalidInput.self) {
        try GeneralizedSymmetricEigen.values(of: identity, relativeTo: bad)
      }
    }
    #expect(throws: InvalidInput.self) {
      try GeneralizedSymmetricEigen(identity, relativeTo: .identity(3))
    }
    #expect(throws: NotPositiveDefinite(pivot: 1)) {
      try GeneralizedSymmetricEigen(identity, relativeTo: .diagonal([1, -1]))
    }
  }
}
