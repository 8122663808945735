// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Our side of the rows that are measured inside of a process.

import Foundation
import Sketching

/// Times a row and prints it as JSON: median seconds of one run, or of one point.
enum OurWork {
  static let rows: [String: @Sendable () throws -> Void] = [
    "tensorSketchDense": {
      let x = dense(2048, 784)
      let sketch = try TensorSketch(
        inputDimension: 784, degree: 3, outputDimension: 3072, seed: 0)
      try report(9, units: 2048) { _ = try sketch.apply(to: .dense(x)) }
    },
    "tensorSketchSparse10000": { try tensorSketch(nonzeros: 50, of: 10_000) },
    "tensorSketchSparse100000": { try tensorSketch(nonzeros: 50, of: 100_000) },
    "tensorSketchSparse10000000": { try tensorSketch(nonzeros: 50, of: 10_000_000) },
    "countSketchLeft": {
      let a = dense(100_000, 256)
      let sketch = try CountSketch(inputDimension: 100_000, outputDimension: 2048, seed: 0)
      try report(9) { _ = try sketch.applyFromLeft(to: .dense(a)) }
    },
    "sparseSigns4": { try sparseSigns(4) },
    "sparseSigns8": { try sparseSigns(8) },
    "gaussian": {
      let x = dense(16, 100_000)
      try report(3) {
        _ = try GaussianSketch(inputDimension: 100_000, outputDimension: 2048, seed: 0)
          .apply(to: .dense(x))
      }
    },
    "ntkRelu3": { try kernel(depth: 3, .relu) },
    "ntkRelu10": { try kernel(depth: 10, .relu) },
    "ntkErf3": { try kernel(depth: 3, .erf()) },
    "myrtle28": { try pairs(24, .myrtle(5, input: [28, 28, 1])) },
    "myrtle32": { try pairs(24, .myrtle(5, input: [32, 32, 3])) },
    "flatten28": { try pairs(100, flattened(depth: 5)) },
    "flattenOne": { try pairs(1, flattened(depth: 5)) },
  ]

  /// Entries between −½ and ½, the same in every run.
  static func dense(_ rowCount: Int, _ columnCount: Int) -> Matrix<Float> {
    let stream = RandomKey(seed: 0).child("peers").stream
    return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
      for i in 0..<rowCount * columnCount { output[i] = Float(stream.uniform(at: UInt64(i))) - 0.5 }
    }
  }

  private static func tensorSketch(nonzeros: Int, of columnCount: Int) throws {
    let rowCount = 1024
    let stream = RandomKey(seed: 1).child("peers").stream
    let step = columnCount / nonzeros
    let columns = (0..<nonzeros * rowCount).map {
      Int32($0 % nonzeros * step + stream.bucket(at: UInt64($0), count: step))
    }
    let x = try SparseMatrix(
      columnCount: columnCount, rowOffsets: (0...rowCount).map { nonzeros * $0 },
      columnIndices: columns, values: columns.map { Float($0 % 7) - 3 })
    let sketch = try TensorSketch(
      inputDimension: columnCount, degree: 3, outputDimension: 3072, seed: 0)
    try report(9, units: Double(rowCount)) { _ = try sketch.apply(to: .sparse(x)) }
  }

  private static func sparseSigns(_ nonzeros: Int) throws {
    let a = dense(100_000, 256)
    let sketch = try SparseSignEmbedding(
      inputDimension: 100_000, outputDimension: 2048, nonzeros: nonzeros, seed: 0)
    try report(9) { _ = try sketch.applyFromLeft(to: .dense(a)) }
  }

  private static func kernel(depth: Int, _ activation: Activation) throws {
    let x = dense(2000, 784)
    let kernel = NeuralKernel(
      network: try .fullyConnected(inputDimension: 784, depth: depth, activation: activation))
    try report(9) { _ = try kernel.matrix(.dense(x)) }
  }

  /// The NTK of so many images against as many others.
  private static func pairs(_ count: Int, _ network: Network) throws {
    let images = dense(2 * count, network.inputDimension)
    let (x, y) = (Rows.dense(images.rows(0..<count)), Rows.dense(images.rows(count..<2 * count)))
    let kernel = NeuralKernel(network: network)
    try report(count == 1 ? 99 : 3, units: Double(count * count)) { _ = try kernel.matrix(x, y) }
  }

  private static func flattened(depth: Int) throws -> Network {
    try Network(input: [28, 28, 1]) {
      for _ in 0..<depth {
        Conv(filter: [3, 3], weightStd: 2.0.squareRoot())
        ReLU()
      }
      Flatten()
      Dense(weightStd: 2.0.squareRoot())
    }
  }

  private static func report(
    _ repetitions: Int, units: Double = 1, _ work: () throws -> Void
  ) throws {
    try work()
    let times = try (0..<repetitions).map { _ in
      let time = try ContinuousClock().measure(work).components
      return Double(time.seconds) + Double(time.attoseconds) * 1e-18
    }
    print("{\"seconds\": \(times.sorted()[repetitions / 2] / units)}")
  }
}
