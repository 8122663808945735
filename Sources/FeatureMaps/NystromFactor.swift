// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The inverse square root of the landmarks' kernel matrix, as far as it has one.

import LinearAlgebra
import Validation

/// Weights W, m × r, with W Wᵀ = K_JJ⁺ on the directions whose eigenvalues stand clear of rounding.
///
/// K_JJ is scaled to a unit diagonal, D^(−1/2) K_JJ D^(−1/2) = V diag(w) Vᵀ, so that points of very
/// different size count alike, and W = D^(−1/2) V w^(−1/2) for the eigenvalues above a cut, largest
/// first. Whatever is cut, K_XJ W Wᵀ K_JX ⪯ K.
enum NystromFactor {
  /// The cut, relative to the largest eigenvalue.
  ///
  /// A rounding error δ of the kernel enters a feature as δ/√w, and the inner products of features as
  /// δ²/w. Measured on a Gaussian kernel of 500 landmarks in 4 dimensions with k(x, x) = 1: single
  /// precision moves an entry of ZZᵀ by up to 5e-5 with this cut and by 4e-3 with 10⁻¹², which in
  /// double precision would gain no more than 1e-5 to 5e-3. On images nothing comes near either.
  static let cut = 1e-9

  /// - Parameter matrix: K_JJ; only its lower triangle is read.
  /// - Throws: `InvalidInput` if K_JJ is zero or too large; `NoConvergence`; `CancellationError`.
  /// - Complexity: about 9m³ operations; memory of 4m² numbers.
  static func weights(
    of matrix: consuming Matrix<Double>, cut: Double = NystromFactor.cut, on execution: Execution
  ) throws -> Matrix<Double> {
    let m = matrix.rowCount
    _ = try Check.count([m], "number of landmarks", upTo: SymmetricEigen<Double>.largestCount)
    let scales = (0..<m).map { i in
      matrix[i, i] >= .leastNormalMagnitude ? 1 / matrix[i, i].squareRoot() : 0
    }
    guard scales.contains(where: { $0 > 0 }) else {
      throw InvalidInput(
        "landmarks", found: "points at which the kernel is zero", expected: "one at which it is not"
      )
    }
    matrix.withUnsafeMutablePointer { p in
      for i in 0..<m {
        for j in 0..<m { p[i * m + j] *= scales[i] * scales[j] }
      }
    }
    let eigen = try SymmetricEigen(matrix, on: execution)
    let least = cut * (eigen.values.last ?? 0)
    let kept = eigen.values.indices.reversed().filter { eigen.values[$0] > least }
    let roots = kept.map { 1 / eigen.values[$0].squareRoot() }
    return Matrix(rowCount: m, columnCount: kept.count) { output in
      eigen.vectors.withUnsafePointer { vectors in
        for i in 0..<m {
          for (column, index) in kept.enumerated() {
            output[i * kept.count + column] = scales[i] * (vectors[i * m + index] * roots[column])
          }
        }
      }
    }
  }
}
