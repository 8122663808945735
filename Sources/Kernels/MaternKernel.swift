// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Matérn kernels of half-integer order, the exponential kernel among them.

import LinearAlgebra
import Validation

/// The Matérn kernel of smoothness ν and length scale ℓ, with r = √(2ν) |x − y| / ℓ:
/// e^(−r) for ν = 1/2, (1 + r) e^(−r) for 3/2, (1 + r + r²/3) e^(−r) for 5/2.
///
/// Distances are safe against cancellation: equal points give exactly 1. Cost of an entry: an inner
/// product, a root and an exponential, and another d operations for relatively close points.
public struct MaternKernel: Kernel, Hashable {
  /// ν.
  public let smoothness: Double
  /// ℓ.
  public let lengthScale: Double

  public var inputDimension: Int? { nil }

  /// - Parameters:
  ///   - smoothness: 0.5, 1.5 or 2.5.
  ///   - lengthScale: finite, above 0.
  /// - Throws: `InvalidInput` if one of them is out of its range.
  public init(smoothness: Double, lengthScale: Double) throws {
    guard [0.5, 1.5, 2.5].contains(smoothness) else {
      throw InvalidInput("nu", found: "\(smoothness)", expected: "0.5, 1.5 or 2.5")
    }
    try Check.positive(lengthScale, "lengthScale")
    self.smoothness = smoothness
    self.lengthScale = lengthScale
  }

  /// e^(−|x − y| / ℓ).
  ///
  /// - Throws: `InvalidInput` unless the length scale is finite and above 0.
  public static func exponential(lengthScale: Double) throws -> MaternKernel {
    try MaternKernel(smoothness: 0.5, lengthScale: lengthScale)
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    try SquaredDistances.write(x, y, negligible: 0, into: output, workspace: workspace)
    for i in 0..<x.rowCount { applyProfile(output.row(i), y.rowCount) }
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

  /// Turns squared distances into values.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func applyProfile<Scalar: RealScalar>(
    _ values: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    // In the bounds of the type, so that no product below becomes 0 · ∞.
    let unit = max(Scalar(lengthScale), .leastNormalMagnitude)
    let inverse = Scalar((2 * smoothness).squareRoot()) / unit
    for j in 0..<count {
      let r = min(values[j].squareRoot() * inverse, 2000)
      let factor = smoothness < 1 ? 1 : smoothness < 2 ? 1 + r : 1 + r + r * r / 3
      values[j] = factor * Scalar.exp(-r)
    }
  }
}
