// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features scaled so that norms come out right on a sample.

import LinearAlgebra
import NeuralKernels

extension LayeredFitter {
  /// The factors of the random features of φ and of ψ with which the mean squared norms of pixels of
  /// some images are those of the kernel.
  func normScales(
    of stage: ActivationStage, _ sample: SampleSignal
  ) -> (nngp: Double, ntk: Double) {
    let (stage, workspace) = (stage.unpooled, Workspace())
    var output = SampleSignal(shape: stage.output, imageCount: 1)
    var (nngp, ntk) = (NormSums(), NormSums())
    sample.withReadOnlySignal { sample in
      for index in spread(16, over: sample.imageCount) {
        let image = sample.images(index..<index + 1)
        output.withSignal { features in
          stage.apply(image, into: features, workspace: workspace)
          for (pixel, exact) in stage.squaredNorms(image, workspace).enumerated() {
            let (shape, fit) = (features.shape, stage.fit)
            nngp.add(
              features.nngp + pixel * shape.nngp, shape.nngp, fixed: fit.nngp.columnCount,
              exact.nngp)
            if stage.withTangents {
              ntk.add(
                features.ntk + pixel * shape.ntk, shape.ntk, fixed: fit.ntk.columnCount, exact.ntk)
            }
          }
        }
      }
    }
    return (nngp.scale, ntk.scale)
  }
}

/// Sums of squares: what random features have, and what they should have.
private struct NormSums {
  /// Below this share of the whole, remainders are rounding errors: their ratio says nothing.
  private static let rounding = 1e-9
  /// The mean squares agree but for the variance of the random features, so that a larger factor is
  /// one of few columns.
  private static let largest = 2.0

  private var found = 0.0
  private var wanted = 0.0
  private var whole = 0.0

  mutating func add(_ row: UnsafePointer<Double>, _ width: Int, fixed: Int, _ exact: Double) {
    whole += exact
    wanted += exact
    for j in 0..<fixed { wanted -= row[j] * row[j] }
    for j in fixed..<width { found += row[j] * row[j] }
  }

  /// √(wanted/found), at most 2; 1 where the landmarks leave no more than rounding errors.
  var scale: Double {
    guard min(wanted, found) > Self.rounding * whole else { return 1 }
    return min(Self.largest, (wanted / found).squareRoot())
  }
}

extension ActivationStage {
  /// The stage without the pooling behind it.
  fileprivate var unpooled: ActivationStage {
    var stage = self
    stage.output.grid = window.output
    stage.part.pool = nil
    return stage
  }

  /// k(n², n², n²) and |q|² k′(n², n², n²) of every pixel.
  fileprivate func squaredNorms(
    _ input: LayeredSignal<Double>, _ workspace: Workspace
  ) -> [(nngp: Double, ntk: Double)] {
    var deviations = [Double](repeating: 0, count: input.imageCount * window.output.count)
    var tangents = deviations
    var squares = [Double](repeating: 0, count: input.pixelCount)
    writeDeviations(input, into: &deviations, workspace)
    let scale = part.linear?.scale ?? 1
    LayeredLoops.variances(
      input.pixelCount, input.shape.ntk, input.ntk, excess: nil, into: &squares)
    LayeredLoops.windowSums(
      window, imageCount: input.imageCount, squares, scale: scale * scale, offset: 0,
      into: &tangents)
    return zip(deviations, tangents).map { deviation, tangent in
      let norm = part.normalization.map { Double.hypot(deviation, $0.squareRoot()) } ?? 1
      let factor = norm > 0 ? 1 / norm : 0
      let root = part.dual.deviation(factor * deviation)
      return (
        root * root,
        factor * factor * (tangent + tangentScale * deviation * deviation)
          * part.dual.derivative(atDeviation: factor * deviation)
      )
    }
  }
}
