// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The circular convolution of a few complex vectors, by real Fourier transforms.

import LinearAlgebra
import Transforms

/// Convolves q vectors of C complex numbers, each given as C real parts and then C imaginary parts.
///
/// Of a + ib with real spectra A and B it keeps A + iB and A − iB for the frequencies 0…⌊C/2⌋: those at
/// the negative ones are the conjugates of the second.
struct ComplexConvolution<Scalar: RealScalar> {
  let plan: FourierPlan<Scalar>
  let factorCount: Int

  /// Scratch for one row at a time.
  struct Scratch {
    let sketch: UnsafeMutablePointer<Scalar>
    let part: UnsafeMutablePointer<Scalar>
    let spectra: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
    let products: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>)
  }

  init(_ transform: FourierTransform, factorCount: Int) {
    self.factorCount = factorCount
    plan = transform.plan(for: Scalar.self)
  }

  func withScratch(_ workspace: Workspace, _ body: (Scratch) -> Void) {
    let (row, spectrum) = (plan.realStride, plan.spectrumStride)
    workspace.withScratch(Scalar.self, 3 * row + 4 * spectrum) { base in
      let spectra = base + 3 * row
      body(
        Scratch(
          sketch: base, part: base + 2 * row, spectra: (spectra, spectra + spectrum),
          products: (spectra + 2 * spectrum, spectra + 3 * spectrum)))
    }
  }

  /// Writes the convolution times a factor, as C real and then C imaginary parts. For q = 1 it is the
  /// vector itself.
  ///
  /// - Parameters:
  ///   - add: adds vector t to 2C zeros; called for t = 0, …, q − 1 in order.
  ///   - factor: asked after all of them.
  @inline(__always)
  func write(
    _ output: UnsafeMutablePointer<Scalar>, _ scratch: Scratch,
    add: (Int, UnsafeMutablePointer<Scalar>) -> Void, factor: () -> Scalar
  ) {
    let count = plan.length
    for t in 0..<factorCount {
      scratch.sketch.update(repeating: 0, count: 2 * count)
      add(t, scratch.sketch)
      guard factorCount > 1 else {
        return Entrywise.scale(scratch.sketch, by: factor(), into: output, count: 2 * count)
      }
      let target = t == 0 ? scratch.products : scratch.spectra
      transform(scratch.sketch, through: scratch.part, into: target.0)
      transform(scratch.sketch + count, through: scratch.part, into: target.1)
      combine(target.0, target.1)
      if t > 0 {
        plan.multiply(scratch.spectra.0, into: scratch.products.0)
        plan.multiply(scratch.spectra.1, into: scratch.products.1)
      }
    }
    separate(scratch.products.0, scratch.products.1)
    let scale = factor() / Scalar(2 * count)
    plan.inverse(scratch.products.0, into: scratch.part)
    Entrywise.scale(scratch.part, by: scale, into: output, count: count)
    plan.inverse(scratch.products.1, into: scratch.part)
    Entrywise.scale(scratch.part, by: scale, into: output + count, count: count)
  }

  private func transform(
    _ vector: UnsafePointer<Scalar>, through aligned: UnsafeMutablePointer<Scalar>,
    into spectrum: UnsafeMutablePointer<Scalar>
  ) {
    aligned.update(from: vector, count: plan.length)
    plan.forward(aligned, into: spectrum)
  }

  /// (A, B) ← (A + iB, A − iB).
  @inline(__always)
  private func combine(_ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>) {
    for k in 0...plan.length / 2 {
      let (re, im, x, y) = (a[2 * k], a[2 * k + 1], b[2 * k], b[2 * k + 1])
      (a[2 * k], a[2 * k + 1]) = (re - y, im + x)
      (b[2 * k], b[2 * k + 1]) = (re + y, im - x)
    }
  }

  /// (P, M) ← (P + M, −i(P − M)): twice the spectra of the real and of the imaginary part.
  @inline(__always)
  private func separate(_ p: UnsafeMutablePointer<Scalar>, _ m: UnsafeMutablePointer<Scalar>) {
    for k in 0...plan.length / 2 {
      let (re, im, x, y) = (p[2 * k], p[2 * k + 1], m[2 * k], m[2 * k + 1])
      (p[2 * k], p[2 * k + 1]) = (re + x, im + y)
      (m[2 * k], m[2 * k + 1]) = (im - y, x - re)
    }
  }
}
