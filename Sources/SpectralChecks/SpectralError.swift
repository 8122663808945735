// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How far features are from the kernel that they approximate, for a given ridge.

import LinearAlgebra
import Synchronization
import Validation

/// The error of an approximation K̃ (mostly ZZᵀ) of a kernel matrix K, as ridge regression sees it.
///
/// The ratios are the eigenvalues μ of (K̃ + λI)v = μ(K + λI)v. With `epsilon` ε,
///
///     (K + λI)/(1 + ε) ⪯ K̃ + λI ⪯ (1 + ε)(K + λI).
///
/// Compare ε with √(s_λ/D): no map of D features does much better. The Frobenius errors are dominated
/// by the few largest eigenvalues; a small one does not mean a small ε.
///
/// - Source: Avron, Kapralov, Musco, Musco, Velingker, Zandieh, "Random Fourier features for kernel
///   ridge regression: approximation bounds and statistical guarantees", ICML 2017.
public struct SpectralError: Codable, Hashable, Sendable {
  /// n, the number of points.
  public let n: Int
  /// D, the number of features; nil where K̃ came without features.
  public let dimension: Int?
  /// λ.
  public let ridge: Double
  /// s_λ = tr K(K + λI)⁻¹.
  public let statisticalDimension: Double
  /// The smallest ε of the bound above: max(largestRatio − 1, 1/smallestRatio − 1).
  public let epsilon: Double
  /// The smallest μ: how much K̃ may fall short of K in some direction.
  public let smallestRatio: Double
  /// The largest μ: how much K̃ may exceed K in some direction.
  public let largestRatio: Double
  /// ‖K̃ − K‖_F / ‖K‖_F.
  public let relativeFrobenius: Double
  /// ‖H(K̃ − K)H‖_F / ‖HKH‖_F with H = I − 11ᵀ/n; nil where HKH vanishes to rounding, as for one
  /// point or equal points.
  public let centredFrobenius: Double?
  /// ‖K̃ − K‖₂ / ‖K‖₂.
  public let relativeSpectral: Double

  /// The error of K̃ = ZZᵀ.
  ///
  /// - Parameters:
  ///   - features: Z, n × D.
  ///   - exact: K, n × n, symmetric to 10⁻⁶ of its largest entry; its symmetric part is used.
  ///   - ridge: λ > 0.
  /// - Throws: `InvalidInput` for shapes that do not fit, NaN or infinity, a K that is zero or not
  ///   symmetric, K + λI not positive definite, or λ ≤ 0; `NoConvergence`; `CancellationError`.
  /// - Complexity: about 7n³ + n²D operations and memory of 6n² numbers.
  public init(
    features: Matrix<Double>, exact: consuming Matrix<Double>, ridge: Double,
    on execution: Execution = .allCores
  ) throws {
    try self.init(
      approximation: outerProduct(features, rows: exact.rowCount, on: execution), exact: exact,
      ridge: ridge, dimension: features.columnCount, on: execution)
  }

  /// The error of a symmetric matrix K̃; arguments, errors and cost otherwise as for features.
  ///
  /// If K̃ + λI is not positive definite, no ε exists and `epsilon` is infinite.
  public init(
    approximation: consuming Matrix<Double>, exact: consuming Matrix<Double>, ridge: Double,
    on execution: Execution = .allCores
  ) throws {
    try self.init(
      approximation: approximation, exact: exact, ridge: ridge, dimension: nil, on: execution)
  }

  private init(
    approximation: consuming Matrix<Double>, exact: consuming Matrix<Double>, ridge: Double,
    dimension: Int?, on execution: Execution
  ) throws {
    try Check.positive(ridge, "ridge")
    let pair = try KernelPair(approximation: approximation, exact: exact)
    let whitened = try pair.whitenedError(ridge: ridge, on: execution)
    let spectra = try eigenvalues(of: [whitened, pair.exact, pair.error], on: execution)
    n = pair.exact.rowCount
    self.dimension = dimension
    self.ridge = ridge
    statisticalDimension = sumOfShrunk(spectra[1], ridge: ridge)
    (smallestRatio, largestRatio) = pair.ratios(
      spectra[0], ridge: ridge, positive: dimension != nil)
    epsilon = worstRatio(smallestRatio, largestRatio)
    let norm = pair.scaledFrobenius(pair.exact)
    relativeFrobenius = pair.scaledFrobenius(pair.error) / norm
    let centredNorm = pair.scaledFrobenius(KernelPair.centred(pair.exact))
    centredFrobenius =
      centredNorm > Double(n) * 0x1p-50 * norm
      ? pair.scaledFrobenius(KernelPair.centred(pair.error)) / centredNorm : nil
    relativeSpectral = spectralNorm(spectra[2]) / spectralNorm(spectra[1])
    guard relativeFrobenius.isFinite, relativeSpectral.isFinite, largestRatio.isFinite else {
      throw InvalidInput(
        "approximate kernel matrix", found: "entries so large that the error overflows",
        expected: "entries of the size of the exact ones")
    }
  }
}

/// s_λ = tr K(K + λI)⁻¹ for an n × n kernel matrix K, between 0 and n.
///
/// - Throws: `InvalidInput` unless K is finite, symmetric to 10⁻⁶ of its largest entry and not zero,
///   λ > 0 and K + λI is positive definite; `NoConvergence`.
/// - Complexity: 4n³/3 operations.
public func statisticalDimension(of exact: consuming Matrix<Double>, ridge: Double) throws -> Double
{
  try Check.positive(ridge, "ridge")
  let spectrum = try SymmetricEigen.values(
    of: KernelPair.checked(exact, "exact kernel matrix").matrix)
  guard spectrum[0] + ridge > 0 else { throw notPositive(spectrum, ridge: ridge) }
  return sumOfShrunk(spectrum, ridge: ridge)
}

/// The smallest ε with (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI); see `SpectralError`.
///
/// - Throws: as `SpectralError` does.
/// - Complexity: 11n³/3 + n²D operations.
public func spectralEpsilon(
  features: Matrix<Double>, exact: consuming Matrix<Double>, ridge: Double,
  on execution: Execution = .allCores
) throws -> Double {
  try Check.positive(ridge, "ridge")
  let pair = try KernelPair(
    approximation: outerProduct(features, rows: exact.rowCount, on: execution), exact: exact)
  let (smallest, largest) = pair.ratios(
    try SymmetricEigen.values(of: pair.whitenedError(ridge: ridge, on: execution)), ridge: ridge,
    positive: true)
  return worstRatio(smallest, largest)
}

extension KernelPair {
  /// L⁻¹ E L⁻ᵀ with K + λI = L Lᵀ. Its eigenvalues are the ratios less one; taken from E they are
  /// accurate however small they are.
  func whitenedError(ridge: Double, on execution: Execution) throws -> Matrix<Double> {
    let factor: Cholesky<Double>
    do {
      factor = try Cholesky(exact, addingToDiagonal: ridge, on: execution)
    } catch is NotPositiveDefinite {
      throw notPositive(try SymmetricEigen.values(of: exact), ridge: ridge)
    }
    return try factor.whiten(error, on: execution)
  }

  /// The smallest and the largest ratio from the whitened error's spectrum.
  ///
  /// For a positive semidefinite K̃ no ratio is below λ/(tr K + λ), whatever rounding says.
  func ratios(
    _ whitened: [Double], ridge: Double, positive: Bool
  ) -> (smallest: Double, largest: Double) {
    let trace = (0..<exact.rowCount).reduce(0.0) { $0 + exact[$1, $1] }
    let floor = positive ? ridge / (trace + ridge) : -.infinity
    return (max(floor, 1 + whitened.first!), 1 + whitened.last!)
  }
}

/// Why K + λI is not positive definite, from the rising eigenvalues of K.
private func notPositive(_ spectrum: [Double], ridge: Double) -> InvalidInput {
  // What factors of an n × n matrix in floating point are exact to.
  let rounding = Double(spectrum.count) * .ulpOfOne * spectralNorm(spectrum)
  guard spectrum[0] < -max(rounding, ridge) else {
    return InvalidInput(
      "ridge", found: "\(ridge), below the rounding of the exact kernel matrix",
      expected: "at least \(rounding)")
  }
  return InvalidInput(
    "exact kernel matrix", found: "an eigenvalue at or below −\(ridge), the negative ridge",
    expected: "a positive semidefinite matrix")
}

private func outerProduct(
  _ features: Matrix<Double>, rows n: Int, on execution: Execution
) throws -> Matrix<Double> {
  try Check.equal(features.rowCount, n, "rows of the features")
  try features.validateFinite("features")
  let product = try features.outerGram(on: execution)
  guard product.isFinite else {
    throw InvalidInput(
      "features", found: "inner products that overflow", expected: "entries below 10¹⁵⁰")
  }
  return product
}

/// The spectra of several matrices, each on one thread.
private func eigenvalues(
  of matrices: [Matrix<Double>], on execution: Execution
) throws -> [[Double]] {
  let spectra = Mutex([[Double]](repeating: [], count: matrices.count))
  try Parallel.forEachBlock(of: matrices.count, size: 1, on: execution.silent) { block, _ in
    let spectrum = try SymmetricEigen.values(of: matrices[block.lowerBound])
    spectra.withLock { $0[block.lowerBound] = spectrum }
  }
  return spectra.withLock { $0 }
}

private func sumOfShrunk(_ spectrum: [Double], ridge: Double) -> Double {
  spectrum.reduce(0) { $0 + max(0, $1) / (max(0, $1) + ridge) }
}

private func spectralNorm(_ spectrum: [Double]) -> Double {
  max(spectrum.first!.magnitude, spectrum.last!.magnitude)
}

private func worstRatio(_ smallest: Double, _ largest: Double) -> Double {
  smallest > 0 ? max(largest - 1, 1 / smallest - 1) : .infinity
}
