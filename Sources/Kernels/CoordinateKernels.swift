// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernels that are products over the coordinates: Laplace and Cauchy.

import LinearAlgebra
import Validation

/// k(x, y) = exp(−|x − y|₁ / ℓ). Cost of an entry: d operations, of sparse points as many as both have
/// nonzeros, and an exponential.
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

/// k(x, y) = ∏ⱼ 1 / (1 + (xⱼ − yⱼ)² / ℓ²). Cost of an entry: d operations, of sparse points as many as both
/// have nonzeros.
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

/// A kernel with k(x, x) = 1 computed pair by pair, to which coordinates that both points have 0 in
/// contribute nothing.
protocol CoordinateKernel: Kernel {
  /// k(x, y) of points of `count` entries.
  func value<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar
}

extension CoordinateKernel {
  public var inputDimension: Int? { nil }

  /// Sparse points meet in the columns that either uses; beside dense ones they are expanded.
  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    if case (.sparse(let x), .sparse(let y)) = (x, y) {
      return evaluate(x, y, into: output, workspace: workspace)
    }
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

  private func evaluate<Scalar: RealScalar>(
    _ x: SparseMatrix<Scalar>, _ y: SparseMatrix<Scalar>, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    let room = min(x.columnCount, x.nonzeroCount + y.nonzeroCount)
    workspace.withScratch(Scalar.self, 2 * room) { scratch in
      x.withUnsafePointers { px in
        y.withUnsafePointers { py in
          for i in 0..<x.rowCount {
            let row = output.row(i)
            for j in 0..<y.rowCount {
              let count = align(px, i, py, j, into: scratch, scratch + room)
              row[j] = value(scratch, scratch + room, count)
            }
          }
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

/// Writes the entries of two sparse rows in the columns that either uses, zeros included; returns how many.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func align<Scalar: RealScalar>(
  _ x: SparseRowPointers<Scalar>, _ i: Int, _ y: SparseRowPointers<Scalar>, _ j: Int,
  into first: UnsafeMutablePointer<Scalar>, _ second: UnsafeMutablePointer<Scalar>
) -> Int {
  let (xs, ys) = (x.positions(ofRow: i), y.positions(ofRow: j))
  var (p, q, count) = (xs.lowerBound, ys.lowerBound, 0)
  while p < xs.upperBound || q < ys.upperBound {
    let a = p < xs.upperBound ? x.columns[p] : .max
    let b = q < ys.upperBound ? y.columns[q] : .max
    first[count] = a <= b ? x.values[p] : 0
    second[count] = b <= a ? y.values[q] : 0
    p += a <= b ? 1 : 0
    q += b <= a ? 1 : 0
    count += 1
  }
  return count
}
