// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Small data sets of three kinds: points whose leverage is alike, grouped, and of a few that stand out.

import Kernels
import LinearAlgebra
import Randomness
import SpectralChecks
import Validation

enum DataSet: String, CaseIterable {
  /// Normal points.
  case even
  /// Points around eight centres of very different size, with some repeated.
  case clustered
  /// Nearly all points next to each other, and a few rare, large ones in directions of their own.
  case coherent

  func points(_ n: Int, _ d: Int, seed: UInt64 = 0) -> Matrix<Double> {
    let key = RandomKey(seed: seed).child("points")
    let (noise, centres) = (key.child("noise").stream, key.child("centres").stream)
    return Matrix(rowCount: n, columnCount: d) { output in
      for i in 0..<n {
        // Every seventh point of the clustered set repeats the one before.
        let source = self == .clustered && i % 7 == 6 ? i - 1 : i
        let group = min(7, source % 64 / 6)
        for j in 0..<d {
          let normal = noise.normal(at: UInt64(source * d + j))
          output[i * d + j] =
            switch self {
            case .even: normal
            case .clustered: 2 * centres.normal(at: UInt64(group * d + j)) + 0.3 * normal
            case .coherent:
              i < d / 2
                ? (j == i ? 30 : 0) + 0.01 * normal : (j < d / 2 ? 0.001 : 0.3) * normal + 0.02
            }
        }
      }
    }
  }
}

/// ε with (K + λI)/(1 + ε) ⪯ K̃ + λI ⪯ (1 + ε)(K + λI).
func epsilon(_ found: Matrix<Double>, _ exact: Matrix<Double>, ridge: Double) throws -> Double {
  try SpectralError(approximation: found, exact: exact, ridge: ridge).epsilon
}

/// Σ wᵢ aᵢaᵢᵀ over some rows of A.
func weightedGram(
  _ a: Matrix<Double>, _ indices: [Int], _ weights: [Double]
) throws -> Matrix<Double> {
  var rows = a.rows(at: indices)
  for (position, weight) in weights.enumerated() {
    for j in 0..<a.columnCount { rows[position, j] *= weight.squareRoot() }
  }
  return try rows.gram()
}
