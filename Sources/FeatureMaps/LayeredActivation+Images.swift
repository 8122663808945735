// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Images on their way through one activation of a layered map.

import LinearAlgebra
import NeuralKernels

/// Pixels that go through an activation at once: enough for the products to be fast, and few enough
/// for their patches to stay in the cache.
private let pixelsAtOnce = 512

extension ActivationStage {
  var window: PixelWindow {
    part.linear?.window ?? PixelWindow(pointwiseOver: input.grid)
  }

  /// Columns of kernel values against landmarks and of the remainder: what comes out, and with room for
  /// what that is made from, in φ also for the part of ψ that comes from μ.
  private func columns(pooled: Bool) -> (nngp: Int, ntk: Int) {
    let (h, a) = (remainder.directions.rowCount, withTangents ? remainder.weights.rowCount : 0)
    return (
      landmarkCount + max(remainder.nngpCount, pooled ? 0 : h + a),
      withTangents ? landmarkCount + max(remainder.ntkCount, pooled ? 0 : a) : 0
    )
  }

  /// Writes the features of images.
  func apply<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, into output: LayeredSignal<Scalar>, workspace: Workspace
  ) {
    let grid = window.output
    let pixels = input.imageCount * grid.count
    workspace.withScratch(Scalar.self, pixels * (input.shape.hasExcess ? 2 : 1)) { deviations in
      writeDeviations(input, into: deviations, workspace)
      if let pool = part.pool {
        let atOnce = max(1, min(input.imageCount, pixelsAtOnce / pool.window.output.count))
        for first in stride(from: 0, to: input.imageCount, by: atOnce) {
          let images = first..<min(first + atOnce, input.imageCount)
          applyPooled(
            pool, input.images(images), deviations + first * grid.count,
            shares: input.shape.hasExcess ? deviations + pixels + first * grid.count : nil,
            into: output.images(images), workspace)
        }
      } else {
        let rows = max(1, pixelsAtOnce / grid.width)
        withValues(rows * grid.width, workspace) { (values: Values<Scalar>) in
          for first in stride(from: 0, to: input.imageCount * grid.height, by: rows) {
            let range = first..<min(first + rows, input.imageCount * grid.height)
            let start = first * grid.width
            evaluate(
              input, range, deviations + start,
              shares: input.shape.hasExcess ? deviations + pixels + start : nil, values, workspace)
            project(values, range.count * grid.width, into: output, from: start)
          }
        }
      }
      if input.shape.hasExcess {
        writeExcess(pixels, deviations, shares: deviations + pixels, into: output)
      }
    }
  }

  private func applyPooled<Scalar: RealScalar>(
    _ pool: PixelPool, _ input: LayeredSignal<Scalar>, _ deviations: UnsafeMutablePointer<Scalar>,
    shares: UnsafePointer<Scalar>?, into output: LayeredSignal<Scalar>, _ workspace: Workspace
  ) {
    let grid = window.output
    let (allRows, rows) = (input.imageCount * grid.height, max(1, pixelsAtOnce / grid.width))
    withValues(output.pixelCount, workspace, pooled: true) { (sums: Values<Scalar>) in
      LayeredLoops.clear(output.pixelCount * sums.nngpStride, sums.nngp)
      LayeredLoops.clear(output.pixelCount * sums.ntkStride, sums.ntk)
      withValues(min(rows, allRows) * grid.width, workspace) { (values: Values<Scalar>) in
        for first in stride(from: 0, to: allRows, by: rows) {
          let range = first..<min(first + rows, allRows)
          let start = first * grid.width
          evaluate(
            input, range, deviations + start, shares: shares.map { $0 + start }, values, workspace)
          LayeredLoops.pool(
            pool, rows: range, values.nngp, stride: values.nngpStride, width: sums.nngpStride,
            into: sums.nngp)
          guard withTangents else { continue }
          LayeredLoops.pool(
            pool, rows: range, values.ntk, stride: values.ntkStride, width: sums.ntkStride,
            into: sums.ntk)
        }
      }
      project(sums, output.pixelCount, into: output, from: 0)
    }
  }

  /// Kernel values against landmarks with random features behind them, for some pixels.
  private struct Values<Scalar: RealScalar> {
    let nngp: UnsafeMutablePointer<Scalar>
    let nngpStride: Int
    let ntk: UnsafeMutablePointer<Scalar>
    let ntkStride: Int
  }

  private func withValues<Scalar: RealScalar>(
    _ count: Int, _ workspace: Workspace, pooled: Bool = false, _ body: (Values<Scalar>) -> Void
  ) {
    let (nngpStride, ntkStride) = columns(pooled: pooled)
    workspace.withScratch(Scalar.self, count * (nngpStride + ntkStride)) { base in
      body(
        Values(
          nngp: base, nngpStride: nngpStride, ntk: base + count * nngpStride,
          ntkStride: ntkStride))
    }
  }

  /// √K(p, p) of every pixel as it enters σ, and behind dropout the shares of K(p, p) in |μ|².
  func writeDeviations<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, into deviations: UnsafeMutablePointer<Scalar>,
    _ workspace: Workspace
  ) {
    let pixels = input.imageCount * window.output.count
    let (scale, bias) = (part.linear?.scale ?? 1, part.linear?.biasStd ?? 0)
    workspace.withScratch(Scalar.self, input.pixelCount) { variances in
      func write(excess: UnsafePointer<Scalar>?, _ sums: UnsafeMutablePointer<Scalar>) {
        LayeredLoops.variances(
          input.pixelCount, input.shape.nngp, input.nngp, excess: excess, into: variances)
        LayeredLoops.windowSums(
          window, imageCount: input.imageCount, variances, scale: Scalar(scale * scale),
          offset: Scalar(bias * bias), into: sums)
      }
      write(excess: input.shape.hasExcess ? input.excess : nil, deviations)
      if input.shape.hasExcess {
        let shares = deviations + pixels
        write(excess: nil, shares)
        for i in 0..<pixels { shares[i] = deviations[i] > 0 ? shares[i] / deviations[i] : 1 }
      }
    }
    LayeredLoops.takeRoots(pixels, deviations)
  }

  /// k and t of the pixels in some rows, and σ(μW)/√m and (qa) ∘ σ′(μW)/√m behind them.
  private func evaluate<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, _ rows: Range<Int>, _ deviations: UnsafeMutablePointer<Scalar>,
    shares: UnsafePointer<Scalar>?, _ values: Values<Scalar>, _ workspace: Workspace
  ) {
    let count = rows.count * window.output.width
    product(
      input.nngp, input.shape.nngp, rows, withOne: part.linear?.hasBias ?? false, tables.nngpRows,
      into: values.nngp, values.nngpStride, workspace)
    let landmarks = landmarkCount
    let (h, a) = (remainder.directions.rowCount, remainder.weights.rowCount)
    if withTangents {
      // (q Zqᵀ, qa), of which the part of μ is there already.
      let factor = Scalar(tangentScale)
      if fit.tangents.columnCount > 0 {
        product(
          input.ntk, input.shape.ntk, rows, withOne: false, tables.ntkRows, into: values.ntk,
          values.ntkStride, workspace)
        if tangentScale > 0 {
          LayeredLoops.addRows(
            count, landmarks, factor: factor, values.nngp, values.nngpStride, to: values.ntk,
            values.ntkStride)
          LayeredLoops.addRows(
            count, a, factor: 1, values.nngp + landmarks + h, values.nngpStride,
            to: values.ntk + landmarks, values.ntkStride)
        }
      } else {
        LayeredLoops.copyRows(
          count, landmarks, values.nngp, values.nngpStride, to: values.ntk, values.ntkStride,
          factor: factor)
        LayeredLoops.copyRows(
          count, a, values.nngp + landmarks + h, values.nngpStride, to: values.ntk + landmarks,
          values.ntkStride)
      }
    }
    normalize(count, deviations, values, workspace)
    tables.deviations.withPointer(as: Scalar.self) { r in
      part.dual.apply(
        rowCount: count, columnCount: landmarks, q: deviations, r: r, inverseR: r + landmarks,
        nngp: RowOutput(base: values.nngp, stride: values.nngpStride),
        ntk: withTangents ? RowOutput(base: values.ntk, stride: values.ntkStride) : nil,
        workspace: workspace)
    }
    let (rest, restSlopes) = (
      values.nngp + landmarks, withTangents ? values.ntk + landmarks : nil
    )
    remainder.apply(
      count, deviations: deviations, shares: shares, values: rest, values.nngpStride,
      slopes: restSlopes, values.ntkStride, workspace: workspace)
  }

  /// Layer normalisation: everything that is linear in the patch divided by √(n² + ε).
  private func normalize<Scalar: RealScalar>(
    _ count: Int, _ deviations: UnsafeMutablePointer<Scalar>, _ values: Values<Scalar>,
    _ workspace: Workspace
  ) {
    guard let epsilon = part.normalization else { return }
    let root = Scalar(epsilon.squareRoot())
    workspace.withScratch(Scalar.self, count) { factors in
      for i in 0..<count {
        let norm = Scalar.hypot(deviations[i], root)
        factors[i] = norm > 0 ? 1 / norm : 0
        deviations[i] *= factors[i]
      }
      LayeredLoops.scaleRows(
        count, values.nngpStride, by: factors, values.nngp, values.nngpStride)
      LayeredLoops.scaleRows(count, values.ntkStride, by: factors, values.ntk, values.ntkStride)
    }
  }

  /// Patches times the transpose of a table.
  private func product<Scalar: RealScalar>(
    _ features: UnsafePointer<Scalar>, _ width: Int, _ rows: Range<Int>, withOne: Bool,
    _ table: FittedMatrix, into output: UnsafeMutablePointer<Scalar>, _ stride: Int,
    _ workspace: Workspace
  ) {
    let (count, k, n) = (rows.count * window.output.width, table.columnCount, table.rowCount)
    table.withPointer(as: Scalar.self) { table in
      if window.isPointwise, !withOne {
        BLAS.gemm(
          transposeB: true, m: count, n: n, k: k,
          features + rows.lowerBound * window.output.width * width, lda: k, table, ldb: k, output,
          ldc: stride)
      } else {
        workspace.withScratch(Scalar.self, count * k) { patches in
          LayeredLoops.unfold(
            window, rows: rows, features, width: width, withOne: withOne, into: patches)
          BLAS.gemm(
            transposeB: true, m: count, n: n, k: k, patches, lda: k, table, ldb: k, output,
            ldc: stride)
        }
      }
    }
  }

  /// Features from values, for `count` pixels from `first` on.
  private func project<Scalar: RealScalar>(
    _ values: Values<Scalar>, _ count: Int, into output: LayeredSignal<Scalar>, from first: Int
  ) {
    let (nngpWidth, ntkWidth) = (output.shape.nngp, output.shape.ntk)
    project(
      values.nngp, values.nngpStride, count, fit.nngp, remainder.nngpCount, tables.rests.nngp,
      scale: fit.nngpScale, into: output.nngp + first * nngpWidth, nngpWidth)
    guard withTangents else { return }
    project(
      values.ntk, values.ntkStride, count, fit.ntk, remainder.ntkCount, tables.rests.ntk,
      scale: fit.ntkScale, into: output.ntk + first * ntkWidth, ntkWidth)
  }

  private func project<Scalar: RealScalar>(
    _ values: UnsafeMutablePointer<Scalar>, _ stride: Int, _ count: Int,
    _ projection: FittedMatrix, _ restCount: Int, _ rest: FittedMatrix,
    scale: Double, into output: UnsafeMutablePointer<Scalar>, _ width: Int
  ) {
    let columns = projection.columnCount
    projection.withPointer(as: Scalar.self) { projection in
      BLAS.gemm(
        m: count, n: columns, k: landmarkCount, values, lda: stride, projection, ldb: columns,
        output, ldc: width)
    }
    guard restCount > 0 else { return }
    LayeredLoops.copyRows(
      count, restCount, values + landmarkCount, stride, to: output + columns, width,
      factor: Scalar(scale))
    rest.withPointer(as: Scalar.self) { rest in
      BLAS.gemm(
        m: count, n: restCount, k: columns, alpha: Scalar(-scale), output, lda: width, rest,
        ldb: restCount, beta: 1, output + columns, ldc: width)
    }
  }

  /// How much more a pixel varies than two pixels covary that differ in their masks alone.
  private func writeExcess<Scalar: RealScalar>(
    _ count: Int, _ deviations: UnsafePointer<Scalar>, shares: UnsafeMutablePointer<Scalar>,
    into output: LayeredSignal<Scalar>
  ) {
    for i in 0..<count {
      let deviation = Double(deviations[i])
      let variance = part.dual.deviation(deviation)
      let twin = part.dual.values(
        deviation, deviation, covariance: Double(shares[i]) * deviation * deviation)
      shares[i] = Scalar(max(0, variance * variance - twin.value))
    }
    guard let pool = part.pool else {
      return output.excess.update(from: shares, count: count)
    }
    LayeredLoops.clear(output.pixelCount, output.excess)
    LayeredLoops.pool(
      pool, rows: 0..<output.imageCount * window.output.height, shares, stride: 1, width: 1,
      squaredWeights: true, into: output.excess)
  }
}
