// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Inner loops, each small and on one thread, for thresholds that tell when one has become slower.
//
// `make bench-check` compares with Thresholds/, which `make bench-thresholds` writes.

import Benchmark
import Sketching
import Transforms

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock], warmupIterations: 3, maxDuration: .seconds(1), maxIterations: 2000,
    thresholds: [.wallClock: .init(relative: [.p90: 30])])
  linearSketches()
  tensorSketches()
  kernels()
  regression()
}

private let serial = Execution(threads: 1)

/// Registers `work` on what `make` prepares once, before the first run that counts.
private func measure<State>(
  _ name: String, _ make: @escaping () throws -> State,
  _ work: @escaping (inout State) throws -> Void
) {
  var state: State?
  // Thresholds are written under names without spaces, and looked for under the name as it is.
  Benchmark(name.split(separator: " ").joined(separator: "_")) { benchmark in
    var current = try state ?? make()
    // A second owner would make work that changes its state copy it.
    state = nil
    benchmark.startMeasurement()
    try work(&current)
    benchmark.stopMeasurement()
    state = current
  }
}

/// The same for a sketch of the rows of a matrix.
private func measure(
  _ name: String, rows: Int, columns: Int, _ make: @escaping () throws -> some LinearSketch
) {
  measure(
    name, { (try make(), Rows.dense(randomMatrix(rows, columns))) },
    { state in blackHole(try state.0.apply(to: state.1, on: serial)) })
}

/// The same for the columns of a matrix.
private func measureFromLeft(
  _ name: String, rows: Int, columns: Int, _ make: @escaping () throws -> some LinearSketch
) {
  measure(
    name, { (try make(), Rows.dense(randomMatrix(rows, columns))) },
    { state in blackHole(try state.0.applyFromLeft(to: state.1, on: serial)) })
}

private func linearSketches() {
  measureFromLeft("CountSketch of 16384 x 256 from the left", rows: 1 << 14, columns: 256) {
    try CountSketch(inputDimension: 1 << 14, outputDimension: 2048, seed: 0)
  }
  measure("CountSketch of 1024 rows, 784 to 256", rows: 1024, columns: 784) {
    try CountSketch(inputDimension: 784, outputDimension: 256, seed: 0)
  }
  measureFromLeft("8-sparse signs of 16384 x 256 from the left", rows: 1 << 14, columns: 256) {
    try SparseSignEmbedding(
      inputDimension: 1 << 14, outputDimension: 2048, nonzeros: 8, seed: 0)
  }
  measure("8-sparse signs of 1024 rows, 784 to 256", rows: 1024, columns: 784) {
    try SparseSignEmbedding(inputDimension: 784, outputDimension: 256, nonzeros: 8, seed: 0)
  }
  measure("SRHT of 128 rows, 16384 to 2048", rows: 128, columns: 1 << 14) {
    try SRHT(inputDimension: 1 << 14, outputDimension: 2048, seed: 0)
  }
  measure(
    "Walsh-Hadamard of 8 rows of 65536", { randomMatrix(8, 1 << 16) },
    { rows in try WalshHadamard.transform(&rows) })
  measure(
    "65536 normal numbers",
    { (RandomKey(seed: 0).child("normals").stream, [Float](repeating: 0, count: 1 << 16)) },
    { state in state.0.fillNormals(from: 0, count: 1 << 14, into: &state.1) })
}

private func tensorSketches() {
  let parameters = { () throws -> PolynomialSketchParameters in
    PolynomialSketchParameters(inputDimension: 784, degree: 3, outputDimension: 3072, seed: 0)
  }
  func measure(_ name: String, _ make: @escaping () throws -> some PolynomialSketch) {
    Microbenchmarks.measure(
      name, { (try make(), Rows.dense(randomMatrix(128, 784))) },
      { state in blackHole(try state.0.apply(to: state.1, on: serial)) })
  }
  measure("TensorSketch of 128 rows, degree 3, 784 to 3072") {
    try TensorSketch(inputDimension: 784, degree: 3, outputDimension: 3072, seed: 0)
  }
  measure("CtR-SRHT of 128 rows, degree 3, 784 to 3072") {
    try TensorSRHT(TensorSRHTParameters(parameters(), isComplex: true))
  }
  measure("PolySketch of 128 rows, degree 3, 784 to 3072") {
    try PolySketch(PolySketchParameters(parameters()))
  }
}

private func kernels() {
  measure(
    "Arc-cosine maps of 65536 covariances",
    {
      (
        ones: [Float](repeating: 1, count: 1 << 16), values: randomMatrix(1, 1 << 16),
        derivatives: [Float](repeating: 1, count: 1 << 16)
      )
    },
    { state in
      state.values.withUnsafeMutablePointer { values in
        state.derivatives.withUnsafeMutableBufferPointer { derivatives in
          state.ones.withUnsafeBufferPointer { ones in
            guard let ones = ones.baseAddress else { return }
            ArcCosine.applyReLU(
              1 << 16, ones, ones, qStep: 0, ones, ones, nngp: values,
              ntk: derivatives.baseAddress)
          }
        }
      }
    })
  measure(
    "NTK tile of 128 x 128 points of 784 numbers",
    {
      (
        NeuralKernel(network: try .fullyConnected(inputDimension: 784, depth: 3)),
        Rows.dense(randomMatrix(128, 784)), Rows.dense(randomMatrix(128, 784, seed: 1))
      )
    },
    { state in
      blackHole(try state.0.matrix(state.1, state.2, on: serial))
    })
  measure(
    "NTK matrix of 1024 points times 10 vectors",
    {
      (
        try KernelOperator(
          NeuralKernel(network: .fullyConnected(inputDimension: 784, depth: 3)),
          points: .dense(randomMatrix(1024, 784))),
        randomMatrix(1024, 10).converted(to: Double.self)
      )
    },
    { state in
      blackHole(try state.0.multiplied(by: state.1, on: serial))
    })
  measure(
    "Exact NTK of Myrtle-5, a pair of 28 x 28 images",
    {
      (
        NeuralKernel(network: try .myrtle(5, input: [28, 28, 1])),
        Rows.dense(randomMatrix(1, 784)), Rows.dense(randomMatrix(1, 784, seed: 1))
      )
    },
    { state in
      blackHole(try state.0.matrix(state.1, state.2, on: serial))
    })
}

private func regression() {
  measure(
    "Gram matrix of a tile of 512 x 2048 features",
    {
      (
        try NormalEquations(featureCount: 2048, targetCount: 1), randomMatrix(512, 2048),
        Matrix<Double>(repeating: 1, rowCount: 512, columnCount: 1)
      )
    },
    { state in
      try state.0.add(features: state.1, targets: state.2, on: serial)
    })
}

/// Random entries, the same in every run.
private func randomMatrix(_ rowCount: Int, _ columnCount: Int, seed: UInt64 = 0) -> Matrix<Float> {
  let stream = RandomKey(seed: seed).child("benchmark").stream
  return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
    for i in 0..<rowCount * columnCount { output[i] = Float(stream.uniform(at: UInt64(i))) - 0.5 }
  }
}
