// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The gradients of one layer's parameters at many points, as far as their inner products need them.

import LinearAlgebra
import Validation

/// The derivatives of outputs with respect to one layer's parameters.
struct LayerGradients: Sendable {
  private let layer: FiniteAffine
  /// What came into the layer, `n × fanIn`, where one pixel comes out; nil elsewhere.
  private var inputs: Matrix<Double>?
  /// Beside inputs the derivatives with respect to what came out, `n × (outputs · channels)`;
  /// elsewhere those with respect to the parameters, `n × (outputs · parameters)`.
  private var derivatives: Matrix<Double>

  /// Zeros.
  ///
  /// - Throws: `InvalidInput` if they cannot be counted.
  init(_ layer: FiniteAffine, pointCount: Int, outputs: Int) throws {
    self.layer = layer
    let isVector = layer.outputPixels == 1
    let count = isVector ? layer.outputChannels : layer.parameterCount
    _ = try Check.count(
      [pointCount, outputs, count], "gradients of a layer", upTo: Check.largestDimension)
    inputs = isVector ? Matrix(rowCount: pointCount, columnCount: layer.fanIn) : nil
    derivatives = Matrix(rowCount: pointCount, columnCount: outputs * count)
  }

  /// Those of consecutive blocks of points.
  init(_ layer: FiniteAffine, stacking blocks: [LayerGradients]) throws {
    self.layer = layer
    inputs = layer.outputPixels == 1 ? try Matrix.stacked(blocks.compactMap(\.inputs)) : nil
    derivatives = try Matrix.stacked(blocks.map(\.derivatives))
  }

  /// Takes the derivatives of one output at all points.
  mutating func write(_ patches: Signal, _ signal: Signal, output: Int) {
    let stride = derivatives.columnCount
    guard inputs != nil else {
      derivatives.withUnsafeMutablePointer { base in
        layer.writeGradients(
          patches, signal, into: base + output * layer.parameterCount, stride: stride)
      }
      return
    }
    let channels = layer.outputChannels
    if output == 0 {
      inputs?.withUnsafeMutablePointer {
        $0.update(from: patches.values, count: patches.values.count)
      }
    }
    derivatives.withUnsafeMutablePointer { base in
      signal.values.withUnsafeBufferPointer { values in
        for point in 0..<signal.pointCount {
          let row = base + point * stride + output * channels
          for c in 0..<channels { row[c] = values[point * channels + c] }
        }
      }
    }
  }

  /// Σₒ ⟨∂fₒ(x)/∂θ, ∂fₒ(y)/∂θ⟩ over this layer's θ, for all pairs; without `other` of one set.
  func products(
    with other: LayerGradients?, on execution: Execution
  ) throws -> Matrix<Double> {
    var result = try Self.products(derivatives, other?.derivatives, on: execution)
    guard let inputs else { return result }
    let (weight, bias) = (
      layer.weightScale * layer.weightScale, layer.biasStd * layer.biasStd
    )
    let covariances = try Self.products(inputs, other?.inputs, on: execution)
    result.combine(covariances) { $0 * (weight * $1 + bias) }
    return result
  }

  private static func products(
    _ a: Matrix<Double>, _ b: Matrix<Double>?, on execution: Execution
  ) throws -> Matrix<Double> {
    guard let b else { return try a.outerGram(on: execution.silent) }
    return try a.multiplied(byTransposeOf: b, on: execution.silent)
  }
}

extension FiniteAffine {
  /// Writes, for every point, the derivatives with respect to this layer's parameters.
  ///
  /// - Parameters:
  ///   - patches: what came into the layer.
  ///   - derivatives: those with respect to what came out.
  ///   - output: `parameterCount` numbers for each point, `stride` apart.
  func writeGradients(
    _ patches: Signal, _ derivatives: Signal, into output: UnsafeMutablePointer<Double>,
    stride: Int
  ) {
    let (pixels, channels) = (patches.pixelCount, outputChannels)
    patches.values.withUnsafeBufferPointer { inputs in
      derivatives.values.withUnsafeBufferPointer { slopes in
        guard let inputs = inputs.baseAddress, let slopes = slopes.baseAddress else { return }
        for point in 0..<patches.pointCount {
          let slope = slopes + point * pixels * channels
          let gradient = output + point * stride
          BLAS.gemm(
            transposeA: true, m: fanIn, n: channels, k: pixels, alpha: weightScale,
            inputs + point * pixels * fanIn, lda: fanIn, slope, ldb: channels, gradient,
            ldc: channels)
          for c in 0..<biasCount {
            var sum = 0.0
            for pixel in 0..<pixels { sum += slope[pixel * channels + c] }
            gradient[weightCount + c] = biasStd * sum
          }
        }
      }
    }
  }
}

extension Matrix where Scalar == Double {
  /// Each entry a becomes f(a, b), with b that of the other matrix of the same shape.
  mutating func combine(_ other: Matrix, _ f: (Double, Double) -> Double) {
    let count = elements.count
    withUnsafeMutablePointer { a in
      other.withUnsafePointer { b in
        for i in 0..<count { a[i] = f(a[i], b[i]) }
      }
    }
  }
  mutating func divide(by divisor: Double) {
    let count = elements.count
    withUnsafeMutablePointer { for i in 0..<count { $0[i] /= divisor } }
  }
}
