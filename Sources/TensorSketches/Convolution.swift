// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The circular convolution of a few vectors, by Fourier transforms.

import LinearAlgebra
import Transforms

/// Convolves q vectors of m numbers, written one after the other into the same scratch.
struct Convolution<Scalar: RealScalar> {
  let transform: FourierTransform
  let plan: FourierPlan<Scalar>
  let factorCount: Int

  /// Scratch for one row at a time.
  struct Scratch {
    let sketch: UnsafeMutablePointer<Scalar>
    let spectrum: UnsafeMutablePointer<Scalar>
    let product: UnsafeMutablePointer<Scalar>
  }

  init(_ transform: FourierTransform, factorCount: Int) {
    self.transform = transform
    self.factorCount = factorCount
    plan = transform.plan(for: Scalar.self)
  }

  func withScratch(_ workspace: Workspace, _ body: (Scratch) -> Void) {
    workspace.withScratch(Scalar.self, plan.realStride + 2 * plan.spectrumStride) { base in
      let spectrum = base + plan.realStride
      body(
        Scratch(sketch: base, spectrum: spectrum, product: spectrum + plan.spectrumStride))
    }
  }

  /// Writes the convolution times a factor. For q = 1 it is the vector itself.
  ///
  /// - Parameters:
  ///   - add: adds vector t to m zeros; called for t = 0, …, q − 1 in order.
  ///   - factor: asked after all of them.
  @inline(__always)
  func write(
    _ output: UnsafeMutablePointer<Scalar>, _ scratch: Scratch,
    add: (Int, UnsafeMutablePointer<Scalar>) -> Void, factor: () -> Scalar
  ) {
    let m = transform.length
    for t in 0..<factorCount {
      scratch.sketch.update(repeating: 0, count: m)
      add(t, scratch.sketch)
      guard factorCount > 1 else { break }
      plan.forward(scratch.sketch, into: t == 0 ? scratch.product : scratch.spectrum)
      if t > 0 {
        plan.multiply(scratch.spectrum, into: scratch.product)
      }
    }
    var scale = factor()
    if factorCount > 1 {
      plan.inverse(scratch.product, into: scratch.sketch)
      scale /= Scalar(m)
    }
    Entrywise.scale(scratch.sketch, by: scale, into: output, count: m)
  }
}

extension RealScalar {
  /// 2ᵉ, which may be 0 or infinite.
  static func powerOfTwo(_ e: Int) -> Self {
    Self(Double(sign: .plus, exponent: e, significand: 1))
  }
}
