// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernels of networks on vectors.

import COpenBLAS
import Sketching

/// NTK matrices of 2000 points of 784 numbers, beside the bare product XXᵀ.
func neuralKernelSpeed(threads: Int) throws -> [Measurement] {
  let (rows, columns) = (2000, 784)
  let points = randomMatrix(rows, columns)
  var product = Matrix<Float>(rowCount: rows, columnCount: rows)
  let execution = Execution(threads: threads)
  let networks: [(String, Int, Activation, String)] = [
    ("ReLU", 3, .relu, "≤ 0.08 s on 2 threads"), ("ReLU", 10, .relu, ""),
    ("erf", 3, .erf(), ""), ("erf", 10, .erf(), ""), ("GELU", 3, .gelu, ""),
  ]
  var measurements: [Measurement] = []
  for (name, depth, activation, wanted) in networks {
    let kernel = NeuralKernel(
      network: try .fullyConnected(inputDimension: columns, depth: depth, activation: activation))
    let (ours, theirs) = try medians(
      5,
      {
        let matrix = try kernel.matrix(.dense(points), on: execution)
        precondition(matrix[0, 0] > 0)
      },
      {
        openblas_set_num_threads(Int32(threads))
        points.withUnsafePointer { input in
          product.withUnsafeMutablePointer { output in
            cblas_sgemm(
              CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(rows), Int32(columns), 1,
              input, Int32(columns), input, Int32(columns), 0, output, Int32(rows))
          }
        }
        openblas_set_num_threads(1)
      })
    measurements.append(
      Measurement(
        work: "NTK, \(name), depth \(depth), 2000 × 784 floats", threads: threads, seconds: ours,
        speed: 1e3 * ours, unit: "ms", yardstick: "OpenBLAS sgemm XXᵀ",
        yardstickSeconds: theirs, ratio: theirs / ours, wanted: wanted))
  }
  return measurements
}

/// An NTK matrix of 4096 points of 784 numbers, never stored, times ten vectors, beside the bare XXᵀ.
func kernelOperatorSpeed(threads: Int) throws -> Measurement {
  let (rows, columns) = (4096, 784)
  let points = randomMatrix(rows, columns)
  let kernel = try KernelOperator(
    NeuralKernel(network: .fullyConnected(inputDimension: columns, depth: 3)),
    points: .dense(points))
  let vectors = randomMatrix(rows, 10).converted(to: Double.self)
  var product = Matrix<Float>(rowCount: rows, columnCount: rows)
  let execution = Execution(threads: threads)
  let (ours, theirs) = try medians(
    3, { _ = try kernel.multiplied(by: vectors, on: execution) },
    {
      openblas_set_num_threads(Int32(threads))
      points.withUnsafePointer { input in
        product.withUnsafeMutablePointer { output in
          cblas_ssyrk(
            CblasRowMajor, CblasLower, CblasNoTrans, Int32(rows), Int32(columns), 1, input,
            Int32(columns), 0, output, Int32(rows))
        }
      }
      openblas_set_num_threads(1)
    })
  let pair = ours / Double(rows * (rows + 1) / 2)
  return Measurement(
    work: "NTK, ReLU, depth 3, 4096², times 10 vectors", threads: threads, seconds: ours,
    speed: 1e9 * pair, unit: "ns per pair", yardstick: "OpenBLAS ssyrk XXᵀ",
    yardstickSeconds: theirs, ratio: theirs / ours, wanted: "")
}
