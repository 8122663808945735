// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How fast the machine can be at all: what other speeds are to be seen against.

import Foundation
import Sketching
import Transforms

/// The speeds of copying, of matrix products and of Fourier transforms on the threads in use.
struct MachineCeilings: Encodable {
  /// Bytes read and written by a copy of 64 MB, in 10⁹ a second.
  var copyGigabytesPerSecond: Double
  /// 10⁹ operations a second of products of square matrices in single precision.
  var singleProductGigaflops: Double
  /// The same in double precision.
  var doubleProductGigaflops: Double
  /// Real transforms of 4096 numbers in single precision.
  var transformsPerSecond: Double

  private static let transformLength = 4096

  /// - Parameter isQuick: whether a third of a second for each has to do.
  static func measure(isQuick: Bool, on execution: Execution) throws -> MachineCeilings {
    let stage = execution.stage("the machine's ceilings")
    let (side, budget) = isQuick ? (1024, 0.3) : (2048, 1.0)
    let steps: [() throws -> Double] = [
      { try copySpeed(budget, on: stage.silent) },
      { try productSpeed(side, as: Float.self, budget, on: stage.silent) },
      { try productSpeed(side, as: Double.self, budget, on: stage.silent) },
      { try transformSpeed(budget, on: stage.silent) },
    ]
    let speeds = try steps.enumerated().map { index, step in
      stage.report(index, of: steps.count)
      return try step()
    }
    return MachineCeilings(
      copyGigabytesPerSecond: speeds[0], singleProductGigaflops: speeds[1],
      doubleProductGigaflops: speeds[2], transformsPerSecond: speeds[3])
  }

  private static func copySpeed(_ budget: Double, on execution: Execution) throws -> Double {
    let side = 4096
    let source = Matrix<Float>(repeating: 1, rowCount: side, columnCount: side)
    var target = Matrix<Float>(repeating: 0, rowCount: side, columnCount: side)
    let seconds = try source.withUnsafePointer { input in
      try target.withUnsafeMutablePointer { output in
        nonisolated(unsafe) let start = input
        nonisolated(unsafe) let end = output
        return try Stopwatch.median(budget: budget) {
          try Parallel.forEachBlock(of: side, size: 64, on: execution) { rows, _ in
            (end + rows.lowerBound * side).update(
              from: start + rows.lowerBound * side, count: rows.count * side)
          }
        }
      }
    }
    return 2e-9 * Double(side * side * MemoryLayout<Float>.stride) / seconds
  }

  private static func productSpeed<Scalar: RealScalar>(
    _ side: Int, as type: Scalar.Type, _ budget: Double, on execution: Execution
  ) throws -> Double {
    let a = Matrix<Scalar>(repeating: 1, rowCount: side, columnCount: side)
    let seconds = try Stopwatch.median(budget: budget) {
      _ = try a.multiplied(by: a, on: execution)
    }
    return 2e-9 * Double(side * side * side) / seconds
  }

  private static func transformSpeed(_ budget: Double, on execution: Execution) throws -> Double {
    let plan = try FourierTransform(length: transformLength).plan(for: Float.self)
    let count = 8192
    let seconds = try Stopwatch.median(budget: budget) {
      try Parallel.forEachBlock(of: count, size: 256, on: execution) { rows, workspace in
        workspace.withScratch(Float.self, plan.realStride) { row in
          workspace.withScratch(Float.self, plan.spectrumStride) { spectrum in
            row.update(repeating: 1, count: transformLength)
            for _ in rows { plan.forward(row, into: spectrum) }
          }
        }
      }
    }
    return Double(count) / seconds
  }
}
