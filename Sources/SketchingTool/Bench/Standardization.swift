// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Columns of tables brought to one scale.

import Sketching

/// The map of each column to mean 0 and variance 1, as measured on training rows.
struct Standardization {
  private let means: [Double]
  private let deviations: [Double]

  init(_ rows: Matrix<Float>) {
    let count = Double(max(1, rows.rowCount))
    func mean(_ term: (Int, Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: rows.columnCount)
      rows.withUnsafePointer { p in
        for i in 0..<rows.rowCount {
          for j in 0..<rows.columnCount { sums[j] += term(j, Double(p[i * rows.columnCount + j])) }
        }
      }
      return sums.map { $0 / count }
    }
    let means = mean { $1 }
    self.means = means
    // Columns that do not vary stay zero.
    deviations = mean { ($1 - means[$0]) * ($1 - means[$0]) }.map { $0 > 0 ? $0.squareRoot() : 1 }
  }

  func apply(to rows: Matrix<Float>) -> Matrix<Float> {
    var result = rows
    let (n, d) = (rows.rowCount, rows.columnCount)
    result.withUnsafeMutablePointer { p in
      for i in 0..<n {
        for j in 0..<d {
          p[i * d + j] = Float((Double(p[i * d + j]) - means[j]) / deviations[j])
        }
      }
    }
    return result
  }
}
