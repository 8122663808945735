// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the coordinates of patches are.

import LinearAlgebra

/// The coordinates of the patches μ and U(ψ) of a linear layer, or of pixels as they are.
struct PatchCoordinates {
  let window: PixelWindow
  let linear: LinearPart?
  let nngp: Int
  let ntk: Int
  /// c of the patches: a linear layer adds φφᵀ to the NTK.
  let tangentScale: Double

  init(_ linear: LinearPart?, _ input: SignalShape, withTangents: Bool) {
    self.linear = linear
    window = linear?.window ?? PixelWindow(pointwiseOver: input.grid)
    nngp = linear?.width(input.nngp) ?? input.nngp
    ntk = window.size * input.ntk
    tangentScale = withTangents ? (linear == nil ? input.tangentScale : 1) : 0
  }

  /// Multiplies each coordinate of the rows by what it has in μ over what unfolding gives.
  func scaleNNGP(_ rows: inout Matrix<Double>) {
    guard let linear else { return }
    let count = rows.rowCount
    rows.withUnsafeMutablePointer {
      LayeredLoops.scaleColumns(
        count, nngp, by: linear.scale, last: linear.hasBias ? linear.biasStd : nil, $0)
    }
  }

  /// The same for ψ.
  func scaleNTK(_ rows: inout Matrix<Double>) {
    guard let linear else { return }
    rows.scaleEntries(by: linear.scale)
  }
}
