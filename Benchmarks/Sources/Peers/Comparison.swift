// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The rows of the table: what we do, what a peer does, and what is wanted.

import Foundation
import Sketching

struct Comparison {
  enum Unit: String, Codable {
    case rowsPerSecond = "rows/s"
    case milliseconds = "ms"
    case seconds = "s"
  }

  enum Wanted {
    /// At least so many times as fast.
    case ratio(Double)
    /// At most so many seconds.
    case seconds(Double)
    /// At most so many bytes.
    case bytes(Double)
    case nothing
  }

  var name: String
  var title: String
  var ours: Work
  var peer: (name: String, work: Work)?
  var wanted: Wanted
  var unit = Unit.milliseconds

  /// All rows; the command's inputs are written to `folder`.
  static func all(inputs folder: String) throws -> [Comparison] {
    func file(_ name: String) -> String { "\(folder)/\(name)" }
    func write(_ matrix: Matrix<Float>, as shape: [Int], to name: String) throws {
      let writer = try NumPyWriter(
        path: file(name), shape: [matrix.rowCount] + shape, precision: .single)
      try writer.append(matrix)
      try writer.finish()
    }
    func kernel(_ network: String, _ x: String, _ y: String? = nil, units: Double = 1) -> Work {
      .command(
        ["kernel", "--network", file(network), "--x", file(x)]
          + (y.map { ["--y", file($0)] } ?? [])
          + ["--precision", "single", "--quiet", "--output", file("K.npy")],
        units: units)
    }
    let batch = 16
    let pairs = Double(batch * batch)
    for (name, shape) in [("28", [28, 28, 1]), ("32", [32, 32, 3])] {
      let pixels = shape.reduce(1, *)
      try write(OurWork.dense(batch, pixels), as: shape, to: "x\(name).npy")
      try write(
        OurWork.dense(2 * batch, pixels).rows(batch..<2 * batch), as: shape, to: "y\(name).npy")
      try Network.myrtle(5, input: shape).yaml
        .write(toFile: file("myrtle\(name).yaml"), atomically: true, encoding: .utf8)
    }
    try write(OurWork.dense(100, 784), as: [28, 28, 1], to: "hundred.npy")
    try write(OurWork.dense(10, 784), as: [784], to: "ten.npy")
    try Network.fullyConnected(inputDimension: 784, depth: 3).yaml
      .write(toFile: file("connected.yaml"), atomically: true, encoding: .utf8)
    try flattened(depth: 5).yaml
      .write(toFile: file("flattened.yaml"), atomically: true, encoding: .utf8)

    let scikit = "scikit-learn"
    let tangents = "neural-tangents"
    func sketches(_ row: String) -> Work { .script("sketches", [row]) }
    func kernels(_ row: String...) -> Work { .script("kernels", row) }
    return [
      Comparison(
        name: "tensorSketchDense", title: "TensorSketch, degree 3, 784 → 3072",
        ours: .ours("tensorSketchDense"), peer: (scikit, sketches("tensorSketchDense")),
        wanted: .ratio(12), unit: .rowsPerSecond),
      Comparison(
        name: "tensorSketchSparse4", title: "the same, 50 nonzeros of 10⁴",
        ours: .ours("tensorSketchSparse10000"),
        peer: (scikit, sketches("tensorSketchSparse10000")), wanted: .nothing,
        unit: .rowsPerSecond),
      Comparison(
        name: "tensorSketchSparse5", title: "the same, 50 nonzeros of 10⁵",
        ours: .ours("tensorSketchSparse100000"),
        peer: (scikit, sketches("tensorSketchSparse100000")), wanted: .nothing,
        unit: .rowsPerSecond),
      Comparison(
        name: "tensorSketchSparse7", title: "the same, 50 nonzeros of 10⁷",
        ours: .ours("tensorSketchSparse10000000"), wanted: .nothing, unit: .rowsPerSecond),
      Comparison(
        name: "countSketchLeft", title: "CountSketch, 100000 × 256 to 2048 rows",
        ours: .ours("countSketchLeft"), peer: ("SciPy", sketches("countSketchLeft")),
        wanted: .nothing),
      Comparison(
        name: "sparseSigns4", title: "4-sparse signs, the same",
        ours: .ours("sparseSigns4"), peer: (scikit, sketches("sparseSigns4")), wanted: .nothing),
      Comparison(
        name: "sparseSigns8", title: "8-sparse signs, the same",
        ours: .ours("sparseSigns8"), peer: (scikit, sketches("sparseSigns8")), wanted: .nothing),
      Comparison(
        name: "gaussian", title: "Gaussian, 16 rows, 100000 → 2048",
        ours: .ours("gaussian"), peer: (scikit, sketches("gaussian")), wanted: .nothing),
      Comparison(
        name: "ntkRelu3", title: "ReLU NTK, depth 3, 2000 × 784",
        ours: .ours("ntkRelu3"), peer: (tangents, kernels("ntkRelu3")), wanted: .seconds(0.08)),
      Comparison(
        name: "ntkRelu10", title: "ReLU NTK, depth 10, the same",
        ours: .ours("ntkRelu10"), peer: (tangents, kernels("ntkRelu10")), wanted: .ratio(4)),
      Comparison(
        name: "ntkErf3", title: "erf NTK, depth 3, the same",
        ours: .ours("ntkErf3"), peer: (tangents, kernels("ntkErf3")), wanted: .ratio(4)),
      Comparison(
        name: "myrtle28", title: "Myrtle-5, a pair of 28 × 28",
        ours: kernel("myrtle28.yaml", "x28.npy", "y28.npy", units: pairs),
        peer: (tangents, kernels("myrtle28", "4")), wanted: .seconds(0.002)),
      Comparison(
        name: "myrtle32", title: "Myrtle-5, a pair of 32 × 32 × 3",
        ours: kernel("myrtle32.yaml", "x32.npy", "y32.npy", units: pairs),
        peer: (tangents, kernels("myrtle32", "4")), wanted: .seconds(0.0035)),
      Comparison(
        name: "flatten28", title: "5 convolutions, Flatten, a pair of 28 × 28",
        ours: kernel("flattened.yaml", "hundred.npy", "hundred.npy", units: 10_000),
        peer: (tangents, kernels("flatten28", "2", "4", "8", "16", "32")), wanted: .ratio(300)),
      Comparison(
        name: "firstNumber", title: "start to 10 × 10 ReLU NTK, depth 3",
        ours: kernel("connected.yaml", "ten.npy"),
        peer: (tangents, .wholeScript("kernels", ["firstNumber"])), wanted: .seconds(0.1)),
      Comparison(
        name: "hundred", title: "Myrtle-5, 100 × 100 images of 28 × 28",
        ours: .command(
          [
            "kernel", "--network", file("myrtle28.yaml"), "--x", file("hundred.npy"),
            "--precision", "single", "--quiet", "--output", file("K.npy"),
          ], units: 1),
        wanted: .bytes(100e6), unit: .seconds),
    ]
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
}
