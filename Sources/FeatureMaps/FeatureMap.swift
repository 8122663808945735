// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every approximate feature map is.

import Kernels
import LinearAlgebra

/// A map of points to features whose inner products approximate a kernel: Z Zᵀ ≈ K.
///
/// Every map carries the exact kernel that it approximates, so one routine checks them all.
public protocol FeatureMap: RowMap {
  associatedtype ExactKernel: Kernel

  /// The kernel that the features approximate.
  var kernel: ExactKernel { get }
}

extension FeatureMap {
  /// Z: the features of every row, `n × outputDimension`.
  ///
  /// - Throws: `InvalidInput` if the rows do not fit, hold NaN or infinity, or have features beyond
  ///   the range of `Scalar`; `CancellationError`.
  public func features<Scalar: RealScalar>(
    of rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try images(of: rows, on: execution)
  }
}
