// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The degree-2 sketches at the nodes of a PolySketch.

import LinearAlgebra
import Randomness
import Sketches
import Transforms

/// A sketch of the tensor product of two vectors of m numbers to m numbers.
enum TreeNode: Sendable {
  /// TensorSketch: the convolution of CountSketches of both.
  case convolution(left: SignedHash, right: SignedHash)
  /// TensorSRHT: the entrywise product of Hadamard transforms of both.
  case product(left: HadamardFactor, right: HadamardFactor)

  enum Side {
    case left, right
  }

  init(_ law: PolySketch.Node, key: RandomKey, dimension m: Int, tabulated: Bool) throws {
    switch law {
    case .tensorSketch:
      func hash(_ side: StaticString) -> SignedHash {
        SignedHash(
          key: key.child(side), inputDimension: m, bucketCount: m, tabulated: tabulated)
      }
      self = .convolution(left: hash("left"), right: hash("right"))
    case .tensorSRHT:
      func factor(_ side: StaticString) throws -> HadamardFactor {
        try HadamardFactor(
          key: key.child(side), dimension: m, count: m, blocks: .shared, isComplex: false)
      }
      self = .product(left: try factor("left"), right: try factor("right"))
    }
  }
}

/// How the nodes of one kind are computed: both children are transformed, multiplied entry by entry,
/// and transformed back.
struct NodeArithmetic<Scalar: RealScalar> {
  let m: Int
  private let plan: FourierPlan<Scalar>
  private let isConvolution: Bool

  init(_ law: PolySketch.Node, _ transform: FourierTransform) {
    m = transform.length
    plan = transform.plan(for: Scalar.self)
    isConvolution = law == .tensorSketch
  }

  /// The numbers that m of them, or the scratch of a transform, take.
  var vectorStride: Int {
    isConvolution ? plan.realStride : (WalshHadamard.paddedLength(m) + 15) & ~15
  }

  /// The numbers that a transform takes.
  var transformStride: Int { isConvolution ? plan.spectrumStride : vectorStride }

  /// What results must be multiplied by: the arithmetic leaves it to their next use.
  var resultScale: Scalar { isConvolution ? 1 / Scalar(m) : Scalar(1 / Double(m).squareRoot()) }

  /// Writes the transform of scale · x as one child of a node; no node convolves x as it is.
  func transform(
    _ x: UnsafeMutablePointer<Scalar>, scale: Scalar, by node: TreeNode?, _ side: TreeNode.Side,
    scratch: UnsafeMutablePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>
  ) {
    switch node {
    case nil:
      plan.forward(x, into: output)
    case .convolution(let left, let right):
      scratch.update(repeating: 0, count: m)
      (side == .left ? left : right).add(x, count: m, scale: scale, to: scratch)
      plan.forward(scratch, into: output)
    case .product(let left, let right):
      let factor = side == .left ? left : right
      let row = RowBlock<Scalar>(
        rowCount: 1, columnCount: m, entries: .dense(base: x, stride: m))
      factor.transform(row: 0, of: row, scale: scale, tail: 0, block: 0, into: scratch)
      factor.gather(scratch, block: 0, into: output)
    }
  }

  /// Writes the result, up to `resultScale`, from the children's transforms; destroys the second.
  func join(
    _ left: UnsafePointer<Scalar>, _ right: UnsafeMutablePointer<Scalar>,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    if isConvolution {
      plan.multiply(left, into: right)
      plan.inverse(right, into: output)
    } else {
      Entrywise.multiply(left, right, into: output, count: m)
    }
  }
}
