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
///     k = Σ_d G_d ⟨r, r′⟩ᵈ,  G_d = Σ_j αⱼ(n) αⱼ(n′) C(j, d) (uu′)^{j−d} ≈ g_d g_d′,
///
/// and likewise with βⱼ, where g_d comes from one typical pair of n and u (Nyström's approximation).
/// Degree 0 is left to landmarks on the line of m; beyond it features are g_d S_d(r). With
/// q = v w + s, w the mean direction of q, those of qqᵀ ∘ k′ are (g_d v S_d(r), g_d (s a) ∘ S_d(r)).
/// S₁ and s a are projections on random orthonormal frames, S_d for d > 1 is a Complex-to-Real sketch.
struct SketchPlan: Hashable, Codable, Sendable {
  /// m, and w in the coordinates of (ψ, √c μ); 0 where nothing is split off.
  var direction: [Double]
  var tangentDirection: [Double]
  /// n and u at which G_d is exact.
  var deviation: Double
  var cosine: Double
  /// One for each degree d.
  var terms: [Term]

  /// The columns of one degree: of φ, and of ψ those with v and those with s.
  struct Term: Hashable, Codable, Sendable {
    var nngp = 0
    var ntk = 0
    var rest = 0

    /// The columns of S_d.
    var width: Int { max(nngp, ntk, rest) }
  }

  static let largestDegree = 4

  var nngpCount: Int { terms.reduce(0) { $0 + $1.nngp } }
  var ntkCount: Int { terms.reduce(0) { $0 + $1.ntk + $1.rest } }
  /// The columns of s a.
  var restCount: Int { terms.reduce(0) { max($0, $1.rest) } }

  /// Throws `InvalidInput` unless the parts fit an activation.
  func validate(_ coordinates: PatchCoordinates) throws {
    try Check.equal(direction.count, coordinates.nngp, "entries of the direction")
    try Check.equal(
      tangentDirection.count, coordinates.tangentCount, "entries of the tangents' direction")
    let counts = terms.flatMap { [$0.nngp, $0.ntk, $0.rest] }
    let numbers = direction + tangentDirection + [deviation, cosine]
    guard (1...Self.largestDegree + 1).contains(terms.count), terms[0].width == terms[0].rest,
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

/// g_d for the values of the dual and of its derivative.
struct SketchFactors: Sendable {
  /// αⱼ C(j, d) u^{j−d} / √G_d at the anchor, for the values; βⱼ … for the derivatives.
  private let values: [[Double]]
  private let slopes: [[Double]]
  let coefficients: HermiteCoefficients

  init(_ activation: Activation, _ plan: SketchPlan) {
    let count = activation.slopes == nil ? 32 : 48
    coefficients = HermiteCoefficients(activation, count: count)
    var (a, b) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    coefficients.write(at: plan.deviation, values: &a, slopes: &b)
    func factors(_ c: [Double], _ degree: Int) -> [Double] {
      var (binomial, square, result) = (1.0, 0.0, [Double](repeating: 0, count: count))
      for j in degree..<count {
        if j > degree { binomial *= Double(j) / Double(j - degree) }
        let power = Double.pow(plan.cosine, j - degree)
        result[j] = c[j] * binomial * power
        square += c[j] * c[j] * binomial * power * power
      }
      return result.map { square > 0 ? $0 / square.squareRoot() : 0 }
    }
    values = plan.terms.indices.map { factors(a, $0) }
    slopes = plan.terms.indices.map { factors(b, $0) }
  }

  /// Writes g_d of both at one n and u.
  ///
  /// - Parameter scratch: for 2 · `coefficients.count` numbers.
  func write(
    deviation: Double, cosine: Double, values g: UnsafeMutablePointer<Double>,
    slopes h: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let count = coefficients.count
    let (a, b) = (scratch, scratch + count)
    coefficients.write(at: deviation, values: a, slopes: b)
    for degree in values.indices {
      var sums = (0.0, 0.0)
      values[degree].withUnsafeBufferPointer { values in
        slopes[degree].withUnsafeBufferPointer { slopes in
          for j in (degree..<count).reversed() {
            sums.0 = sums.0 * cosine + a[j] * values[j]
            sums.1 = sums.1 * cosine + b[j] * slopes[j]
          }
        }
      }
      (g[degree], h[degree]) = sums
    }
  }
}

/// The sketched features of an activation, from products of patches with random directions.
struct SketchFeatures: Sendable {
  let plan: SketchPlan
  private let factors: SketchFactors
  /// m, then the directions of S_d for every d: one for each column of S₁, and for d > 1 real and
  /// imaginary parts of each factor.
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
    for (degree, term) in plan.terms.enumerated() where degree > 0 && term.width > 0 {
      let isComplex = degree > 1
      for part in 0..<(isComplex ? 2 * degree : 1) {
        var frame = try orthogonalRows(
          isComplex ? (term.width + 1) / 2 : term.width, coordinates.nngp,
          key.child("degree", degree).child("part", part), avoiding: plan.exactPoints)
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
    let degreeCount = plan.terms.count
    let (h1, h2) = (directions.rowCount, weights.rowCount)
    workspace.withScratch(Double.self, 2 * (degreeCount + factors.coefficients.count)) { numbers in
      workspace.withScratch(Scalar.self, h1 + h2) { products in
        let (g, h) = (numbers, numbers + degreeCount)
        for i in 0..<rowCount {
          let (row, target) = (values + i * valueStride, slopes.map { $0 + i * slopeStride })
          let deviation = Double(deviations[i])
          let inverse = deviation > 0 ? 1 / deviation : 0
          factors.write(
            deviation: deviation, cosine: max(-1, min(1, Double(row[0]) * inverse)), values: g,
            slopes: h, scratch: h + degreeCount)
          var scale = 1.0
          for degree in 0..<degreeCount {
            g[degree] *= scale
            h[degree] *= scale
            scale *= inverse
          }
          multiply(row, into: products)
          if let target { (products + h1).update(from: target, count: h2) }
          write(products, products + h1, g, h, row, target)
        }
      }
    }
  }

  /// S_d for d ≥ 1, one after the other, without their scales.
  @inline(__always)
  private func multiply<Scalar: RealScalar>(
    _ row: UnsafePointer<Scalar>, into products: UnsafeMutablePointer<Scalar>
  ) {
    var (source, output) = (row + 1, products)
    for degree in 1..<max(1, plan.terms.count) {
      let width = plan.terms[degree].width
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
    for degree in 0..<plan.terms.count {
      let term = plan.terms[degree]
      let unit = degree > 1 ? 2.0.squareRoot() : 1
      func scale(_ factor: Double, _ count: Int) -> Scalar {
        Scalar(factor * unit / Double(max(1, count)).squareRoot())
      }
      let factor = scale(g[degree], term.nngp)
      for j in 0..<term.nngp { nngp[j] = factor * sketch[j] }
      nngp += term.nngp
      if let target = ntk {
        let factor = scale(h[degree], term.ntk) * tangents[0]
        for j in 0..<term.ntk { target[j] = factor * sketch[j] }
        let (other, second) = (scale(h[degree], term.rest), target + term.ntk)
        if degree == 0 {
          for j in 0..<term.rest { second[j] = other * rest[j] }
        } else {
          for j in 0..<term.rest { second[j] = other * rest[j] * sketch[j] }
        }
        ntk = second + term.rest
      }
      if degree > 0 { sketch += term.width }
    }
  }
}
