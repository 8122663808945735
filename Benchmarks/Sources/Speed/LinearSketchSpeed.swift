// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The linear sketches, each beside a plain C loop or the part that it cannot do without.

import Dispatch
import PlainLoops
import Sketching
import Transforms

/// S A of a 100000 × 256 matrix to 2048 rows with 1, 4 and 8 nonzeros per column of S.
///
/// On one thread it is beside the loop that anyone would write in C, into memory that it has used
/// before. On several it is beside itself on one, and beside that loop with the rows shared out and sums
/// apart, which are never put together. Ours makes its output anew, or adds to one that is there ("warm").
func sparseSignSpeed(threads: Int) throws -> [Measurement] {
  let (rows, columns, buckets) = (100_000, 256, 2048)
  let a = randomMatrix(rows, columns)
  let execution = Execution(threads: threads)
  var output = Matrix<Float>(rowCount: buckets, columnCount: columns)
  let measurements = try [1, 4, 8].flatMap { nonzeros in
    let sketch = try SparseSignEmbedding(
      inputDimension: rows, outputDimension: buckets, nonzeros: nonzeros, seed: 0)
    let plain = PlainSparseSigns(rows, columns, nonzeros: nonzeros, buckets, threads: threads)
    func fresh(_ execution: Execution) throws {
      let result = try sketch.applyFromLeft(to: .dense(a), on: execution)
      precondition(result.rowCount == buckets)
    }
    func warm(_ execution: Execution) throws {
      try output.withUnsafeMutablePointer {
        try sketch.accumulate(
          .dense(a), at: 0, into: RowOutput(base: $0, stride: columns), on: execution)
      }
    }
    func measurement(
      _ name: String, _ time: Double, _ yardstick: String, _ other: Double, _ wanted: String
    ) -> Measurement {
      Measurement(
        work: "\(nonzeros)-sparse signs, 100000 × 256 to 2048 rows\(name)", threads: threads,
        seconds: time, speed: 1e3 * time, unit: "ms", yardstick: yardstick, yardstickSeconds: other,
        ratio: other / time, wanted: wanted)
    }
    return try [("", fresh), (", warm", warm)].flatMap { name, work in
      let (time, plainTime) = try medians(7, { try work(execution) }, { plain.run(a) })
      let loop = measurement(
        name, time, "plain C loop, \(threads) thread" + (threads > 1 ? "s" : ""), plainTime,
        threads > 1 ? "" : "≥ 0.83")
      guard threads > 1 else { return [loop] }
      let (many, one) = try medians(
        7, { try work(execution) }, { try work(Execution(threads: 1)) })
      return [loop, measurement(name, many, "itself on 1 thread", one, "≥ 1.6")]
    }
  }
  return threads > 1 ? [readingSpeed(a, threads: threads)] + measurements : measurements
}

/// What several threads gain where each byte is read once and nothing else is done.
private func readingSpeed(_ a: Matrix<Float>, threads: Int) -> Measurement {
  let count = a.elements.count
  func read(_ threads: Int) {
    a.withUnsafePointer {
      nonisolated(unsafe) let a = $0
      let share = count / threads
      DispatchQueue.concurrentPerform(iterations: threads) {
        precondition(!plain_sum(share, a + $0 * share).isNaN)
      }
    }
  }
  let (many, one) = medians(15, { read(threads) }, { read(1) })
  return Measurement(
    work: "reading a 100000 × 256 matrix", threads: threads, seconds: many, speed: 1e3 * many,
    unit: "ms", yardstick: "itself on 1 thread", yardstickSeconds: one, ratio: one / many,
    wanted: "")
}

/// The plain loop, with a share of the rows and an output for each thread.
private final class PlainSparseSigns {
  private let (rows, columns, nonzeros, buckets, threads): (Int, Int, Int, Int, Int)
  private let bucket: [Int32]
  private let sign: [Float]
  private var output: [Float]

  init(_ rows: Int, _ columns: Int, nonzeros: Int, _ buckets: Int, threads: Int) {
    (self.rows, self.columns, self.nonzeros, self.buckets, self.threads) = (
      rows, columns, nonzeros, buckets, threads
    )
    let key = RandomKey(seed: 0)
    let block = Int32(buckets / nonzeros)
    bucket = key.child("bucket").stream.buckets(length: rows * nonzeros, count: Int(block))
      .enumerated().map { Int32($0 % nonzeros) * block + $1 }
    sign = key.child("sign").stream.signs(count: rows * nonzeros).map(Float.init)
    output = [Float](repeating: 0, count: threads * buckets * columns)
  }

  func run(_ a: Matrix<Float>) {
    let (share, columns, nonzeros, buckets) = (rows / threads, columns, nonzeros, buckets)
    a.withUnsafePointer { a in
      bucket.withUnsafeBufferPointer { bucket in
        sign.withUnsafeBufferPointer { sign in
          output.withUnsafeMutableBufferPointer { output in
            nonisolated(unsafe) let (a, output) = (a, output.baseAddress!)
            nonisolated(unsafe) let (bucket, sign) = (bucket.baseAddress!, sign.baseAddress!)
            DispatchQueue.concurrentPerform(iterations: threads) {
              let first = $0 * share
              plain_sparse_signs(
                share, columns, a + first * columns, nonzeros, bucket + first * nonzeros,
                sign + first * nonzeros, buckets, output + $0 * buckets * columns)
            }
          }
        }
      }
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
    7,
    {
      let result = try sketch.apply(to: .dense(x), on: execution)
      precondition(result.rowCount == rows)
    }, { try WalshHadamard.transform(&transformed) })
  var row = x.rows(0..<1)
  let inCache = try median(3) {
    for _ in 0..<rows { try WalshHadamard.transform(&row) }
  }
  func measurement(_ yardstick: String, _ time: Double, _ wanted: String) -> Measurement {
    Measurement(
      work: "SRHT 2¹⁴ to 2048, 10,000 rows", threads: 1, seconds: ours,
      speed: Double(rows) / ours, unit: "rows/s", yardstick: yardstick, yardstickSeconds: time,
      ratio: time / ours, wanted: wanted)
  }
  return [
    measurement("transforms in memory", inMemory, "≥ 0.77"),
    measurement("transforms in cache", inCache, ""),
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
