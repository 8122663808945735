// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Wide points of mostly zeros, on their way into layers that see every coordinate.

import LinearAlgebra
import Randomness
import RealModule
import Sketches
import Validation

/// A few coordinates of a wide point x ∈ ℝᵈ: u = ⟨x, v⟩ for the mean direction v of a sample, and a sketch
/// of r = x − u v,
///
///     x̃ = √(c/d) (s S r, u),   s = |r|/|S r|,
///
/// with S a `SparseSignEmbedding` of m rows and c = m + 1: as a point of c coordinates x̃ has the norm per
/// coordinate that x has, |x̃|²/c = |x|²/d, exactly. Inner products are nearly unbiased: those of S r are,
/// with variance (|r|²|r′|² + ⟨r, r′⟩² − 2 Σ rₖ²r′ₖ²)/m, and with t the cosine of r and r′ the norms make
/// of it |r|²|r′|²(1 − t²)²/m, and a bias of −t(1 − t²)|r||r′|/2m.
///
/// So a network sees |x|, |y| and u as they are, and cosines to within 1/√m, less than random features of
/// m/8 columns tell of them.
///
/// - Complexity: 8 additions and O(log nnz(v)) for each nonzero of a row, and O(m) for the row, whatever d is.
///   Memory: the nonzeros of v.
/// - Source: Kane, Nelson, "Sparser Johnson-Lindenstrauss transforms", J. ACM 61, 2014; norms kept and the
///   mean split off for this library.
struct InputSketch: Sendable {
  /// m.
  let rowCount: Int
  /// v; nil where the mean vanishes.
  let direction: SparseVector?
  private let sketch: SparseSignEmbedding
  /// S v.
  private let image: [Double]

  /// d.
  var inputDimension: Int { sketch.inputDimension }
  /// c.
  var outputDimension: Int { rowCount + (direction == nil ? 0 : 1) }

  /// - Throws: `InvalidInput` if m is not from 8 to d or v has not d coordinates and length 1.
  init(inputDimension: Int, rowCount: Int, direction: SparseVector?, key: RandomKey) throws {
    try Check.dimension(rowCount, "rows of the input's sketch", upTo: Self.largestRowCount)
    if let direction {
      try Check.equal(direction.count, inputDimension, "coordinates of the input's mean")
      guard abs(direction.squaredNorm - 1) < 1e-6 else {
        throw InvalidInput("input's mean", found: "another length", expected: "a unit vector")
      }
    }
    self.rowCount = rowCount
    self.direction = direction
    sketch = try SparseSignEmbedding(
      inputDimension: inputDimension, outputDimension: rowCount,
      seed: key.child("input").seed)
    var image = [Double](repeating: 0, count: rowCount)
    let law = sketch
    direction?.withBlock { block in
      image.withUnsafeMutableBufferPointer {
        law.map(
          block, into: RowOutput(base: $0.baseAddress!, stride: rowCount), workspace: Workspace())
      }
    }
    self.image = image
  }

  private static let largestRowCount = 8192

  /// The sketch for layers of at most `columnCount` columns; nil where rows are narrow, or not mostly
  /// zeros, so that layers had better see them as they are.
  ///
  /// That depends on d and on the numbers of a sample alone, not on how its rows are stored.
  static func fitting<Scalar: RealScalar>(
    _ sample: Rows<Scalar>, columnCount: Int, centring: Centring = .sample, key: RandomKey
  ) throws -> InputSketch? {
    var rowCount = 2048
    while rowCount < min(8 * columnCount, largestRowCount) { rowCount *= 2 }
    let (n, d) = (sample.rowCount, sample.columnCount)
    guard d > 2 * rowCount, sample.isMostlyZeros else { return nil }
    let direction: SparseVector? =
      switch centring {
      case .none: nil
      case .sample:
        sample.converted(to: Double.self).meanDirection(weights: [Double](repeating: 1, count: n))
      case .vector(let given): SparseVector(given).normalized
      }
    return try InputSketch(
      inputDimension: d, rowCount: rowCount, direction: direction, key: key)
  }

  /// Writes x̃ for every row, `outputDimension` numbers each.
  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: UnsafeMutablePointer<Scalar>, workspace: Workspace
  ) {
    let width = outputDimension
    sketch.map(rows, into: RowOutput(base: output, stride: width), workspace: workspace)
    let scale = (Double(width) / Double(inputDimension)).squareRoot()
    for i in 0..<rows.rowCount {
      let u = direction.map { rows.product(ofRow: i, with: $0) } ?? 0
      let square = rows.squaredNorm(ofRow: i) - u * u
      finish(output + i * width, u: u, square: max(0, square), scale: scale)
      if direction != nil { output[i * width + rowCount] = Scalar(scale * u) }
    }
  }

  /// Turns S x into scale · s S r.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func finish<Scalar: RealScalar>(
    _ row: UnsafeMutablePointer<Scalar>, u: Double, square: Double, scale: Double
  ) {
    image.withUnsafeBufferPointer { image in
      var found = 0.0
      for k in 0..<rowCount {
        let value = Double(row[k]) - u * image[k]
        found += value * value
      }
      let factor = found > 0 ? scale * (square / found).squareRoot() : 0
      for k in 0..<rowCount { row[k] = Scalar(factor * (Double(row[k]) - u * image[k])) }
    }
  }

  /// x̃ of every row of a sample.
  func images(of sample: Rows<Double>, on execution: Execution) throws -> Matrix<Double> {
    try Matrix(rowCount: sample.rowCount, columnCount: outputDimension) { output in
      nonisolated(unsafe) let output = output
      try Parallel.forEachBlock(of: sample.rowCount, size: 64, on: execution) { range, workspace in
        sample.rows(range).withUnsafeBlock {
          map($0, into: output + range.lowerBound * outputDimension, workspace: workspace)
        }
      }
    }
  }
}

extension InputSketch: Hashable {
  static func == (a: InputSketch, b: InputSketch) -> Bool {
    a.sketch.parameters == b.sketch.parameters && a.direction == b.direction
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(sketch.parameters)
    hasher.combine(direction)
  }
}
