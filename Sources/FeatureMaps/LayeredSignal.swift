// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the pixels of some images on their way through a network.

import LinearAlgebra

/// How wide the features of a pixel are.
struct SignalShape: Hashable, Sendable {
  var grid: PixelGrid
  /// Columns of φ and ψ.
  var nngp: Int
  var ntk: Int
  /// c: the NTK is ψψᵀ + c φφᵀ. So a linear layer need not copy φ into ψ.
  var tangentScale: Double
  /// Whether a pixel varies more than φ says, as behind dropout.
  var hasExcess = false

  /// The numbers that a pixel takes.
  var size: Int { nngp + ntk + (hasExcess ? 1 : 0) }
}

/// φ with φφᵀ ≈ K and ψ with ψψᵀ + c φφᵀ ≈ Θ for different points.
struct LayeredSignal<Scalar: RealScalar> {
  let shape: SignalShape
  let imageCount: Int
  /// (images · pixels) × columns.
  let nngp: UnsafeMutablePointer<Scalar>
  let ntk: UnsafeMutablePointer<Scalar>
  /// What a pixel's variance has above |φ|²; only where the shape says so.
  let excess: UnsafeMutablePointer<Scalar>

  var pixelCount: Int { imageCount * shape.grid.count }

  init(shape: SignalShape, imageCount: Int, base: UnsafeMutablePointer<Scalar>) {
    let pixels = imageCount * shape.grid.count
    self.shape = shape
    self.imageCount = imageCount
    nngp = base
    ntk = base + pixels * shape.nngp
    excess = base + pixels * (shape.nngp + shape.ntk)
  }

  private init(of whole: LayeredSignal, _ images: Range<Int>) {
    let first = images.lowerBound * whole.shape.grid.count
    shape = whole.shape
    imageCount = images.count
    nngp = whole.nngp + first * shape.nngp
    ntk = whole.ntk + first * shape.ntk
    excess = whole.excess + first
  }

  /// Some of the images, in the same memory.
  func images(_ range: Range<Int>) -> LayeredSignal { LayeredSignal(of: self, range) }

  /// Lends memory for a signal.
  static func with<Result>(
    _ shape: SignalShape, imageCount: Int, workspace: Workspace,
    _ body: (LayeredSignal) throws -> Result
  ) rethrows -> Result {
    try workspace.withScratch(Scalar.self, imageCount * shape.grid.count * shape.size) { base in
      try body(LayeredSignal(shape: shape, imageCount: imageCount, base: base))
    }
  }

  /// The pixels of images as they are: φ = x/√channels, no ψ, nothing lacking.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func fill(from rows: RowBlock<Scalar>) {
    let factor = 1 / Scalar(shape.nngp).squareRoot()
    let width = rows.columnCount
    switch rows.entries {
    case .dense(let base, let stride):
      for i in 0..<rows.rowCount {
        let (row, target) = (base + i * stride, nngp + i * width)
        for j in 0..<width { target[j] = factor * row[j] }
      }
    case .sparse(let view):
      LayeredLoops.clear(rows.rowCount * width, nngp)
      for i in 0..<rows.rowCount {
        for position in view.positions(ofRow: i) {
          nngp[i * width + Int(view.columns[position])] = factor * view.values[position]
        }
      }
    }
  }

  /// Copies columns of another signal of as many pixels: φ from column `nngpColumn` on, ψ likewise;
  /// adds its excess.
  func copyColumns(of other: LayeredSignal, nngpColumn: Int, ntkColumn: Int) {
    let (nngpWidth, ntkWidth) = (other.shape.nngp, other.shape.ntk)
    LayeredLoops.copyRows(
      pixelCount, nngpWidth, other.nngp, nngpWidth, to: nngp + nngpColumn, shape.nngp)
    LayeredLoops.copyRows(
      pixelCount, ntkWidth, other.ntk, ntkWidth, to: ntk + ntkColumn, shape.ntk)
    if other.shape.hasExcess { LayeredLoops.add(pixelCount, other.excess, to: excess) }
  }

  /// The shape with c = 0.
  static func settled(_ shape: SignalShape) -> SignalShape {
    guard shape.tangentScale != 0 else { return shape }
    var result = shape
    (result.ntk, result.tangentScale) = (shape.ntk + shape.nngp, 0)
    return result
  }

  /// Lends the signal with c = 0: ψ becomes (ψ, √c φ).
  func withSettled<Result>(
    workspace: Workspace, _ body: (LayeredSignal) throws -> Result
  ) rethrows -> Result {
    guard shape.tangentScale != 0 else { return try body(self) }
    let settled = LayeredSignal.settled(shape)
    return try workspace.withScratch(Scalar.self, pixelCount * settled.ntk) { ntk in
      LayeredLoops.copyRows(pixelCount, shape.ntk, self.ntk, shape.ntk, to: ntk, settled.ntk)
      LayeredLoops.copyRows(
        pixelCount, shape.nngp, nngp, shape.nngp, to: ntk + shape.ntk, settled.ntk,
        factor: Scalar(shape.tangentScale.squareRoot()))
      return try body(
        LayeredSignal(shape: settled, imageCount: imageCount, nngp: nngp, ntk: ntk, excess: excess))
    }
  }

  private init(
    shape: SignalShape, imageCount: Int, nngp: UnsafeMutablePointer<Scalar>,
    ntk: UnsafeMutablePointer<Scalar>, excess: UnsafeMutablePointer<Scalar>
  ) {
    (self.shape, self.imageCount) = (shape, imageCount)
    (self.nngp, self.ntk, self.excess) = (nngp, ntk, excess)
  }
}
