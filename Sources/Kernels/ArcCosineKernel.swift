// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The arc-cosine kernels.

import LinearAlgebra
import Validation

/// k(x, y) = |x|ⁿ |y|ⁿ Jₙ(θ) / π with θ the angle between x and y (Cho and Saul, 2009).
///
/// J₀ = π − θ, J₁ = sin θ + (π − θ) cos θ, J₂ = 3 sin θ cos θ + (π − θ)(1 + 2 cos² θ). A zero vector
/// counts as orthogonal to all. Order 0 has a kink where points are parallel: there a rounding error
/// δ of the cosine shows as √(2δ)/π, but not on the diagonal of `matrix(_:on:)`.
/// Cost of an entry: the inner product and a few nanoseconds.
public struct ArcCosineKernel: Kernel, Hashable {
  /// n.
  public let order: Int

  public var inputDimension: Int? { nil }

  /// - Throws: `InvalidInput` if the order is not 0, 1 or 2.
  public init(order: Int) throws {
    guard (0...2).contains(order) else {
      throw InvalidInput("order", found: "\(order)", expected: "0, 1 or 2")
    }
    self.order = order
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    let (m, n) = (x.rowCount, y.rowCount)
    try InnerProducts.write(x, y, into: output, workspace: workspace)
    workspace.withScratch(Scalar.self, m + 4 * n) { scratch in
      let (xNorms, yNorms, yInverses) = (scratch, scratch + m, scratch + m + n)
      InnerProducts.norms(of: x, into: xNorms)
      InnerProducts.norms(of: y, into: yNorms)
      for j in 0..<n { yInverses[j] = ArcCosine.reciprocal(yNorms[j]) }
      for i in 0..<m {
        applyOrder(output.row(i), n, xNorms[i], yNorms, yInverses, scratch + m + 2 * n)
      }
      if let offset = diagonalOffset {
        for i in diagonalRange(rows: m, columns: n, offset: offset) {
          output.row(i)[i + offset] = value(atNorm: xNorms[i])
        }
      }
    }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    InnerProducts.norms(of: x, into: output)
    for i in 0..<x.rowCount { output[i] = value(atNorm: output[i]) }
  }

  /// k(x, x) where |x| is `norm`.
  private func value<Scalar: RealScalar>(atNorm norm: Scalar) -> Scalar {
    switch order {
    case 0: norm > 0 ? 1 : 0.5
    case 1: norm * norm
    default: 3 * norm * norm * (norm * norm)
    }
  }

  /// Turns the inner products of one x with all y into values; `scratch` holds 2 `count` numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func applyOrder<Scalar: RealScalar>(
    _ row: UnsafeMutablePointer<Scalar>, _ count: Int, _ norm: Scalar,
    _ norms: UnsafePointer<Scalar>, _ inverses: UnsafePointer<Scalar>,
    _ scratch: UnsafeMutablePointer<Scalar>
  ) {
    let (first, zeroth) = (scratch, scratch + count)
    let inverse = ArcCosine.reciprocal(norm)
    var (norm, inverseNorm) = (norm, inverse)
    for j in 0..<count {
      first[j] = row[j]
      zeroth[j] = 2
    }
    // Now |x||y| κ₁ / 2 and κ₀.
    ArcCosine.applyReLU(
      count, &norm, &inverseNorm, qStep: 0, norms, inverses, nngp: first, ntk: zeroth)
    switch order {
    case 0:
      for j in 0..<count { row[j] = zeroth[j] }
    case 1:
      for j in 0..<count { row[j] = 2 * first[j] }
    default:
      // J₂/π = 3ρ κ₁ + (1 − ρ²) κ₀.
      for j in 0..<count {
        let scale = norm * norms[j]
        let cosine = max(-1, min(1, row[j] * inverse * inverses[j]))
        let sine = (1 - cosine) * (1 + cosine)
        row[j] = scale * (6 * cosine * first[j] + scale * (sine * zeroth[j]))
      }
    }
  }
}
