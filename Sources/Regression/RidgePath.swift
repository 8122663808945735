// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Ridge solutions for many ridges from one eigendecomposition.

import LinearAlgebra
import Randomness
import RealModule
import Validation

/// (A + λI)⁻¹B for as many λ as wanted, from one eigendecomposition A = V diag(σ) Vᵀ.
///
/// - Complexity: O(D³) once for A `D × D`, then 2D²k operations per λ for B `D × k`.
struct RidgePath {
  private let values: [Double]
  private let vectors: Matrix<Double>
  /// VᵀB, `D × k`.
  private let projected: Matrix<Double>

  /// - Throws: `InvalidInput` if the shapes do not fit or an entry is not finite.
  init(_ a: Matrix<Double>, rightHandSides b: Matrix<Double>, on execution: Execution) throws {
    let eigen = try SymmetricEigen(a, on: execution)
    values = eigen.values
    vectors = eigen.vectors
    projected = try vectors.transposeMultiplied(by: b, on: execution.silent)
  }

  /// The solutions for all ridges side by side, `D × (k · ridges.count)`.
  ///
  /// Eigenvalues that rounding made negative count as zero.
  func solutions(ridges: [Double], on execution: Execution) throws -> Matrix<Double> {
    let k = projected.columnCount
    var scaled = Matrix<Double>(rowCount: values.count, columnCount: k * ridges.count)
    for i in 0..<values.count {
      for (index, ridge) in ridges.enumerated() {
        let factor = 1 / (max(0, values[i]) + ridge)
        for j in 0..<k { scaled[i, index * k + j] = factor * projected[i, j] }
      }
    }
    return try vectors.multiplied(by: scaled, on: execution.silent)
  }
}

/// How the ridge of a fit is found.
public enum RidgeChoice: Hashable, Codable, Sendable {
  /// This total ridge λ in K + λI.
  case fixed(Double)
  /// The best of a path on a random part of the rows held out, `fraction` of them; the final fit
  /// uses all rows.
  case heldOut(fraction: Double)
}

/// One ridge of a path and how its solution does on the held-out rows.
public struct RidgePathPoint: Hashable, Codable, Sendable {
  public let ridge: Double
  /// The mean squared error of the outputs.
  public let squaredError: Double
  /// The share of wrong classes; nil for a regression.
  public let misclassified: Double?
}

extension [RidgePathPoint] {
  /// The point of least squared error or, for classes, of the least share of wrong ones, averaged
  /// over a ridge and its neighbours to steady it on few rows; of equals, the largest ridge.
  var best: RidgePathPoint {
    let errors = map { $0.misclassified ?? $0.squaredError }
    let scores = indices.map { index in
      guard self[index].misclassified != nil else { return errors[index] }
      let near = errors[Swift.max(0, index - 1)...Swift.min(count - 1, index + 1)]
      return near.reduce(0, +) / Double(near.count)
    }
    return self[indices.min { (scores[$0], -self[$0].ridge) < (scores[$1], -self[$1].ridge) }!]
  }
}

/// Sums over tiles of held-out rows of how each solution of a path does.
struct HeldOutErrors {
  private let ridges: [Double]
  private let task: LearningTask
  private var total = 0.0
  private var squared: [Double]
  private var wrong: [Double]

  init(ridges: [Double], task: LearningTask) {
    self.ridges = ridges
    self.task = task
    squared = ridges.map { _ in 0 }
    wrong = squared
  }

  /// - Parameters:
  ///   - outputs: of all solutions side by side, `n × (k · ridges.count)`, without intercepts.
  ///   - targets: `n × k`.
  ///   - weights: of the rows; 1 if nil.
  mutating func add(
    outputs: Matrix<Double>, intercepts: [Double], targets: Matrix<Double>,
    weights: [Double]? = nil
  ) {
    if let weights {
      for (i, weight) in weights.enumerated() {
        add(weight, outputs.rows(i..<i + 1), intercepts, targets.rows(i..<i + 1))
      }
    } else {
      add(Double(targets.rowCount), outputs, intercepts, targets)
    }
  }

  /// Adds rows that weigh `rows` in all.
  private mutating func add(
    _ rows: Double, _ outputs: Matrix<Double>, _ intercepts: [Double], _ targets: Matrix<Double>
  ) {
    let k = intercepts.count
    for index in ridges.indices {
      var block = outputs.columns(index * k..<(index + 1) * k)
      block.add(row: intercepts)
      squared[index] += rows * meanSquaredError(block, targets)
      wrong[index] += rows * (task.misclassified(block, targets) ?? 0)
    }
    total += rows
  }

  var path: [RidgePathPoint] {
    let rows = total > 0 ? total : 1
    return ridges.indices.map {
      RidgePathPoint(
        ridge: ridges[$0], squaredError: squared[$0] / rows,
        misclassified: task == .regression ? nil : wrong[$0] / rows)
    }
  }
}

/// The Cholesky factor of A + λI.
///
/// - Throws: `InvalidInput` if λ is so small that rounding leaves the matrix indefinite.
func ridgeFactor(
  _ a: consuming Matrix<Double>, ridge: Double, on execution: Execution
) throws -> Cholesky<Double> {
  do {
    return try Cholesky(a, addingToDiagonal: ridge, on: execution)
  } catch is NotPositiveDefinite {
    throw InvalidInput(
      "ridge", found: "\(ridge), below the rounding errors of the kernel",
      expected: "a larger ridge, or features in double precision")
  }
}

extension RidgeChoice {
  /// The ridges of a path: the mean of the kernel's diagonal times 10⁻⁷ … 10³ in half decades, but
  /// none below `floor` times the trace, where rounding rules.
  ///
  /// - Parameter rowCount: the sum of the weights, where rows have some.
  static func candidates(
    trace: Double, rowCount: Double, floor: Double = 1e-12
  ) throws -> [Double] {
    guard trace.isFinite, trace > 0 else {
      throw InvalidInput("features", found: "a trace of \(trace)", expected: "one above 0")
    }
    return stride(from: -7.0, through: 3.0, by: 0.5)
      .map { trace / rowCount * Double.pow(10, $0) }
      .filter { $0 >= floor * trace }
  }

  /// Which rows to fit on and which to hold out: each row by a coin of its own, so the parts do not
  /// depend on how the rows are tiled.
  static func split(
    rowCount: Int, fraction: Double, seed: UInt64
  ) throws -> (fit: [Int], heldOut: [Int]) {
    guard fraction > 0, fraction < 1 else {
      throw InvalidInput("held-out fraction", found: "\(fraction)", expected: "between 0 and 1")
    }
    let stream = RandomKey(seed: seed).child("held out").stream
    var (fit, heldOut): ([Int], [Int]) = ([], [])
    for row in 0..<rowCount {
      if stream.uniform(at: UInt64(row)) < fraction { heldOut.append(row) } else { fit.append(row) }
    }
    guard !fit.isEmpty, !heldOut.isEmpty else {
      throw InvalidInput(
        "rows", found: "\(rowCount), too few to hold some out",
        expected: "more rows, or a ridge given outright")
    }
    return (fit, heldOut)
  }
}
