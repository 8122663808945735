// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Gaussian kernel.

import LinearAlgebra
import Validation

/// k(x, y) = exp(−|x − y|² / 2ℓ²) with the length scale ℓ.
///
/// Distances come from |x|² + |y|² − 2⟨x, y⟩. Where this cancels so far that it would show in the
/// value (|x − y|² below 1/64 of |x|² + |y|², and that above 128ℓ²), the difference itself is
/// squared. So the exponent e is off by at most some 64 (1 + e) units of rounding of the inner
/// product, and equal points give exactly 1.
/// Cost of an entry: an inner product, an exponential, and for such pairs another d operations.
public struct GaussianKernel: Kernel, Hashable {
  public let lengthScale: Double

  public var inputDimension: Int? { nil }

  /// - Parameter lengthScale: ℓ, finite, above 0.
  /// - Throws: `InvalidInput` if it is not.
  public init(lengthScale: Double) throws {
    try Check.positive(lengthScale, "lengthScale")
    self.lengthScale = lengthScale
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    // In the bounds of the type, so that no quotient below becomes 0/0.
    let unit = max(Scalar(lengthScale), .leastNormalMagnitude)
    try SquaredDistances.write(
      x, y, negligible: 128 * unit * unit, into: output, workspace: workspace)
    for i in 0..<x.rowCount { exponentials(output.row(i), y.rowCount, 1 / unit) }
    if let offset = diagonalOffset {
      for i in diagonalRange(rows: x.rowCount, columns: y.rowCount, offset: offset) {
        output.row(i)[i + offset] = 1
      }
    }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    output.update(repeating: 1, count: x.rowCount)
  }
}

/// Replaces every squared distance v by exp(−v / 2ℓ²), given 1/ℓ.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func exponentials<Scalar: RealScalar>(
  _ values: UnsafeMutablePointer<Scalar>, _ count: Int, _ inverse: Scalar
) {
  for j in 0..<count { values[j] = Scalar.exp(-(values[j] * inverse) * inverse / 2) }
}
