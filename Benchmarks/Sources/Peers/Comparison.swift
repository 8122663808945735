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
    try write(OurWork.dense(100, 784), as: [28, 28, 1], to: "hundred.npy")
    try write(OurWork.dense(10, 784), as: [784], to: "ten.npy")
    try Network.myrtle(5, input: [28, 28, 1]).yaml
      .write(toFile: file("myrtle28.yaml"), atomically: true, encoding: .utf8)
    try Network.fullyConnected(inputDimension: 784, depth: 3).yaml
      .write(toFile: file("connected.yaml"), atomically: true, encoding: .utf8)

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
        name: "tensorSketchSparse4", title: "TensorSketch, 50 nonzeros of 10⁴",
        ours: .ours("tensorSketchSparse10000"),
        peer: (scikit, sketches("tensorSketchSparse10000")), wanted: .nothing,
        unit: .rowsPerSecond),
      Comparison(
        name: "tensorSketchSparse5", title: "TensorSketch, 50 nonzeros of 10⁵",
        ours: .ours("tensorSketchSparse100000"),
        peer: (scikit, sketches("tensorSketchSparse100000")), wanted: .nothing,
        unit: .rowsPerSecond),
      Comparison(
        name: "tensorSketchSparse7", title: "TensorSketch, 50 nonzeros of 10⁷",
        ours: .ours("tensorSketchSparse10000000"), wanted: .nothing, unit: .rowsPerSecond),
      Comparison(
        name: "countSketchLeft", title: "CountSketch, 100000 × 256 to 2048 rows",
        ours: .ours("countSketchLeft"), peer: ("SciPy", sketches("countSketchLeft")),
        wanted: .nothing),
      Comparison(
        name: "sparseSigns4", title: "4-sparse signs, 100000 × 256 to 2048 rows",
        ours: .ours("sparseSigns4"), peer: (scikit, sketches("sparseSigns4")), wanted: .nothing),
      Comparison(
        name: "sparseSigns8", title: "8-sparse signs, 100000 × 256 to 2048 rows",
        ours: .ours("sparseSigns8"), peer: (scikit, sketches("sparseSigns8")), wanted: .nothing),
      Comparison(
        name: "gaussian", title: "Gaussian, 16 rows, 100000 → 2048",
        ours: .ours("gaussian"), peer: (scikit, sketches("gaussian")), wanted: .nothing),
      Comparison(
        name: "ntkRelu3", title: "ReLU NTK, depth 3, 2000 × 784",
        ours: .ours("ntkRelu3"), peer: (tangents, kernels("ntkRelu3")), wanted: .seconds(0.08)),
      Comparison(
        name: "ntkRelu10", title: "ReLU NTK, depth 10, 2000 × 784",
        ours: .ours("ntkRelu10"), peer: (tangents, kernels("ntkRelu10")), wanted: .ratio(4)),
      Comparison(
        name: "ntkErf3", title: "erf NTK, depth 3, 2000 × 784",
        ours: .ours("ntkErf3"), peer: (tangents, kernels("ntkErf3")), wanted: .ratio(4)),
      Comparison(
        name: "myrtle28", title: "Myrtle-5, a pair of 28 × 28", ours: .ours("myrtle28"),
        peer: (tangents, kernels("myrtle28", "4")), wanted: .seconds(0.002)),
      Comparison(
        name: "myrtle32", title: "Myrtle-5, a pair of 32 × 32 × 3", ours: .ours("myrtle32"),
        peer: (tangents, kernels("myrtle32", "4")), wanted: .seconds(0.0035)),
      Comparison(
        name: "flatten28", title: "5 convolutions, Flatten, 28 × 28, a pair of many",
        ours: .ours("flatten28"),
        peer: (tangents, kernels("flatten28", "2", "4", "8", "16", "32")), wanted: .nothing),
      Comparison(
        name: "flattenOne", title: "5 convolutions, Flatten, one pair a call, peer compiled",
        ours: .ours("flattenOne"), peer: (tangents, kernels("flatten28", "1")), wanted: .nothing),
      Comparison(
        name: "flattenPlain", title: "5 convolutions, Flatten, one pair a call, peer uncompiled",
        ours: .ours("flattenOne"),
        peer: (tangents, kernels("flattenPlain")), wanted: .ratio(300)),
      Comparison(
        name: "firstNumber", title: "start to 10 × 10 ReLU NTK, depth 3",
        ours: .command(
          [
            "kernel", "--network", file("connected.yaml"), "--x", file("ten.npy"),
            "--precision", "single", "--quiet", "--output", file("K.npy"),
          ]),
        peer: (tangents, .wholeScript("kernels", ["firstNumber"])), wanted: .seconds(0.1)),
      Comparison(
        name: "hundred", title: "Myrtle-5, 100 × 100 images of 28 × 28",
        ours: .command(
          [
            "kernel", "--network", file("myrtle28.yaml"), "--x", file("hundred.npy"),
            "--precision", "single", "--quiet", "--output", file("K.npy"),
          ]),
        wanted: .bytes(100e6), unit: .seconds),
    ]
  }
}
