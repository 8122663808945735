// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The linear sketches, each beside a plain C loop or the part that it cannot do without.

import PlainLoops
import Sketching
import Transforms

/// S A of a 100000 × 256 matrix to 2048 rows with 1, 4 and 8 nonzeros per column of S, beside the loop
/// that anyone would write in C, into memory that it has used before. Ours makes its output anew, or
/// adds to one that is there ("warm").
func sparseSignSpeed(threads: Int) throws -> [Measurement] {
  let (rows, columns, buckets) = (100_000, 256, 2048)
  let a = randomMatrix(rows, columns)
  let execution = Execution(threads: threads)
  var output = Matrix<Float>(rowCount: buckets, columnCount: columns)
  return try [1, 4, 8].flatMap { nonzeros in
    let sketch = try SparseSignEmbedding(
      inputDimension: rows, outputDimension: buckets, nonzeros: nonzeros, seed: 0)
    let key = RandomKey(seed: 0)
    let block = Int32(buckets / nonzeros)
    let bucket = key.child("bucket").stream.buckets(length: rows * nonzeros, count: Int(block))
      .enumerated().map { Int32($0 % nonzeros) * block + $1 }
    let sign = key.child("sign").stream.signs(count: rows * nonzeros).map(Float.init)
    var plain = [Float](repeating: 0, count: buckets * columns)
    func yardstick() {
      a.withUnsafePointer {
        plain_sparse_signs(rows, columns, $0, nonzeros, bucket, sign, buckets, &plain)
      }
    }
    let (fresh, plainTime) = try medians(
      7,
      {
        let result = try sketch.applyFromLeft(to: .dense(a), on: execution)
        precondition(result.rowCount == buckets)
      }, yardstick)
    let (warm, otherPlainTime) = try medians(
      7,
      {
        try output.withUnsafeMutablePointer {
          try sketch.accumulate(
            .dense(a), at: 0, into: RowOutput(base: $0, stride: columns), on: execution)
        }
      }, yardstick)
    return [("", fresh, plainTime), (", warm", warm, otherPlainTime)].map { name, time, theirs in
      Measurement(
        work: "\(nonzeros)-sparse signs, 100000 × 256 to 2048 rows\(name)", threads: threads,
        seconds: time, speed: 1e3 * time, unit: "ms", yardstick: "plain C loop, 1 thread",
        yardstickSeconds: theirs, ratio: theirs / time,
        wanted: threads == 1 ? "≥ 0.83" : "≥ 1.6 × 1 thread")
    }
  }
}

/// The SRHT of 10,000 rows from 2¹⁴ to 2048 coordinates, beside the Walsh-Hadamard transforms of as many
/// rows, in place in memory and in a row that stays in the cache.
func srhtSpeed() throws -> [Measurement] {
  let (rows, d, m) = (10_000, 1 << 14, 2048)
  let x = randomMatrix(rows, d)
  var transformed = x
  let sketch = try SRHT(inputDimension: d, outputDimension: m, seed: 0)
  let execution = Execution(threads: 1)
  let (ours, inMemory) = try medians(
    3,
    {
      let result = try sketch.apply(to: .dense(x), on: execution)
      precondition(result.rowCount == rows)
    }, { try WalshHadamard.transform(&transformed) })
  var row = x.rows(0..<1)
  let inCache = try median(3) {
    for _ in 0..<rows { try WalshHadamard.transform(&row) }
  }
  func measurement(_ yardstick: String, _ time: Double) -> Measurement {
    Measurement(
      work: "SRHT 2¹⁴ to 2048, 10,000 rows", threads: 1, seconds: ours,
      speed: Double(rows) / ours, unit: "rows/s", yardstick: yardstick, yardstickSeconds: time,
      ratio: time / ours, wanted: "≥ 0.77")
  }
  return [
    measurement("transforms in memory", inMemory), measurement("transforms in cache", inCache),
  ]
}

/// Normal numbers alone, and inside of a Gaussian sketch from 100,000 to 2048 coordinates that is not
/// stored, of few points.
func normalSpeed() throws -> [Measurement] {
  let stream = RandomKey(seed: 0).child("normals").stream
  let blocks = 1 << 14
  var normals = [Float](repeating: 0, count: 4 * blocks)
  let alone = median(21) { stream.fillNormals(from: 0, count: blocks, into: &normals) }
  let (d, m) = (100_000, 2048)
  let sketch = try GaussianSketch(inputDimension: d, outputDimension: m, seed: 0)
  func measurement(_ work: String, _ count: Int, _ time: Double) -> Measurement {
    Measurement(
      work: work, threads: 1, seconds: time, speed: 1e-6 * Double(count) / time,
      unit: "M normals/s",
      yardstick: "150 M normals/s", yardstickSeconds: nil,
      ratio: 1e-6 * Double(count) / time / 150, wanted: "≥ 1")
  }
  return try [measurement("normal numbers", 4 * blocks, alone)]
    + [1, 16].map { rows in
      let x = randomMatrix(rows, d)
      let time = try median(3) {
        _ = try sketch.apply(to: .dense(x), on: Execution(threads: 1))
      }
      return measurement("Gaussian sketch 100000 to 2048, \(rows) points", d * m, time)
    }
}
