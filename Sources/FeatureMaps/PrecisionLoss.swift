// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Whether single precision is enough for the features of a map.

import LinearAlgebra
import Validation

extension RowMap {
  /// Whether features computed in single precision move ZZᵀ of points by more than a share of its norm, or
  /// leave the range of single precision.
  ///
  /// Inverse square roots of nearly singular matrices multiply rounding errors: of points so near each other
  /// that a cusp of the kernel makes of an error u in their cosine one of √u, hundreds of times over.
  ///
  /// - Parameters:
  ///   - points: n × d.
  ///   - tolerance: of ‖Z̃Z̃ᵀ − ZZᵀ‖_F / ‖ZZᵀ‖_F, with Z̃ of single precision and Z of double.
  /// - Throws: `InvalidInput` if the features overflow double precision, too; `CancellationError`.
  /// - Complexity: features of the points in both precisions, and n² D operations.
  func losesPrecision(
    on points: Rows<Float>, tolerance: Double, _ execution: Execution
  ) throws -> Bool {
    let single: Matrix<Float>
    do {
      single = try images(of: points, on: execution.silent)
    } catch is InvalidInput {
      return true
    }
    let double = try images(of: points.converted(to: Double.self), on: execution.silent)
    let error = try relativeFrobeniusError(
      of: single.converted(to: Double.self), exact: double.outerGram(on: execution.silent),
      on: execution)
    return !(error <= tolerance)
  }
}
