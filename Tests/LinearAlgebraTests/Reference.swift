// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Plain definitions to hold the fast routines against.

import LinearAlgebra
import TestSupport

extension Matrix {
  /// A B by the definition, summed in double precision.
  func naiveProduct(_ other: Matrix) -> Matrix {
    var result = Matrix(rowCount: rowCount, columnCount: other.columnCount)
    for i in 0..<rowCount {
      for j in 0..<other.columnCount {
        result[i, j] = Scalar(
          (0..<columnCount).reduce(0.0) { $0 + Double(self[i, $1]) * Double(other[$1, j]) })
      }
    }
    return result
  }

  /// The transpose by the definition.
  var naiveTranspose: Matrix {
    var result = Matrix(rowCount: columnCount, columnCount: rowCount)
    for i in 0..<rowCount { for j in 0..<columnCount { result[j, i] = self[i, j] } }
    return result
  }

  var doubled: Matrix {
    var result = self
    for i in 0..<rowCount { for j in 0..<columnCount { result[i, j] *= 2 } }
    return result
  }

  /// Whether all entries agree to `tolerance` times the largest (at least 1).
  func isClose(to other: Matrix, _ tolerance: Double? = nil) -> Bool {
    guard rowCount == other.rowCount, columnCount == other.columnCount else { return false }
    let scale = other.elements.reduce(1.0) { max($0, Double($1.magnitude)) }
    let limit = (tolerance ?? 100 * Double(Scalar.ulpOfOne)) * scale
    return zip(elements, other.elements).allSatisfy { Double(($0 - $1).magnitude) <= limit }
  }

  /// The diagonal matrix with the given entries.
  static func diagonal(_ entries: [Scalar]) -> Matrix {
    var result = Matrix(rowCount: entries.count, columnCount: entries.count)
    for (i, entry) in entries.enumerated() { result[i, i] = entry }
    return result
  }

  /// Q diag(values) Qᵀ with a random orthogonal Q, symmetric to the last bit.
  static func symmetric(spectrum values: [Scalar], seed: UInt64) throws -> Matrix {
    var generator = CaseGenerator(seed: seed)
    let n = values.count
    let q = try QR(generator.matrix(n, n, as: Scalar.self)).orthonormal
    var result = q.naiveProduct(.diagonal(values)).naiveProduct(q.naiveTranspose)
    for i in 0..<n { for j in 0..<i { result[j, i] = result[i, j] } }
    return result
  }
}

/// The executions among which no result may differ.
let threadCounts = [Execution(threads: 1), Execution(threads: 2), Execution(threads: 3)]
