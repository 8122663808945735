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
/// q = v w + s, w the mean direction of q, those of qqᵀ ∘ k′ are (g_df v S_df(r), g_df (s a) ∘ S_df(r)).
/// S₁ and s a are projections on random orthonormal frames, S_d for d > 1 is a Complex-to-Real sketch.
struct SketchPlan: Hashable, Codable, Sendable {
  /// m, and w in the coordinates of (ψ, √c μ); 0 where nothing is split off.
  var direction: [Double]
  var tangentDirection: [Double]
  /// Where G_d is exact.
  var anchors: [Anchor]
  /// Those with columns, each degree and factor once, a factor being of the anchor of its number.
  var terms: [Term]
  /// What the mean of φ and of ψ lacks, on the sample.
  var nngpBias = SketchBias()
  var ntkBias = SketchBias()

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

  static let largestDegree = 8
  static let mostAnchors = 3

  /// A term without columns for every degree and anchor.
  static func emptyTerms(degree: Int, anchorCount: Int) -> [Term] {
    (0...degree).flatMap { degree in
      (0..<anchorCount).map { Term(degree: degree, factor: $0) }
    }
  }

  var nngpCount: Int { terms.reduce(0) { $0 + $1.nngp } }
  var ntkCount: Int { terms.reduce(0) { $0 + $1.ntk + $1.rest } }
  /// The columns of s a.
  var restCount: Int { terms.reduce(0) { max($0, $1.rest) } }

  /// Throws `InvalidInput` unless the parts fit an activation.
  func validate(_ coordinates: PatchCoordinates) throws {
    try Check.equal(direction.count, coordinates.nngp, "entries of the direction")
    try Check.equal(
      tangentDirection.count, coordinates.tangentCount, "entries of the tangents' direction")
    try nngpBias.validate()
    try ntkBias.validate()
    let counts = terms.flatMap { [$0.nngp, $0.ntk, $0.rest] }
    let numbers =
      direction + tangentDirection + anchors.map(\.deviation) + anchors.map(\.cosine)
    guard 1...Self.mostAnchors ~= anchors.count,
      Set(terms.map { [$0.degree, $0.factor] }).count == terms.count,
      terms.allSatisfy({
        0...Self.largestDegree ~= $0.degree && anchors.indices ~= $0.factor
          && ($0.degree > 0 || $0.width == $0.rest)
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

/// g_df for the values of the dual and of its derivative, of every term.
struct SketchFactors: Sendable {
  private let degrees: [Int]
  /// With which αⱼ(n) u^{j−d} make the values' g_df, and βⱼ(n) u^{j−d} those of the derivatives.
  private let values: [[Double]]
  private let slopes: [[Double]]
  let coefficients: HermiteCoefficients

  init(_ activation: Activation, _ plan: SketchPlan) {
    let count = activation.slopes == nil ? 32 : 48
    coefficients = HermiteCoefficients(activation, count: count)
    var (a, b) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    var (values, slopes): ([[[Double]]], [[[Double]]]) = ([], [])
    for degree in 0...SketchPlan.largestDegree {
      // √C(j, d).
      var (binomial, roots) = (1.0, a.map { _ in 0.0 })
      for j in degree..<count {
        if j > degree { binomial *= Double(j) / Double(j - degree) }
        roots[j] = binomial.squareRoot()
      }
      // The rows of Gram and Schmidt from those of the anchors.
      var bases: ([[Double]], [[Double]]) = ([], [])
      for anchor in plan.anchors {
        coefficients.write(at: anchor.deviation, values: &a, slopes: &b)
        func row(_ c: [Double], _ basis: [[Double]]) -> [Double] {
          var row = c.indices.map { j in
            j < degree ? 0 : c[j] * roots[j] * Double.pow(anchor.cosine, j - degree)
          }
          let whole = row.reduce(0) { $0 + $1 * $1 }
          for other in basis {
            let along = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
            for j in row.indices { row[j] -= along * other[j] }
          }
          let square = row.reduce(0) { $0 + $1 * $1 }
          return row.map { square > 1e-8 * whole ? $0 / square.squareRoot() : 0 }
        }
        bases.0.append(row(a, bases.0))
        bases.1.append(row(b, bases.1))
      }
      values.append(bases.0.map { zip($0, roots).map { $0 * $1 } })
      slopes.append(bases.1.map { zip($0, roots).map { $0 * $1 } })
    }
    degrees = plan.terms.map(\.degree)
    self.values = plan.terms.map { values[$0.degree][$0.factor] }
    self.slopes = plan.terms.map { slopes[$0.degree][$0.factor] }
  }

  /// g_df of both at one n and u.
  func values(deviation: Double, cosine: Double) -> (values: [Double], slopes: [Double]) {
    let count = degrees.count
    var numbers = [Double](repeating: 0, count: 2 * (count + coefficients.count))
    numbers.withUnsafeMutableBufferPointer { buffer in
      guard let g = buffer.baseAddress else { return }
      write(
        deviation: deviation, cosine: cosine, values: g, slopes: g + count, scratch: g + 2 * count)
    }
    return (Array(numbers[..<count]), Array(numbers[count..<2 * count]))
  }

  /// Writes g_df of both at one n and u.
  ///
  /// - Parameter scratch: for 2 · `coefficients.count` numbers.
  func write(
    deviation: Double, cosine: Double, values g: UnsafeMutablePointer<Double>,
    slopes h: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let count = coefficients.count
    let (a, b) = (scratch, scratch + count)
    coefficients.write(at: deviation, values: a, slopes: b)
    for term in values.indices {
      var sums = (0.0, 0.0)
      values[term].withUnsafeBufferPointer { values in
        slopes[term].withUnsafeBufferPointer { slopes in
          for j in (degrees[term]..<count).reversed() {
            sums.0 = sums.0 * cosine + a[j] * values[j]
            sums.1 = sums.1 * cosine + b[j] * slopes[j]
          }
        }
      }
      (g[term], h[term]) = sums
    }
  }
}

/// The sketched features of an activation, from products of patches with random directions.
struct SketchFeatures: Sendable {
  let plan: SketchPlan
  private let factors: SketchFactors
  /// m, then the directions of every S_df with d > 0: one for each column of S₁, and for d > 1 real and
  /// imaginary parts of each of its factors.
  let directions: Matrix<Double>
  /// w, then aᵀ.
  let weights: Matrix<Double>

  init(
    _ plan: SketchPlan, _ activation: Activation, _ coordinates: PatchCoordinates, key: RandomKey
  )
    throws
  {
    self.plan = plan
    factors = SketchFactors(activation, plan)
    var rows = [try Matrix(rows: [plan.direction])]
    for term in plan.terms where term.degree > 0 && term.width > 0 {
      let isComplex = term.degree > 1
      let key = key.child("degree", term.degree).child("factor", term.factor)
      for part in 0..<(isComplex ? 2 * term.degree : 1) {
        var frame = try orthogonalRows(
          isComplex ? (term.width + 1) / 2 : term.width, coordinates.nngp,
          key.child("part", part), avoiding: plan.exactPoints)
        if isComplex { frame.scaleEntries(by: 0.5.squareRoot()) }
        rows.append(frame)
      }
    }
    directions = try Matrix.stacked(rows)
    weights = try Matrix.stacked([
      Matrix(rows: [plan.tangentDirection]),
      orthogonalRows(
        plan.restCount, coordinates.tangentCount, key.child("weights"),
        avoiding: plan.exactTangents(coordinates)),
    ])
  }

  /// Turns rows of products with `directions` and, if there, with `weights` into features, in place.
  ///
  /// - Parameter deviations: √K of each row as it enters σ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(
    _ rowCount: Int, deviations: UnsafePointer<Scalar>, values: UnsafeMutablePointer<Scalar>,
    _ valueStride: Int, slopes: UnsafeMutablePointer<Scalar>?, _ slopeStride: Int,
    workspace: Workspace
  ) {
    let termCount = plan.terms.count
    let (h1, h2) = (directions.rowCount, weights.rowCount)
    workspace.withScratch(Double.self, 2 * (termCount + factors.coefficients.count)) { numbers in
      workspace.withScratch(Scalar.self, h1 + h2) { products in
        let (g, h) = (numbers, numbers + termCount)
        for i in 0..<rowCount {
          let (row, target) = (values + i * valueStride, slopes.map { $0 + i * slopeStride })
          let deviation = Double(deviations[i])
          let inverse = deviation > 0 ? 1 / deviation : 0
          factors.write(
            deviation: deviation, cosine: max(-1, min(1, Double(row[0]) * inverse)), values: g,
            slopes: h, scratch: h + termCount)
          for term in 0..<termCount {
            for _ in 0..<plan.terms[term].degree {
              g[term] *= inverse
              h[term] *= inverse
            }
          }
          multiply(row, into: products)
          if let target { (products + h1).update(from: target, count: h2) }
          write(products, products + h1, g, h, row, target)
        }
      }
    }
  }

  /// S_df for d ≥ 1, one after the other, without their scales.
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

  @inline(__always)
  private func write<Scalar: RealScalar>(
    _ products: UnsafePointer<Scalar>, _ tangents: UnsafePointer<Scalar>,
    _ g: UnsafePointer<Double>, _ h: UnsafePointer<Double>, _ values: UnsafeMutablePointer<Scalar>,
    _ slopes: UnsafeMutablePointer<Scalar>?
  ) {
    var (sketch, nngp, ntk) = (products, values, slopes)
    let rest = tangents + 1
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
  }
}
