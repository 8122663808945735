// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Prints how far sketched polynomial kernels lie from the exact ones on Fashion-MNIST, and writes it
// to the file named.
//
// Usage: Accuracy [FILE]

import Foundation
import Sketching

let path = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
guard FileManager.default.fileExists(atPath: path) else {
  print("The data set dataset-fashion-mnist is not installed.")
  exit(1)
}

let n = 300
let seeds: Range<UInt64> = 0..<20
let points = try UnitRows(DataFile(path: path)).rows(0..<n, as: Double.self)
let d = points.columnCount

typealias Maker = (PolynomialSketchParameters) throws -> any PolynomialSketch
let laws: [(name: String, make: Maker)] = [
  ("TensorSketch", { try TensorSketch($0) }),
  ("Rademacher", { try ProductSketch(ProductSketchParameters($0, weights: .rademacher)) }),
  (
    "CtR-Rademacher",
    { try ProductSketch(ProductSketchParameters($0, weights: .rademacher, isComplex: true)) }
  ),
  ("TensorSRHT", { try TensorSRHT(TensorSRHTParameters($0)) }),
  ("CtR-SRHT", { try TensorSRHT(TensorSRHTParameters($0, isComplex: true)) }),
  ("PolySketch", { try PolySketch(PolySketchParameters($0)) }),
  (
    "PolySketch, TensorSRHT nodes",
    { try PolySketch(PolySketchParameters($0, node: .tensorSRHT)) }
  ),
]

/// The variance of every entry, where it can be had from the sketch that stands for its law.
func meanVariance(_ sketch: some PolynomialSketch, _ rows: [[Double]]) throws -> Double {
  // Every seventh pair: enough for three digits, at a fiftieth of the time.
  var (sum, count) = (0.0, 0)
  for i in stride(from: 0, to: rows.count, by: 7) {
    for j in stride(from: i % 7, to: rows.count, by: 7) {
      sum += try sketch.variance(rows[i], rows[j])
      count += 1
    }
  }
  return sum / Double(count)
}

func relativeError(_ z: Matrix<Float>, _ exact: Matrix<Double>) throws -> Double {
  let approximate = try InnerProductMatrix.of(z)
  var (difference, size) = (0.0, 0.0)
  for i in 0..<n {
    for j in 0..<n {
      let gap = approximate[i, j] - exact[i, j]
      difference += gap * gap
      size += exact[i, j] * exact[i, j]
    }
  }
  return (difference / size).squareRoot()
}

enum InnerProductMatrix {
  /// Z Zᵀ in double precision.
  static func of(_ z: Matrix<Float>) throws -> Matrix<Double> {
    try PolynomialKernel(degree: 1).matrix(.dense(z.converted(to: Double.self)))
  }
}

var lines = [
  "Relative Frobenius error of ⟨x, y⟩^q on \(n) unit rows of Fashion-MNIST, mean of 20 seeds,",
  "and in brackets the root mean square that the exact variance foretells.", "",
]
let images = points.converted(to: Float.self)
let rows = (0..<n).map { Array(points.dense.row($0)) }
for degree in [2, 3, 5, 7, 10] {
  let exact = try PolynomialKernel(degree: degree).matrix(points)
  let size = exact.elements.reduce(0) { $0 + $1 * $1 } / Double(n * n)
  lines.append(
    "degree \(degree)".padding(toLength: 30, withPad: " ", startingAt: 0)
      + [1024, 3072, 5120].map { "D = \($0)".padding(toLength: 20, withPad: " ", startingAt: 0) }
      .joined())
  for law in laws {
    var line = law.name.padding(toLength: 30, withPad: " ", startingAt: 0)
    for dimension in [1024, 3072, 5120] {
      var mean = 0.0
      var expected = 0.0
      for seed in seeds {
        let sketch = try law.make(
          PolynomialSketchParameters(
            inputDimension: d, degree: degree, outputDimension: dimension, seed: seed))
        mean += try relativeError(sketch.apply(to: images), exact) / Double(seeds.count)
        if seed == seeds.lowerBound {
          expected = (try meanVariance(sketch, rows) / size).squareRoot()
        }
      }
      line += String(format: "%.4f (%.4f)", mean, expected)
        .padding(toLength: 20, withPad: " ", startingAt: 0)
    }
    lines.append(line)
    print(line)
  }
  lines.append("")
}
let table = lines.joined(separator: "\n")
print(table)
if CommandLine.arguments.count > 1 {
  try (table + "\n").write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
}
