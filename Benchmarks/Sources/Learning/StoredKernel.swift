// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A kernel matrix that is stored, for hundreds of plain steps in minutes instead of half an hour.

import Sketching

/// K of the same entries as in a `KernelOperator`, n² numbers in single precision, known by its products
/// in double precision.
struct StoredKernel: LinearOperator {
  private let matrix: Matrix<Float>

  init(_ kernel: some Kernel, _ points: Rows<Float>) throws {
    matrix = try kernel.matrix(points)
  }

  var rowCount: Int { matrix.rowCount }
  var columnCount: Int { matrix.rowCount }

  func multiplied(by x: Matrix<Double>, on execution: Execution) throws -> Matrix<Double> {
    let k = x.columnCount
    var result = Matrix<Double>(rowCount: rowCount, columnCount: k)
    try result.withUnsafeMutablePointer { output in
      nonisolated(unsafe) let output = output
      try Parallel.forEachBlock(of: rowCount, size: 64, on: execution.silent) { range, _ in
        let part = try matrix.rows(range).converted(to: Double.self)
          .multiplied(by: x, on: Execution(threads: 1))
        part.withUnsafePointer {
          (output + range.lowerBound * k).update(from: $0, count: range.count * k)
        }
      }
    }
    return result
  }
}
