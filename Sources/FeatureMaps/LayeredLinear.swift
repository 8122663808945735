// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features turned onto their leading directions, and linear layers that no activation follows.

import LinearAlgebra
import Validation

/// φ V and ψ V′ with orthonormal columns; nil where all columns are kept as they are.
struct Compression: Hashable, Codable, Sendable {
  var nngp: FittedMatrix?
  var ntk: FittedMatrix?

  func output(after shape: SignalShape) -> SignalShape {
    var result = shape
    result.nngp = nngp?.columnCount ?? shape.nngp
    result.ntk = ntk?.columnCount ?? shape.ntk
    return result
  }

  /// Throws `InvalidInput` unless features of these widths can be turned.
  func validate(nngp nngpWidth: Int, ntk ntkWidth: Int) throws {
    try Check.equal(nngp?.rowCount ?? nngpWidth, nngpWidth, "rows of the directions of φ")
    try Check.equal(ntk?.rowCount ?? ntkWidth, ntkWidth, "rows of the directions of ψ")
  }

  func apply<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, into output: LayeredSignal<Scalar>
  ) {
    func turn(
      _ rows: UnsafeMutablePointer<Scalar>, _ width: Int, _ directions: FittedMatrix?,
      _ target: UnsafeMutablePointer<Scalar>
    ) {
      Compression.turn(input.pixelCount, rows, width, directions, into: target)
    }
    turn(input.nngp, input.shape.nngp, nngp, output.nngp)
    turn(input.ntk, input.shape.ntk, ntk, output.ntk)
    if input.shape.hasExcess { output.excess.update(from: input.excess, count: input.pixelCount) }
  }

  static func turn<Scalar: RealScalar>(
    _ count: Int, _ rows: UnsafePointer<Scalar>, _ width: Int, _ directions: FittedMatrix?,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    guard let directions else {
      target.update(from: rows, count: count * width)
      return
    }
    let columns = directions.columnCount
    directions.withPointer(as: Scalar.self) {
      BLAS.gemm(
        m: count, n: columns, k: width, rows, lda: width, $0, ldb: columns, target, ldc: columns)
    }
  }
}

/// A linear layer by itself: the features of its patches, on their leading directions.
struct LinearStage: Hashable, Sendable {
  let part: LinearPart
  let output: SignalShape
  let compression: Compression

  /// - Parameter input: with c = 0.
  /// - Throws: `InvalidInput` if the shapes do not fit together.
  init(
    _ part: LinearPart, input: SignalShape, compression: Compression, withTangents: Bool
  ) throws {
    let coordinates = PatchCoordinates(part, input, withTangents: withTangents)
    try compression.validate(nngp: coordinates.nngp, ntk: coordinates.ntk)
    self.part = part
    self.compression = compression
    output = compression.output(
      after: SignalShape(
        grid: part.window.output, nngp: coordinates.nngp, ntk: coordinates.ntk,
        tangentScale: coordinates.tangentScale, hasExcess: input.hasExcess))
  }

  func apply<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, into output: LayeredSignal<Scalar>, workspace: Workspace
  ) {
    turn(
      input, input.nngp, input.shape.nngp, bias: part.biasStd, compression.nngp, output.nngp,
      workspace)
    turn(input, input.ntk, input.shape.ntk, bias: 0, compression.ntk, output.ntk, workspace)
    guard input.shape.hasExcess else { return }
    LayeredLoops.windowSums(
      part.window, imageCount: input.imageCount, input.excess,
      scale: Scalar(part.scale * part.scale), offset: 0, into: output.excess)
  }

  /// The scaled patches of some features, a few rows of pixels at a time, and then their directions.
  private func turn<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, _ features: UnsafePointer<Scalar>, _ width: Int, bias: Double,
    _ directions: FittedMatrix?, _ target: UnsafeMutablePointer<Scalar>, _ workspace: Workspace
  ) {
    let grid = part.window.output
    let patchWidth = part.window.size * width + (bias == 0 ? 0 : 1)
    guard patchWidth > 0 else { return }
    let columns = directions?.columnCount ?? patchWidth
    let (allRows, rowsAtOnce) = (input.imageCount * grid.height, max(1, 512 / grid.width))
    workspace.withScratch(Scalar.self, rowsAtOnce * grid.width * patchWidth) { patches in
      for first in stride(from: 0, to: allRows, by: rowsAtOnce) {
        let rows = first..<min(first + rowsAtOnce, allRows)
        let count = rows.count * grid.width
        LayeredLoops.unfold(
          part.window, rows: rows, features, width: width, withOne: bias != 0, into: patches)
        LayeredLoops.scaleColumns(
          count, patchWidth, by: Scalar(part.scale), last: bias == 0 ? nil : Scalar(bias), patches)
        Compression.turn(
          count, patches, patchWidth, directions, into: target + first * grid.width * columns)
      }
    }
  }
}
