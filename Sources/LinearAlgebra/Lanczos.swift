// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Extreme eigenvalues of a symmetric operator by the Lanczos process.

import Randomness
import RealModule
import Validation

/// Ritz values and vectors of a symmetric operator A: its eigenvalues on the Krylov space
/// span(q, Aq, A²q, …) of a random q, the extreme ones of which converge first.
///
/// A Ritz value θ with vector u has an eigenvalue of A within |Au − θu|, its residual, and no Ritz
/// value lies outside the spectrum. Repeated eigenvalues are found once. The basis is kept orthogonal
/// to rounding, so no false copies appear.
///
/// - Complexity: a product with A for each of k steps, 8nk² operations in all, memory of nk numbers.
/// - Source: Paige, "The computation of eigenvalues and eigenvectors of very large sparse matrices",
///   1971; for the orthogonality, Daniel, Gragg, Kaufman, Stewart, 1976.
public struct Lanczos: Sendable {
  /// The Ritz values, ascending; as many as steps.
  public let values: [Double]
  /// |Au − θu| for each of them, as the recurrence tells it.
  public let residuals: [Double]
  /// The residual is the largest wanted one over `scale` or the largest |θ|, whichever is more.
  public let status: IterationStatus
  /// n.
  public let dimension: Int
  /// Whether the Krylov space is invariant: then the extreme Ritz values are those of A, but for
  /// chances of probability 0.
  public let isExhausted: Bool
  /// The basis, one vector per row.
  private let basis: [Double]
  /// The Ritz vectors in the basis, one per row.
  private let coordinates: Matrix<Double>

  /// Iterates until the `smallest` least and the `largest` greatest Ritz values have residuals within
  /// tolerance · max(scale, max |θ|), or the Krylov space is exhausted. Progress counts steps.
  ///
  /// - Parameter seed: of the start, a normal vector.
  /// - Throws: `InvalidInput` unless A is square, counts are not below 0 and one is above, and
  ///   images are finite; `NoConvergence`; what A throws; `CancellationError`.
  public init(
    _ a: some LinearOperator, smallest: Int = 1, largest: Int = 1, stopping rule: StoppingRule,
    scale: Double = 0, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws {
    try a.validateSquare()
    for (count, name) in [(smallest, "smallest"), (largest, "largest")] {
      _ = try Check.count([count], "number of \(name) eigenvalues", upTo: a.rowCount)
    }
    try Check.dimension(smallest + largest, "number of eigenvalues")
    let n = a.rowCount
    var process = Process(n, seed: seed)
    var next = 1
    while true {
      try execution.checkCancellation()
      try process.step(a, on: execution.silent)
      let steps = process.diagonal.count
      let isLast = process.isExhausted || steps == rule.iterationLimit
      execution.report(steps, of: rule.iterationLimit)
      guard isLast || steps >= next else { continue }
      next = steps + max(1, steps / 10)
      let ritz = try process.ritz()
      let size = max(scale, abs(ritz.values[0]), abs(ritz.values[steps - 1]))
      let wanted = ritz.residuals.prefix(smallest) + ritz.residuals.suffix(largest)
      let worst = size > 0 ? (wanted.max() ?? 0) / size : 0
      let hasAll = steps >= smallest + largest && worst <= rule.tolerance
      guard isLast || hasAll else { continue }
      (values, residuals, coordinates) = ritz
      status = IterationStatus(
        reason: process.isExhausted || hasAll ? .converged : .iterationLimit, iterations: steps,
        residual: worst)
      break
    }
    dimension = n
    isExhausted = process.isExhausted
    basis = process.basis
  }

  /// The Ritz vectors of the values with the given numbers, orthonormal, n × count. Cost: 2nk
  /// operations each.
  public func vectors(_ range: Range<Int>) -> Matrix<Double> {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count)
    let (n, steps, count) = (dimension, values.count, range.count)
    return Matrix(rowCount: n, columnCount: count) { output in
      coordinates.rows(range).withUnsafePointer { c in
        basis.withUnsafeBufferPointer { basis in
          guard let base = basis.baseAddress else { return }
          BLAS.gemm(
            transposeA: true, transposeB: true, m: n, n: count, k: steps, base, lda: n, c,
            ldb: steps, output, ldc: count)
        }
      }
    }
  }

  /// How far the spectrum may reach beyond the extreme Ritz values, on either side; nil where the steps
  /// are too few to tell.
  ///
  /// Over the random start, the probability of reaching further is at most `failureProbability` η in
  /// exact arithmetic: with √δ = ln(2 · 1.648 √n / η) / (2k − 1) < √½ the reach is at most
  /// δ/(1 − 2δ) times the distance of the extreme Ritz values.
  ///
  /// - Throws: `InvalidInput` unless 0 < η < 1.
  /// - Source: Kuczyński, Woźniakowski, "Estimating the largest eigenvalue by the power and Lanczos
  ///   algorithms with a random start", 1992, for each end of the spectrum.
  public func reach(failureProbability: Double) throws -> Double? {
    guard failureProbability > 0, failureProbability < 1 else {
      throw InvalidInput(
        "failure probability", found: "\(failureProbability)", expected: "between 0 and 1")
    }
    guard !isExhausted else { return 0 }
    let odds = 2 * 1.648 * Double(dimension).squareRoot() / failureProbability
    let root = Double.log(odds) / Double(2 * values.count - 1)
    let share = root * root
    guard share < 0.5 else { return nil }
    return share / (1 - 2 * share) * (values[values.count - 1] - values[0])
  }
}

/// A Qₖ = Qₖ Tₖ + βₖ qₖ₊₁ eₖᵀ with a tridiagonal T.
private struct Process {
  let n: Int
  var basis: [Double]
  var diagonal: [Double] = []
  var offDiagonal: [Double] = []
  var isExhausted = false

  init(_ n: Int, seed: UInt64) {
    self.n = n
    let stream = RandomKey(seed: seed).child("Lanczos").stream
    basis = (0..<n).map { stream.normal(at: UInt64($0)) }
    normalise(&basis)
  }

  /// Divides by the length and returns it.
  @discardableResult
  private func normalise(_ vector: inout [Double]) -> Double {
    let length = vector.withUnsafeBufferPointer { euclideanNorm($0.baseAddress!, n) }
    for i in 0..<n { vector[i] /= length }
    return length
  }

  mutating func step(_ a: some LinearOperator, on execution: Execution) throws {
    let k = diagonal.count + 1
    let last = try Matrix(rowCount: n, columnCount: 1, elements: Array(basis.suffix(n)))
    let image = try a.multiplied(by: last, on: execution)
    try image.validateFinite("image under the operator")
    var next = Array(image.elements)
    var coefficients = [Double](repeating: 0, count: k)
    // Twice is enough.
    for pass in 0..<2 {
      let found = remove(&next, k)
      if pass == 0 { coefficients = found } else { coefficients[k - 1] += found[k - 1] }
    }
    diagonal.append(coefficients[k - 1])
    let length = next.withUnsafeBufferPointer { euclideanNorm($0.baseAddress!, n) }
    let size = image.withUnsafePointer { euclideanNorm($0, n) }
    offDiagonal.append(length)
    // What is left then is the rounding of the image.
    guard k < n, length > Double(n).squareRoot() * 4 * .ulpOfOne * size else {
      offDiagonal[k - 1] = 0
      isExhausted = true
      return
    }
    normalise(&next)
    basis += next
  }

  /// Takes from the vector what lies in the first k of the basis, and returns its coefficients.
  private func remove(_ vector: inout [Double], _ k: Int) -> [Double] {
    var coefficients = [Double](repeating: 0, count: k)
    basis.withUnsafeBufferPointer { q in
      vector.withUnsafeMutableBufferPointer { v in
        coefficients.withUnsafeMutableBufferPointer { c in
          let (q, v, c) = (q.baseAddress!, v.baseAddress!, c.baseAddress!)
          BLAS.gemm(m: k, n: 1, k: n, q, lda: n, v, ldb: 1, c, ldc: 1)
          BLAS.gemm(
            transposeA: true, m: n, n: 1, k: k, alpha: -1, q, lda: n, c, ldb: 1, beta: 1, v, ldc: 1)
        }
      }
    }
    return coefficients
  }

  /// The eigenvalues of T, ascending, |β eₖᵀs| for each eigenvector s, and the eigenvectors as rows.
  func ritz() throws -> (values: [Double], residuals: [Double], vectors: Matrix<Double>) {
    let k = diagonal.count
    var (values, beside) = (diagonal, offDiagonal)
    var failure = 0
    let vectors = Matrix<Double>(rowCount: k, columnCount: k) { output in
      failure = LAPACK.tridiagonalEigen(k, &values, &beside, output)
    }
    guard failure == 0 else {
      throw NoConvergence(operation: "eigenvalue iteration of the Lanczos process")
    }
    let residuals = (0..<k).map { abs(offDiagonal[k - 1] * vectors[$0, k - 1]) }
    return (values, residuals, vectors)
  }
}
