// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Closed-form kernels against reference matrices.

import Kernels
import LinearAlgebra
import TestSupport
import Testing

/// A kernel and the name of its reference matrices.
struct GoldenKernel: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String

  var testDescription: String { name }

  static let inputs = [
    "gauss20x8", "unit24x16", "pos16x32", "sparse20x64", "edge8x8", "fashion32x784",
  ]

  static let all: [GoldenKernel] =
    [1, 2, 3, 5, 7, 10].map {
      GoldenKernel(name: "poly_hom_p\($0)", text: "polynomial:degree=\($0)")
    }
    + [2, 3, 5, 7, 10].map {
      GoldenKernel(
        name: "poly_inhom_p\($0)", text: "polynomial:degree=\($0),scale=0.5,offset=0.5")
    }
    + [
      GoldenKernel(name: "poly_inhom_p3_b1", text: "polynomial:degree=3,offset=1"),
      GoldenKernel(name: "gaussian_s1", text: "gaussian"),
      GoldenKernel(name: "gaussian_g05", text: "gaussian:lengthScale=3.1622776601683795"),
      GoldenKernel(name: "exponential_l2", text: "exponential:lengthScale=2"),
      GoldenKernel(name: "laplace_l1", text: "laplace:lengthScale=4"),
      GoldenKernel(name: "cauchy_prod", text: "cauchy:lengthScale=2"),
      GoldenKernel(name: "matern32", text: "matern:lengthScale=1.5"),
      GoldenKernel(name: "matern52", text: "matern:nu=2.5,lengthScale=1.5"),
      GoldenKernel(name: "arccos0", text: "arccosine:order=0"),
      GoldenKernel(name: "arccos1", text: "arccosine"),
      GoldenKernel(name: "arccos2", text: "arccosine:order=2"),
      GoldenKernel(name: "exp_dot", text: "exponentialDot"),
    ]
}

@Suite struct KernelGoldenTests {
  @Test(arguments: GoldenKernel.inputs, GoldenKernel.all)
  func agrees(_ input: String, _ golden: GoldenKernel) throws {
    let x = try Goldens.matrix("kernels/X_\(input).npy")
    // At norm 1000 the plain exponential overflows: there it is exp(⟨x, y⟩ / 10⁶).
    let isSmall = golden.name == "exp_dot" && input == "edge8x8"
    let expected = try Goldens.matrix(
      "kernels/K_\(input)_\(golden.name)\(isSmall ? "_l" : "").npy")
    let kernel = try KernelDescription.kernel(golden.text + (isSmall ? ":scale=1e-6" : ""))
    // Order 0 has a kink at parallel points, where rounding shows as its root.
    let hasKink = golden.name == "arccos0"
    for rows in [Rows.dense(x), .sparse(SparseMatrix(x))] {
      let (own, cross) = (try kernel.matrix(rows), try kernel.matrix(rows, rows))
      #expect(largestError(own, expected) < (hasKink && input == "edge8x8" ? 1e-7 : 1e-12))
      #expect(largestError(cross, expected) < (hasKink ? 1e-7 : 1e-12))
      let diagonal = try kernel.diagonal(rows)
      for i in 0..<x.rowCount {
        #expect(abs(diagonal[i] - expected[i, i]) <= 1e-12 * abs(expected[i, i]))
      }
    }
  }

  /// The largest difference relative to √(Kᵢᵢ Kⱼⱼ), the scale of an entry.
  func largestError(_ found: Matrix<Double>, _ expected: Matrix<Double>) -> Double {
    var largest = found.rowCount == expected.rowCount ? 0 : Double.infinity
    for i in 0..<expected.rowCount {
      for j in 0..<expected.columnCount {
        let scale = (expected[i, i] * expected[j, j]).squareRoot()
        let difference = abs(found[i, j] - expected[i, j])
        largest = max(largest, difference == 0 ? 0 : difference / scale)
      }
    }
    return largest
  }
}
