// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sketches of the expansion of an activation's dual around the mean direction of its patches.

import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// What a sketched activation is made from.
///
/// With a unit vector m, n² = K(p, p), u = ⟨μ, m⟩/n and r = μ/n − u m the dual and its derivative are
///
///     k = Σ_d G_d ⟨r, r′⟩ᵈ,  G_d = Σ_j αⱼ(n) αⱼ(n′) C(j, d) (uu′)^{j−d} ≈ Σ_f g_df g_df′,
///
/// and likewise with βⱼ, where the g_df come from a few typical pairs of n and u (Nyström's approximation).
/// Degree 0 is left to landmarks on the line of m; beyond it features are g_df S_df(r). With
/// w the mean direction of q, v = ⟨q, w⟩, and s the part of q beside the mean of ψ and m, those of qqᵀ ∘ k′ are
/// (g_df v S_df(r), g_df (s a) ∘ S_df(r)).
/// S₁ and s a are projections on random orthonormal frames, S_d for d > 1 is a Complex-to-Real sketch. What
/// all these leave of k, other degrees and angles, a `SketchTail` has: together they are unbiased.
///
/// - Source: Wacker, Ohana, Filippone, "Complex-to-real sketches for tensor products with applications to the
///   polynomial kernel", 2022, for S_d; the rest was derived for this library.
struct SketchPlan: Hashable, Codable, Sendable {
  /// m, and w in the coordinates of (ψ, √c μ); 0 where nothing is split off.
  var direction: [Double]
  var tangentDirection: [Double]
  /// Where G_d is exact.
  var anchors: [Anchor]
  /// Those with columns, each degree and factor once, a factor being of the anchor of its number.
  var terms: [Term]
  /// The columns of what they leave.
  var tail = Tail()

  /// One n and u.
  struct Anchor: Hashable, Codable, Sendable {
    var deviation: Double
    var cosine: Double
  }

  /// The columns of one degree and factor: of φ, and of ψ those with v and those with s.
  struct Term: Hashable, Codable, Sendable {
    var degree: Int
    var factor: Int
    var nngp = 0
    var ntk = 0
    var rest = 0

    /// The columns of S_df.
    var width: Int { max(nngp, ntk, rest) }
  }

  /// Columns of φ and of ψ.
  struct Tail: Hashable, Codable, Sendable {
    var nngp = 0
    var ntk = 0
  }

  static let largestDegree = 4
  static let mostAnchors = 3

  /// A term without columns for every degree and anchor.
  static func emptyTerms(degree: Int, anchorCount: Int) -> [Term] {
    (0...degree).flatMap { degree in
      (0..<anchorCount).map { Term(degree: degree, factor: $0) }
    }
  }

  var nngpCount: Int { terms.reduce(tail.nngp) { $0 + $1.nngp } }
  var ntkCount: Int { terms.reduce(tail.ntk) { $0 + $1.ntk + $1.rest } }
  /// The columns of s a.
  var restCount: Int { terms.reduce(0) { max($0, $1.rest) } }

  /// Throws `InvalidInput` unless the parts fit an activation.
  func validate(_ coordinates: PatchCoordinates) throws {
    try Check.equal(direction.count, coordinates.nngp, "entries of the direction")
    try Check.equal(
      tangentDirection.count, coordinates.tangentCount, "entries of the tangents' direction")
    let counts = terms.flatMap { [$0.nngp, $0.ntk, $0.rest] } + [tail.nngp, tail.ntk]
    let numbers = anchors.map(\.deviation) + anchors.map(\.cosine)
    guard 1...Self.mostAnchors ~= anchors.count,
      Set(terms.map { [$0.degree, $0.factor] }).count == terms.count,
      terms.allSatisfy({
        0...Self.largestDegree ~= $0.degree && anchors.indices ~= $0.factor
          && ($0.degree > 0 || ($0.nngp == 0 && $0.ntk == 0))
      }),
      [direction, tangentDirection].allSatisfy({ vector in
        vector.allSatisfy { $0 == 0 } || abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6
      }),
      counts.allSatisfy({ 0...LayeredBudget.largestCount ~= $0 }),
      numbers.allSatisfy({ $0.magnitude < 1e150 })
    else {
      throw InvalidInput("stored sketch", found: "numbers out of range", expected: "those of a fit")
    }
  }
}

extension PatchCoordinates {
  /// The coordinates of q = (U(ψ), √c μ).
  var tangentCount: Int { ntk + (tangentScale > 0 ? nngp : 0) }
}

/// The sketched features of an activation, from products of patches with random directions.
struct SketchFeatures: Sendable {
  let plan: SketchPlan
  private(set) var tail: SketchTail
  private let factors: SketchFactors
  /// m, then the directions of every S_df with d > 0: one for each column of S₁, and for d > 1 real and
  /// imaginary parts of each of its factors; then those of the tail.
  private(set) var directions: Matrix<Double>
  /// w and what is beside it of the exact tangents, then aᵀ, then those of the tail.
  private(set) var weights: Matrix<Double>
  private let exactTangentCount: Int

  init(
    _ plan: SketchPlan, _ activation: Activation, _ coordinates: PatchCoordinates, key: RandomKey,
    on execution: Execution
  ) throws {
    self.plan = plan
    factors = SketchFactors(activation, plan)
    let exactTangents = try plan.exactTangentBasis(coordinates)
    exactTangentCount = exactTangents.rowCount
    tail = try SketchTail(
      plan, activation, factors, coordinates, exactTangents: exactTangents,
      key: key.child("tail"), on: execution)
    var rows = [try Matrix(rows: [plan.direction])]
    for term in plan.terms where term.degree > 0 && term.width > 0 {
      let isComplex = term.degree > 1
      let key = key.child("degree", term.degree).child("factor", term.factor)
      for part in 0..<(isComplex ? 2 * term.degree : 1) {
        var frame = try orthogonalRows(
          isComplex ? (term.width + 1) / 2 : term.width, coordinates.nngp,
          key.child("part", part), avoiding: plan.exactPoints, on: execution)
        if isComplex { frame.scaleEntries(by: 0.5.squareRoot()) }
        rows.append(frame)
      }
    }
    directions = try Matrix.stacked(rows + [tail.directions])
    weights = try Matrix.stacked([
      exactTangents,
      orthogonalRows(
        plan.restCount, coordinates.tangentCount, key.child("weights"),
        avoiding: plan.exactTangents(coordinates), on: execution),
      tail.weights,
    ])
  }

  /// Gives up the entries of directions and weights, not their numbers.
  mutating func removeRows() {
    directions = Matrix(rowCount: directions.rowCount, columnCount: 0)
    weights = Matrix(rowCount: weights.rowCount, columnCount: 0)
    tail.removeRows()
  }

  /// Turns rows of products with `directions` and, if there, with `weights` into features, in place.
  ///
  /// - Parameters:
  ///   - deviations: √K of each row as it enters σ.
  ///   - shares: how much of K is in |μ|²; the rest is noise. All of it where nil.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(
    _ rowCount: Int, deviations: UnsafePointer<Scalar>, shares: UnsafePointer<Scalar>?,
    values: UnsafeMutablePointer<Scalar>, _ valueStride: Int,
    slopes: UnsafeMutablePointer<Scalar>?, _ slopeStride: Int, workspace: Workspace
  ) {
    let termCount = plan.terms.count
    let (h1, h2, tailCount) = (
      directions.rowCount, weights.rowCount, tail.directions.rowCount
    )
    workspace.withScratch(Double.self, 2 * (termCount + factors.coefficients.count)) { numbers in
      workspace.withScratch(Scalar.self, h1 + h2 + tail.scratchCount) { products in
        let (g, h) = (numbers, numbers + termCount)
        let tangents = products + h1
        for i in 0..<rowCount {
          let (row, target) = (values + i * valueStride, slopes.map { $0 + i * slopeStride })
          let deviation = Double(deviations[i])
          let inverse = deviation > 0 ? 1 / deviation : 0
          let along = row[0]
          let cosine = Double(along) * inverse
          factors.write(
            deviation: deviation, cosine: max(-1, min(1, cosine)), values: g, slopes: h,
            scratch: h + termCount)
          let tailProducts = products + (h1 - tailCount)
          tailProducts.update(from: row + (h1 - tailCount), count: tailCount)
          // Before they are multiplied: powers of short patches would be 0 or infinite.
          let unit = Scalar(inverse)
          for j in 1..<h1 - tailCount { row[j] *= unit }
          multiply(row, into: products)
          if let target { tangents.update(from: target, count: h2) }
          let (nngp, ntk) = write(products, tangents, g, h, row, target)
          guard tailCount > 0 else { continue }
          let share = shares.map { Double($0[i]) } ?? 1
          tail.write(
            SketchTail.Patch(
              along: along, inverse: unit,
              square: deviation > 0 ? Scalar(max(0, share - cosine * cosine)) : 0,
              deviation: deviation, noise: deviation * max(0, 1 - share).squareRoot(),
              products: tailProducts,
              tangents: target == nil ? nil : UnsafePointer(tangents + (h2 - tail.count.ntk)),
              exactTangents: tangents, values: g, slopes: h),
            nngp: nngp, ntk: ntk, scratch: tangents + h2)
        }
      }
    }
  }

  /// S_df for d ≥ 1 of products over n, one after the other, without their scales.
  @inline(__always)
  private func multiply<Scalar: RealScalar>(
    _ row: UnsafePointer<Scalar>, into products: UnsafeMutablePointer<Scalar>
  ) {
    var (source, output) = (row + 1, products)
    for term in 0..<plan.terms.count {
      let (degree, width) = (plan.terms[term].degree, plan.terms[term].width)
      if degree == 0 { continue }
      if degree == 1 {
        for j in 0..<width { output[j] = source[j] }
        source += width
      } else {
        let pairs = (width + 1) / 2
        for j in 0..<pairs {
          var (x, y) = (source[j], source[pairs + j])
          for factor in 1..<degree {
            let (a, b) = (source[2 * factor * pairs + j], source[(2 * factor + 1) * pairs + j])
            (x, y) = (x * a - y * b, x * b + y * a)
          }
          output[2 * j] = x
          if 2 * j + 1 < width { output[2 * j + 1] = y }
        }
        source += 2 * degree * pairs
      }
      output += width
    }
  }

  /// Writes the features of all terms; returns where those of the tail go.
  @inline(__always)
  private func write<Scalar: RealScalar>(
    _ products: UnsafePointer<Scalar>, _ tangents: UnsafePointer<Scalar>,
    _ g: UnsafePointer<Double>, _ h: UnsafePointer<Double>, _ values: UnsafeMutablePointer<Scalar>,
    _ slopes: UnsafeMutablePointer<Scalar>?
  ) -> (nngp: UnsafeMutablePointer<Scalar>, ntk: UnsafeMutablePointer<Scalar>?) {
    var (sketch, nngp, ntk) = (products, values, slopes)
    let rest = tangents + exactTangentCount
    for index in 0..<plan.terms.count {
      let term = plan.terms[index]
      let unit = term.degree > 1 ? 2.0.squareRoot() : 1
      func scale(_ factor: Double, _ count: Int) -> Scalar {
        Scalar(factor * unit / Double(max(1, count)).squareRoot())
      }
      let factor = scale(g[index], term.nngp)
      for j in 0..<term.nngp { nngp[j] = factor * sketch[j] }
      nngp += term.nngp
      if let target = ntk {
        let factor = scale(h[index], term.ntk) * tangents[0]
        for j in 0..<term.ntk { target[j] = factor * sketch[j] }
        let (other, second) = (scale(h[index], term.rest), target + term.ntk)
        if term.degree == 0 {
          for j in 0..<term.rest { second[j] = other * rest[j] }
        } else {
          for j in 0..<term.rest { second[j] = other * rest[j] * sketch[j] }
        }
        ntk = second + term.rest
      }
      if term.degree > 0 { sketch += term.width }
    }
    return (nngp, ntk)
  }
}
