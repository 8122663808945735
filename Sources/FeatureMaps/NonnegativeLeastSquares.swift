// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Least squares with nonnegative unknowns, for fitting the coefficients of kernels.

import LinearAlgebra
import Validation

/// The x ≥ 0 that minimises ‖A x − b‖², for A `m × n` with m ≥ n.
///
/// The active-set method: unknowns enter one at a time where the gradient asks for it, and those that
/// would turn negative leave. An unknown whose column depends on those of the unknowns in use, to
/// working precision, stays zero.
///
/// - Throws: `InvalidInput` if b has another length than A has rows, or an entry is not finite.
/// - Complexity: O(n) least-squares problems of m × n; for small n.
/// - Source: Lawson, Hanson, "Solving least squares problems", 1974, chapter 23.
func nonnegativeLeastSquares(_ a: Matrix<Double>, _ b: [Double]) throws -> [Double] {
  try Check.equal(b.count, a.rowCount, "length of the right-hand side")
  try a.validateFinite("least-squares matrix")
  guard b.allSatisfy(\.isFinite) else {
    throw InvalidInput("right-hand side", found: "NaN or infinity", expected: "finite numbers")
  }
  let n = a.columnCount
  let target = try Matrix(rowCount: b.count, columnCount: 1, elements: b)
  let scale = b.reduce(0) { max($0, abs($1)) }
  var x = [Double](repeating: 0, count: n)
  var free: [Int] = []
  var dependent: Set<Int> = []

  for _ in 0..<3 * n {
    guard
      let entering = steepest(
        a, x, b, tolerance: 1e-12 * scale * Double(a.rowCount), excluding: dependent.union(free))
    else { return x }
    free.append(entering)

    while !free.isEmpty {
      let solution: Matrix<Double>
      do {
        solution = try QR(a.columns(at: free)).leastSquares(target)
      } catch is RankDeficient {
        dependent.insert(entering)
        free.removeAll { $0 == entering }
        break
      }
      let negative = free.indices.filter { solution[$0, 0] <= 0 }
      if negative.isEmpty {
        for (position, j) in free.enumerated() { x[j] = solution[position, 0] }
        break
      }
      // Go towards the solution until the first unknown reaches zero, and let it leave.
      let steps = negative.map { position in
        let from = x[free[position]]
        return from > 0 ? from / (from - solution[position, 0]) : 0
      }
      let step = steps.min() ?? 0
      let leaving = zip(negative, steps).filter { $0.1 <= step }.map { free[$0.0] }
      for (position, j) in free.enumerated() { x[j] += step * (solution[position, 0] - x[j]) }
      for j in leaving { x[j] = 0 }
      free.removeAll(where: leaving.contains)
      // What enters and leaves at once would do so for ever.
      if leaving.contains(entering), step == 0 { dependent.insert(entering) }
    }
  }
  return x
}

/// The unknown, of those not excluded, whose rise lowers ‖A x − b‖² fastest, if any does.
private func steepest(
  _ a: Matrix<Double>, _ x: [Double], _ b: [Double], tolerance: Double, excluding: Set<Int>
) -> Int? {
  var residual = b
  for i in 0..<a.rowCount {
    for (j, value) in a.row(i).enumerated() { residual[i] -= value * x[j] }
  }
  let gradient = (0..<a.columnCount).map { j in
    (0..<a.rowCount).reduce(0.0) { $0 + a[$1, j] * residual[$1] }
  }
  return gradient.indices.filter { !excluding.contains($0) && gradient[$0] > tolerance }
    .max { gradient[$0] < gradient[$1] }
}
