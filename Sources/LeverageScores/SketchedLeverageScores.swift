// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge leverage scores of tall matrices in the time of a few products: sketched QR and random
// projections.

import LinearAlgebra
import Randomness
import Sketches
import Validation

extension Rows {
  /// Approximate ridge leverage scores ‖aᵢ R⁻¹ G‖² of the rows of A, n × d with n ≫ d.
  ///
  /// RᵀR = (SA)ᵀSA + λI for a sparse sketch S of 8d rows or 1,024, and G has `projections` normal columns, whose
  /// number k makes the relative standard deviation √(2/k). Where there are no more rows than that, or
  /// d columns are no more than k, that part is exact.
  ///
  /// This is how points of kernels too expensive for any n × n matrix get scores: as rows of their
  /// features.
  ///
  /// - Throws: `InvalidInput` if λ is not above 0 or below the rounding of AᵀA, A is empty or not
  ///   finite, or k is not positive; `CancellationError`.
  /// - Complexity: 8 additions per nonzero for the sketch, 8d³ operations, and 2k per nonzero; memory of
  ///   nk + 10d² numbers.
  /// - Source: Drineas, Magdon-Ismail, Mahoney, Woodruff, "Fast approximation of matrix coherence and
  ///   statistical leverage", JMLR 2012.
  public func approximateRidgeLeverageScores(
    ridge: Double, projections: Int = 64, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> RidgeLeverageScores {
    try Check.positive(ridge, "ridge")
    try validateForScores()
    try Check.dimension(projections, "projections")
    let (n, d) = (rowCount, columnCount)
    let key = RandomKey(seed: seed).child("leverage scores")
    let gram: Matrix<Double>
    let rowCount = max(8 * d, 1024)
    if n > rowCount {
      let sketch = try SparseSignEmbedding(
        inputDimension: n, outputDimension: rowCount, seed: key.child("rows").seed)
      gram = try sketch.applyFromLeft(to: self, on: execution).converted(to: Double.self)
        .gram(on: execution)
    } else {
      gram = try converted(to: Double.self).columnGram(on: execution)
    }
    let rounding = Double(d) * .ulpOfOne * (0..<d).reduce(0) { $0 + gram[$1, $1] }
    guard ridge >= rounding else { throw InvalidInput(ridgeBelowRounding: ridge, rounding) }
    let factor = try Cholesky(gram, addingToDiagonal: ridge, on: execution)
    let directions =
      projections < d
      ? normalMatrix(rowCount: d, columnCount: projections, key: key.child("projections"))
      : Matrix<Double>.identity(d)
    let inverse = try factor.solveLowerTransposed(directions, on: execution)
    let weight = projections < d ? 1 / Double(projections) : 1
    let products = try multiplied(by: inverse.converted(to: Scalar.self), on: execution)
    return RidgeLeverageScores(
      ridge: ridge,
      values: squaredRowNorms(
        products, weights: Array(repeating: weight, count: products.columnCount)))
  }
}

/// Independent standard normal entries.
func normalMatrix(rowCount: Int, columnCount: Int, key: RandomKey) -> Matrix<Double> {
  let count = rowCount * columnCount
  let numbers = [Double](unsafeUninitializedCapacity: count + 3) { buffer, initialized in
    key.stream.fillNormals(from: 0, count: (count + 3) / 4, into: buffer.baseAddress!)
    initialized = count
  }
  return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
    numbers.withUnsafeBufferPointer { output.update(from: $0.baseAddress!, count: count) }
  }
}
