// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Patches of a sample, gathered for the choice of landmarks.

import LinearAlgebra
import Randomness
import Validation

extension PatchSample {
  /// Up to `count` patches of a sample, any as likely as any other; behind dropout with the root of
  /// their excess as one more coordinate of μ; for homogeneous activations
  /// divided by their lengths, and those of length 0 left out.
  ///
  /// - Throws: `InvalidInput` about `name` if none is left.
  init(
    _ part: ActivationPart, _ coordinates: PatchCoordinates, _ sample: SampleSignal,
    count: Int, key: RandomKey, _ name: String = "sample"
  ) throws {
    let window = coordinates.window
    let (nngp, ntk, weights) = try sample.withReadOnlySignal { signal in
      var variances = [Double](repeating: 0, count: signal.pixelCount)
      var norms = [Double](repeating: 0, count: signal.imageCount * window.output.count)
      LayeredLoops.variances(
        signal.pixelCount, signal.shape.nngp, signal.nngp,
        excess: signal.shape.hasExcess ? signal.excess : nil, into: &variances)
      let (scale, bias) = (part.linear?.scale ?? 1, part.linear?.biasStd ?? 0)
      LayeredLoops.windowSums(
        window, imageCount: signal.imageCount, variances, scale: scale * scale,
        offset: bias * bias, into: &norms)
      for i in norms.indices { norms[i] = norms[i].squareRoot() }
      let isHomogeneous = part.dual.activation.slopes != nil
      let possible = isHomogeneous ? norms.indices.filter { norms[$0] > 0 } : Array(norms.indices)
      let picked = try key.child("patches").stream.sampleWithoutReplacement(
        min(count, possible.count), from: possible.count
      ).map { possible[$0] }
      var nngp = coordinates.gather(
        picked, signal.nngp, signal.shape.nngp, withOne: part.linear?.hasBias ?? false)
      var ntk = coordinates.gather(picked, signal.ntk, signal.shape.ntk, withOne: false)
      coordinates.scaleNNGP(&nngp)
      coordinates.scaleNTK(&ntk)
      let divisors = picked.map { index in
        if isHomogeneous { return norms[index] }
        return part.normalization.map { Double.hypot(norms[index], $0.squareRoot()) } ?? 1
      }
      let factors = divisors.map { $0 > 0 ? 1 / $0 : 1 }
      if signal.shape.hasExcess {
        let rest = zip(nngp.rowNorms, picked).map { norm, index in
          [max(0, norms[index] * norms[index] - norm * norm).squareRoot()]
        }
        nngp = try Matrix.stacked([nngp.transposed, Matrix(rows: rest).transposed]).transposed
      }
      nngp.scaleRows(by: factors)
      ntk.scaleRows(by: factors)
      return (nngp, ntk, picked.map { norms[$0] })
    }
    guard !weights.isEmpty else {
      throw InvalidInput(
        name, found: "only zeros at activation \(part.index)", expected: "points that are not")
    }
    // Patches of length 0 may be landmarks of activations that are not 0 there.
    let floor = 0.1 * weights.reduce(0, +) / Double(weights.count)
    let isHomogeneous = part.dual.activation.slopes != nil
    self.init(
      nngp: nngp, ntk: ntk,
      weights: isHomogeneous ? weights : weights.map { $0 + max(floor, .leastNormalMagnitude) })
  }
}

extension PatchCoordinates {
  /// The features of the windows of some output pixels, counted through all images; a row for each,
  /// with a 1 behind if `withOne`.
  func gather(
    _ pixels: [Int], _ features: UnsafePointer<Double>, _ width: Int, withOne: Bool
  ) -> Matrix<Double> {
    let (rows, columns) = (window.vertical, window.horizontal)
    let patchWidth = window.size * width + (withOne ? 1 : 0)
    return Matrix(rowCount: pixels.count, columnCount: patchWidth) { output in
      for (index, pixel) in pixels.enumerated() {
        let (image, place) = pixel.quotientAndRemainder(dividingBy: window.output.count)
        let (y, x) = place.quotientAndRemainder(dividingBy: window.output.width)
        var target = output + index * patchWidth
        for i in 0..<rows.size {
          for j in 0..<columns.size {
            let (row, column) = (rows.reads[y * rows.size + i], columns.reads[x * columns.size + j])
            if row < 0 || column < 0 {
              target.update(repeating: 0, count: width)
            } else {
              let source = (image * window.input.height + row) * window.input.width + column
              target.update(from: features + source * width, count: width)
            }
            target += width
          }
        }
        if withOne { target[0] = 1 }
      }
    }
  }
}
