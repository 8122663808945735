// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Dot-product kernels by their power series.

import LinearAlgebra
import Validation

/// k(x, y) = Σ_p c_p ⟨x, y⟩ᵖ with coefficients c_p ≥ 0, which make it positive semidefinite.
///
/// By Horner's rule. Cost of an entry: an inner product and two operations per coefficient.
public struct DotProductKernel: Kernel, Hashable, Codable {
  /// c_0, c_1, …
  public let coefficients: [Double]

  public var inputDimension: Int? { nil }

  /// - Parameter coefficients: c_0, c_1, …, at most 65, finite, at or above 0, some above 0.
  /// - Throws: `InvalidInput` if they are not.
  public init(coefficients: [Double]) throws {
    for (power, coefficient) in coefficients.enumerated() {
      try Check.nonnegative(coefficient, "coefficient of degree \(power)")
    }
    let degree = coefficients.lastIndex { $0 > 0 }
    guard let degree, degree <= 64 else {
      throw InvalidInput(
        "coefficients", found: degree.map { "degree \($0)" } ?? "none above 0",
        expected: "some above 0, up to degree 64")
    }
    self.coefficients = Array(coefficients[...degree])
  }

  private enum CodingKeys: String, CodingKey {
    case coefficients
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(coefficients: container.decode([Double].self, forKey: .coefficients))
  }

  public func evaluate<Scalar: RealScalar>(
    _ x: Rows<Scalar>, _ y: Rows<Scalar>, diagonalOffset: Int?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) throws {
    try InnerProducts.write(x, y, into: output, workspace: workspace)
    for i in 0..<x.rowCount { sum(output.row(i), y.rowCount) }
  }

  public func evaluateDiagonal<Scalar: RealScalar>(
    _ x: Rows<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    InnerProducts.norms(of: x, into: output)
    for i in 0..<x.rowCount { output[i] *= output[i] }
    sum(output, x.rowCount)
  }

  /// Replaces every t by Σ_p c_p tᵖ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func sum<Scalar: RealScalar>(_ values: UnsafeMutablePointer<Scalar>, _ count: Int) {
    coefficients.withUnsafeBufferPointer { coefficients in
      for j in 0..<count {
        var result = Scalar.zero
        for p in stride(from: coefficients.count - 1, through: 0, by: -1) {
          result = result * values[j] + Scalar(coefficients[p])
        }
        values[j] = result
      }
    }
  }
}
