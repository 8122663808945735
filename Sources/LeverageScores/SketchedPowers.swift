// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sketches of all powers of points in one pass, from which masses of tuples are estimated.

import LinearAlgebra
import Randomness
import Sketches
import TensorSketches
import Validation

/// Sketches of the points' powers, or of products of their factors: the same for every ridge.
struct SketchedPowers {
  /// For u = 1, 2, …: sketches of the last u factors in R coordinates, n × R.
  let suffixes: [Matrix<Double>]
  /// Z with ZZᵀ ≈ K, n × m.
  let features: Matrix<Double>

  /// - Parameters:
  ///   - featureCount: m, of the sketches of whole tuples.
  ///   - scanCount: R, at most m.
  /// - Complexity: for powers, 8 additions per nonzero once, where d > 4m, and for each point 2q + q
  ///   log₂(q)/2 pairs of Fourier transforms of m numbers; for q factors 2(R + m) operations per
  ///   nonzero. Memory: n(qR + m) numbers.
  init(
    _ law: TensorRowLaw, featureCount: Int, scanCount: Int, key: RandomKey,
    on execution: Execution
  ) throws {
    (suffixes, features) =
      law.arePowers
      ? try Self.powers(law, featureCount, scanCount, key, execution)
      : try Self.products(law, featureCount, scanCount, key, execution)
  }

  /// One input-sparse sketch of the points, and one tree of all powers on top of it.
  private static func powers(
    _ law: TensorRowLaw, _ m: Int, _ scanCount: Int, _ key: RandomKey, _ execution: Execution
  ) throws -> ([Matrix<Double>], Matrix<Double>) {
    let (n, degree) = (law.pointCount, law.degree)
    let pass = try PowerPass(law, m, scanCount, key, execution)
    // All suffixes side by side.
    let width = degree * scanCount
    var suffixes = Matrix<Double>(rowCount: n, columnCount: width)
    var features = Matrix<Double>(rowCount: n, columnCount: m)
    try suffixes.withUnsafeMutablePointer { suffixes in
      try features.withUnsafeMutablePointer { features in
        nonisolated(unsafe) let (suffixes, features) = (suffixes, features)
        try Parallel.forEachBlock(of: n, size: 64, on: execution) { range, workspace in
          pass.write(
            range, suffixes: RowOutput(base: suffixes, stride: width),
            features: RowOutput(base: features, stride: m), workspace: workspace)
        }
      }
    }
    let parts = (0..<degree).map { suffixes.columns($0 * scanCount..<($0 + 1) * scanCount) }
    return (parts, features)
  }

  /// Products of independent normal combinations of every factor.
  private static func products(
    _ law: TensorRowLaw, _ m: Int, _ scanCount: Int, _ key: RandomKey, _ execution: Execution
  ) throws -> ([Matrix<Double>], Matrix<Double>) {
    func combined(_ index: Int, _ count: Int, _ name: StaticString) throws -> Matrix<Double> {
      let points = law.points[index]
      return try points.multiplied(
        by: normalMatrix(
          rowCount: points.columnCount, columnCount: count, key: key.child(name, index)),
        on: execution.silent)
    }
    var suffixes: [Matrix<Double>] = []
    let unit = 1 / Double(scanCount).squareRoot()
    var product = Matrix<Double>(repeating: unit, rowCount: law.pointCount, columnCount: scanCount)
    let root = (law.coefficients[law.degree] / Double(m)).squareRoot()
    var features = Matrix<Double>(repeating: root, rowCount: law.pointCount, columnCount: m)
    for u in 1...law.degree {
      multiply(&product, by: try combined(law.degree - u, scanCount, "scan"))
      multiply(&features, by: try combined(law.degree - u, m, "features"))
      suffixes.append(product)
    }
    return (suffixes, features)
  }
}

/// What turns points into sketches of all their powers.
private struct PowerPass {
  let law: TensorRowLaw
  let points: Rows<Double>
  let tree: PolySketch
  /// From m coordinates to R, for each power.
  let folds: [SRHT]
  /// Signs with which the powers are added up to one sketch of the whole series.
  let signs: [[Int8]]

  init(
    _ law: TensorRowLaw, _ m: Int, _ scanCount: Int, _ key: RandomKey, _ execution: Execution
  ) throws {
    self.law = law
    let given = law.points[0]
    points =
      given.columnCount > 4 * m
      ? .dense(
        try SparseSignEmbedding(
          inputDimension: given.columnCount, outputDimension: 4 * m, seed: key.child("base").seed
        ).apply(to: given, on: execution.silent))
      : given
    tree = try PolySketch(
      inputDimension: points.columnCount, degree: law.degree, outputDimension: m,
      seed: key.child("tree").seed, leaf: .srht)
    folds = try (0..<law.degree).map {
      try SRHT(inputDimension: m, outputDimension: scanCount, seed: key.child("fold", $0).seed)
    }
    signs = (0..<law.degree).map { key.child("signs", $0).stream.signs(count: m) }
  }

  /// Writes the folded powers of some points, and adds their features to what is there.
  func write(
    _ range: Range<Int>, suffixes: RowOutput<Double>, features: RowOutput<Double>,
    workspace: Workspace
  ) {
    let (m, degree) = (tree.outputDimension, law.degree)
    workspace.withScratch(Double.self, range.count * degree * m) { scratch in
      let powers = (0..<degree).map { RowOutput(base: scratch + $0 * m, stride: degree * m) }
      points.rows(range).withUnsafeBlock {
        tree.powers(of: $0, into: powers, workspace: workspace)
      }
      for (u, power) in powers.enumerated() {
        let block = RowBlock(
          rowCount: range.count, columnCount: m,
          entries: .dense(base: UnsafePointer(power.base), stride: power.stride))
        let first = suffixes.row(range.lowerBound) + u * folds[u].outputDimension
        folds[u].map(
          block, into: RowOutput(base: first, stride: suffixes.stride), workspace: workspace)
        let root = law.coefficients[u + 1].squareRoot()
        guard root > 0 else { continue }
        for (row, i) in range.enumerated() {
          add(root * law.pointWeights[i], power.row(row), signs[u], to: features.row(i))
        }
      }
    }
  }

  /// target ← target + factor · signs ∘ source.
  private func add(
    _ factor: Double, _ source: UnsafePointer<Double>, _ signs: [Int8],
    to target: UnsafeMutablePointer<Double>
  ) {
    signs.withUnsafeBufferPointer { signs in
      for r in 0..<signs.count { target[r] += factor * Double(signs[r]) * source[r] }
    }
  }
}

/// a ← a ∘ b.
func multiply(_ a: inout Matrix<Double>, by b: Matrix<Double>) {
  let count = a.rowCount * a.columnCount
  a.withUnsafeMutablePointer { a in
    b.withUnsafePointer { b in
      for k in 0..<count { a[k] *= b[k] }
    }
  }
}
