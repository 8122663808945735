// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel ridge regression by iteration against direct solutions.

import Kernels
import LinearAlgebra
import RealModule
import Synchronization
import TestSupport
import Testing
import Validation

@testable import Regression

/// z(x) = L⁻¹ k_J(x) with L Lᵀ = K_JJ + 10⁻¹⁰ I: Nyström features, plainly.
private struct LandmarkMap: RowMap {
  let kernel: GaussianKernel
  let landmarks: Matrix<Double>
  let factor: Cholesky<Double>

  init(_ kernel: GaussianKernel, _ landmarks: Matrix<Double>) throws {
    (self.kernel, self.landmarks) = (kernel, landmarks)
    factor = try Cholesky(kernel.matrix(.dense(landmarks)), addingToDiagonal: 1e-10)
  }

  var inputDimension: Int { landmarks.columnCount }
  var outputDimension: Int { landmarks.rowCount }

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    guard case .dense(let base, let stride) = rows.entries else {
      preconditionFailure("tests give dense rows")
    }
    let x = Matrix<Double>(rowCount: rows.rowCount, columnCount: rows.columnCount) { p in
      for i in 0..<rows.rowCount {
        for j in 0..<rows.columnCount { p[i * rows.columnCount + j] = Double(base[i * stride + j]) }
      }
    }
    let one = Execution(threads: 1)
    guard let values = try? kernel.matrix(.dense(landmarks), .dense(x), on: one),
      let z = try? factor.solveLower(values, on: one)
    else { preconditionFailure("finite points have features") }
    for i in 0..<rows.rowCount {
      for j in 0..<outputDimension { output.row(i)[j] = Scalar(z[j, i]) }
    }
  }
}

@Suite struct IterativeKernelRidgeTests {
  private let kernel: GaussianKernel

  init() throws {
    kernel = try GaussianKernel(lengthScale: 1.5)
  }

  private func solver(
    _ ridge: Double, _ tolerance: Double, _ limit: Int = 2000
  ) throws -> IterativeKernelRidge {
    try IterativeKernelRidge(
      ridge: ridge, stopping: StoppingRule(tolerance: tolerance, iterationLimit: limit))
  }

  private func problem(_ n: Int, seed: UInt64) throws -> (x: Matrix<Double>, y: Matrix<Double>) {
    var generator = CaseGenerator(seed: seed)
    let x = generator.matrix(n, 3, as: Float.self).converted(to: Double.self)
    var y = generator.matrix(n, 2, as: Double.self)
    for i in 0..<n {
      y[i, 0] = 4 + Double.sin(2 * x[i, 0]) + 0.1 * y[i, 0]
      y[i, 1] = x[i, 1] * x[i, 2] + 0.1 * y[i, 1]
    }
    return (x, y)
  }

  /// 1100 points are more than one block of the kernel.
  @Test func preconditionedIterationsAreFewAndExact() throws {
    let (x, y) = try problem(1100, seed: 1)
    let targets = try Targets.regression(y)
    let exact = try KernelRidgeRegression(
      kernel, points: .dense(x), targets: targets, choice: .fixed(1e-2))
    let solver = try solver(1e-2, 1e-8)
    let map = try LandmarkMap(kernel, x.rows(0..<250))
    let fast = try solver.fit(
      kernel, points: .dense(x), targets: targets, preconditioner: map)
    let plain = try solver.fit(kernel, points: .dense(x), targets: targets)
    #expect(fast.status.isConverged && plain.status.isConverged)
    #expect(fast.status.residual <= 1e-8 && fast.jitter == 0)
    #expect(fast.status.iterations < 25 && plain.status.iterations > 10 * fast.status.iterations)
    #expect(fast.model.intercepts == plain.model.intercepts)
    let new = Rows.dense(try problem(40, seed: 2).x)
    let expected = try exact.outputs(for: new)
    for fit in [fast, plain] {
      #expect(try agree(fit.model.outputs(for: new), expected, .relative(1e-4)))
      #expect(fit.model.ridge == 1e-2 && fit.model.points.rowCount == 1100)
    }
    // Single precision of the points is one of the kernel's entries alone.
    let single = try solver.fit(
      kernel, points: Rows.dense(x.converted(to: Float.self)), targets: targets,
      preconditioner: map)
    #expect(single.status.isConverged && single.status.iterations < 25)
    #expect(try agree(single.model.outputs(for: new), expected, .relative(1e-3)))
  }

  @Test func everyOutputIsASolutionOfItsOwn() throws {
    let (x, y) = try problem(150, seed: 3)
    let solver = try solver(0.1, 1e-10)
    let both = try solver.fit(kernel, points: .dense(x), targets: .regression(y))
    let direct = try directDual(
      kernel.matrix(.dense(x)), y, Array(repeating: 1, count: 150), 0.1)
    #expect(close(both.model.coefficients, direct.coefficients, 1e-7))
    for j in 0..<2 {
      let alone = try solver.fit(
        kernel, points: .dense(x), targets: .regression(y.columns(j..<j + 1)))
      #expect(close(both.model.coefficients.columns(j..<j + 1), alone.model.coefficients, 1e-7))
    }
    for threads in [1, 3] {
      let again = try solver.fit(
        kernel, points: .dense(x), targets: .regression(y), on: Execution(threads: threads))
      #expect(again.model.coefficients == both.model.coefficients)
    }
  }

  @Test func weightedSamples() throws {
    let (x, y) = try problem(120, seed: 4)
    var generator = CaseGenerator(seed: 5)
    let weights = (0..<120).map { _ in 0.1 + 3 * abs(generator.normal()) }
    let direct = try directDual(kernel.matrix(.dense(x)), y, weights, 0.2)
    let map = try LandmarkMap(kernel, x.rows(0..<60))
    let solver = try solver(0.2, 1e-11)
    let targets = try Targets.regression(y)
    let fits = try [
      solver.fit(kernel, points: .dense(x), targets: targets, weights: weights),
      solver.fit(
        kernel, points: .dense(x), targets: targets, weights: weights, preconditioner: map),
    ]
    for fit in fits {
      #expect(close(fit.model.coefficients, direct.coefficients, 1e-7))
      #expect(zip(fit.model.intercepts, direct.intercepts).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    #expect(2 * fits[1].status.iterations < fits[0].status.iterations)
  }

  /// Against the normal equations of the span, solved at once.
  @Test(arguments: [false, true])
  func inTheSpanOfLandmarks(_ isWeighted: Bool) throws {
    let (x, y) = try problem(1300, seed: 6)
    var generator = CaseGenerator(seed: 7)
    let weights = isWeighted ? (0..<1300).map { _ in 0.5 + abs(generator.normal()) } : nil
    let w = weights ?? Array(repeating: 1, count: 1300)
    let landmarks = Rows.dense(x.rows(0..<25))
    let fit = try solver(0.05, 1e-9).fit(
      kernel, points: x, targets: .regression(y), weights: weights, landmarks: landmarks)
    #expect(fit.status.isConverged && fit.status.iterations < 40 && fit.jitter < 1e-9)
    let means = try directDual(Matrix.identity(1300), y, w, 1).intercepts
    let cross = try kernel.matrix(.dense(x), landmarks)
    var (scaled, right) = (cross, y)
    for i in 0..<1300 {
      for j in 0..<25 { scaled[i, j] *= w[i] }
      for j in 0..<2 { right[i, j] = w[i] * (right[i, j] - means[j]) }
    }
    var normal = try cross.transposeMultiplied(by: scaled)
    let inner = try kernel.matrix(landmarks)
    for i in 0..<25 { for j in 0..<25 { normal[i, j] += 0.05 * inner[i, j] } }
    let direct = try Cholesky(normal).solve(cross.transposeMultiplied(by: right))
    let new = Rows.dense(try problem(30, seed: 8).x)
    var expected = try kernel.matrix(new, landmarks).multiplied(by: direct)
    expected.add(row: means)
    #expect(try agree(fit.model.outputs(for: new), expected, .relative(1e-5)))
  }

  @Test func repeatedLandmarksNeedJitterAndSaySo() throws {
    let (x, y) = try problem(200, seed: 9)
    let twice = x.rows(at: Array(0..<20) + Array(0..<20))
    let solver = try solver(0.5, 1e-9)
    let once = try solver.fit(
      kernel, points: x, targets: .regression(y), landmarks: .dense(x.rows(0..<20)))
    let fit = try solver.fit(
      kernel, points: x, targets: .regression(y), landmarks: .dense(twice))
    #expect(fit.jitter > 0 && fit.jitter <= 1e-6 && once.jitter == 0)
    let new = Rows.dense(try problem(30, seed: 10).x)
    #expect(
      try agree(fit.model.outputs(for: new), once.model.outputs(for: new), .relative(1e-4)))
  }

  @Test func iterationsEndAndCanBeStopped() throws {
    let (x, y) = try problem(300, seed: 11)
    let targets = try Targets.regression(y)
    let short = try solver(1e-4, 1e-10, 5).fit(kernel, points: .dense(x), targets: targets)
    #expect(short.status.reason == .iterationLimit && short.status.iterations == 5)
    #expect(short.status.residual > 1e-10)
    let seen = Mutex<[Int]>([])
    var watched = Execution(progress: { report in
      if report.stage == "conjugate gradients" { seen.withLock { $0.append(report.completed) } }
    })
    _ = try solver(1e-4, 1e-10, 5).fit(kernel, points: .dense(x), targets: targets, on: watched)
    #expect(seen.withLock { $0 } == [1, 2, 3, 4, 5])
    watched.isCancelled = { seen.withLock { $0.count } >= 7 }
    #expect(throws: CancellationError.self) {
      try solver(1e-4, 1e-10, 50).fit(kernel, points: .dense(x), targets: targets, on: watched)
    }
    #expect(seen.withLock { $0.count } == 7)
  }

  @Test func refusals() throws {
    let (x, y) = try problem(20, seed: 12)
    let targets = try Targets.regression(y)
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try self.solver(ridge, 0.1) }
    }
    let solver = try self.solver(1, 0.1)
    var bad = x
    bad[3, 1] = .nan
    for points in [x.rows(0..<19), bad] {
      #expect(throws: InvalidInput.self) {
        try solver.fit(kernel, points: .dense(points), targets: targets)
      }
      #expect(throws: InvalidInput.self) {
        try solver.fit(kernel, points: points, targets: targets, landmarks: .dense(x))
      }
    }
    #expect(throws: InvalidInput.self) {
      try solver.fit(
        kernel, points: .dense(x), targets: targets, weights: Array(repeating: 0, count: 20))
    }
    for landmarks in [x.rows(0..<0), x.columns(0..<2)] {
      #expect(throws: InvalidInput.self) {
        try solver.fit(kernel, points: x, targets: targets, landmarks: .dense(landmarks))
      }
    }
    #expect(throws: InvalidInput.self) {
      try solver.fit(
        PolynomialKernel(degree: 1), points: x, targets: targets,
        landmarks: .dense(Matrix<Double>(rowCount: 2, columnCount: 3)))
    }
  }
}
