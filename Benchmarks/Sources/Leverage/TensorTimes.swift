// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Seconds of sampling tensor rows: by the dimension at fixed nonzeros, by these, and by the power.

import Foundation
import Sketching

/// n points of d coordinates with so many normal entries each, in random places.
func sparsePoints(_ n: Int, _ d: Int, nonzeros: Int) throws -> SparseMatrix<Double> {
  let key = RandomKey(seed: 1)
  var (offsets, columns, values) = ([0], [Int32](), [Double]())
  for i in 0..<n {
    let places = try key.child("places", i).stream.sampleWithoutReplacement(nonzeros, from: d)
    columns += places.sorted().map { Int32($0) }
    offsets.append(columns.count)
    let stream = key.child("values", i).stream
    values += (0..<nonzeros).map { stream.normal(at: UInt64($0)) }
  }
  return try SparseMatrix(
    columnCount: d, rowOffsets: offsets, columnIndices: columns, values: values)
}

private func sample(_ points: Rows<Double>, power: Int) throws -> Double {
  let norms = points.normalized()
  return try timed {
    try TensorRowSampling(ridge: 1, count: 512).rows(ofPower: power, of: norms)
  }.1
}

func tensorTimes() throws -> [Table] {
  let (n, nonzeros) = (2000, 500)
  var byDimension = Table(
    title: "512 rows of X^{⊗3}, \(n) points of \(nonzeros) nonzeros", columns: ["d", "seconds"])
  for d in [10_000, 100_000, 1_000_000] {
    let points = Rows.sparse(try sparsePoints(n, d, nonzeros: nonzeros))
    byDimension.add("", [Double(d), median(try (0..<3).map { _ in try sample(points, power: 3) })])
  }
  var byNonzeros = Table(
    title: "512 rows of X^{⊗3}, \(n) points, d = 100,000",
    columns: ["nonzeros", "seconds", "µs a nonzero"])
  for nonzeros in [250, 500, 1000, 2000] {
    let points = Rows.sparse(try sparsePoints(n, 100_000, nonzeros: nonzeros))
    let seconds = median(try (0..<3).map { _ in try sample(points, power: 3) })
    byNonzeros.add(
      "", [Double(nonzeros), seconds, 1e6 * seconds / Double(n * nonzeros)])
  }
  var byPower = Table(
    title: "512 rows of X^{⊗q}, \(n) points of \(nonzeros) nonzeros, d = 100,000",
    columns: ["q", "seconds"])
  let points = Rows.sparse(try sparsePoints(n, 100_000, nonzeros: nonzeros))
  for power in [2, 4, 8, 16] {
    byPower.add(
      "", [Double(power), median(try (0..<3).map { _ in try sample(points, power: power) })])
  }
  return [byDimension, byNonzeros, byPower]
}
