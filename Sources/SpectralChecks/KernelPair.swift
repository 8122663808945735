// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A kernel matrix beside its approximation, checked.

import LinearAlgebra
import Validation

/// How far, relative to the largest entry, a matrix may be from symmetric: what is left by kernels
/// computed in single precision.
let symmetryTolerance = 1e-6

/// A checked kernel matrix K and the error E = K̃ − K of an approximation K̃, both symmetric.
struct KernelPair {
  var exact: Matrix<Double>
  var error: Matrix<Double>
  /// max |Kᵢⱼ|, a normal number.
  let scale: Double

  init(approximation: consuming Matrix<Double>, exact: consuming Matrix<Double>) throws {
    (self.exact, scale) = try KernelPair.checked(exact, "exact kernel matrix")
    let n = self.exact.rowCount
    try Check.equal(approximation.rowCount, n, "rows of the approximate kernel matrix")
    (error, _) = try KernelPair.checked(
      approximation, "approximate kernel matrix", mayVanish: true)
    self.exact.withUnsafePointer { exact in
      error.withUnsafeMutablePointer { error in
        for i in 0..<n * n { error[i] -= exact[i] }
      }
    }
  }

  /// The symmetric part of a matrix that is symmetric up to `symmetryTolerance`, and its scale.
  static func checked(
    _ matrix: consuming Matrix<Double>, _ name: String, mayVanish: Bool = false
  ) throws -> (matrix: Matrix<Double>, scale: Double) {
    try Check.dimension(
      matrix.rowCount, "rows of the \(name)", upTo: SymmetricEigen<Double>.largestCount)
    let n = matrix.rowCount
    try Check.equal(matrix.columnCount, n, "columns of the \(name)")
    try matrix.validateFinite(name)
    let scale = matrix.withUnsafePointer { p in
      (0..<n * n).reduce(0.0) { max($0, p[$1].magnitude) }
    }
    guard scale.isNormal || mayVanish else {
      throw InvalidInput(name, found: "a zero matrix", expected: "an entry that is not zero")
    }
    let asymmetric: (Int, Int)? = matrix.withUnsafeMutablePointer { p in
      for i in 0..<n {
        for j in 0..<i {
          let (lower, upper) = (p[i * n + j], p[j * n + i])
          guard (lower - upper).magnitude <= symmetryTolerance * scale else { return (i, j) }
          let mean = lower / 2 + upper / 2
          p[i * n + j] = mean
          p[j * n + i] = mean
        }
      }
      return nil
    }
    if let (i, j) = asymmetric {
      throw InvalidInput(
        name, found: "\(matrix[i, j]) at (\(i), \(j)) and \(matrix[j, i]) at (\(j), \(i))",
        expected: "a symmetric matrix, to \(symmetryTolerance) of its largest entry")
    }
    return (matrix, scale)
  }

  /// ‖A‖_F / scale.
  func scaledFrobenius(_ matrix: Matrix<Double>) -> Double {
    let inverse = 1 / scale
    return matrix.withUnsafePointer { p in
      (0..<matrix.rowCount * matrix.columnCount).reduce(0.0) { sum, i in
        sum + (p[i] * inverse) * (p[i] * inverse)
      }
    }.squareRoot()
  }

  /// H A H for a symmetric A, with H = I − 11ᵀ/n: every row and column has mean zero.
  static func centred(_ matrix: Matrix<Double>) -> Matrix<Double> {
    let n = matrix.rowCount
    var result = matrix
    result.withUnsafeMutablePointer { p in
      let means = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + p[i * n + $1] } / Double(n) }
      let mean = means.reduce(0, +) / Double(n)
      for i in 0..<n {
        for j in 0..<n { p[i * n + j] -= means[i] + means[j] - mean }
      }
    }
    return result
  }
}
