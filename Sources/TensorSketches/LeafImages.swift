// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows less multiples of one fixed vector, sketched without forming them.

import LinearAlgebra
import Sketches

/// The CountSketches S m of one vector m by all leaves S of a sketch.
///
/// CountSketches are linear, S(x − u m) = S x − u S m, so rows x − u m cost no more than the rows x,
/// and sparse x stay sparse.
package struct LeafImages: Sendable {
  /// One leaf after the other.
  private let values: [Double]
  private let bucketCount: Int

  /// - Parameter vector: m, the only row of a block.
  init(of vector: RowBlock<Double>, by leaves: [SignedHash], bucketCount: Int) {
    var values = [Double](repeating: 0, count: leaves.count * bucketCount)
    values.withUnsafeMutableBufferPointer { output in
      guard let output = output.baseAddress else { return }
      for (index, leaf) in leaves.enumerated() {
        leaf.add(row: 0, of: vector, to: output + index * bucketCount)
      }
    }
    self.init(values, count: bucketCount)
  }

  /// The images that are given, `count` numbers each, one after the other.
  init(_ values: [Double], count: Int) {
    self.values = values
    bucketCount = count
  }

  /// output ← output − factor · S m for the leaf S.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func subtract<Scalar: RealScalar>(
    _ factor: Double, leaf: Int, from output: UnsafeMutablePointer<Scalar>
  ) {
    values.withUnsafeBufferPointer { values in
      let image = values.baseAddress! + leaf * bucketCount
      for k in 0..<bucketCount { output[k] -= Scalar(factor * image[k]) }
    }
  }
}

/// For every row of a block, the multiple u of m to be taken off it; |x − u m| should not exceed |x|
/// by much.
package struct Multiples {
  let images: LeafImages
  let factors: UnsafePointer<Double>

  package init(of images: LeafImages, factors: UnsafePointer<Double>) {
    self.images = images
    self.factors = factors
  }

  /// Takes the part of m off a leaf's sketch of 2⁻ᵉ x for row `i`.
  func subtract<Scalar: RealScalar>(
    row i: Int, exponent: Int, leaf: Int, from sketch: UnsafeMutablePointer<Scalar>
  ) {
    let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    images.subtract(scale * factors[i], leaf: leaf, from: sketch)
  }
}
