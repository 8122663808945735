// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernels of networks on images.

import CInnerLoops
import Dispatch
import PlainLoops
import Sketching

/// The NTK of 24 against 24 images, one pair after the other, in single precision; and beside the
/// processor's peak the arithmetic that it takes, and the part of the time that its arc-cosines need in
/// the cache, where their roots and polynomials are all that there is to wait for.
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
  let arcCosineTime = arcCosineSeconds(threads: threads)
  return try works.flatMap { name, network, target in
    let count = 24
    let x = Rows.dense(randomMatrix(count, network.inputDimension))
    let y = Rows.dense(randomMatrix(count, network.inputDimension, seed: 1))
    let kernel = NeuralKernel(network: network)
    let execution = Execution(threads: threads)
    let arithmetic = PixelArithmetic(network)
    let (time, peakTime) = try medians(
      3, { _ = try kernel.matrix(x, y, on: execution) }, { peak(1 << 21, threads: threads) })
    let pair = time / Double(count * count)
    let speed = 1e-9 * arithmetic.operations / pair
    let peakSpeed = 1e-9 * Double(320 * threads << 21) / peakTime
    return [
      Measurement(
        work: "exact NTK, \(name)", threads: threads, seconds: pair, speed: 1e6 * pair,
        unit: "µs per pair", yardstick: target.map { "\(1e3 * $0) ms per pair" } ?? "",
        yardstickSeconds: target, ratio: target.map { $0 / pair } ?? 0,
        wanted: target == nil ? "" : "≥ 1 on 2 threads"),
      Measurement(
        work: "… \(Int(arithmetic.perPixelPair.rounded())) operations per pair of pixels",
        threads: threads, seconds: pair, speed: speed, unit: "GFLOP/s",
        yardstick: "multiply-adds alone",
        yardstickSeconds: 1e-9 * arithmetic.operations / peakSpeed, ratio: speed / peakSpeed,
        wanted: ""),
      Measurement(
        work: "… arc-cosines of a pair alone, in the cache", threads: threads,
        seconds: arithmetic.activations * arcCosineTime,
        speed: 1e6 * arithmetic.activations * arcCosineTime,
        unit: "µs per pair", yardstick: "all of the pair", yardstickSeconds: pair,
        ratio: arithmetic.activations * arcCosineTime / pair, wanted: ""),
    ]
  }
}

/// Seconds of the ReLU's dual of one number and its derivative, in rows of 448 numbers, on every thread.
private func arcCosineSeconds(threads: Int) -> Double {
  let (n, rounds) = (448, 4000)
  let time = median(5) {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let ones = [Float](repeating: 1, count: n)
      let cosines = (0..<n).map { Float($0) / Float(n) }
      var (nngp, ntk) = (cosines, ones)
      for _ in 0..<rounds {
        for i in 0..<n { (nngp[i], ntk[i]) = (cosines[i], 1) }
        sketching_relu_dual_float(n, ones, ones, 1, ones, ones, &nngp, &ntk)
      }
      precondition(nngp[0] >= 0)
    }
  }
  return time / Double(n * rounds * threads)
}

/// Multiplications and additions in registers on every thread.
private func peak(_ count: Int, threads: Int) {
  DispatchQueue.concurrentPerform(iterations: threads) { _ in
    precondition(plain_multiply_adds(count) > 0)
  }
}

/// The operations on floats, additions, multiplications and roots, that the NTK of a plain chain of layers
/// with 3 × 3 convolutions and ReLU takes for a pair of images; comparisons are not counted.
private struct PixelArithmetic {
  private(set) var operations = 0.0
  /// How many of the pairs of pixels go through a ReLU, counted once for each.
  private(set) var activations = 0.0
  /// The pairs of pixels of the input that count: all of them, or with `flatten` those of equal place.
  private let pixelPairs: Double

  var perPixelPair: Double { operations / pixelPairs }

  init(_ network: Network) {
    let power = network.layers.contains(.flatten) ? 1.0 : 2
    var pixels = Double(network.inputShape.dropLast().reduce(1, *))
    func pairs(_ pixels: Double) -> Double { power == 1 ? pixels : pixels * pixels }
    pixelPairs = pairs(pixels)
    // Each channel's product with its scale, and their sum.
    operations = pixelPairs * Double(3 * network.inputShape[2] - 1)
    var hasTangents = false
    for layer in network.layers {
      switch layer {
      case .convolution:
        // Sums of three rows, of three columns, the weight and the bias or K: of K and of Θ.
        operations += pairs(pixels) * (hasTangents ? 12 : 6)
        hasTangents = true
      case .activation:
        // Two polynomials of degree 7 are 28 of them: see arc_cosine_single_loop.h.
        operations += pairs(pixels) * 41
        activations += pairs(pixels)
      case .pool(let pooling):
        operations += pairs(pixels) * 2
        pixels /= Double(pooling.window.size.reduce(1, *))
        operations += pairs(pixels) * 2
      case .globalAveragePool, .flatten:
        operations += pairs(pixels) * 2
      default: break
      }
    }
  }
}
