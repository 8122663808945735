// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The columns of one factor, arranged for scans over all of them.

import LinearAlgebra
import Randomness
import Validation

/// The nonzero columns of a matrix X, n × d, in random order, cut into buckets.
///
/// A scan gives every column i its mass Σ_r (Σ_j F_jr P_j x_ji)² for a matrix F, n × R, and a vector P. Of
/// wide data first the masses of buckets are estimated, from 8 normal combinations of the columns of
/// each; then one bucket is scanned.
struct FactorColumns: Sendable {
  /// The numbers in X of the columns, in the order of the scans.
  let labels: [Int]
  /// The columns as rows, in that order.
  let columns: Rows<Double>
  /// The first column of every bucket.
  let starts: [Int]
  private let buckets: [Rows<Double>]
  /// The combinations, n × 8 · buckets; nil where there is one bucket.
  private let combinations: Matrix<Double>?

  var bucketCount: Int { buckets.count }
  var count: Int { labels.count }

  private static let combinationCount = 8

  /// - Parameter bucketCount: by default as many as make a scan cheapest.
  /// - Throws: `InvalidInput` if X has no entry besides zero.
  init(
    _ rows: Rows<Double>, bucketCount: Int? = nil, key: RandomKey, on execution: Execution
  ) throws {
    let sparse = rows.sparse
    var isUsed = [Bool](repeating: false, count: rows.columnCount)
    sparse.withUnsafePointers { view in
      for position in 0..<sparse.nonzeroCount where view.values[position] != 0 {
        isUsed[Int(view.columns[position])] = true
      }
    }
    let used = isUsed.indices.filter { isUsed[$0] }
    guard !used.isEmpty else {
      throw InvalidInput("points", found: "zeros alone", expected: "some entry that is not zero")
    }
    let order = try key.child("order").stream.sampleWithoutReplacement(
      used.count, from: used.count)
    let labels = order.map { used[$0] }
    let (n, width) = (rows.rowCount, labels.count)
    var places = [Int32](repeating: -1, count: rows.columnCount)
    for (place, label) in labels.enumerated() { places[label] = Int32(place) }
    let ordered = try transposed(sparse, 0..<n, places: places, count: width)
    let isDense = 4 * ordered.nonzeroCount > n * width
    func arranged(_ part: SparseMatrix<Double>) -> Rows<Double> {
      isDense ? .dense(part.dense) : .sparse(part)
    }
    let entries = Double(ordered.nonzeroCount) / Double(n)
    let ideal = (entries / Double(Self.combinationCount)).squareRoot().rounded()
    let count = min(width, bucketCount ?? (entries < 128 ? 1 : max(1, Int(ideal))))
    let ranges = (0..<count).map { $0 * width / count..<($0 + 1) * width / count }
    let points = (0..<Int32(n)).map { $0 }
    let parts = try ranges.map {
      arranged(try transposed(ordered, $0, places: points, count: n))
    }
    self.labels = labels
    starts = ranges.map(\.lowerBound)
    columns = arranged(ordered)
    buckets = parts
    combinations =
      count == 1 ? nil : try Self.combine(parts, key: key.child("combinations"), on: execution)
  }

  private static func combine(
    _ parts: [Rows<Double>], key: RandomKey, on execution: Execution
  ) throws -> Matrix<Double> {
    let combined = try parts.enumerated().map { index, part in
      try part.multiplied(
        by: normalMatrix(
          rowCount: part.columnCount, columnCount: combinationCount, key: key.child("bucket", index)
        ),
        on: execution
      ).transposed
    }
    return try Matrix.stacked(combined).transposed
  }

  /// The estimated masses of the buckets.
  func bucketMasses(_ prefix: PrefixProduct, workspace: Workspace) -> [Double] {
    guard let combinations else { return [1] }
    let masses = ColumnScan.dense(combinations, prefix, workspace: workspace)
    return (0..<bucketCount).map { bucket in
      let first = bucket * Self.combinationCount
      return masses[first..<first + Self.combinationCount].reduce(0, +)
    }
  }

  /// The columns of a bucket that may have a mass, by their places in the order, and the masses.
  func masses(
    inBucket bucket: Int, _ prefix: PrefixProduct, workspace: Workspace
  ) -> (places: [Int], masses: [Double]) {
    let start = starts[bucket]
    switch buckets[bucket] {
    case .dense(let matrix):
      return (
        Array(start..<start + matrix.columnCount),
        ColumnScan.dense(matrix, prefix, workspace: workspace)
      )
    case .sparse(let matrix):
      if 4 * prefix.support.count > matrix.rowCount, case .sparse(let columns) = columns {
        let range = start..<start + matrix.columnCount
        return (
          Array(range), ColumnScan.columns(range, of: columns, prefix, workspace: workspace)
        )
      }
      let found = ColumnScan.sparse(matrix, prefix, workspace: workspace)
      return (found.columns.map { start + Int($0) }, found.masses)
    }
  }

  /// values ← values ∘ x_c for the column at a place in the order; `scratch` holds n numbers, too.
  func multiply(
    _ values: UnsafeMutablePointer<Double>, byColumnAt place: Int,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    switch columns {
    case .dense(let matrix):
      matrix.withUnsafePointer { base in
        let column = base + place * matrix.columnCount
        for j in 0..<matrix.columnCount { values[j] *= column[j] }
      }
    case .sparse(let matrix):
      let n = matrix.columnCount
      matrix.withUnsafePointers { view in
        scratch.update(from: values, count: n)
        values.update(repeating: 0, count: n)
        for position in view.positions(ofRow: place) {
          let j = Int(view.columns[position])
          values[j] = scratch[j] * view.values[position]
        }
      }
    }
  }
}

/// Some rows of a matrix as columns; column j becomes row places[j], or none where that is below 0.
private func transposed(
  _ matrix: SparseMatrix<Double>, _ rows: Range<Int>, places: [Int32], count: Int
) throws -> SparseMatrix<Double> {
  let part = matrix.rows(rows)
  return try part.withUnsafePointers { view in
    try places.withUnsafeBufferPointer { places in
      // While entries are placed, offsets[p + 1] is where the next one of row p goes.
      var offsets = [Int](repeating: 0, count: count + 2)
      for position in 0..<part.nonzeroCount {
        let place = Int(places[Int(view.columns[position])])
        if place >= 0 { offsets[place + 2] += 1 }
      }
      for place in 0..<count { offsets[place + 2] += offsets[place + 1] }
      let total = offsets[count + 1]
      var values = [Double](repeating: 0, count: total)
      let columns = [Int32](unsafeUninitializedCapacity: total) { columns, initialized in
        values.withUnsafeMutableBufferPointer { values in
          offsets.withUnsafeMutableBufferPointer { offsets in
            for i in 0..<part.rowCount {
              for position in view.positions(ofRow: i) {
                let place = Int(places[Int(view.columns[position])])
                guard place >= 0 else { continue }
                let target = offsets[place + 1]
                offsets[place + 1] += 1
                columns[target] = Int32(i)
                values[target] = view.values[position]
              }
            }
          }
        }
        initialized = total
      }
      offsets.removeLast()
      return try SparseMatrix(
        columnCount: rows.count, rowOffsets: offsets, columnIndices: columns, values: values)
    }
  }
}
