// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How long work takes, once it is warm.

import Sketching

enum Stopwatch {
  /// The median seconds of up to `count` runs, fewer where they take `budget` seconds together, after
  /// one that does not count.
  static func median(
    of count: Int = 5, budget: Double, _ body: () throws -> Void
  ) rethrows -> Double {
    try body()
    var times: [Double] = []
    repeat {
      times.append(try timed(body).1)
    } while times.count < count && times.reduce(0, +) < budget
    return times.median
  }

  /// How many rows a map takes a second, from as many of `rows` as it maps in about `budget` seconds.
  static func rowsPerSecond(
    of map: some RowMap, _ rows: Rows<Float>, budget: Double, on execution: Execution
  ) throws -> Double {
    func seconds(_ count: Int) throws -> Double {
      try timed { try map.images(of: rows.rows(0..<count), on: execution.silent) }.1
    }
    let few = min(64, rows.rowCount)
    _ = try seconds(few)
    let rate = Double(few) / (try seconds(few))
    // Images of more rows than that would fill the memory, not the time.
    let most = min(rows.rowCount, max(few, (1 << 25) / map.outputDimension))
    let count = max(few, Int(min(Double(most), rate * budget)))
    return Double(count) / (try median(of: 3, budget: 2 * budget) { _ = try seconds(count) })
  }
}

extension [Double] {
  /// The middle of the sorted numbers, or the mean of the two there.
  var median: Double {
    precondition(!isEmpty)
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
