// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernels that are products over the coordinates: Laplace and Cauchy.

import LinearAlgebra
import Validation

/// k(x, y) = exp(−|x − y|₁ / ℓ). Cost of an entry: d operations and an exponential.
public struct LaplaceKernel: CoordinateKernel, Hashable {
  public let lengthScale: Double

  /// - Parameter lengthScale: ℓ, finite, above 0.
  /// - Throws: `InvalidInput` if it is not.
  public init(lengthScale: Double) throws {
    try Check.positive(lengthScale, "lengthScale")
    self.lengthScale = lengthScale
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar {
    var sums = SIMD4<Scalar>.zero
    var k = 0
    while k + 4 <= count {
      let difference =
        SIMD4(x[k], x[k + 1], x[k + 2], x[k + 3]) - SIMD4(y[k], y[k + 1], y[k + 2], y[k + 3])
      sums += difference.replacing(with: 0 - difference, where: difference .< 0)
      k += 4
    }
    while k < count {
      sums[0] += abs(x[k] - y[k])
      k += 1
    }
    return .exp(-sums.sum() / max(Scalar(lengthScale), .leastNormalMagnitude))
  }
}

/// k(x, y) = ∏ⱼ 1 / (1 + (xⱼ − yⱼ)² / ℓ²). Cost of an entry: d operations.
public struct CauchyKernel: CoordinateKernel, Hashable {
  public let lengthScale: Double

  /// - Parameter lengthScale: ℓ, finite, above 0.
  /// - Throws: `InvalidInput` if it is not.
  public init(lengthScale: Double) throws {
    try Check.positive(lengthScale, "lengthScale")
    self.lengthScale = lengthScale
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar {
    let inverse = 1 / max(Scalar(lengthScale), .leastNormalMagnitude)
    // The product of the denominators may become infinite: then the value is 0, as it should be.
    var products = SIMD4<Scalar>.one
    var k = 0
    while k + 4 <= count {
      let ratio =
        (SIMD4(x[k], x[k + 1], x[k + 2], x[k + 3]) - SIMD4(y[k], y[k + 1], y[k + 2], y[k + 3]))
        * inverse
      products *= 1 + ratio * ratio
      k += 4
    }
    while k < count {
      let ratio = (x[k] - y[k]) * inverse
      products[0] *= 1 + ratio * ratio
      k += 1
    }
    return 1 / (products[0] * products[1] * (products[2] * products[3]))
  }
}

/// A kernel with k(x, x) = 1 computed pair by pair from dense points.
protocol CoordinateKernel: Kernel {
  /// k(x, y) of points of `count` entries.
  func value<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar
}

extension CoordinateKernel {
  public var inputDimension: Int? { nil }

  /// Sparse tiles are expanded: they take memory of 128 dense rows.
  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    let (m, n, d) = (x.rowCount, y.rowCount, x.columnCount)
    x.dense.withUnsafePointer { x in
      y.dense.withUnsafePointer { y in
        for i in 0..<m {
          let row = output.row(i)
          for j in 0..<n { row[j] = value(x + i * d, y + j * d, d) }
        }
      }
    }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    output.update(repeating: 1, count: x.rowCount)
  }
}
