// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which ridge suits features that stand for a kernel at a given ridge.

import Kernels
import LinearAlgebra
import RealModule
import Validation

extension FeatureMap {
  /// The ridge μ ≥ λ with which predictions from these features come nearest to those of the exact kernel
  /// with λ.
  ///
  /// Features leave out a part of the kernel, which acts on points that the map was not fitted on nearly as
  /// independent noise would: as a larger ridge. How much larger is measured on some of them: μ is where
  ///
  ///     ‖Pμ(ZZᵀ) − Pλ(K)‖_F,   Pλ(K)ᵢⱼ = −Aᵢⱼ/Aᵢᵢ for i ≠ j,   A = (K + λI)⁻¹,
  ///
  /// is least: Pλ(K) y are the leave-one-out predictions of labels y, so that the distance is that of
  /// predictions whatever the labels. All of the missing diagonal, K − ZZᵀ on average, would be too much:
  /// what is left out of points near to each other is common to them. Where landmarks are the points
  /// themselves that predictions are made from, λ itself is best.
  ///
  /// - Parameters:
  ///   - ridge: λ, in all; positive.
  ///   - sample: points like those that predictions are made from, not those that the map was fitted on;
  ///     up to 512 of them serve, fewer of images, whose exact kernel takes long.
  /// - Returns: μ, between λ and λ plus the mean of the kernel's diagonal.
  /// - Throws: `InvalidInput` if the ridge is not positive and finite, or the sample has fewer than 3
  ///   points, does not fit or is not finite; `NotPositiveDefinite` if λ is below the rounding of K;
  ///   `CancellationError`.
  /// - Complexity: the exact kernel matrix of m ≤ 512 points, and some 40 inverses of it.
  /// - Source: for the leave-one-out predictions Allen, "The relationship between variable selection and
  ///   data augmentation", 1974; what is added to λ is known as a nugget in kriging.
  public func equivalentRidge<Scalar: RealScalar>(
    to ridge: Double, sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Double {
    try Check.positive(ridge, "ridge")
    guard sample.rowCount >= 3 else {
      throw InvalidInput("sample", found: "\(sample.rowCount) rows", expected: "at least 3")
    }
    let count = kernel.comparablePointCount(upTo: 512, operations: 2e10)
    let points = sample.rows(at: spread(count, over: sample.rowCount)).converted(to: Double.self)
    let exact = try kernel.matrix(points, on: execution.stage("exact kernel of a sample"))
    let found = try images(of: points, on: execution.silent).outerGram(on: execution.silent)
    return try LeaveOneOutDistance(exact, ridge: ridge, on: execution)
      .bestRidge(of: found, on: execution)
  }
}

/// The leave-one-out predictions of a kernel matrix, to compare others with.
struct LeaveOneOutDistance {
  private let ridge: Double
  private let wanted: Matrix<Double>
  private let meanVariance: Double

  init(_ exact: Matrix<Double>, ridge: Double, on execution: Execution) throws {
    self.ridge = ridge
    wanted = try Self.predictions(exact, ridge: ridge, on: execution)
    meanVariance =
      (0..<exact.rowCount).reduce(0) { $0 + exact[$1, $1] } / Double(max(1, exact.rowCount))
  }

  /// −Aᵢⱼ/Aᵢᵢ with A = (K + λI)⁻¹, and 0 for i = j.
  private static func predictions(
    _ gram: Matrix<Double>, ridge: Double, on execution: Execution
  ) throws -> Matrix<Double> {
    let n = gram.rowCount
    var inverse = try Cholesky(gram, addingToDiagonal: ridge, on: execution.silent)
      .solve(.identity(n), on: execution.silent)
    inverse.scaleRows(by: (0..<n).map { -1 / inverse[$0, $0] })
    for i in 0..<n { inverse[i, i] = 0 }
    return inverse
  }

  /// ‖Pμ(G) − Pλ(K)‖²_F; infinite where μ is below the rounding of G.
  func squared(_ gram: Matrix<Double>, ridge: Double, on execution: Execution) throws -> Double {
    let found: Matrix<Double>
    do {
      found = try Self.predictions(gram, ridge: ridge, on: execution)
    } catch is NotPositiveDefinite {
      return .infinity
    }
    return zip(found.elements, wanted.elements).reduce(0) { sum, pair in
      sum + (pair.0 - pair.1) * (pair.0 - pair.1)
    }
  }

  /// The best ridge for G: of powers of two times λ, then by golden sections between its neighbours.
  func bestRidge(of gram: Matrix<Double>, on execution: Execution) throws -> Double {
    let most = max(0, Double.log2((ridge + meanVariance) / ridge))
    func loss(_ power: Double) throws -> Double {
      try execution.checkCancellation()
      return try squared(gram, ridge: ridge * Double.exp2(power), on: execution)
    }
    var best = (power: 0.0, loss: try loss(0))
    for power in stride(from: 1, through: most, by: 1) {
      let loss = try loss(power)
      if loss < best.loss { best = (power, loss) }
    }
    let golden = (5.0.squareRoot() - 1) / 2
    var (low, high) = (max(0, best.power - 1), min(most, best.power + 1))
    var (left, right) = (high - golden * (high - low), low + golden * (high - low))
    var (atLeft, atRight) = (try loss(left), try loss(right))
    for _ in 0..<12 {
      if atLeft <= atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - golden * (high - low)
        atLeft = try loss(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + golden * (high - low)
        atRight = try loss(right)
      }
    }
    let found = atLeft <= atRight ? (left, atLeft) : (right, atRight)
    return ridge * Double.exp2(found.1 < best.loss ? found.0 : best.power)
  }
}
