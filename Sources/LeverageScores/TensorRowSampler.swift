// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tensor rows of one law and ridge, drawn as often as wanted.

import LinearAlgebra
import Randomness
import Validation

/// Draws rows of a tensor power or product by leverage; made by a `TensorRowSampling`.
public struct TensorRowSampler {
  /// λ.
  public let ridge: Double
  /// The estimate of s_λ.
  public let statisticalDimension: Double
  private let draw: TensorRowDraw
  private let masses: [Double]
  /// c_j of the points as they were given.
  private let coefficients: [Double]

  /// - Parameter ridge: λ over the law's unit, as in the law.
  init(_ law: TensorRowLaw, _ ridge: Double, suffixes: [Matrix<Double>]) {
    self.ridge = ridge * law.unit
    coefficients = law.givenCoefficients
    draw = TensorRowDraw(factors: law.factors, blocks: law.blocks, suffixes: suffixes)
    masses = draw.blockMasses()
    let constant = law.constant.map { start in
      TensorRowDraw(
        factors: law.factors, blocks: [TensorRowDraw.Block(degree: 0, start: start)],
        suffixes: suffixes
      ).blockMasses()[0]
    }
    statisticalDimension = masses.reduce(constant ?? 0, +)
  }

  /// Draws `count` rows independently.
  ///
  /// - Throws: `InvalidInput` unless the count is positive; `CancellationError`.
  /// - Complexity: one scan for each step of each draw, shared by draws with the same indices so far.
  public func rows(
    count: Int, seed: UInt64 = 0, on execution: Execution = .allCores
  ) throws -> TensorRowSample {
    try rows(count: count, key: RandomKey(seed: seed).child("tensor row draws"), on: execution)
  }

  func rows(
    count: Int, key: RandomKey, on execution: Execution
  ) throws -> TensorRowSample {
    try Check.dimension(count, "number of draws")
    let drawn = try draw.draw(count: count, masses: masses, key: key, on: execution)
    return TensorRowSample(
      ridge: ridge, statisticalDimension: statisticalDimension, tuples: drawn.tuples,
      probabilities: drawn.probabilities,
      weights: zip(drawn.tuples, drawn.probabilities).map { tuple, probability in
        coefficients[tuple.count] / (Double(count) * probability)
      })
  }
}

extension TensorRowLaw {
  /// Features with the constant one beside them, if there is any.
  func withConstant(_ features: Matrix<Double>) -> Matrix<Double> {
    guard let constant else { return features }
    let m = features.columnCount
    return Matrix(rowCount: pointCount, columnCount: m + 1) { output in
      features.withUnsafePointer { input in
        for i in 0..<pointCount {
          (output + i * (m + 1)).update(from: input + i * m, count: m)
          output[i * (m + 1) + m] = constant[i]
        }
      }
    }
  }

  /// Bᵀ, n × s, for drawn rows B.
  func features(
    _ tuples: [[Int]], _ probabilities: [Double], on execution: Execution
  ) throws -> Matrix<Double> {
    let (n, s) = (pointCount, tuples.count)
    let places = factors.map { factor in
      Dictionary(uniqueKeysWithValues: factor.labels.enumerated().map { ($1, $0) })
    }
    let rows = try Matrix<Double>(rowCount: s, columnCount: n) { output in
      nonisolated(unsafe) let output = output
      try Parallel.forEachBlock(of: s, size: 16, on: execution.silent) { range, workspace in
        workspace.withScratch(Double.self, n) { scratch in
          for draw in range {
            let row = output + draw * n
            let tuple = tuples[draw]
            let factor = (coefficients[tuple.count] / (Double(s) * probabilities[draw]))
              .squareRoot()
            for j in 0..<n { row[j] = factor * pointWeights[j] }
            for (index, label) in tuple.enumerated() {
              let which = arePowers ? 0 : index
              factors[which].multiply(row, byColumnAt: places[which][label] ?? 0, scratch)
            }
          }
        }
      }
    }
    return rows.transposed
  }
}
