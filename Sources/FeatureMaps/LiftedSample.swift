// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The statistics of a sample that shape a map.

import LinearAlgebra

/// Rows x̂ of a sample with the weights w of their features.
struct LiftedSample {
  /// x̂, `n × d`.
  let rows: Rows<Double>
  let weights: [Double]

  init(rows: Rows<Double>, weights: [Double]) {
    self.rows = rows
    self.weights = weights
  }

  /// Up to `rowCount` rows spread evenly over a sample, lifted.
  init<Scalar: RealScalar>(_ sample: Rows<Scalar>, lift: Lift, rowCount: Int) throws {
    let picked = sample.rows(at: spread(rowCount, over: sample.rowCount)).converted(to: Double.self)
    (rows, weights) = try picked.withUnsafeBlock { block in
      try block.withLifted(by: lift, workspace: Workspace()) { lifted, weights in
        (try lifted.rows, Array(UnsafeBufferPointer(start: weights, count: lifted.rowCount)))
      }
    }
  }

  /// ⟨x̂, m⟩ of every row.
  func products(with m: SparseVector) -> [Double] {
    rows.withUnsafeBlock { block in
      (0..<block.rowCount).map { block.product(ofRow: $0, with: m) }
    }
  }

  /// The normalised weighted mean of the rows, or nil where it vanishes.
  ///
  /// - Complexity: O(entries); memory for the columns in use alone.
  var meanDirection: SparseVector? { rows.meanDirection(weights: weights) }

  /// The inner products of all pairs of different rows of weight above 0, rising.
  func products() throws -> [Double] {
    let products = try rows.multiplied(byTransposeOf: rows)
    let used = weights.indices.filter { weights[$0] > 0 }
    return used.enumerated().flatMap { count, i in
      used.prefix(count).map { products[i, $0] }
    }.sorted()
  }
}

extension Rows<Double> {
  /// The direction of the weighted sum of the rows, or nil where that vanishes.
  func meanDirection(weights: [Double]) -> SparseVector? {
    let largest = weights.max() ?? 0
    guard largest > 0 else { return nil }
    let used = usedColumns
    var mean = [Double](repeating: 0, count: used.count)
    for (i, weight) in weights.enumerated() {
      let weight = weight / largest
      switch self {
      case .dense(let matrix):
        let row = matrix.row(i)
        for (k, column) in used.columns.enumerated() {
          mean[k] += weight * row[row.startIndex + Int(column)]
        }
      case .sparse(let matrix):
        matrix.withUnsafePointers { view in
          used.forEachEntry(view, row: i) { mean[$1] += weight * $0 }
        }
      }
    }
    return SparseVector(count: columnCount, used, mean).normalized
  }
}

/// `count` numbers below `total`, or all where there are fewer, spread evenly.
func spread(_ count: Int, over total: Int) -> [Int] {
  let count = min(count, total)
  return (0..<count).map { $0 * total / count }
}

extension RowBlock {
  /// A copy that owns its memory.
  var rows: Rows<Scalar> {
    get throws {
      switch entries {
      case .dense(let base, let stride):
        return .dense(
          Matrix(rowCount: rowCount, columnCount: columnCount) { output in
            for i in 0..<rowCount {
              (output + i * columnCount).update(from: base + i * stride, count: columnCount)
            }
          })
      case .sparse(let view):
        let count = storedCount()
        return .sparse(
          try SparseMatrix(
            columnCount: columnCount,
            rowOffsets: [0] + (0..<rowCount).map { view.positions(ofRow: $0).upperBound },
            columnIndices: Array(UnsafeBufferPointer(start: view.columns, count: count)),
            values: Array(UnsafeBufferPointer(start: view.values, count: count))))
      }
    }
  }
}
