// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The spectral error: analytic cases, an independent slow route, and hostile input.

import Foundation
import LinearAlgebra
import SpectralChecks
import TestSupport
import Testing
import Validation

func diagonal(_ entries: [Double]) -> Matrix<Double> {
  var result = Matrix<Double>(rowCount: entries.count, columnCount: entries.count)
  for (i, entry) in entries.enumerated() { result[i, i] = entry }
  return result
}

/// Eigenvalues by cyclic Jacobi rotations: slow, and unrelated to the fast route.
func jacobiEigen(
  _ matrix: Matrix<Double>
) -> (values: [Double], vectors: Matrix<Double>) {
  let n = matrix.rowCount
  var (a, v) = (matrix, Matrix<Double>.identity(n))
  for _ in 0..<30 {
    for p in 0..<n {
      for q in p + 1..<max(n, p + 1) where a[p, q] != 0 {
        let theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<n {
          (a[k, p], a[k, q]) = (c * a[k, p] - s * a[k, q], s * a[k, p] + c * a[k, q])
        }
        for k in 0..<n {
          (a[p, k], a[q, k]) = (c * a[p, k] - s * a[q, k], s * a[p, k] + c * a[q, k])
          (v[k, p], v[k, q]) = (c * v[k, p] - s * v[k, q], s * v[k, p] + c * v[k, q])
        }
      }
    }
  }
  return ((0..<n).map { a[$0, $0] }, v)
}

/// Σ f(wᵢ) vᵢvᵢᵀ.
func function(_ matrix: Matrix<Double>, _ f: (Double) -> Double) throws -> Matrix<Double> {
  let (values, vectors) = jacobiEigen(matrix)
  return try vectors.multiplied(by: diagonal(values.map(f))).multiplied(byTransposeOf: vectors)
}

/// yᵀAy.
private func form(_ matrix: Matrix<Double>, _ y: [Double]) -> Double {
  y.indices.reduce(0) { sum, i in
    y.indices.reduce(sum) { $0 + y[i] * matrix[i, $1] * y[$1] }
  }
}

/// E‖S(f + noise) − f‖²/n, S = K(K + λ)⁻¹, over all noise of ±σ in each coordinate.
private func ridgeRisk(
  _ kernel: Matrix<Double>, _ f: [Double], ridge: Double, deviation: Double
) throws -> Double {
  let smoother = try function(kernel) { max(0, $0) / (max(0, $0) + ridge) }
  let errors = allWords(length: f.count, base: 2).map { word in
    let y = zip(f, word).map { $0 + deviation * Double(2 * $1 - 1) }
    return f.indices.reduce(0.0) { sum, i in
      let residual = f.indices.reduce(-f[i]) { $0 + smoother[i, $1] * y[$1] }
      return sum + residual * residual
    }
  }
  return errors.reduce(0, +) / Double(errors.count * f.count)
}

@Suite("Spectral error")
struct SpectralErrorTests {
  private func features(_ n: Int, _ dimension: Int, seed: UInt64 = 1) -> Matrix<Double> {
    var generator = CaseGenerator(seed: seed)
    return generator.matrix(n, dimension, as: Double.self)
  }

  @Test("a perfect map has no error")
  func perfect() throws {
    let z = features(60, 25)
    for ridge in [1e-6, 1, 1e6] {
      let error = try SpectralError(features: z, exact: z.outerGram(), ridge: ridge)
      #expect(error.epsilon < 1e-9)
      #expect(error.relativeFrobenius == 0 && error.relativeSpectral == 0)
      #expect(error.centredFrobenius == 0)
      #expect(error.n == 60 && error.dimension == 25 && error.ridge == ridge)
      #expect(abs(error.smallestRatio - 1) < 1e-9 && abs(error.largestRatio - 1) < 1e-9)
    }
  }

  @Test("one feature doubled is caught")
  func doubled() throws {
    // K = I; doubling one orthonormal feature makes one ratio (4 + λ)/(1 + λ).
    let n = 20
    var z = Matrix<Double>.identity(n)
    z[7, 7] = 2
    let error = try SpectralError(features: z, exact: .identity(n), ridge: 0.5)
    #expect(abs(error.epsilon - 2) < 1e-13)
    #expect(abs(error.largestRatio - 3) < 1e-13 && abs(error.smallestRatio - 1) < 1e-13)
    #expect(abs(error.relativeSpectral - 3) < 1e-13)
    #expect(abs(error.relativeFrobenius - 3 / 20.0.squareRoot()) < 1e-13)
    // H e₇e₇ᵀ H = hhᵀ with |h|² = 1 − 1/n, and ‖H‖_F = √(n − 1).
    #expect(abs(error.centredFrobenius! - 3 * (1 - 1 / 20.0) / 19.0.squareRoot()) < 1e-13)
    #expect(abs(error.statisticalDimension - 20 / 1.5) < 1e-12)
  }

  @Test("a missing feature decides the other side")
  func missing() throws {
    var z = Matrix<Double>.identity(10)
    z[3, 3] = 0
    let error = try SpectralError(features: z, exact: .identity(10), ridge: 0.25)
    #expect(abs(error.smallestRatio - 0.2) < 1e-14)
    #expect(abs(error.epsilon - 4) < 1e-12)
    // At a tiny ridge too, the smallest ratio keeps its bound and ε is finite.
    let hard = try SpectralError(features: z, exact: .identity(10), ridge: 1e-30)
    #expect(hard.epsilon.isFinite && hard.epsilon > 1e13)
  }

  @Test("diagonal matrices: every figure in closed form")
  func diagonals() throws {
    let exact = [5.0, 3, 1, 0.5, 0.01]
    let approximate = [4.0, 3.5, 1, 0.1, 0]
    let ridge = 0.2
    let error = try SpectralError(
      approximation: diagonal(approximate), exact: diagonal(exact), ridge: ridge)
    let ratios = zip(approximate, exact).map { ($0 + ridge) / ($1 + ridge) }
    #expect(abs(error.smallestRatio - ratios.min()!) < 1e-14)
    #expect(abs(error.largestRatio - ratios.max()!) < 1e-14)
    #expect(abs(error.epsilon - max(ratios.max()! - 1, 1 / ratios.min()! - 1)) < 1e-13)
    #expect(error.dimension == nil)
    let expected = exact.reduce(0) { $0 + $1 / ($1 + ridge) }
    #expect(abs(error.statisticalDimension - expected) < 1e-13)
    #expect(abs(try statisticalDimension(of: diagonal(exact), ridge: ridge) - expected) < 1e-13)
    #expect(abs(error.relativeSpectral - 1 / 5.0) < 1e-14)
    let root = (1 + 0.25 + 0.16 + 1e-4).squareRoot() / (25 + 9 + 1 + 0.25 + 1e-4).squareRoot()
    #expect(abs(error.relativeFrobenius - root) < 1e-14)
  }

  @Test("agrees with inverse square roots by Jacobi rotations", arguments: [0, 1, 2, 3])
  func independent(seed: UInt64) throws {
    let n = 24
    let x = features(n, 6, seed: seed)
    let exact = try x.outerGram()
    let z = features(n, 9, seed: 100 + seed)
    let ridge = [1e-3, 0.1, 1, 30][Int(seed)]
    let root = try function(exact) { 1 / (max(0, $0) + ridge).squareRoot() }
    var shifted = try z.outerGram()
    for i in 0..<n { shifted[i, i] += ridge }
    let ratios = jacobiEigen(try root.multiplied(by: shifted).multiplied(by: root)).values
    let error = try SpectralError(features: z, exact: exact, ridge: ridge)
    let epsilon = max(ratios.max()! - 1, 1 / ratios.min()! - 1)
    #expect(abs(error.epsilon - epsilon) < 1e-8 * epsilon)
    #expect(
      abs(try spectralEpsilon(features: z, exact: exact, ridge: ridge) - error.epsilon)
        <= 1e-12 * epsilon)
    let dimension = jacobiEigen(exact).values.reduce(0) { $0 + $1 / ($1 + ridge) }
    #expect(abs(error.statisticalDimension - dimension) < 1e-9)
    var difference = try z.outerGram()
    for i in 0..<n { for j in 0..<n { difference[i, j] -= exact[i, j] } }
    let norms = [difference, exact].map { jacobiEigen($0).values.map { abs($0) }.max()! }
    #expect(abs(error.relativeSpectral - norms[0] / norms[1]) < 1e-11 * error.relativeSpectral)
    var centre = Matrix<Double>.identity(n)
    for i in 0..<n { for j in 0..<n { centre[i, j] -= 1 / Double(n) } }
    let centred = try [difference, exact].map { matrix in
      try centre.multiplied(by: matrix).multiplied(by: centre).elements
        .reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    #expect(abs(error.centredFrobenius! - centred[0] / centred[1]) < 1e-11 * centred[0])
  }

  @Test("ε bounds the risk of ridge regression as proved", arguments: 0..<8)
  func risk(seed: Int) throws {
    let (n, rank) = (6, 1 + seed % 4)
    let ridge = [0.1, 1, 10][seed % 3]
    let exact = try features(n, 4, seed: UInt64(seed)).outerGram()
    let approximate = try features(n, rank, seed: UInt64(100 + seed)).outerGram()
    let error = try SpectralError(approximation: approximate, exact: exact, ridge: ridge)
    let factor = 1 + error.epsilon
    let (resolvent, other) = (
      try function(exact) { 1 / (max(0, $0) + ridge) },
      try function(approximate) { 1 / (max(0, $0) + ridge) }
    )
    let dimension = error.statisticalDimension
    let dimensionBound = (dimension + error.epsilon * Double(rank)) / factor
    let slack = 1 + 1e-12
    #expect(
      try statisticalDimension(of: approximate, ridge: ridge) <= slack * dimensionBound)
    var generator = CaseGenerator(seed: UInt64(200 + seed))
    for deviation in [0, 0.3, 2] {
      let f = Array(generator.matrix(1, n, as: Double.self).elements)
      let variance = deviation * deviation
      let (bias, otherBias) = (ridge * form(resolvent, f), ridge * form(other, f))
      #expect(otherBias <= slack * factor * bias && bias <= slack * factor * otherBias)
      let smoother = try function(exact) { max(0, $0) / (max(0, $0) + ridge) }
      let trace = smoother.elements.reduce(0) { $0 + $1 * $1 }
      let bend = try resolvent.multiplied(by: resolvent)
      let own = try ridgeRisk(exact, f, ridge: ridge, deviation: deviation)
      let split = (ridge * ridge * form(bend, f) + variance * trace) / Double(n)
      #expect(abs(own - split) <= 1e-11 * split)
      #expect(own <= slack * (bias + variance * dimension) / Double(n))
      let bound = (factor * bias + variance * dimensionBound) / Double(n)
      #expect(
        try ridgeRisk(approximate, f, ridge: ridge, deviation: deviation)
          <= slack * bound)
      let estimate = (bias + variance * dimension) / Double(n)
      let excess = error.epsilon / factor * variance * Double(rank) / Double(n)
      #expect(bound <= slack * (factor * estimate + excess))
    }
  }

  @Test("the bound of the risk holds, is the proved formula, and is reached", arguments: 0..<6)
  func riskBound(seed: Int) throws {
    let (n, rank) = (7, 1 + seed % 3)
    let ridge = [0.1, 1, 10][seed % 3]
    let exact = try features(n, 4, seed: UInt64(seed)).outerGram()
    let z = features(n, rank, seed: UInt64(100 + seed))
    let error = try SpectralError(features: z, exact: exact, ridge: ridge)
    let resolvent = try function(exact) { 1 / (max(0, $0) + ridge) }
    var generator = CaseGenerator(seed: UInt64(300 + seed))
    let f = Array(generator.matrix(1, n, as: Double.self).elements)
    let penalty = ridge * form(resolvent, f) / Double(n)
    for deviation in [0, 0.3, 2] {
      let variance = deviation * deviation
      let bound = try error.riskBound(penalty: penalty, noiseVariance: variance)
      #expect(
        try ridgeRisk(z.outerGram(), f, ridge: ridge, deviation: deviation) <= bound * (1 + 1e-12))
      let factor = 1 + error.epsilon
      let freedom = (error.statisticalDimension + error.epsilon * Double(rank)) / factor
      let proved = factor * penalty + variance * freedom / Double(n)
      #expect(abs(bound - proved) <= 1e-14 * proved)
    }
    // Where f lies in a direction of K that K̃ misses, the bound is reached.
    let flat = try SpectralError(
      approximation: diagonal([0.0, 1]), exact: diagonal([1.0, 1]), ridge: 1)
    #expect(abs(flat.epsilon - 1) < 1e-14)
    let risk = try ridgeRisk(diagonal([0.0, 1]), [1, 0], ridge: 1, deviation: 0)
    #expect(abs(try flat.riskBound(penalty: 0.25, noiseVariance: 0) - risk) < 1e-14)
    for bad in [-1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try error.riskBound(penalty: bad, noiseVariance: 1) }
      #expect(throws: InvalidInput.self) { try error.riskBound(penalty: 1, noiseVariance: bad) }
    }
  }

  @Test("the bound of penalised losses is reached, and the risk itself has none")
  func riskIsNotWithinEpsilon() throws {
    let (exact, approximate, ridge) = ([5.0, 3, 1, 0.5, 0.01], [4.0, 3.5, 1, 0.1, 0], 0.2)
    let error = try SpectralError(
      approximation: diagonal(approximate), exact: diagonal(exact), ridge: ridge)
    let ratios = zip(exact, approximate).map { ($0 + ridge) / ($1 + ridge) }
    #expect(abs(max(ratios.max()!, 1 / ratios.min()!) - (1 + error.epsilon)) < 1e-13)
    let (tiny, one) = (diagonal([1e-9]), diagonal([1]))
    let single = try SpectralError(approximation: one, exact: tiny, ridge: 1)
    #expect(single.epsilon <= 1)
    let own = try ridgeRisk(tiny, [0], ridge: 1, deviation: 1)
    let other = try ridgeRisk(one, [0], ridge: 1, deviation: 1)
    #expect(abs(other - 0.25) < 1e-15 && own < 1e-17)
  }

  @Test("nor has the bias")
  func biasIsNotWithinEpsilon() throws {
    let b = 30.0
    let f = [0, 6 * b * b]
    let exact = diagonal([1, 2 * b * b - 1])
    var approximate = exact
    (approximate[0, 1], approximate[1, 0]) = (b, b)
    let error = try SpectralError(approximation: approximate, exact: exact, ridge: 1)
    #expect(error.epsilon <= 1)
    let own = try ridgeRisk(exact, f, ridge: 1, deviation: 0)
    let other = try ridgeRisk(approximate, f, ridge: 1, deviation: 0)
    #expect(abs(other / own - (4 * b * b + 16) / 9) < 1e-6)
  }

  @Test("ε does not change when K, ZZᵀ and λ are scaled together, and bits not with threads")
  func invariance() throws {
    let z = features(300, 40)
    let exact = try features(300, 60, seed: 2).outerGram()
    let error = try SpectralError(features: z, exact: exact, ridge: 3, on: Execution(threads: 1))
    for threads in [2, 3] {
      #expect(
        try SpectralError(features: z, exact: exact, ridge: 3, on: Execution(threads: threads))
          == error)
    }
    for exponent in [-400, 400] {
      let factor = Double(sign: .plus, exponent: exponent, significand: 1)
      let scaledZ = Matrix<Double>(rowCount: 300, columnCount: 40) { output in
        for (i, value) in z.elements.enumerated() { output[i] = value * factor }
      }
      let scaledK = Matrix<Double>(rowCount: 300, columnCount: 300) { output in
        for (i, value) in exact.elements.enumerated() { output[i] = value * factor * factor }
      }
      let scaled = try SpectralError(
        features: scaledZ, exact: scaledK, ridge: 3 * factor * factor)
      #expect(abs(scaled.epsilon - error.epsilon) < 1e-9 * error.epsilon)
      #expect(abs(scaled.statisticalDimension - error.statisticalDimension) < 1e-9)
      #expect(abs(scaled.relativeFrobenius - error.relativeFrobenius) < 1e-12)
      #expect(abs(scaled.centredFrobenius! - error.centredFrobenius!) < 1e-12)
      #expect(abs(scaled.relativeSpectral - error.relativeSpectral) < 1e-11)
    }
  }

  @Test("the centred error sees what a dominant constant part hides")
  func centring() throws {
    // K = 10⁶·11ᵀ + I approximated by its constant part alone.
    let n = 30
    var exact = Matrix<Double>(repeating: 1e6, rowCount: n, columnCount: n)
    for i in 0..<n { exact[i, i] += 1 }
    let constant = Matrix<Double>(repeating: 1e3, rowCount: n, columnCount: 1)
    let error = try SpectralError(features: constant, exact: exact, ridge: 0.1)
    #expect(error.relativeFrobenius < 1e-6)
    #expect(abs(error.centredFrobenius! - 1) < 1e-9)
    #expect(abs(error.epsilon - 10) < 1e-4)
    let flat = Matrix<Double>(repeating: 2, rowCount: n, columnCount: n)
    #expect(
      try SpectralError(features: constant, exact: flat, ridge: 1).centredFrobenius == nil)
    let point = try Matrix<Double>(rows: [[4]])
    let single = try SpectralError(features: Matrix(rows: [[1]]), exact: point, ridge: 1)
    #expect(single.centredFrobenius == nil && abs(single.epsilon - 1.5) < 1e-14)
  }

  @Test("JSON has the keys of the command")
  func json() throws {
    let error = try SpectralError(
      features: features(9, 3), exact: features(9, 9, seed: 4).outerGram(), ridge: 1)
    let data = try JSONEncoder().encode(error)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "n", "dimension", "ridge", "statisticalDimension", "epsilon", "smallestRatio",
        "largestRatio", "relativeFrobenius", "centredFrobenius", "relativeSpectral",
      ])
    #expect(try JSONDecoder().decode(SpectralError.self, from: data) == error)
  }

  @Test("an approximation that is not positive has no ε")
  func indefinite() throws {
    let error = try SpectralError(
      approximation: diagonal([1, -2]), exact: diagonal([1, 1]), ridge: 1)
    #expect(error.epsilon == .infinity && abs(error.smallestRatio + 0.5) < 1e-15)
  }

  @Test("hostile input is refused")
  func refused() throws {
    let z = features(4, 2)
    let exact = try features(4, 4).outerGram()
    func refuses(_ z: Matrix<Double>, _ k: Matrix<Double>, _ ridge: Double = 1) {
      #expect(throws: InvalidInput.self) { try SpectralError(features: z, exact: k, ridge: ridge) }
      #expect(throws: InvalidInput.self) {
        try spectralEpsilon(features: z, exact: k, ridge: ridge)
      }
    }
    for ridge in [0, -1, .nan, .infinity] {
      refuses(z, exact, ridge)
      #expect(throws: InvalidInput.self) { try statisticalDimension(of: exact, ridge: ridge) }
    }
    refuses(features(5, 2), exact)
    refuses(z, features(4, 3))
    refuses(Matrix(rowCount: 0, columnCount: 2), Matrix(rowCount: 0, columnCount: 0))
    refuses(z, Matrix(rowCount: 4, columnCount: 4))
    var bad = exact
    bad[2, 1] += 1e-3
    refuses(z, bad)
    bad = exact
    bad[3, 3] = .nan
    refuses(z, bad)
    var badZ = z
    badZ[0, 0] = .infinity
    refuses(badZ, exact)
    badZ[0, 0] = 1e200
    refuses(badZ, exact)
    refuses(z, diagonal([1, 1, 1, -2]))
    #expect(throws: InvalidInput.self) {
      try statisticalDimension(of: diagonal([1, -2]), ridge: 1)
    }
    // Rounding asymmetry of a single-precision kernel is not refused.
    var rounded = exact
    rounded[2, 1] *= 1 + 1e-7
    #expect(throws: Never.self) { try SpectralError(features: z, exact: rounded, ridge: 1) }
  }
}
