// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Signals through a network of finite width, and derivatives back.

import LinearAlgebra
import Randomness

/// Some points on their way through the steps of a network, on one thread.
struct FinitePass {
  private let parameters: UnsafePointer<Double>
  let input: Signal
  /// The points' bits in short: they name the points' random masks, which so are the same in every
  /// run.
  private let hashes: [UInt64]

  init(parameters: UnsafePointer<Double>, input: Signal) {
    self.parameters = parameters
    self.input = input
    let count = input.pixelCount * input.channelCount
    hashes = (0..<input.pointCount).map { point in
      input.values[point * count..<(point + 1) * count].reduce(0xCBF2_9CE4_8422_2325) {
        let mixed = ($0 ^ $1.bitPattern) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
      }
    }
  }

  /// What came into each step, kept for the way back.
  struct Trace {
    fileprivate var inputs: [Signal] = []
    fileprivate var branches: [[Trace]] = []
  }

  /// The output of the steps; `trace` receives what came into each, if wanted.
  func run(_ steps: [FiniteStep], _ input: Signal, trace: inout Trace?) -> Signal {
    var signal = input
    for step in steps {
      trace?.inputs.append(signal)
      var branchTraces: [Trace] = []
      switch step {
      case .affine(let layer): signal = affine(layer, layer.patches(of: signal))
      case .function(let function): signal.apply(function.value)
      case .pool(let pooling): signal = pooling.apply(signal)
      case .flatten(let pixelCount):
        signal = signal.reshaped(pixelCount: 1, channelCount: pixelCount * signal.channelCount)
      case .normalize(let epsilon): signal.normalize(epsilon)
      case .dropout(let keep, let key): signal.mask(keep, key, hashes)
      case .sum(let branches):
        var sum: Signal?
        for branch in branches {
          var branchTrace = trace.map { _ in Trace() }
          let output = run(branch, signal, trace: &branchTrace)
          if let branchTrace { branchTraces.append(branchTrace) }
          sum = sum?.adding(output) ?? output
        }
        signal = sum ?? signal
      }
      trace?.branches.append(branchTraces)
    }
    return signal
  }

  /// Takes the derivatives of a number with respect to the output back to the input, and returns
  /// those with respect to that.
  ///
  /// - Parameters:
  ///   - trace: of the run of the same steps.
  ///   - visit: receives each affine layer, the patches that came into it, and the derivatives with
  ///     respect to what came out.
  @discardableResult
  func pullBack(
    _ steps: [FiniteStep], _ derivatives: Signal, trace: Trace,
    visit: (FiniteAffine, Signal, Signal) -> Void
  ) -> Signal {
    var signal = derivatives
    for (index, step) in steps.enumerated().reversed() {
      let input = trace.inputs[index]
      switch step {
      case .affine(let layer):
        visit(layer, layer.patches(of: input), signal)
        signal = affineTransposed(layer, signal)
      case .function(let function): signal.multiply(by: function.derivative, at: input)
      case .pool(let pooling): signal = pooling.apply(signal, transposed: true)
      case .flatten:
        signal = signal.reshaped(
          pixelCount: input.pixelCount, channelCount: input.channelCount)
      case .normalize(let epsilon): signal.pullBackNormalization(epsilon, input)
      case .dropout(let keep, let key): signal.mask(keep, key, hashes)
      case .sum(let branches):
        var sum: Signal?
        for (branch, trace) in zip(branches, trace.branches[index]) {
          let part = pullBack(branch, signal, trace: trace, visit: visit)
          sum = sum?.adding(part) ?? part
        }
        signal = sum ?? signal
      }
    }
    return signal
  }

  private func affine(_ layer: FiniteAffine, _ patches: Signal) -> Signal {
    var output = Signal(
      pointCount: patches.pointCount, pixelCount: patches.pixelCount,
      channelCount: layer.outputChannels)
    let weights = parameters + layer.firstParameter
    output.values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let n = layer.outputChannels
      if layer.biasCount > 0 {
        let biases = weights + layer.weightCount
        for row in 0..<patches.rowCount {
          for c in 0..<n { base[row * n + c] = layer.biasStd * biases[c] }
        }
      }
      BLAS.gemm(
        m: patches.rowCount, n: n, k: layer.fanIn, alpha: layer.weightScale, patches.values,
        lda: layer.fanIn, weights, ldb: n, beta: 1, base, ldc: n)
    }
    return output
  }

  private func affineTransposed(_ layer: FiniteAffine, _ derivatives: Signal) -> Signal {
    var patches = Signal(
      pointCount: derivatives.pointCount, pixelCount: derivatives.pixelCount,
      channelCount: layer.fanIn)
    patches.values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let k = layer.outputChannels
      BLAS.gemm(
        transposeB: true, m: derivatives.rowCount, n: layer.fanIn, k: k,
        alpha: layer.weightScale, derivatives.values, lda: k, parameters + layer.firstParameter,
        ldb: k, base, ldc: layer.fanIn)
    }
    return layer.windows?.fold(patches) ?? patches
  }
}

extension FiniteAffine {
  /// Rows of `fanIn` numbers, one for each output pixel.
  fileprivate func patches(of input: Signal) -> Signal { windows?.unfold(input) ?? input }
}

extension Signal {
  fileprivate mutating func apply(_ function: (Double) -> Double) {
    values.withUnsafeMutableBufferPointer { values in
      for i in values.indices { values[i] = function(values[i]) }
    }
  }

  fileprivate mutating func multiply(by derivative: (Double) -> Double, at input: Signal) {
    values.withUnsafeMutableBufferPointer { values in
      input.values.withUnsafeBufferPointer { input in
        for i in values.indices { values[i] *= derivative(input[i]) }
      }
    }
  }

  fileprivate func adding(_ other: Signal) -> Signal {
    var sum = self
    sum.values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for i in values.indices { values[i] += other[i] }
      }
    }
    return sum
  }

  /// Channels to mean 0 and variance v / (v + ε).
  fileprivate mutating func normalize(_ epsilon: Double) {
    let (n, rowCount) = (channelCount, rowCount)
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rowCount {
        let x = values.extracting(row * n..<(row + 1) * n)
        let (mean, scale) = Self.moments(UnsafeBufferPointer(x), epsilon)
        for i in 0..<n { x[i] = (x[i] - mean) * scale }
      }
    }
  }

  /// With y = (x − m) s: s (δ − mean δ − y · mean(δ y)).
  fileprivate mutating func pullBackNormalization(_ epsilon: Double, _ input: Signal) {
    let (n, rowCount) = (channelCount, rowCount)
    values.withUnsafeMutableBufferPointer { values in
      input.values.withUnsafeBufferPointer { inputs in
        for row in 0..<rowCount {
          let derivatives = values.extracting(row * n..<(row + 1) * n)
          let x = inputs.extracting(row * n..<(row + 1) * n)
          let (mean, scale) = Self.moments(x, epsilon)
          var (sum, product) = (0.0, 0.0)
          for i in 0..<n {
            sum += derivatives[i]
            product += derivatives[i] * (x[i] - mean) * scale
          }
          for i in 0..<n {
            let y = (x[i] - mean) * scale
            derivatives[i] = scale * (derivatives[i] - (sum + y * product) / Double(n))
          }
        }
      }
    }
  }

  /// The mean, and 1 / √(variance + ε) or 0 where that is infinite.
  private static func moments(
    _ x: UnsafeBufferPointer<Double>, _ epsilon: Double
  ) -> (mean: Double, scale: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count) + epsilon
    return (mean, variance > 0 ? 1 / variance.squareRoot() : 0)
  }

  /// Zeros with probability 1 − keep, the rest divided by keep.
  fileprivate mutating func mask(_ keep: Double, _ key: RandomKey, _ hashes: [UInt64]) {
    let count = pixelCount * channelCount
    for (point, hash) in hashes.enumerated() {
      let stream = key.child("point", Int(truncatingIfNeeded: hash)).stream
      for i in 0..<count {
        values[point * count + i] *= stream.uniform(at: UInt64(i)) < keep ? 1 / keep : 0
      }
    }
  }
}
