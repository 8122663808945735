// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Loops over the entries of vectors, compiled for each precision.

import LinearAlgebra

enum Entrywise {
  /// Writes x y for `count` numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func multiply<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>,
    into output: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    for k in 0..<count { output[k] = x[k] * y[k] }
  }

  /// Writes factor · x for `count` numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scale<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, by factor: Scalar, into output: UnsafeMutablePointer<Scalar>,
    count: Int
  ) {
    for k in 0..<count { output[k] = factor * x[k] }
  }

  /// y ← y + factor · x for `count` numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func add<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, times factor: Scalar, to y: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    for k in 0..<count { y[k] += factor * x[k] }
  }
}
