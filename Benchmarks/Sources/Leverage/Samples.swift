// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Spectral errors of sampled rows: by leverage and uniformly, and how many are enough.

import Foundation
import Sketching

/// A matrix A, with AᵀA.
private struct NamedMatrix {
  let name: String
  let rows: Matrix<Double>
  let gram: Matrix<Double>

  init(_ name: String, _ rows: Matrix<Double>) throws {
    self.name = "\(name), \(rows.rowCount) × \(rows.columnCount)"
    self.rows = rows
    gram = try rows.gram()
  }

  /// A few rare, large rows in directions of their own among many near one another.
  static func coherent(_ n: Int, _ d: Int) throws -> NamedMatrix {
    let stream = RandomKey(seed: 1).stream
    return try NamedMatrix(
      "coherent",
      Matrix(rowCount: n, columnCount: d) { output in
        for i in 0..<n {
          for j in 0..<d {
            let normal = stream.normal(at: UInt64(i * d + j))
            output[i * d + j] =
              i < d / 2
              ? (i == j ? 30 : 0) + 0.01 * normal : (j < d / 2 ? 0.001 : 0.3) * normal + 0.02
          }
        }
      })
  }

  static func normal(_ n: Int, _ d: Int) throws -> NamedMatrix {
    let stream = RandomKey(seed: 2).stream
    return try NamedMatrix(
      "normal",
      Matrix(rowCount: n, columnCount: d) { output in
        for k in 0..<n * d { output[k] = stream.normal(at: UInt64(k)) }
      })
  }

  /// Generated rows, and those of files with no more columns than `width`.
  static func all(_ paths: [String], width: Int) throws -> [NamedMatrix] {
    let files = try paths.map { (Leverage.name($0), try loadedPoints($0, 4000)) }
    return try [coherent(4000, 24), normal(4000, 24)]
      + files.filter { $1.columnCount <= width }.map { try NamedMatrix($0, $1.dense) }
  }

  /// ε of BᵀB for a sample B of the rows.
  func error(_ indices: [Int], _ weights: [Double], ridge: Double) throws -> Double {
    var sample = rows.rows(at: indices)
    for (i, weight) in weights.enumerated() {
      for j in 0..<sample.columnCount { sample[i, j] *= weight.squareRoot() }
    }
    return try SpectralError(approximation: sample.gram(), exact: gram, ridge: ridge).epsilon
  }

  /// The λ at which AᵀA has s_λ = s.
  func ridge(statisticalDimension s: Double) throws -> Double {
    try Leverage.ridge(SymmetricEigen.values(of: gram), statisticalDimension: s)
  }
}

/// ε at equal size: uniform rows, and rows by exact and by sketched scores.
func sampleErrors(_ paths: [String]) throws -> Table {
  var table = Table(
    title: """
      ε of BᵀB for as many rows B of A, λ with s_λ = 15, 20 s_λ rows, medians of 11 seeds (wanted: on \
      coherent rows uniform/leverage ≥ 5, elsewhere about 1 or more)
      """,
    columns: ["uniform", "leverage", "sketched", "uniform/leverage"])
  for matrix in try NamedMatrix.all(paths, width: 800) {
    let ridge = try matrix.ridge(statisticalDimension: 15)
    let rows = Rows.dense(matrix.rows)
    let scores = [
      try rows.ridgeLeverageScores(ridge: ridge),
      try rows.approximateRidgeLeverageScores(ridge: ridge),
    ]
    let (n, size) = (rows.rowCount, 300)
    func error(_ sample: (UInt64) throws -> ([Int], [Double])) throws -> Double {
      try median(
        (0..<11 as Range<UInt64>).map {
          let (indices, weights) = try sample($0)
          return try matrix.error(indices, weights, ridge: ridge)
        })
    }
    let uniform = try error { seed in
      let drawn = try RandomKey(seed: seed).stream.sampleWithoutReplacement(size, from: n)
      return (drawn, drawn.map { _ in Double(n) / Double(size) })
    }
    let byLeverage = try scores.map { scores in
      try error { seed in
        let sample = try scores.sample(count: size, seed: seed)
        return (sample.indices, sample.weights)
      }
    }
    table.add(matrix.name, [uniform] + byLeverage + [uniform / byLeverage[0]])
  }
  return table
}

/// The C of s = C s_λ ln s_λ/ε² with which 99 of 100 samples keep ε.
func sampleConstants(_ paths: [String]) throws -> Table {
  var table = Table(
    title: """
      Samples by leverage of s = C s_λ ln s_λ/ε² rows in the mean (probabilities min(1, C lᵢ ln s_λ/ε²)): \
      the least C of 0.5, 0.75, … with which 99 of 100 seeds keep ε, and misses of sample(forEpsilon: ε)
      """,
    columns: ["s_λ", "ε", "C", "rows at C", "misses", "rows"])
  for matrix in try NamedMatrix.all(paths, width: 200) {
    let rows = Rows.dense(matrix.rows)
    for (share, target) in [(0.3, 1.0), (0.3, 0.5), (0.8, 1.0), (0.8, 0.5)] {
      let ridge = try matrix.ridge(
        statisticalDimension: max(4, share * Double(rows.columnCount)))
      let scores = try rows.ridgeLeverageScores(ridge: ridge)
      let s = scores.statisticalDimension
      func misses(_ draw: (UInt64) throws -> RidgeSample) throws -> (count: Int, rows: Double) {
        var (count, taken) = (0, 0)
        for seed in 0..<100 as Range<UInt64> {
          let sample = try draw(seed)
          taken += sample.indices.count
          let found = try matrix.error(sample.indices, sample.weights, ridge: ridge)
          if found > target { count += 1 }
        }
        return (count, Double(taken) / 100)
      }
      var (constant, taken) = (0.25, 0.0)
      repeat {
        constant += 0.25
        let found = try misses {
          try scores.sample(
            oversampling: constant * Double.log(s) / (target * target), seed: $0)
        }
        taken = found.rows
        if found.count <= 1 { break }
      } while constant < 10
      let stated = try misses { try scores.sample(forEpsilon: target, seed: $0) }
      table.add(
        matrix.name, [s, target, constant, taken, Double(stated.count), stated.rows])
    }
  }
  return table
}
