// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The spectral error from products alone, against dense computation.

import Kernels
import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@testable import SpectralChecks

@Suite("Spectral error, matrix-free")
struct SpectralErrorEstimateTests {
  private func rule(_ tolerance: Double, _ limit: Int = 400) throws -> StoppingRule {
    try StoppingRule(tolerance: tolerance, iterationLimit: limit)
  }

  /// Q diag(√spectrum) with a random orthogonal Q.
  static func root(_ spectrum: [Double], seed: UInt64) throws -> Matrix<Double> {
    var generator = CaseGenerator(seed: seed)
    let n = spectrum.count
    var result = try QR(generator.matrix(n, n, as: Double.self)).orthonormal
    result.scaleColumns(by: spectrum.map { $0.squareRoot() })
    return result
  }

  /// Q diag(spectrum) Qᵀ.
  static func matrix(_ spectrum: [Double], seed: UInt64) throws -> Matrix<Double> {
    try root(spectrum, seed: seed).outerGram()
  }

  /// K of a case, and features Z = K^(1/2) G / √D with normal G: E ZZᵀ = K.
  private func problem(_ index: Int) throws -> (k: Matrix<Double>, z: Matrix<Double>, Double) {
    let (spectrum, ridge, count) = Self.cases[index]
    let root = try Self.root(spectrum, seed: UInt64(index))
    var generator = CaseGenerator(seed: 50 + UInt64(index))
    var z = try root.multiplied(by: generator.matrix(spectrum.count, count, as: Double.self))
    z.scaleColumns(by: Array(repeating: 1 / Double(count).squareRoot(), count: count))
    return (try root.outerGram(), z, ridge)
  }

  /// Twenty spectra of 70 points: flat, polynomial and exponential decay to near singular, low rank.
  static let cases = (0..<20).map { index -> (spectrum: [Double], ridge: Double, features: Int) in
    let n = 70
    let size = [1, 1e-3, 1e4][index % 3]
    let spectrum = (0..<n).map { i -> Double in
      switch index % 5 {
      case 0: return size * (1 + 0.5 * Double.cos(Double(i)))
      case 1: return size / Double((i + 1) * (i + 1))
      case 2: return size * Double.pow(0.7, Double(i))
      case 3: return size * Double.pow(10, -Double(i) / 4)
      default: return i < 12 ? size : 0
      }
    }
    return (spectrum, size * [1e-1, 1e-3, 1e-5, 1e-7][index % 4], [5, 20, 40, 70, 90][index % 5])
  }

  @Test("equals the dense ε to 10⁻⁶ on twenty spectra", arguments: cases.indices)
  func equalsDense(_ index: Int) throws {
    let (exact, z, ridge) = try problem(index)
    let dense = try SpectralError(features: z, exact: exact, ridge: ridge)
    let estimate = try SpectralErrorEstimate(
      features: z, exact: exact, ridge: ridge, stopping: rule(1e-12))
    #expect(abs(estimate.epsilon - dense.epsilon) <= 1e-6 * dense.epsilon)
    #expect(abs(estimate.smallestRatio - dense.smallestRatio) <= 1e-5 * dense.smallestRatio)
    #expect(abs(estimate.largestRatio - dense.largestRatio) <= 1e-5 * dense.largestRatio)
    #expect(estimate.n == z.rowCount && estimate.dimension == z.columnCount)
    #expect(estimate.ridge == ridge)
    let ownDimension = try statisticalDimension(of: z.outerGram(), ridge: ridge)
    #expect(abs(estimate.featureStatisticalDimension - ownDimension) <= 1e-6 * ownDimension)
  }

  @Test("few steps never claim more than ε, nor bound it below")
  func bounds() throws {
    for index in Self.cases.indices {
      let (exact, z, ridge) = try problem(index)
      let dense = try SpectralError(features: z, exact: exact, ridge: ridge)
      for limit in [3, 12, 25] {
        let estimate = try SpectralErrorEstimate(
          features: z, exact: exact, ridge: ridge, stopping: rule(1e-9, limit),
          seed: UInt64(limit))
        #expect(estimate.epsilon <= dense.epsilon * (1 + 1e-6))
        if let bound = estimate.epsilonBound { #expect(bound >= dense.epsilon * (1 - 1e-6)) }
        if limit == 3 { #expect(estimate.epsilonBound == nil) }
      }
    }
  }

  @Test("a perfect map has no error, one feature doubled is caught")
  func extremes() throws {
    var generator = CaseGenerator(seed: 3)
    let z = generator.matrix(60, 25, as: Double.self)
    let perfect = try SpectralErrorEstimate(
      features: z, exact: z.outerGram(), ridge: 1e-3, stopping: rule(1e-3))
    #expect(perfect.epsilon < 1e-9)
    var wrong = Matrix<Double>.identity(20)
    wrong[7, 7] = 2
    let doubled = try SpectralErrorEstimate(
      features: wrong, exact: Matrix<Double>.identity(20), ridge: 0.5, stopping: rule(1e-10))
    #expect(abs(doubled.epsilon - 2) < 1e-12 && abs(doubled.largestRatio - 3) < 1e-12)
    wrong[7, 7] = 0
    let missing = try SpectralErrorEstimate(
      features: wrong, exact: Matrix<Double>.identity(20), ridge: 0.25, stopping: rule(1e-10))
    #expect(abs(missing.epsilon - 4) < 1e-12 && abs(missing.smallestRatio - 0.2) < 1e-12)
  }

  @Test("the bound of the risk holds, and is reached where f lies in a direction that Z misses")
  func riskBound() throws {
    var generator = CaseGenerator(seed: 12)
    for index in [0, 1, 2, 5, 6, 7] {
      let (k, z, ridge) = try problem(index)
      let n = k.rowCount
      let error = try SpectralErrorEstimate(
        features: z, exact: k, ridge: ridge, stopping: rule(1e-8))
      let f = generator.matrix(n, 1, as: Double.self)
      let solved = try Cholesky(k, addingToDiagonal: ridge).solve(f)
      let penalty = ridge * f.columnProducts(solved)[0] / Double(n)
      // The smoother S = ZZᵀ(ZZᵀ + λI)⁻¹: the risk is |Sf − f|²/n + σ²‖S‖²/n.
      let kernel = try z.outerGram()
      let smoother = try Cholesky(kernel, addingToDiagonal: ridge).solve(kernel)
      var rest = try smoother.multiplied(by: f)
      rest.add(f, times: -1)
      let bias = rest.columnProducts(rest)[0] / Double(n)
      let spread = smoother.elements.reduce(0) { $0 + $1 * $1 } / Double(n)
      for variance in [0, 0.1, 4] {
        let bound = try #require(try error.riskBound(penalty: penalty, noiseVariance: variance))
        #expect(bias + variance * spread <= bound * (1 + 1e-9))
      }
      #expect(throws: InvalidInput.self) { try error.riskBound(penalty: -1, noiseVariance: 0) }
      #expect(throws: InvalidInput.self) { try error.riskBound(penalty: 1, noiseVariance: .nan) }
    }
    var wrong = Matrix<Double>.identity(20)
    wrong[7, 7] = 0
    let missing = try SpectralErrorEstimate(
      features: wrong, exact: Matrix<Double>.identity(20), ridge: 0.25, stopping: rule(1e-10))
    let bound = try #require(
      try missing.riskBound(penalty: 0.25 / 1.25 / 20, noiseVariance: 2))
    #expect(abs(bound - (1.0 / 20 + 2 * 19 / 1.25 / 20)) < 1e-12)
    // Of two steps there is no bound.
    let (k, z, ridge) = try problem(1)
    let hasty = try SpectralErrorEstimate(
      features: z, exact: k, ridge: ridge, stopping: rule(1e-8, 2))
    #expect(try hasty.epsilonBound == nil && hasty.riskBound(penalty: 1, noiseVariance: 1) == nil)
  }

  @Test("a kernel applied in tiles is its matrix, in either precision and on any threads")
  func kernelOperator() throws {
    var generator = CaseGenerator(seed: 4)
    let x = generator.matrix(1100, 3, as: Float.self)
    let vectors = generator.matrix(1100, 2, as: Double.self)
    let kernel = try GaussianKernel(lengthScale: 1.5)
    let single = try KernelOperator(kernel, points: .dense(x))
    let matrix = try kernel.matrix(.dense(x)).converted(to: Double.self)
    let product = try single.multiplied(by: vectors)
    #expect(try agree(product, matrix.multiplied(by: vectors), .relative(1e-13)))
    for threads in [1, 3] {
      #expect(try single.multiplied(by: vectors, on: Execution(threads: threads)) == product)
    }
    let wide = Rows.dense(x.converted(to: Double.self))
    #expect(
      try agree(
        KernelOperator(kernel, points: wide).multiplied(by: vectors),
        kernel.matrix(wide).multiplied(by: vectors), .relative(1e-13)))
    #expect(throws: InvalidInput.self) { try single.multiplied(by: vectors.rows(0..<7)) }
    #expect(throws: InvalidInput.self) { try KernelOperator(kernel, points: .dense(x.rows(0..<0))) }
    // Features of landmarks, in both precisions, against the dense ε.
    let landmarks = Rows.dense(x.rows(0..<60).converted(to: Double.self))
    let cross = try kernel.matrix(wide, landmarks)
    let z = try Cholesky(kernel.matrix(landmarks), addingToDiagonal: 1e-8)
      .solveLower(cross.transposed).transposed
    let dense = try spectralEpsilon(features: z, exact: kernel.matrix(wide), ridge: 0.3)
    let operatorError = try SpectralErrorEstimate(
      features: z, exact: KernelOperator(kernel, points: wide), ridge: 0.3, stopping: rule(1e-6))
    #expect(abs(operatorError.epsilon - dense) < 1e-6 * dense)
    let rough = try SpectralErrorEstimate(
      features: z.converted(to: Float.self), exact: single, ridge: 0.3, stopping: rule(1e-6))
    #expect(abs(rough.epsilon - dense) < 1e-3 * dense)
  }

  @Test("the statistical dimension by Hutch++ is that of the matrix")
  func dimension() throws {
    let exact = try Self.matrix((0..<120).map { 50 * Double.pow(0.9, Double($0)) }, seed: 6)
    let truth = try statisticalDimension(of: exact, ridge: 0.5)
    let estimate = try statisticalDimensionEstimate(
      of: exact, ridge: 0.5, products: 90, stopping: rule(1e-9), seed: 2)
    #expect(abs(estimate.value - truth) < 6 * estimate.standardError + 1e-6)
    #expect(estimate.standardError > 0 && estimate.standardError < 0.05 * truth)
    let all = try statisticalDimensionEstimate(
      of: exact, ridge: 0.5, products: 360, stopping: rule(1e-11))
    #expect(abs(all.value - truth) < 1e-8 * truth)
    #expect(throws: NoConvergence.self) {
      try statisticalDimensionEstimate(of: exact, ridge: 1e-6, products: 9, stopping: rule(1e-9, 3))
    }
  }

  @Test("leading spectra and what features hold of them")
  func alignment() throws {
    let n = 50
    let exact = try Self.matrix((0..<n).map { 10 * Double.pow(0.6, Double($0)) }, seed: 8)
    let (values, vectors) = jacobiEigen(exact)
    let order = values.indices.sorted { values[$0] > values[$1] }
    // Features that hold the first direction in full, the second by half, and one of no use.
    var z = Matrix<Double>(rowCount: n, columnCount: 5)
    for i in 0..<n {
      z[i, 0] = values[order[0]].squareRoot() * vectors[i, order[0]]
      z[i, 1] = (values[order[1]] / 2).squareRoot() * vectors[i, order[1]]
      z[i, 2] = 1.2 * vectors[i, order[9]]
    }
    let found = try SpectralAlignment(features: z, exact: exact, count: 3, stopping: rule(1e-10))
    for (a, b) in zip(found.exactValues, order.prefix(3).map { values[$0] }) {
      #expect(abs(a - b) < 1e-9)
    }
    for (a, b) in zip(found.featureValues, [values[order[0]], values[order[1]] / 2, 1.44]) {
      #expect(abs(a - b) < 1e-9)
    }
    for (a, b) in zip(found.retained, [1, 0.5, 0]) { #expect(abs(a - b) < 1e-8) }
    #expect(abs(found.subspaceOverlap - 2 / 3.0) < 1e-8)
    #expect(found.status.isConverged)
    for count in [0, 6] {
      #expect(throws: InvalidInput.self) {
        try SpectralAlignment(features: z, exact: exact, count: count, stopping: rule(0.1))
      }
    }
    #expect(throws: InvalidInput.self) {
      try SpectralAlignment(
        features: z, exact: Matrix(rowCount: n, columnCount: n), count: 1, stopping: rule(0.1))
    }
  }

  @Test("input that makes no sense is refused")
  func refused() throws {
    var generator = CaseGenerator(seed: 9)
    let z = generator.matrix(6, 2, as: Double.self)
    let k = try z.outerGram()
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) {
        try SpectralErrorEstimate(features: z, exact: k, ridge: ridge, stopping: rule(0.1))
      }
    }
    #expect(throws: InvalidInput.self) {
      try SpectralErrorEstimate(features: z.rows(0..<5), exact: k, ridge: 1, stopping: rule(0.1))
    }
    #expect(throws: InvalidInput.self) {
      try SpectralErrorEstimate(
        features: z, exact: k, ridge: 1, stopping: rule(0.1), failureProbability: 0)
    }
    for bad in [Double.nan, 1e200] {
      var wrong = z
      wrong[1, 1] = bad
      #expect(throws: InvalidInput.self) { try FeatureSpectrum(of: wrong) }
    }
  }
}
