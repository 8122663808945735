// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The inner loops, each beside its yardstick.

import COpenBLAS
import PlainLoops
import Sketching
import Transforms

/// Random entries, the same in every run.
func randomMatrix(_ rowCount: Int, _ columnCount: Int, seed: UInt64 = 0) -> Matrix<Float> {
  let stream = RandomKey(seed: seed).child("benchmark").stream
  return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
    for i in 0..<rowCount * columnCount { output[i] = Float(stream.uniform(at: UInt64(i))) - 0.5 }
  }
}

/// S A of a 100000 × 256 matrix with 2048 buckets, beside the loop that anyone would write in C.
func countSketchSpeed(threads: Int) throws -> Measurement {
  let (rows, columns, buckets) = (100_000, 256, 2048)
  let a = randomMatrix(rows, columns)
  let sketch = try CountSketch(inputDimension: rows, outputDimension: buckets, seed: 0)
  let key = RandomKey(seed: 0)
  let bucket = key.child("bucket").stream.buckets(length: rows, count: buckets)
  let sign = key.child("sign").stream.signs(count: rows).map(Float.init)
  var plain = [Float](repeating: 0, count: buckets * columns)
  let execution = Execution(threads: threads)
  let (ours, theirs) = try medians(
    9,
    {
      let result = try sketch.applyFromLeft(to: .dense(a), on: execution)
      precondition(result.rowCount == buckets)
    },
    {
      a.withUnsafePointer {
        plain_count_sketch(rows, columns, $0, bucket, sign, buckets, &plain)
      }
    })
  return Measurement(
    work: "CountSketch of a 100000 × 256 matrix to 2048 rows", threads: threads, seconds: ours,
    speed: 1e-9 * Double(4 * rows * columns) / ours, unit: "GB/s",
    yardstick: "plain C loop, 1 thread",
    yardstickSeconds: theirs, ratio: theirs / ours, wanted: "≥ 0.77")
}

/// One Walsh-Hadamard transform of 2¹⁶ floats, beside the radix-2 loop in C.
func walshHadamardSpeed() throws -> [Measurement] {
  let count = 1 << 16
  let source = randomMatrix(1, count)
  var (ours, plain) = (source, source)
  // The entries overflow to infinity in time, which costs additions nothing.
  let (time, plainTime) = try medians(
    101,
    {
      try WalshHadamard.transform(&ours)
    },
    {
      plain.withUnsafeMutablePointer { plain_walsh_hadamard(count, $0) }
    })
  precondition(ours.elements.count == plain.elements.count)
  func measurement(
    _ yardstick: String, _ yardstickSeconds: Double?, _ ratio: Double, _ wanted: String
  )
    -> Measurement
  {
    Measurement(
      work: "Walsh-Hadamard transform of 2¹⁶ floats", threads: 1, seconds: time,
      speed: 1e6 * time, unit: "µs", yardstick: yardstick, yardstickSeconds: yardstickSeconds,
      ratio: ratio, wanted: wanted)
  }
  return [
    measurement("35 µs", nil, 35e-6 / time, "≥ 0.77"),
    measurement("plain C loop", plainTime, plainTime / time, ""),
  ]
}

/// ZᵀZ of a tile of 2048 × 8192 features as ridge regression sums it, beside OpenBLAS's ssyrk with as
/// many threads of its own.
func gramSpeed(threads: Int) throws -> Measurement {
  let (rows, features) = (2048, 8192)
  let z = randomMatrix(rows, features)
  let targets = Matrix<Double>(repeating: 1, rowCount: rows, columnCount: 1)
  var equations = try NormalEquations(featureCount: features, targetCount: 1)
  var product = Matrix<Float>(rowCount: features, columnCount: features)
  let execution = Execution(threads: threads)
  let (ours, theirs) = try medians(
    5,
    {
      openblas_set_num_threads(1)
      try equations.add(features: z, targets: targets, on: execution)
    },
    {
      openblas_set_num_threads(Int32(threads))
      z.withUnsafePointer { input in
        product.withUnsafeMutablePointer { output in
          cblas_ssyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(features), Int32(rows), 1, input,
            Int32(features), 0, output, Int32(features))
        }
      }
    })
  openblas_set_num_threads(1)
  return Measurement(
    work: "Gram matrix of the ridge fit, 2048 × 8192 floats", threads: threads, seconds: ours,
    speed: 1e-9 * Double(rows) * Double(features) * Double(features) / ours, unit: "GFLOP/s",
    yardstick: "OpenBLAS ssyrk, \(threads) threads", yardstickSeconds: theirs, ratio: theirs / ours,
    wanted: "≥ 0.7")
}
