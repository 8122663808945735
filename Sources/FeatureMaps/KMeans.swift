// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Centres of clusters: Lloyd's steps from a spread-out start.

import LinearAlgebra
import Randomness
import Validation

/// Lloyd's algorithm from centres drawn as k-means++ does.
///
/// - Source: Arthur, Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007; Bahmani
///   et al., "Scalable k-means++", 2012, for drawing more than one centre at once.
enum KMeans {
  /// Up to `count` centres of the points, fewer where fewer points differ.
  ///
  /// The same bits for any number of threads.
  ///
  /// - Complexity: n · count · d operations for the start and twice that for each step; memory of
  ///   256 · count numbers for each thread.
  /// - Throws: `InvalidInput` if squared distances overflow; `CancellationError`.
  static func centres<Scalar: RealScalar>(
    of points: Matrix<Scalar>, count: Int, steps: Int, key: RandomKey, on execution: Execution
  ) throws -> Matrix<Scalar> {
    var centres = points.rows(
      at: try start(points, count: count, key: key, on: execution.stage("first centres")))
    var assignment: [Int32] = []
    for step in 0..<steps {
      let next = try nearest(centres, to: points, on: execution.silent)
      if next == assignment { break }
      assignment = next
      try move(&centres, to: assignment, of: points, on: execution.silent)
      execution.stage("k-means").report(step + 1, of: steps)
    }
    return centres
  }

  /// Numbers of points, each drawn with probability proportional to its squared distance from the
  /// nearest one before; a sixteenth of those already there is drawn at once.
  private static func start<Scalar: RealScalar>(
    _ points: Matrix<Scalar>, count: Int, key: RandomKey, on execution: Execution
  ) throws -> [Int] {
    let n = points.rowCount
    let stream = key.child("centre").stream
    var position: UInt64 = 0
    var chosen = [stream.bucket(at: position, count: n)]
    var fresh = chosen
    var distances = [Double](repeating: .infinity, count: n)
    while chosen.count < count {
      try update(&distances, points, from: fresh, on: execution.silent)
      var sums = distances
      for i in 1..<max(1, n) { sums[i] += sums[i - 1] }
      guard let total = sums.last, total.isFinite else {
        throw InvalidInput(
          "squared distance of two points", found: "an overflow", expected: "points of smaller norm"
        )
      }
      guard total > 0 else { break }
      fresh = []
      for _ in 0..<min(count - chosen.count, 1 + chosen.count / 16) {
        position += 1
        let target = total * stream.uniform(at: position)
        let index = min(n - 1, sums.partitioningIndex { $0 > target })
        // Of two equal draws, or draws at distance zero by rounding, one does.
        if distances[index] > 0, !fresh.contains(index) { fresh.append(index) }
      }
      chosen += fresh
      execution.report(chosen.count, of: count)
    }
    return chosen
  }

  /// distances[i] ← min(distances[i], |xᵢ − x_c|² for all c in `centres`).
  private static func update<Scalar: RealScalar>(
    _ distances: inout [Double], _ points: Matrix<Scalar>, from centres: [Int],
    on execution: Execution
  ) throws {
    let d = points.columnCount
    try distances.withUnsafeMutableBufferPointer { distances in
      try points.withUnsafePointer { points in
        nonisolated(unsafe) let (distances, points) = (distances, points)
        try Parallel.forEachBlock(of: distances.count, size: 512, on: execution) { range, _ in
          for i in range {
            for centre in centres {
              let square = squaredDistance(points + i * d, points + centre * d, d)
              distances[i] = min(distances[i], Double(square))
            }
          }
        }
      }
    }
  }

  /// The number of the nearest centre of each point, of equally near ones the first.
  static func nearest<Scalar: RealScalar>(
    _ centres: Matrix<Scalar>, to points: Matrix<Scalar>, on execution: Execution
  ) throws -> [Int32] {
    let (n, m, d) = (points.rowCount, centres.rowCount, points.columnCount)
    // |x − c|² = |x|² − 2 (⟨x, c⟩ − |c|²/2).
    let halves = centres.withUnsafePointer { centres in
      (0..<m).map { BLAS.dot(d, centres + $0 * d, centres + $0 * d) / 2 }
    }
    return try [Int32](unsafeUninitializedCapacity: n) { buffer, initialized in
      nonisolated(unsafe) let output = buffer
      try points.withUnsafePointer { points in
        try centres.withUnsafePointer { centres in
          nonisolated(unsafe) let (points, centres) = (points, centres)
          try Parallel.forEachBlock(of: n, size: 256, on: execution) { range, workspace in
            workspace.withScratch(Scalar.self, range.count * m) { products in
              BLAS.gemm(
                transposeB: true, m: range.count, n: m, k: d, points + range.lowerBound * d,
                lda: d, centres, ldb: d, products, ldc: m)
              for (row, i) in range.enumerated() {
                output[i] = Int32(largest(products + row * m, minus: halves))
              }
            }
          }
        }
      }
      initialized = n
    }
  }

  /// Moves every centre to the mean of its points; one without points stays.
  private static func move<Scalar: RealScalar>(
    _ centres: inout Matrix<Scalar>, to assignment: [Int32], of points: Matrix<Scalar>,
    on execution: Execution
  ) throws {
    let (m, d) = (centres.rowCount, centres.columnCount)
    // The points in the order of their centres.
    var ends = [Int](repeating: 0, count: m)
    for centre in assignment { ends[Int(centre)] += 1 }
    for centre in 1..<max(1, m) { ends[centre] += ends[centre - 1] }
    var starts = [0] + ends.dropLast()
    var order = [Int](repeating: 0, count: assignment.count)
    for (i, centre) in assignment.enumerated() {
      order[starts[Int(centre)]] = i
      starts[Int(centre)] += 1
    }
    try centres.withUnsafeMutablePointer { centres in
      try points.withUnsafePointer { points in
        nonisolated(unsafe) let (centres, points) = (centres, points)
        let (order, ends) = (order, ends)
        try Parallel.forEachBlock(of: m, size: 16, on: execution) { range, workspace in
          workspace.withScratch(Double.self, d) { sum in
            for centre in range {
              let members = order[(centre > 0 ? ends[centre - 1] : 0)..<ends[centre]]
              guard !members.isEmpty else { continue }
              sum.update(repeating: 0, count: d)
              for i in members { add(points + i * d, d, to: sum) }
              let scale = 1 / Double(members.count)
              for j in 0..<d { centres[centre * d + j] = Scalar(scale * sum[j]) }
            }
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func squaredDistance<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
  ) -> Scalar {
    var (first, second) = (SIMD8<Scalar>.zero, SIMD8<Scalar>.zero)
    let whole = count & ~15
    for k in stride(from: 0, to: whole, by: 16) {
      let a = difference(x + k, y + k)
      let b = difference(x + k + 8, y + k + 8)
      first += a * a
      second += b * b
    }
    var sum = (first + second).sum()
    for k in whole..<count { sum += (x[k] - y[k]) * (x[k] - y[k]) }
    return sum
  }

  @inline(__always)
  private static func difference<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>
  ) -> SIMD8<Scalar> {
    UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Scalar>.self)
      - UnsafeRawPointer(y).loadUnaligned(as: SIMD8<Scalar>.self)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func largest<Scalar: RealScalar>(
    _ values: UnsafePointer<Scalar>, minus offsets: [Scalar]
  ) -> Int {
    offsets.withUnsafeBufferPointer { offsets in
      var (best, index) = (values[0] - offsets[0], 0)
      for j in 1..<max(1, offsets.count) where values[j] - offsets[j] > best {
        (best, index) = (values[j] - offsets[j], j)
      }
      return index
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func add<Scalar: RealScalar>(
    _ x: UnsafePointer<Scalar>, _ count: Int, to sum: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<count { sum[j] += Double(x[j]) }
  }
}

extension [Double] {
  /// The first position at which `belongsAfter` holds, for a predicate that holds from there on.
  fileprivate func partitioningIndex(where belongsAfter: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
