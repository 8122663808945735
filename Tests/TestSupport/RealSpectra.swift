// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Points with the spectra of real data, and the spectral rule checked on them.

import LinearAlgebra
import RealModule
import Testing

public enum RealSpectra {
  public static let names = ["fashion-mnist", "cifar10-jpeg", "reuters"]

  /// 150 points: of Fashion-MNIST the images themselves, brought to length one; of the others points
  /// in ℝ⁶⁰⁰ in random position with the spectrum of the data's inner products.
  public static func points(_ name: String) throws -> Matrix<Double> {
    let stored = try Goldens.matrix("spectra/\(name).npy")
    if stored.columnCount > 1 { return Rows.dense(stored).normalized().dense }
    let n = stored.rowCount
    var generator = CaseGenerator(seed: 5)
    let left = try QR(generator.matrix(n, n, as: Double.self)).orthonormal
    let right = try QR(generator.matrix(600, n, as: Double.self)).orthonormal
    let scaled = Matrix<Double>(rowCount: n, columnCount: n) { output in
      for i in 0..<n {
        for j in 0..<n { output[n * i + j] = left[i, j] * stored[j, 0].squareRoot() }
      }
    }
    return try scaled.multiplied(byTransposeOf: right)
  }

  /// The λ with s_λ = `s`, by bisection.
  public static func ridge(of exact: Matrix<Double>, statisticalDimension s: Double) throws
    -> Double
  {
    let spectrum = try SymmetricEigen.values(of: exact)
    var (low, high) = (1e-12, 1e6)
    for _ in 0..<100 {
      let middle = (low * high).squareRoot()
      let found = spectrum.reduce(0) { $0 + $1 / ($1 + middle) }
      if found > s { low = middle } else { high = middle }
    }
    return low
  }

  /// The statistical dimensions at which the rule is checked.
  public static let statisticalDimensions = [8.0, 25]

  /// Checks that ε of the maps of three seeds is at most the limit given for each statistical
  /// dimension, and at least a tenth of it.
  public static func checkRule<Map: RowMap>(
    _ name: String, _ points: Matrix<Double>, exact: Matrix<Double>, limits: [Double],
    sourceLocation: SourceLocation = #_sourceLocation, _ make: (UInt64) throws -> Map
  ) throws {
    for (s, limit) in zip(statisticalDimensions, limits) {
      let ridge = try ridge(of: exact, statisticalDimension: s)
      for seed in 0..<3 as Range<UInt64> {
        let (epsilon, _) = try spectralError(
          of: make(seed).images(of: .dense(points)), exact: exact, ridge: ridge, relative: true)
        #expect(
          (limit / 10...limit).contains(epsilon),
          "\(name), s = \(s): ε = \(epsilon), not below \(limit)", sourceLocation: sourceLocation)
      }
    }
  }
}
