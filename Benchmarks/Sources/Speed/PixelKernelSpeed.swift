// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernels of networks on images.

import Sketching

/// The NTK of 24 against 24 images, one pair after the other, in single precision.
func pixelKernelSpeeds(threads: Int) throws -> [Measurement] {
  let weightStd = 2.0.squareRoot()
  let block = [Layer.conv(filter: [3, 3], weightStd: weightStd), .relu]
  let plain = try Network(
    input: [28, 28, 1],
    layers: Array(repeatElement(block, count: 5).joined()) + [
      .flatten, .dense(weightStd: weightStd),
    ])
  let works: [(name: String, network: Network, target: Double?)] = [
    ("Myrtle-5 on 28 × 28", try .myrtle(5, input: [28, 28, 1]), 2e-3),
    ("Myrtle-5 on 32 × 32 × 3", try .myrtle(5, input: [32, 32, 3]), 3.5e-3),
    ("5 convolutions and Flatten on 28 × 28", plain, nil),
  ]
  return try works.map { name, network, target in
    let count = 24
    let x = Rows.dense(randomMatrix(count, network.inputDimension))
    let y = Rows.dense(randomMatrix(count, network.inputDimension, seed: 1))
    let kernel = NeuralKernel(network: network)
    let execution = Execution(threads: threads)
    let time = try median(3) { _ = try kernel.matrix(x, y, on: execution) }
    let pair = time / Double(count * count)
    return Measurement(
      work: "exact NTK, \(name)", threads: threads, seconds: pair, speed: 1e6 * pair,
      unit: "µs per pair", yardstick: target.map { "\(1e3 * $0) ms per pair" } ?? "",
      yardstickSeconds: target, ratio: target.map { $0 / pair } ?? 0,
      wanted: target == nil ? "" : "≥ 1 on 2 threads")
  }
}
