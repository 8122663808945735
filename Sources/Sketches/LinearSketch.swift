// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every randomized linear map is.

import LinearAlgebra
import Validation

/// A random matrix S ∈ ℝᵐˣᵈ with E[SᵀS] = I, drawn from a law by a seed and applied to points.
///
/// It is oblivious: the data play no part in it. Sketches of parts of a sum add up to the sketch of
/// the sum, since it is linear: see `SketchAccumulator`.
public protocol LinearSketch: SeededMap {
  /// The exact variance of ⟨Sx, Sy⟩ over all random choices. Cost: O(d).
  ///
  /// - Throws: `InvalidInput` if x or y does not have d entries, all finite.
  func variance(_ x: [Double], _ y: [Double]) throws -> Double

  /// The exact moments of the pair (Sx, Sy), from which a sketch of it has its variance. Cost: O(d).
  ///
  /// - Throws: `InvalidInput` if x or y does not have d entries, all finite.
  func moments(_ x: [Double], _ y: [Double]) throws -> PairExpectation

  /// The seeds of all its random choices.
  var randomSources: Set<RandomSource> { get }

  /// How many rows a partial sum of S A has.
  var partialRowCount: Int { get }

  /// Adds to `sum` what the rows `offset..<offset + rows.rowCount` of A contribute to S A, up to the
  /// linear map that `finish` is.
  ///
  /// The rows lie within 0..<d and `sum` has `partialRowCount` rows as wide as they are. Nothing is
  /// checked. Equal bits for any number of threads.
  ///
  /// - Throws: `CancellationError`, after which `sum` is of no use.
  func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws

  /// S A, from the sum of all contributions.
  func finish<Scalar: RealScalar>(
    _ sum: consuming Matrix<Scalar>, on execution: Execution
  ) throws -> Matrix<Scalar>
}

/// A sketch whose variance depends on a pair of points through `PairExpectation` alone, so that it is
/// known for sketched points too.
public protocol ElementarySketch: LinearSketch {
  /// The factor that partial sums leave out, so that signs add up without rounding: S = scale · T.
  var scale: Double { get }

  /// The variance of ⟨Sx, Sy⟩ given (x, y), in expectation over x and y.
  func variance(of pair: PairExpectation) -> Double

  /// The moments of (Sx, Sy).
  func image(of pair: PairExpectation) -> PairExpectation
}

extension LinearSketch {
  /// Z = X Sᵀ: the sketch of every row of X, `n × m`.
  ///
  /// Equal bits for any number of threads; see the law for what else it promises.
  ///
  /// - Throws: `InvalidInput` if X does not have d columns or holds NaN or infinity;
  ///   `CancellationError`.
  public func apply<Scalar: RealScalar>(
    to rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try images(of: rows, on: execution)
  }

  /// S A: the sketch of the columns of A, `d × c`, as an `m × c` matrix. It sketches the number of
  /// points.
  ///
  /// Equal bits for any number of threads.
  ///
  /// - Throws: `InvalidInput` if A does not have d rows, holds NaN or infinity, or has sums beyond the
  ///   range of `Scalar`; `CancellationError`.
  public func applyFromLeft<Scalar: RealScalar>(
    to matrix: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(matrix.rowCount, inputDimension, "rows of the matrix")
    let columnCount = matrix.columnCount
    _ = try Check.count(
      [max(partialRowCount, outputDimension), columnCount], "shape of the output")
    var sum = Matrix<Scalar>(rowCount: partialRowCount, columnCount: columnCount)
    try sum.withUnsafeMutablePointer {
      try accumulate(
        matrix, at: 0, into: RowOutput(base: $0, stride: columnCount), on: execution)
    }
    let result = try finish(consume sum, on: execution)
    // A NaN or infinity in A reaches the result, which is the smaller of the two to look through.
    if !result.isFinite {
      try matrix.validate(columnCount: columnCount, "matrix")
      throw InvalidInput(sumsBeyond: Scalar.self)
    }
    return result
  }
}

extension ElementarySketch {
  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    variance(of: try PairExpectation(x, y, dimension: inputDimension))
  }

  public func moments(_ x: [Double], _ y: [Double]) throws -> PairExpectation {
    image(of: try PairExpectation(x, y, dimension: inputDimension))
  }

  public var partialRowCount: Int { outputDimension }

  public func finish<Scalar: RealScalar>(
    _ sum: consuming Matrix<Scalar>, on execution: Execution
  ) throws -> Matrix<Scalar> {
    guard scale != 1 else { return sum }
    var result = consume sum
    let count = result.rowCount * result.columnCount
    result.withUnsafeMutablePointer { multiply($0, count, by: Scalar(scale)) }
    return result
  }
}

/// Multiplies `count` numbers in place.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiply<Scalar: RealScalar>(
  _ numbers: UnsafeMutablePointer<Scalar>, _ count: Int, by factor: Scalar
) {
  for i in 0..<count { numbers[i] *= factor }
}
