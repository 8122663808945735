// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exponential of the inner product.

import LinearAlgebra
import Validation

/// k(x, y) = exp(scale · ⟨x, y⟩). Cost of an entry: an inner product and an exponential.
public struct ExponentialDotKernel: Kernel, Hashable {
  public let scale: Double

  public var inputDimension: Int? { nil }

  /// - Parameter scale: finite, above 0.
  /// - Throws: `InvalidInput` if it is not.
  public init(scale: Double) throws {
    try Check.positive(scale, "scale")
    self.scale = scale
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    try InnerProducts.write(x, y, scale: Scalar(scale), into: output, workspace: workspace)
    for i in 0..<x.rowCount { exponentials(output.row(i), y.rowCount) }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    InnerProducts.norms(of: x, into: output)
    for i in 0..<x.rowCount { output[i] *= Scalar(scale) * output[i] }
    exponentials(output, x.rowCount)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func exponentials<Scalar: RealScalar>(
    _ values: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for j in 0..<count { values[j] = Scalar.exp(values[j]) }
  }
}
