// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From kernel values against landmarks to features: the Nyström factors of an activation.

import LinearAlgebra
import NeuralKernels

/// Directions of a landmarks' kernel matrix count as far as their eigenvalues stand out from this share of
/// the largest.
private let smallestEigenvalue = 1e-8

/// More landmarks than this have no eigenvectors, 9n³ operations of which many run on one thread, but a
/// Cholesky factor, n³/3 on all.
let largestEigenCount = 1024

/// P with P Pᵀ the pseudoinverse of a kernel matrix G: V w^(−1/2), the largest eigenvalues first.
///
/// Of more than `largestEigenCount` landmarks P = L⁻ᵀ with LLᵀ = G + εI, so that P Pᵀ ⪯ G⁺ still; ε
/// damps the directions that eigenvalues would cut.
///
/// - Source: Frangella, Tropp, Udell, "Randomized Nyström preconditioning", 2023, for the shift.
func nystromFactor(_ gram: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
  let n = gram.rowCount
  guard n <= largestEigenCount else {
    let trace = (0..<n).reduce(0) { $0 + gram[$1, $1] }
    if trace == 0 { return Matrix(rowCount: n, columnCount: 0) }
    let cholesky = try Cholesky(
      gram, addingToDiagonal: smallestEigenvalue * trace, on: execution.silent)
    return try cholesky.solveLowerTransposed(.identity(n), on: execution.silent)
  }
  let eigen = try SymmetricEigen(gram, on: execution)
  let largest = eigen.values.last ?? 0
  let kept = (0..<n).reversed().filter {
    largest > 0 && eigen.values[$0] > smallestEigenvalue * largest
  }
  var rows = eigen.vectors.transposed.rows(at: kept)
  rows.scaleRows(by: kept.map { 1 / eigen.values[$0].squareRoot() })
  return rows.transposed
}

/// The `count` leading eigenvectors of a second moment, as columns.
func leadingDirections(
  _ count: Int, of moment: Matrix<Double>, on execution: Execution
) throws -> Matrix<Double> {
  let n = moment.rowCount
  return try SymmetricEigen(moment, on: execution).vectors.columns(
    at: (0..<min(count, n)).map { n - 1 - $0 })
}

/// k on the landmarks, and q qᵀ ∘ k′.
///
/// - Parameters:
///   - landmarks, tangents: Zμ and Zψ.
///   - deviations: √K of each landmark with itself, as it enters the activation.
///   - tangentScale: c in q = (Zψ, √c Zμ).
func landmarkGrams(
  _ dual: DualActivation, landmarks: Matrix<Double>, deviations: [Double],
  tangents: Matrix<Double>, tangentScale: Double, on execution: Execution
) throws -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
  let n = landmarks.rowCount
  let reciprocals = deviations.map { $0 > 0 ? 1 / $0 : 0 }
  var nngp = try landmarks.outerGram(on: execution)
  var ntk = try tangents.outerGram(on: execution)
  try nngp.withUnsafeMutablePointer { k in
    try ntk.withUnsafeMutablePointer { t in
      for i in 0..<n * n { t[i] += tangentScale * k[i] }
      nonisolated(unsafe) let (k, t) = (k, t)
      try Parallel.forEachBlock(of: n, size: 64, on: execution.silent) { rows, workspace in
        deviations.withUnsafeBufferPointer { q in
          reciprocals.withUnsafeBufferPointer { inverse in
            dual.apply(
              rowCount: rows.count, columnCount: n, q: q.baseAddress! + rows.lowerBound,
              r: q.baseAddress!, inverseR: inverse.baseAddress!,
              nngp: RowOutput(base: k + rows.lowerBound * n, stride: n),
              ntk: RowOutput(base: t + rows.lowerBound * n, stride: n), workspace: workspace)
          }
        }
      }
    }
  }
  return (symmetrized(nngp), symmetrized(ntk))
}

private func symmetrized(_ matrix: Matrix<Double>) -> Matrix<Double> {
  let n = matrix.rowCount
  var result = matrix
  result.withUnsafeMutablePointer { entries in
    for i in 0..<n {
      for j in 0..<i {
        let mean = (entries[i * n + j] + entries[j * n + i]) / 2
        (entries[i * n + j], entries[j * n + i]) = (mean, mean)
      }
    }
  }
  return result
}
