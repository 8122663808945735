// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of what sketches and landmarks leave of an activation.

import LinearAlgebra
import NeuralKernels
import Randomness

/// (σ(μW) − Σ_df g_df |r|ᵈ h_d(⟨r̂, W⟩) Σ_j e_fj h_{j−d}(⟨m, W⟩))/√M with normal W, and of (qa) ∘ σ′(μW) what is
/// left likewise: the functions of W whose products have the mean that the terms of a `SketchPlan` have are
/// taken off, so that those of the rest have the mean that the terms lack of the dual.
///
/// What landmarks stand for, functions of degree 0, is still in it.
///
/// - Complexity: at one patch a value of σ and three operations for every term, for each column.
struct SketchTail: Sendable {
  let count: SketchPlan.Tail
  /// W, in orthogonal frames, and a, likewise.
  private(set) var directions: Matrix<Double>
  private(set) var weights: Matrix<Double>
  private let terms: [SketchPlan.Term]
  private let largestDegree: Int
  /// ⟨m, w⟩ for every w, one row; ⟨e, a⟩ for every a, one row for each exact tangent e.
  private let along: FittedMatrix
  private let tangentsAlong: FittedMatrix
  /// What `SketchFactors.functions` gives for every w, one row for each term.
  private let values: FittedMatrix
  private let slopes: FittedMatrix
  private let draw: ActivationDraw
  private let pieces: (below: Double, above: Double)?

  init(
    _ plan: SketchPlan, _ activation: Activation, _ factors: SketchFactors,
    _ coordinates: PatchCoordinates, exactTangents: Matrix<Double>, key: RandomKey,
    on execution: Execution
  ) throws {
    count = plan.tail
    terms = plan.terms
    largestDegree = plan.terms.map(\.degree).max() ?? 0
    let columns = max(count.nngp, count.ntk)
    var rows = try orthogonalRows(columns, coordinates.nngp, key.child("directions"), on: execution)
    if rows.rowCount > 0, coordinates.nngp > 0 {
      let lengths = try RadialLaw.radii(
        .normal(lengthScale: 1), dimension: coordinates.nngp, count: columns, key: key)
      rows.scaleRows(by: lengths.map { $0 / Double(coordinates.nngp).squareRoot() })
    }
    directions = rows
    weights = try orthogonalRows(
      count.ntk, coordinates.tangentCount, key.child("directions").child("weights"),
      on: execution)
    let alongs = columns > 0 ? rows.times(plan.direction) : []
    along = FittedMatrix(try Matrix(rowCount: 1, columnCount: columns, elements: alongs))
    tangentsAlong = FittedMatrix(
      count.ntk > 0
        ? try exactTangents.multiplied(byTransposeOf: weights)
        : Matrix(rowCount: exactTangents.rowCount, columnCount: 0))
    var (values, slopes) = (
      Matrix<Double>(rowCount: terms.count, columnCount: columns),
      Matrix<Double>(rowCount: terms.count, columnCount: columns)
    )
    for (j, z) in alongs.enumerated() {
      let functions = factors.functions(at: z)
      for term in terms.indices {
        values[term, j] = functions.values[term]
        slopes[term, j] = functions.slopes[term]
      }
    }
    (self.values, self.slopes) = (FittedMatrix(values), FittedMatrix(slopes))
    draw = ActivationDraw(activation)
    pieces = activation.slopes
  }

  /// Gives up the entries of directions and weights, not their numbers.
  mutating func removeRows() {
    directions = Matrix(rowCount: directions.rowCount, columnCount: 0)
    weights = Matrix(rowCount: weights.rowCount, columnCount: 0)
  }

  /// One patch: what its features are made from.
  struct Patch<Scalar: RealScalar> {
    /// ⟨m, μ⟩, 1/n, and (|μ|² − ⟨m, μ⟩²)/n².
    var along: Scalar
    var inverse: Scalar
    var square: Scalar
    /// √K as it enters σ, and the deviation of the part of it that is noise.
    var deviation: Double
    var noise: Double
    /// μW, and qa; these if there is ψ.
    var products: UnsafePointer<Scalar>
    var tangents: UnsafePointer<Scalar>?
    /// ⟨q, e⟩ of every exact tangent.
    var exactTangents: UnsafePointer<Scalar>
    /// g_df of values and of derivatives.
    var values: UnsafePointer<Double>
    var slopes: UnsafePointer<Double>
  }

  /// Scalars of scratch for one patch.
  var scratchCount: Int { 6 * directions.rowCount }

  /// Writes the features of one patch.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func write<Scalar: RealScalar>(
    _ patch: Patch<Scalar>, nngp: UnsafeMutablePointer<Scalar>,
    ntk: UnsafeMutablePointer<Scalar>?, scratch: UnsafeMutablePointer<Scalar>
  ) {
    let columns = directions.rowCount
    let (y, sums) = (scratch, scratch + 3 * columns)
    let (means, rests) = (sums + columns, sums + 2 * columns)
    sums.update(repeating: 0, count: 3 * columns)
    along.withPointer(as: Scalar.self) { along in
      for j in 0..<columns { y[j] = patch.inverse * (patch.products[j] - patch.along * along[j]) }
    }
    addTerms(patch, y, sums, means, rests, withTangents: ntk != nil)
    let scale = Scalar(1 / Double(max(1, count.nngp)).squareRoot())
    let tangentScale = Scalar(1 / Double(max(1, count.ntk)).squareRoot())
    tangentsAlong.withPointer(as: Scalar.self) { exact in
      for j in 0..<columns {
        let (value, derivative) = evaluate(patch, patch.products[j])
        if j < count.nngp { nngp[j] = scale * (value - sums[j]) }
        guard let ntk, let tangents = patch.tangents, j < count.ntk else { continue }
        let mean = patch.exactTangents[0] * exact[j]
        var rest = tangents[j] - mean
        for row in 1..<tangentsAlong.rowCount {
          rest -= patch.exactTangents[row] * exact[row * count.ntk + j]
        }
        ntk[j] =
          tangentScale * (tangents[j] * derivative - mean * means[j] - rest * rests[j])
      }
    }
  }

  @inline(__always)
  private func evaluate<Scalar: RealScalar>(
    _ patch: Patch<Scalar>, _ u: Scalar
  ) -> (value: Scalar, derivative: Scalar) {
    if patch.noise == 0, let pieces {
      let slope = Scalar(u > 0 ? pieces.above : pieces.below)
      return (slope * u, slope)
    }
    let (value, derivative) = draw(Double(u), deviation: patch.deviation, noise: patch.noise)
    return (Scalar(value), Scalar(derivative))
  }

  /// Adds up the terms of the values, and of the derivatives those with v and those with s.
  @inline(__always)
  private func addTerms<Scalar: RealScalar>(
    _ patch: Patch<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ sums: UnsafeMutablePointer<Scalar>, _ means: UnsafeMutablePointer<Scalar>,
    _ rests: UnsafeMutablePointer<Scalar>, withTangents: Bool
  ) {
    let columns = directions.rowCount
    var (last, before) = (y + columns, y + 2 * columns)
    last.update(repeating: 1, count: columns)
    before.update(repeating: 0, count: columns)
    values.withPointer(as: Scalar.self) { values in
      slopes.withPointer(as: Scalar.self) { slopes in
        func add(
          _ factor: Double, _ row: UnsafePointer<Scalar>, to output: UnsafeMutablePointer<Scalar>
        ) {
          let factor = Scalar(factor)
          for j in 0..<columns { output[j] += factor * row[j] * last[j] }
        }
        for degree in 0...largestDegree {
          for (index, term) in terms.enumerated() where term.degree == degree {
            let row = slopes + index * columns
            if term.nngp > 0 { add(patch.values[index], values + index * columns, to: sums) }
            if term.ntk > 0, withTangents { add(patch.slopes[index], row, to: means) }
            if term.rest > 0, withTangents { add(patch.slopes[index], row, to: rests) }
          }
          // |r|ᵈ h_d of the next degree, over what was before.
          let factor = Scalar(1 / Double(degree + 1).squareRoot())
          let back = Scalar(Double(degree).squareRoot()) * patch.square
          for j in 0..<columns { before[j] = factor * (y[j] * last[j] - back * before[j]) }
          (last, before) = (before, last)
        }
      }
    }
  }
}
