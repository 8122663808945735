// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The matrices F_u from which the masses of tuples are told, exact or sketched.

import LinearAlgebra
import Randomness
import Validation

extension TensorRowLaw {
  /// K over its trace. Cost: O(n²d).
  func kernelMatrix(on execution: Execution) throws -> Matrix<Double> {
    let grams = try points.map { try $0.multiplied(byTransposeOf: $0, on: execution) }
    let n = pointCount
    return Matrix(rowCount: n, columnCount: n) { output in
      for i in 0..<n {
        for j in 0..<n {
          let value =
            arePowers
            ? coefficients.reversed().reduce(0) { $0 * grams[0][i, j] + $1 }
            : grams.reduce(coefficients[degree]) { $0 * $1[i, j] }
          output[i * n + j] = value * pointWeights[i] * pointWeights[j]
        }
      }
    }
  }

  /// For the ridge over the trace: F_uᵀF_u = (the product of the Gram matrices of the last u factors) ∘ (K + λI)⁻¹, exactly.
  ///
  /// - Complexity: about 9n³ operations for each degree.
  func exactSuffixes(ridge: Double, on execution: Execution) throws -> [Matrix<Double>] {
    let n = pointCount
    let factor: Cholesky<Double>
    let kernel = try kernelMatrix(on: execution)
    do {
      factor = try Cholesky(kernel, addingToDiagonal: ridge, on: execution)
    } catch is NotPositiveDefinite {
      throw InvalidInput(ridgeBelowRounding: ridge * unit, Double(n) * .ulpOfOne * unit)
    }
    var weight = try factor.solve(.identity(n), on: execution)
    let grams = try points.map { try $0.multiplied(byTransposeOf: $0, on: execution) }
    var suffixes: [Matrix<Double>] = []
    for u in 0...degree {
      if u > 0 {
        let gram = grams[arePowers ? 0 : degree - u]
        for i in 0..<n {
          for j in 0..<n { weight[i, j] *= gram[i, j] }
        }
      }
      let eigen = try SymmetricEigen(weight, on: execution)
      let roots = eigen.values.map { max(0, $0).squareRoot() }
      suffixes.append(
        Matrix(rowCount: n, columnCount: n) { output in
          for i in 0..<n {
            for r in 0..<n { output[i * n + r] = eigen.vectors[i, r] * roots[r] }
          }
        })
    }
    return suffixes
  }
}

extension SketchedPowers {
  /// F_u for a weight W = (ZZᵀ + λI)⁻¹, each column of which is a sketch times a normal vector of
  /// covariance W: F_uᵀF_u has the mean of what is wanted.
  func suffixMatrices(
    features: Matrix<Double>, ridge: Double, key: RandomKey, on execution: Execution
  ) throws -> [Matrix<Double>] {
    let count = suffixes[0].columnCount
    let weights = try normalVectors(
      covarianceInverseOf: features, ridge: ridge, count: count, key: key, on: execution)
    var constant = Matrix<Double>(
      repeating: 1 / Double(count).squareRoot(), rowCount: weights.rowCount, columnCount: count)
    multiply(&constant, by: weights)
    return [constant]
      + suffixes.map { suffix in
        var product = suffix
        multiply(&product, by: weights)
        return product
      }
  }
}

/// Independent normal vectors of covariance (ZZᵀ + λI)⁻¹ as columns, n × k, for an n × m Z.
///
/// (ZZᵀ + λI)⁻¹ times Zg + √λ h for normal g and h, by the identity (ZZᵀ + λI)⁻¹v = (v − Z(ZᵀZ +
/// λI)⁻¹Zᵀv)/λ.
///
/// - Complexity: nm² + m³/3 + 4nmk operations.
func normalVectors(
  covarianceInverseOf features: Matrix<Double>, ridge: Double, count: Int, key: RandomKey,
  on execution: Execution
) throws -> Matrix<Double> {
  let (n, m) = (features.rowCount, features.columnCount)
  var vectors = normalMatrix(rowCount: n, columnCount: count, key: key.child("ridge"))
  let root = ridge.squareRoot()
  func scale(_ factor: Double, adding other: Matrix<Double>?, times sign: Double) {
    vectors.withUnsafeMutablePointer { v in
      for k in 0..<n * count { v[k] *= factor }
      other?.withUnsafePointer { w in
        for k in 0..<n * count { v[k] += sign * w[k] }
      }
    }
  }
  guard m > 0 else {
    scale(1 / root, adding: nil, times: 0)
    return vectors
  }
  let inner = normalMatrix(rowCount: m, columnCount: count, key: key.child("features"))
  scale(root, adding: try features.multiplied(by: inner, on: execution.silent), times: 1)
  let factor: Cholesky<Double>
  let gram = try features.gram(on: execution.silent)
  do {
    factor = try Cholesky(gram, addingToDiagonal: ridge, on: execution.silent)
  } catch is NotPositiveDefinite {
    let trace = (0..<m).reduce(0) { $0 + gram[$1, $1] }
    throw InvalidInput(ridgeBelowRounding: ridge, Double(m) * .ulpOfOne * trace)
  }
  let solved = try factor.solve(
    features.transposeMultiplied(by: vectors, on: execution.silent), on: execution.silent)
  scale(
    1 / ridge,
    adding: try features.multiplied(by: solved, on: execution.silent), times: -1 / ridge)
  return vectors
}
