// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The steps of a network of finite width, and the signals between them.

import LinearAlgebra
import Randomness

/// What layers pass on: for some points, numbers by point, pixel and channel, in this order.
struct Signal: Sendable {
  let pointCount: Int
  let pixelCount: Int
  let channelCount: Int
  var values: [Double]

  /// The rows that channels make: one for each pixel of each point.
  var rowCount: Int { pointCount * pixelCount }

  init(pointCount: Int, pixelCount: Int, channelCount: Int, values: [Double]) {
    precondition(values.count == pointCount * pixelCount * channelCount)
    self.pointCount = pointCount
    self.pixelCount = pixelCount
    self.channelCount = channelCount
    self.values = values
  }

  /// Zeros.
  init(pointCount: Int, pixelCount: Int, channelCount: Int) {
    self.init(
      pointCount: pointCount, pixelCount: pixelCount, channelCount: channelCount,
      values: [Double](repeating: 0, count: pointCount * pixelCount * channelCount))
  }

  /// The same numbers, cut otherwise.
  func reshaped(pixelCount: Int, channelCount: Int) -> Signal {
    Signal(
      pointCount: pointCount, pixelCount: pixelCount, channelCount: channelCount, values: values)
  }
}

/// A dense or convolutional layer: rows x of channels become weightScale · W x + biasStd · β, with W
/// stored as `fanIn × outputChannels` and β after it.
struct FiniteAffine: Sendable {
  /// The windows of a convolution; nil for a dense layer, which sees single pixels.
  let windows: FiniteWindows?
  let fanIn: Int
  let outputChannels: Int
  /// weightStd / √fanIn.
  let weightScale: Double
  let biasStd: Double
  /// The pixels that come out.
  let outputPixels: Int
  /// The name of its random numbers.
  let key: RandomKey
  /// Which of the layers with weights this is, and where its parameters begin.
  var index = 0
  var firstParameter = 0

  var weightCount: Int { fanIn * outputChannels }
  /// There are biases where they count.
  var biasCount: Int { biasStd > 0 ? outputChannels : 0 }
  var parameterCount: Int { weightCount + biasCount }

  /// Draws the parameters into their place among all.
  func draw(into parameters: inout [Double]) {
    let first = firstParameter
    for (name, start, count) in [
      ("weights" as StaticString, first, weightCount), ("biases", first + weightCount, biasCount),
    ] where count > 0 {
      let blockCount = (count + 3) / 4
      let numbers = [Double](unsafeUninitializedCapacity: 4 * blockCount) { buffer, size in
        if let base = buffer.baseAddress {
          key.child(name).stream.fillNormals(from: 0, count: blockCount, into: base)
        }
        size = 4 * blockCount
      }
      parameters.replaceSubrange(start..<start + count, with: numbers[..<count])
    }
  }
}

/// One step of the network.
enum FiniteStep: Sendable {
  case affine(FiniteAffine)
  case function(ScalarFunction)
  case pool(FinitePooling)
  /// Pixels become channels.
  case flatten(pixelCount: Int)
  case normalize(epsilon: Double)
  case dropout(keep: Double, RandomKey)
  case sum([[FiniteStep]])
}
