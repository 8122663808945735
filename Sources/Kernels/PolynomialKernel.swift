// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The polynomial kernel.

import LinearAlgebra
import Validation

/// k(x, y) = (scale·⟨x, y⟩ + offset)^degree.
///
/// Powers are made by repeated squaring: the relative error grows with the degree, by about one unit
/// in the last place for each. Cost of an entry: that of the inner product.
public struct PolynomialKernel: Kernel, Hashable {
  public let degree: Int
  public let scale: Double
  public let offset: Double

  public var inputDimension: Int? { nil }

  /// - Parameters:
  ///   - degree: from 1 to 64.
  ///   - scale: finite, above 0.
  ///   - offset: finite, at or above 0 (below, the kernel is not positive semidefinite).
  /// - Throws: `InvalidInput` if one of them is out of its range.
  public init(degree: Int, scale: Double = 1, offset: Double = 0) throws {
    try Check.dimension(degree, "degree", upTo: 64)
    try Check.positive(scale, "scale")
    try Check.nonnegative(offset, "offset")
    self.degree = degree
    self.scale = scale
    self.offset = offset
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    try InnerProducts.write(x, y, scale: Scalar(scale), into: output, workspace: workspace)
    let n = y.rowCount
    workspace.withScratch(Scalar.self, n) { base in
      for i in 0..<x.rowCount { raise(output.row(i), n, base) }
    }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    let n = x.rowCount
    InnerProducts.norms(of: x, into: output)
    for i in 0..<n { output[i] *= Scalar(scale) * output[i] }
    workspace.withScratch(Scalar.self, n) { base in raise(output, n, base) }
  }

  /// Replaces every v by (v + offset)^degree; `base` is scratch of the same length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func raise<Scalar: RealScalar>(
    _ values: UnsafeMutablePointer<Scalar>, _ count: Int, _ base: UnsafeMutablePointer<Scalar>
  ) {
    let offset = Scalar(offset)
    for j in 0..<count {
      values[j] += offset
      base[j] = values[j]
    }
    // From the second highest bit of the degree down: square, and multiply where the bit is set.
    var bit = (Int.bitWidth - degree.leadingZeroBitCount) - 2
    while bit >= 0 {
      if degree >> bit & 1 == 1 {
        for j in 0..<count { values[j] *= values[j] * base[j] }
      } else {
        for j in 0..<count { values[j] *= values[j] }
      }
      bit -= 1
    }
  }
}
