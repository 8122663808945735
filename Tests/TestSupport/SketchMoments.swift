// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Means, variances and spectral errors of sketched inner products.

import LinearAlgebra
import Testing

/// ⟨Sx, Sy⟩ for a map S.
public func sketchedProduct<Map: RowMap>(
  _ map: Map, _ x: [Double], _ y: [Double]
) throws -> Double {
  let images = try map.images(
    of: .dense(Matrix(rows: [x, y])), on: Execution(threads: 1))
  return zip(images.row(0), images.row(1)).reduce(0) { $0 + $1.0 * $1.1 }
}

/// Checks mean and variance of ⟨Sx, Sy⟩ over the maps of seeds 0, 1, … against theory.
public func checkMoments<Map: RowMap>(
  draws: Int = 4000, comparisons: Int = 100, _ x: [Double], _ y: [Double], mean: Double,
  variance: Double, _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ make: (UInt64) throws -> Map
) throws {
  let products = try (0..<UInt64(draws)).map { try sketchedProduct(make($0), x, y) }
  guard variance > 0 else {
    let scale = 1e-12 * zip(x, y).reduce(1) { $0 + abs($1.0 * $1.1) }
    #expect(
      products.allSatisfy { abs($0 - mean) <= scale }, "\(name) is not exact",
      sourceLocation: sourceLocation)
    return
  }
  let moments = Moments(products)
  let limit = scoreThreshold(comparisons: comparisons)
  let (meanScore, varianceScore) = (moments.meanScore(mean), moments.varianceScore(variance))
  #expect(
    abs(meanScore) < limit, "\(name): mean \(moments.mean), not \(mean); score \(meanScore)",
    sourceLocation: sourceLocation)
  #expect(
    abs(varianceScore) < limit,
    "\(name): variance \(moments.variance), not \(variance); score \(varianceScore)",
    sourceLocation: sourceLocation)
}

/// Checks mean and variance of ⟨Sx, Sy⟩ over all maps of a law, each equally likely, to rounding.
public func checkExhaustively<Maps: Sequence>(
  _ maps: Maps, _ x: [Double], _ y: [Double], mean: Double, variance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws where Maps.Element: RowMap {
  var (count, sum, squares) = (0.0, 0.0, 0.0)
  for map in maps {
    let product = try sketchedProduct(map, x, y)
    count += 1
    sum += product
    squares += product * product
  }
  let scale = squares / count + mean * mean + 1e-300
  #expect(
    abs(sum / count - mean) <= 1e-11 * scale.squareRoot(),
    "\(name): mean \(sum / count), not \(mean)",
    sourceLocation: sourceLocation)
  let second = squares / count - mean * mean
  #expect(
    abs(second - variance) <= 1e-11 * scale, "\(name): variance \(second), not \(variance)",
    sourceLocation: sourceLocation)
}

/// All sequences of `length` numbers from `0..<base`.
public func allWords(length: Int, base: Int) -> [[Int]] {
  (0..<length).reduce([[]]) { words, _ in
    words.flatMap { word in (0..<base).map { word + [$0] } }
  }
}

/// The spectral error ε of an approximation Z Zᵀ of K and the statistical dimension s, both at ridge
/// λ: ε = max(μ − 1, 1 − μ) over the eigenvalues μ of (ZZᵀ + λI)v = μ(K + λI)v, or relative, the
/// larger max(μ − 1, 1/μ − 1).
public func spectralError(
  of features: Matrix<Double>, exact: Matrix<Double>, ridge: Double, relative: Bool = false
) throws -> (epsilon: Double, statisticalDimension: Double) {
  let n = exact.rowCount
  func ridged(_ matrix: Matrix<Double>) -> Matrix<Double> {
    var result = matrix
    for i in 0..<n { result[i, i] += ridge }
    return result
  }
  let factor = try Cholesky(ridged(exact))
  let approximate = ridged(gram(features))
  let ratios = try SymmetricEigen.values(of: factor.whiten(approximate))
  let eigenvalues = try SymmetricEigen.values(of: exact)
  return (
    ratios.map { relative && $0 < 1 ? 1 / $0 - 1 : abs($0 - 1) }.max()!,
    eigenvalues.reduce(0) { $0 + $1 / ($1 + ridge) }
  )
}

/// Z Zᵀ by its definition.
public func gram(_ z: Matrix<Double>) -> Matrix<Double> {
  var result = Matrix<Double>(rowCount: z.rowCount, columnCount: z.rowCount)
  for i in 0..<z.rowCount {
    for j in 0...i {
      result[i, j] = zip(z.row(i), z.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
      result[j, i] = result[i, j]
    }
  }
  return result
}
