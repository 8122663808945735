// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How far predictions from features are from those of the exact kernel, whatever the labels.

import LinearAlgebra

/// ‖P̃ − P‖_F / ‖P‖_F for the ridge predictions P = K_ba (K_aa + λI)⁻¹ of every second point from the
/// others, and P̃ the same of ZZᵀ: the root mean square over labels that are independent.
///
/// λ is 10⁻⁵ of the largest eigenvalue of K_aa, times `count` over the number of points there: the largest
/// eigenvalue grows about as their number does, and few points are judged at the ridge at which `count` of
/// them are learnt from. At 10⁻⁵ of their own, predictions from 30 images follow directions that no features
/// of some thousand columns hold, and the distance ranks noise.
/// 0 where K is zero, nil below 4 points.
func predictionDistance(
  of features: Matrix<Double>, exact: Matrix<Double>, asOf count: Int, on execution: Execution
) throws -> Double? {
  let n = exact.rowCount
  guard n >= 4 else { return nil }
  let (known, others) = (
    Array(stride(from: 0, to: n, by: 2)), Array(stride(from: 1, to: n, by: 2))
  )
  let found = try features.outerGram(on: execution.silent)
  func part(_ gram: Matrix<Double>, _ columns: [Int]) -> Matrix<Double> {
    var result = Matrix<Double>(rowCount: known.count, columnCount: columns.count)
    for (i, row) in known.enumerated() {
      for (j, column) in columns.enumerated() { result[i, j] = gram[row, column] }
    }
    return result
  }
  let largest = try SymmetricEigen<Double>.values(of: part(exact, known)).last ?? 0
  guard largest > 0 else { return 0 }
  let ridge = 1e-5 * largest * max(1, Double(count) / Double(known.count))
  func predictions(_ gram: Matrix<Double>) throws -> Matrix<Double> {
    try Cholesky(part(gram, known), addingToDiagonal: ridge).solve(part(gram, others))
  }
  let (wanted, given) = (try predictions(exact), try predictions(found))
  var (error, size) = (0.0, 0.0)
  for (a, b) in zip(given.elements, wanted.elements) {
    error += (a - b) * (a - b)
    size += b * b
  }
  return size > 0 ? (error / size).squareRoot() : 0
}
