// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points of files, as all tables take them.

import Foundation
import Sketching

/// A file's name without its folder and extension.
func name(_ path: String) -> String {
  URL(filePath: path).deletingPathExtension().lastPathComponent
}

/// Some points of a file, spread evenly: columns of tables less their means and divided by their
/// deviations, images and sparse points of length one.
func loadedPoints(_ path: String, _ count: Int) throws -> Rows<Double> {
  let file = try DataFile(path: path)
  let n = min(count, file.rowCount)
  let all: Rows<Double> = try file.rows(0..<file.rowCount, as: Double.self)
  let rows = all.rows(at: (0..<n).map { $0 * file.rowCount / n })
  guard case .dense(let matrix) = rows, matrix.columnCount < 100 else { return rows.normalized() }
  return .dense(standardised(matrix))
}

private func standardised(_ matrix: Matrix<Double>) -> Matrix<Double> {
  var matrix = matrix
  let n = Double(matrix.rowCount)
  for j in 0..<matrix.columnCount {
    let column = (0..<matrix.rowCount).map { matrix[$0, j] }
    let mean = column.reduce(0, +) / n
    let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    for i in 0..<matrix.rowCount {
      matrix[i, j] = deviation > 0 ? (matrix[i, j] - mean) / deviation : 0
    }
  }
  return matrix
}
