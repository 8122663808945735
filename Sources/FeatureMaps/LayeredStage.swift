// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The fitted steps of a layered map, and how images run through them.

import LinearAlgebra
import NeuralKernels

/// One fitted step.
indirect enum LayeredStage: Hashable, Sendable {
  case linear(LinearStage)
  case activation(ActivationStage)
  case pool(PixelPool)
  case flatten
  case normalize(epsilon: Double)
  case dropout(keep: Double)
  case sum([[LayeredStage]], Compression)

  /// The shape that comes out where `shape` comes in.
  func output(after shape: SignalShape) -> SignalShape {
    var result = shape
    switch self {
    case .linear(let stage): return stage.output
    case .activation(let stage): return stage.output
    case .pool(let pool): result.grid = pool.window.output
    case .flatten:
      result.grid = .vector
      result.nngp *= shape.grid.count
      result.ntk *= shape.grid.count
    case .normalize: break
    case .dropout: result.hasExcess = true
    case .sum(let branches, let compression):
      return compression.output(after: LayeredStage.sum(of: branches, after: shape).shape)
    }
    return result
  }

  /// The shape that comes out of stages.
  static func output(of stages: [LayeredStage], after shape: SignalShape) -> SignalShape {
    stages.reduce(shape) { $1.output(after: $0) }
  }

  /// The shape of branches side by side, and whether each must be settled first.
  static func sum(
    of branches: [[LayeredStage]], after shape: SignalShape
  ) -> (shape: SignalShape, settles: Bool) {
    var outputs = branches.map { output(of: $0, after: shape) }
    let settles = !outputs.allSatisfy { $0.tangentScale == outputs[0].tangentScale }
    if settles { outputs = outputs.map(LayeredSignal<Double>.settled) }
    let whole = SignalShape(
      grid: outputs[0].grid, nngp: outputs.reduce(0) { $0 + $1.nngp },
      ntk: outputs.reduce(0) { $0 + $1.ntk }, tangentScale: outputs[0].tangentScale,
      hasExcess: outputs.contains { $0.hasExcess })
    return (whole, settles)
  }

  /// Runs images through stages, and lends `body` what comes out.
  static func run<Scalar: RealScalar>(
    _ stages: ArraySlice<LayeredStage>, _ signal: LayeredSignal<Scalar>, workspace: Workspace,
    _ body: (LayeredSignal<Scalar>) -> Void
  ) {
    guard let stage = stages.first else { return body(signal) }
    let shape = stage.output(after: signal.shape)
    LayeredSignal<Scalar>.with(shape, imageCount: signal.imageCount, workspace: workspace) {
      stage.apply(signal, into: $0, workspace: workspace)
      run(stages.dropFirst(), $0, workspace: workspace, body)
    }
  }

  /// Writes the features of images after the stage; the signal given is only read.
  func apply<Scalar: RealScalar>(
    _ input: LayeredSignal<Scalar>, into output: LayeredSignal<Scalar>, workspace: Workspace
  ) {
    switch self {
    case .linear(let stage):
      input.withSettled(workspace: workspace) {
        stage.apply($0, into: output, workspace: workspace)
      }
    case .activation(let stage):
      if stage.part.linear == nil {
        stage.apply(input, into: output, workspace: workspace)
      } else {
        input.withSettled(workspace: workspace) {
          stage.apply($0, into: output, workspace: workspace)
        }
      }
    case .pool(let pool):
      output.pool(input, by: pool)
    case .flatten:
      output.flatten(input)
    case .normalize(let epsilon):
      output.normalize(input, epsilon: Scalar(epsilon), workspace: workspace)
    case .dropout(let keep):
      output.dropOut(input, keep: Scalar(keep))
    case .sum(let branches, let compression):
      let (shape, settles) = LayeredStage.sum(of: branches, after: input.shape)
      LayeredSignal<Scalar>.with(shape, imageCount: input.imageCount, workspace: workspace) { sum in
        if shape.hasExcess { LayeredLoops.clear(sum.pixelCount, sum.excess) }
        var (nngpColumn, ntkColumn) = (0, 0)
        for branch in branches {
          LayeredStage.run(branch[...], input, workspace: workspace) { result in
            let add = { (result: LayeredSignal<Scalar>) in
              sum.copyColumns(of: result, nngpColumn: nngpColumn, ntkColumn: ntkColumn)
              nngpColumn += result.shape.nngp
              ntkColumn += result.shape.ntk
            }
            if settles {
              result.withSettled(workspace: workspace, add)
            } else {
              add(result)
            }
          }
        }
        compression.apply(sum, into: output)
      }
    }
  }
}

extension LayeredSignal {
  /// The pooled features; a pixel's own excess is pooled with the squares of the weights.
  fileprivate func pool(_ input: LayeredSignal, by pool: PixelPool) {
    let rows = 0..<input.imageCount * pool.window.input.height
    LayeredLoops.clear(pixelCount * shape.nngp, nngp)
    LayeredLoops.clear(pixelCount * shape.ntk, ntk)
    LayeredLoops.pool(
      pool, rows: rows, input.nngp, stride: shape.nngp, width: shape.nngp, into: nngp)
    LayeredLoops.pool(pool, rows: rows, input.ntk, stride: shape.ntk, width: shape.ntk, into: ntk)
    guard shape.hasExcess else { return }
    LayeredLoops.clear(pixelCount, excess)
    LayeredLoops.pool(
      pool, rows: rows, input.excess, stride: 1, width: 1, squaredWeights: true, into: excess)
  }

  /// All pixels' features side by side, over √pixels.
  fileprivate func flatten(_ input: LayeredSignal) {
    let pixels = Scalar(input.shape.grid.count)
    let factor = 1 / pixels.squareRoot()
    LayeredLoops.copyRows(
      imageCount, shape.nngp, input.nngp, shape.nngp, to: nngp, shape.nngp, factor: factor)
    LayeredLoops.copyRows(
      imageCount, shape.ntk, input.ntk, shape.ntk, to: ntk, shape.ntk, factor: factor)
    guard shape.hasExcess else { return }
    for i in 0..<imageCount {
      excess[i] = 0
      for p in 0..<input.shape.grid.count {
        excess[i] += input.excess[i * input.shape.grid.count + p] / pixels
      }
    }
  }

  /// Everything divided by √(K(p, p) + ε).
  fileprivate func normalize(_ input: LayeredSignal, epsilon: Scalar, workspace: Workspace) {
    copy(input)
    workspace.withScratch(Scalar.self, pixelCount) { factors in
      LayeredLoops.variances(
        pixelCount, shape.nngp, nngp, excess: shape.hasExcess ? excess : nil, into: factors)
      for i in 0..<pixelCount {
        let variance = factors[i] + epsilon
        factors[i] = variance > 0 ? 1 / variance.squareRoot() : 0
        if shape.hasExcess { excess[i] *= factors[i] * factors[i] }
      }
      LayeredLoops.scaleRows(pixelCount, shape.nngp, by: factors, nngp, shape.nngp)
      LayeredLoops.scaleRows(pixelCount, shape.ntk, by: factors, ntk, shape.ntk)
    }
  }

  /// Independent masks: only a pixel's variance grows, by 1/keep.
  fileprivate func dropOut(_ input: LayeredSignal, keep: Scalar) {
    copy(input)
    LayeredLoops.variances(
      pixelCount, shape.nngp, nngp, excess: nil, into: excess)
    for i in 0..<pixelCount {
      let own = input.shape.hasExcess ? input.excess[i] : 0
      excess[i] = (excess[i] + own) / keep - excess[i]
    }
  }

  private func copy(_ input: LayeredSignal) {
    nngp.update(from: input.nngp, count: pixelCount * shape.nngp)
    ntk.update(from: input.ntk, count: pixelCount * shape.ntk)
    if input.shape.hasExcess { excess.update(from: input.excess, count: pixelCount) }
  }
}
