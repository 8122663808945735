// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Conjugate gradients, Woodbury's inverse and Hutch++ against direct computation.

import LinearAlgebra
import RealModule
import TestSupport
import Testing
import Validation

@Suite("Iterative solvers")
struct IterativeSolverTests {
  private func rule(_ tolerance: Double, _ limit: Int = 500) throws -> StoppingRule {
    try StoppingRule(tolerance: tolerance, iterationLimit: limit)
  }

  /// max over columns of ‖b − Ax‖ / ‖b‖ by the definition.
  private func residual(
    _ a: Matrix<Double>, _ x: Matrix<Double>, _ b: Matrix<Double>
  ) -> Double {
    let image = a.naiveProduct(x)
    return (0..<b.columnCount).map { j in
      let difference = (0..<b.rowCount).map { b[$0, j] - image[$0, j] }
      let size = (0..<b.rowCount).reduce(0.0) { $0 + b[$1, j] * b[$1, j] }
      return (difference.reduce(0) { $0 + $1 * $1 } / size).squareRoot()
    }.max()!
  }

  @Test("conjugate gradients solve any positive definite system")
  func solves() {
    forAll(cases: 40) { generator in
      let n = generator.int(in: 1...30)
      let spectrum = (0..<n).map { _ in Double.exp(2 * generator.normal()) }
      return (
        spectrum: spectrum, seed: generator.seed(),
        b: generator.matrix(n, generator.int(in: 1...4), as: Double.self)
      )
    } _: { spectrum, seed, b in
      let a = try Matrix.symmetric(spectrum: spectrum, seed: seed)
      let solved = try ConjugateGradients(a, rightHandSides: b, stopping: rule(1e-10))
      let size = spectrum.max()! / spectrum.min()!
      let direct = try Cholesky(a).solve(b)
      let found = residual(a, solved.solution, b)
      return solved.status.isConverged && found <= 1e-10 * 1.001
        && abs(found - solved.status.residual) <= 1e-14 * size
        && agree(solved.solution, direct, .relative(1e-9 * size))
    }
  }

  @Test("a spectrum of few values takes as many steps; the exact inverse takes one")
  func steps() throws {
    let spectrum = (0..<60).map { [1.0, 5, 40][$0 % 3] }
    let a = try Matrix.symmetric(spectrum: spectrum, seed: 1)
    var generator = CaseGenerator(seed: 2)
    let b = generator.matrix(60, 3, as: Double.self)
    let plain = try ConjugateGradients(a, rightHandSides: b, stopping: rule(1e-10))
    #expect(plain.status.isConverged && plain.status.iterations == 3)
    let inverse = try Cholesky(a).solve(.identity(60))
    let preconditioned = try ConjugateGradients(
      a, rightHandSides: b, preconditioner: inverse, stopping: rule(1e-10))
    #expect(preconditioned.status.isConverged && preconditioned.status.iterations == 1)
    #expect(agree(plain.solution, preconditioned.solution, .relative(1e-8)))
  }

  @Test("columns do not touch each other, whatever their size; zero gives zero")
  func columns() throws {
    let a = try Matrix.symmetric(spectrum: (1...20).map { Double($0) }, seed: 3)
    var generator = CaseGenerator(seed: 4)
    var b = generator.matrix(20, 4, as: Double.self)
    for i in 0..<20 { (b[i, 1], b[i, 2], b[i, 3]) = (0, b[i, 2] * 1e200, b[i, 3] * 1e-200) }
    let solved = try ConjugateGradients(a, rightHandSides: b, stopping: rule(1e-12))
    #expect(solved.status.isConverged)
    #expect((0..<20).allSatisfy { solved.solution[$0, 1] == 0 })
    for j in [0, 2, 3] {
      let alone = try ConjugateGradients(
        a, rightHandSides: b.columns(j..<j + 1), stopping: rule(1e-12))
      #expect(agree(solved.solution.columns(j..<j + 1), alone.solution, .relative(1e-10)))
      #expect(alone.solution.elements.contains { $0 != 0 })
    }
    let none = try ConjugateGradients(
      a, rightHandSides: Matrix(rowCount: 20, columnCount: 2), stopping: rule(1e-12))
    #expect(none.status == IterationStatus(reason: .converged, iterations: 0, residual: 0))
  }

  @Test("what does not converge says so, and why")
  func statuses() throws {
    let hard = try Matrix.symmetric(
      spectrum: (0..<80).map { Double.pow(10, -Double($0) / 10) }, seed: 5)
    var generator = CaseGenerator(seed: 6)
    let b = generator.matrix(80, 2, as: Double.self)
    let short = try ConjugateGradients(hard, rightHandSides: b, stopping: rule(1e-9, 7))
    #expect(short.status.reason == .iterationLimit && short.status.iterations == 7)
    #expect(abs(short.status.residual - residual(hard, short.solution, b)) < 1e-9)
    #expect(short.status.residual > 1e-9)
    let endless = try ConjugateGradients(hard, rightHandSides: b, stopping: rule(1e-17, 100_000))
    #expect(endless.status.reason == .stagnated && endless.status.residual > 1e-17)
    #expect(abs(endless.status.residual - residual(hard, endless.solution, b)) < 1e-9)
    let saddle = Matrix<Double>.diagonal([1, -1, 2])
    let column = try Matrix<Double>(rows: [[0], [1], [0]])
    #expect(
      try ConjugateGradients(saddle, rightHandSides: column, stopping: rule(1e-9)).status.reason
        == .indefinite)
    #expect(
      try ConjugateGradients(
        Matrix<Double>.identity(3), rightHandSides: column, preconditioner: saddle,
        stopping: rule(1e-9)
      ).status.reason == .indefinite)
  }

  @Test("input that makes no sense is refused")
  func refused() throws {
    let a = Matrix<Double>.identity(3)
    let b = Matrix<Double>(repeating: 1, rowCount: 3, columnCount: 1)
    for (tolerance, limit) in [(0, 5), (1, 5), (.nan, 5), (-1, 5), (0.1, 0)] as [(Double, Int)] {
      #expect(throws: InvalidInput.self) { try rule(tolerance, limit) }
    }
    func refuses(_ a: Matrix<Double>, _ b: Matrix<Double>, _ p: Matrix<Double>? = nil) {
      #expect(throws: InvalidInput.self) {
        try ConjugateGradients(a, rightHandSides: b, preconditioner: p, stopping: rule(0.1))
      }
    }
    refuses(Matrix(rowCount: 3, columnCount: 2), b)
    refuses(Matrix(rowCount: 0, columnCount: 0), Matrix(rowCount: 0, columnCount: 1))
    refuses(a, b.rows(0..<2))
    refuses(a, Matrix(repeating: .nan, rowCount: 3, columnCount: 1))
    refuses(a, b, .identity(2))
    #expect(throws: CancellationError.self) {
      try ConjugateGradients(
        a, rightHandSides: b, stopping: rule(0.1), on: Execution(isCancelled: { true }))
    }
  }

  @Test("Woodbury's inverse is the inverse, from either precision")
  func woodbury() {
    forAll(cases: 30) { generator in
      let n = generator.int(in: 1...40)
      return (
        z: generator.matrix(n, generator.int(in: 1...50), as: Float.self),
        x: generator.matrix(n, 3, as: Double.self), ridge: 0.01 + abs(generator.normal())
      )
    } _: { z, x, ridge in
      let wide = z.converted(to: Double.self)
      let direct = try Cholesky(wide.outerGram(), addingToDiagonal: ridge).solve(x)
      let (single, double) = (
        try WoodburyInverse(features: z, ridge: ridge).multiplied(by: x),
        try WoodburyInverse(features: wide, ridge: ridge).multiplied(by: x)
      )
      return single == double && agree(double, direct, .relative(1e-9))
    }
    #expect(throws: InvalidInput.self) {
      try WoodburyInverse(features: Matrix<Double>.identity(2), ridge: 0)
    }
    #expect(throws: InvalidInput.self) {
      try WoodburyInverse(
        features: Matrix<Double>(repeating: 1, rowCount: 64, columnCount: 4), ridge: 1e-20)
    }
  }

  @Test("products in tiles are products")
  func tiles() throws {
    var generator = CaseGenerator(seed: 8)
    let z = generator.matrix(4100, 5, as: Float.self)
    let x = generator.matrix(4100, 2, as: Double.self)
    let inverse = try WoodburyInverse(features: z, ridge: 3).multiplied(by: x)
    let back = try ConjugateGradients(
      ShiftedOperator(OuterProduct(z: z.converted(to: Double.self)), shift: 3),
      rightHandSides: x, stopping: rule(1e-13)
    ).solution
    #expect(agree(back, inverse, .relative(1e-9)))
  }

  /// ZZᵀ.
  private struct OuterProduct: LinearOperator {
    let z: Matrix<Double>
    var rowCount: Int { z.rowCount }
    var columnCount: Int { z.rowCount }
    func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
      try z.multiplied(by: z.transposeMultiplied(by: x, on: execution), on: execution)
    }
  }

  @Test("Hutch++ is exact where its basis holds everything, and unbiased elsewhere")
  func hutch() throws {
    let spectrum = (0..<50).map { Double.pow(0.6, Double($0)) }
    let a = try Matrix.symmetric(spectrum: spectrum, seed: 9)
    let trace = (0..<50).reduce(0.0) { $0 + a[$1, $1] }
    let full = try TraceEstimate(of: a, products: 150, seed: 1)
    #expect(abs(full.value - trace) < 1e-12 && full.standardError == 0)
    let low = try Matrix.symmetric(spectrum: [3, 2, 1] + Array(repeating: 0, count: 40), seed: 2)
    let exact = try TraceEstimate(of: low, products: 12, seed: 3)
    #expect(abs(exact.value - 6) < 1e-12 && exact.products == 12)
    let estimates = try (0..<400 as Range<UInt64>).map {
      try TraceEstimate(of: a, products: 18, seed: $0)
    }
    let moments = Moments(estimates.map(\.value))
    #expect(abs(moments.meanScore(trace)) < scoreThreshold(comparisons: 1))
    // The stated error is that of the sample: plain signs would have √(2 Σᵢ≠ⱼ aᵢⱼ² / 18) ≈ 0.4.
    let stated = estimates.reduce(0) { $0 + $1.standardError * $1.standardError } / 400
    #expect((0.4...1.8).contains(stated / moments.variance))
    #expect(moments.variance.squareRoot() < 0.2)
    #expect(throws: InvalidInput.self) { try TraceEstimate(of: a, products: 5) }
  }
}
