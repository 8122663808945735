// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the columns of a sketch are shared by what landmarks leave to each of its terms.

import LinearAlgebra
import NeuralKernels
import Validation

/// Patches as the terms of a plan see them.
private struct SeenPatches {
  let points: Matrix<Double>
  let tangents: Matrix<Double>
  let norms: [Double]
  /// ⟨μ, m⟩, the same of the mean direction of ψ, and v.
  let along: [Double]
  let tangentAlong: [Double]
  let v: [Double]
  /// g_df of both.
  let factors: [(values: [Double], slopes: [Double])]

  init(
    _ nngp: Matrix<Double>, _ tangents: Matrix<Double>, _ plan: SketchPlan,
    _ coordinates: PatchCoordinates, _ sketchFactors: SketchFactors
  ) {
    points = nngp.columns(0..<coordinates.nngp)
    self.tangents = tangents
    norms = nngp.rowNorms
    along = points.times(plan.direction)
    let mean = normalized(Array(plan.tangentDirection.prefix(coordinates.ntk)))
    tangentAlong = mean.map { tangents.times($0) } ?? norms.map { _ in 0 }
    v = plan.tangentProducts(points, tangents, coordinates)
    factors = zip(norms, along).map { norm, along in
      sketchFactors.values(deviation: norm, cosine: norm > 0 ? along / norm : 0)
    }
  }
}

/// What the terms of a plan stand for in products of patches: each one's of φ, and of ψ for v and for s; and
/// the whole of φ and of ψ.
private struct TermSums {
  private(set) var nngp: [Double]
  private(set) var ntk: [Double]
  private(set) var rest: [Double]
  private(set) var wholeNNGP = 0.0
  private(set) var wholeNTK = 0.0

  init(_ count: Int) {
    nngp = [Double](repeating: 0, count: count)
    (ntk, rest) = (nngp, nngp)
  }

  /// Those of patch i of x with patch j of y.
  init(
    _ x: SeenPatches, _ i: Int, _ y: SeenPatches, _ j: Int, _ terms: [SketchPlan.Term],
    _ c: Double, _ dual: DualActivation
  ) {
    self.init(terms.count)
    func dot(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
      let (a, b) = (x.row(i), y.row(j))
      return a.indices.reduce(0) { $0 + a[$1] * b[$1 - a.startIndex + b.startIndex] }
    }
    let (product, tangents) = (dot(x.points, y.points), dot(x.tangents, y.tangents))
    let whole = dual.values(x.norms[i], y.norms[j], covariance: product)
    wholeNNGP = whole.value
    wholeNTK = (tangents + c * product) * whole.derivative
    let scale = x.norms[i] * y.norms[j]
    guard scale > 0 else { return }
    let line = x.along[i] * y.along[j]
    let cosine = (product - line) / scale
    let besideTangents =
      tangents + c * product - x.tangentAlong[i] * y.tangentAlong[j] - c * line
    let means = x.v[i] * y.v[j]
    let (f, g) = (x.factors[i], y.factors[j])
    for (index, term) in terms.enumerated() {
      let power = Double.pow(cosine, term.degree)
      let slopes = power * f.slopes[index] * g.slopes[index]
      nngp[index] = power * f.values[index] * g.values[index]
      ntk[index] = slopes * means
      rest[index] = slopes * besideTangents
    }
  }

  var isFinite: Bool {
    (nngp + ntk + rest + [wholeNNGP, wholeNTK]).allSatisfy(\.isFinite)
  }

  /// Adds others, those of φ times one factor and those of ψ times the other.
  mutating func add(_ other: TermSums, times factor: (nngp: Double, ntk: Double)) {
    for index in nngp.indices {
      nngp[index] += factor.nngp * other.nngp[index]
      ntk[index] += factor.ntk * other.ntk[index]
      rest[index] += factor.ntk * other.rest[index]
    }
    wholeNNGP += factor.nngp * other.wholeNNGP
    wholeNTK += factor.ntk * other.wholeNTK
  }
}

extension SketchPlan {
  /// Shares columns by what landmarks leave of K(p, p): Dᵢ ∝ eᵢ with eᵢ² what a term adds to the variance of
  /// products of different patches with one column; how far degrees go, beyond which all is left to the tail,
  /// makes Σ eᵢ²/Dᵢ least.
  ///
  /// - Parameters:
  ///   - landmarks, tangents: Zμ and Zψ.
  ///   - grams: their kernel matrices, of φ and of ψ.
  /// - Throws: `InvalidInput` if what they stand for is not finite.
  /// - Complexity: up to 500 · 64 products of patches and sums over all terms, and 500 · 64² additions.
  mutating func allocate(
    _ columnCount: Int, _ patches: PatchSample, landmarks: Matrix<Double>,
    _ tangents: Matrix<Double>, grams: (nngp: Matrix<Double>, ntk: Matrix<Double>),
    _ coordinates: PatchCoordinates, _ dual: DualActivation
  ) throws {
    let factors = SketchFactors(dual.activation, self)
    // A few hundred patches and some of the landmarks tell enough.
    let picked = spread(500, over: patches.count)
    let chosen = spread(64, over: landmarks.rowCount)
    func factor(_ gram: Matrix<Double>) throws -> Matrix<Double> {
      try nystromFactor(gram.rows(at: chosen).columns(at: chosen), on: Execution(threads: 1))
    }
    let landmarkFactors = try (nngp: factor(grams.nngp), ntk: factor(grams.ntk))
    let z = SeenPatches(
      landmarks.rows(at: chosen), tangents.rows(at: chosen), self, coordinates, factors)
    let x = SeenPatches(
      patches.nngp.rows(at: picked), patches.ntk.rows(at: picked), self, coordinates, factors)
    let m = z.norms.count
    func sums(_ x: SeenPatches, _ i: Int, _ y: SeenPatches, _ j: Int) -> TermSums {
      TermSums(x, i, y, j, terms, coordinates.tangentScale, dual)
    }
    /// P Pᵀ times a vector.
    func weights(_ k: [Double], _ p: Matrix<Double>) throws -> [Double] {
      guard p.columnCount > 0 else { return k.map { _ in 0 } }
      let row = try Matrix(rows: [k])
      return Array(try row.multiplied(by: p).multiplied(byTransposeOf: p).elements)
    }
    let isHomogeneous = dual.activation.slopes != nil
    // Σ c cᵀ.
    var products = (
      nngp: [Double](repeating: 0, count: m * m), ntk: [Double](repeating: 0, count: m * m)
    )
    var (left, whole) = (TermSums(terms.count), TermSums(terms.count))
    for i in x.norms.indices {
      // (z − Σ c z_Z)² for the features z of the patch and z_Z of landmarks.
      let weight = isHomogeneous ? patches.weights[picked[i]] : 1
      let square = weight * weight
      let own = sums(x, i, x, i)
      let withLandmarks = (0..<m).map { sums(x, i, z, $0) }
      let c = (
        nngp: try weights(withLandmarks.map(\.wholeNNGP), landmarkFactors.nngp),
        ntk: try weights(withLandmarks.map(\.wholeNTK), landmarkFactors.ntk)
      )
      whole.add(own, times: (square, square))
      left.add(own, times: (square, square))
      for j in 0..<m {
        left.add(
          withLandmarks[j], times: (-2 * square * c.nngp[j], -2 * square * c.ntk[j]))
        for l in 0..<m {
          products.nngp[j * m + l] += square * c.nngp[j] * c.nngp[l]
          products.ntk[j * m + l] += square * c.ntk[j] * c.ntk[l]
        }
      }
    }
    for j in 0..<m {
      for l in 0..<m {
        left.add(
          sums(z, j, z, l), times: (products.nngp[j * m + l], products.ntk[j * m + l]))
      }
    }
    guard left.isFinite, whole.isFinite else {
      throw InvalidInput(
        "sample", found: "features that leave double precision",
        expected: "points of smaller norm")
    }
    share(columnCount, left, whole, coordinates)
  }

  /// Columns for every term and for the tail; no more for S₁ and s a than make them exact.
  private mutating func share(
    _ columnCount: Int, _ left: TermSums, _ whole: TermSums, _ coordinates: PatchCoordinates
  ) {
    let most = coordinates.nngp - exactPoints.count
    let mostRest = max(0, coordinates.tangentCount - exactTangents(coordinates).count)
    func parts(_ part: Int, _ energies: [Double], from first: Int) -> [Part] {
      terms.indices.map { index in
        let degree = terms[index].degree
        let isExact = part == 2 ? degree == 0 : degree == 1
        return Part(
          degree: degree, energy: degree < first ? 0 : max(0, energies[index]),
          spread: spread(degree: degree + (part == 2 ? 1 : 0)),
          most: isExact ? part == 2 ? mostRest : most : .max)
      }
    }
    let nngp = shares(
      columnCount, among: parts(0, left.nngp, from: 1), of: left.wholeNNGP, in: whole.wholeNNGP)
    let ntk = shares(
      columnCount, among: parts(1, left.ntk, from: 1) + parts(2, left.rest, from: 0),
      of: left.wholeNTK, in: whole.wholeNTK)
    for index in terms.indices {
      terms[index].nngp = nngp.columns[index]
      terms[index].ntk = ntk.columns[index]
      // (s a) ∘ S_d has no more columns than s a can have.
      terms[index].rest = min(ntk.columns[terms.count + index], mostRest)
    }
    terms.removeAll { $0.width == 0 }
    tail = Tail(nngp: nngp.tail, ntk: ntk.tail)
  }
}

/// What may have columns of φ or of ψ.
private struct Part {
  var degree: Int
  /// Its Σ |z|² over patches.
  var energy: Double
  /// The deviation of products with one column over |z|²: 1 for patches at right angles, up to 2^(degree/2) for
  /// equal ones.
  var spread: Double
  /// More columns than make it exact are of no use.
  var most: Int
}

/// `spread` for a degree, and that of the tail. Between 1 and √2, and 1 and 3, little depends on them.
private func spread(degree: Int) -> Double { Double.pow(1.1, degree) }
private let tailSpread = 1.5

/// Columns for every part and for the tail, which stands for all that the others leave of `left`: what there is
/// to share of `whole`.
private func shares(
  _ columnCount: Int, among parts: [Part], of left: Double, in whole: Double
) -> (columns: [Int], tail: Int) {
  /// What it comes to if parts up to a degree may have columns.
  func choice(upTo degree: Int) -> (columns: [Int], variance: Double) {
    var active = parts.map { $0.degree <= degree && $0.energy > 0 }
    while true {
      let rest = zip(parts, active).reduce(left) { $0 - ($1.1 ? $1.0.energy : 0) }
      // Below that it is rounding errors.
      let needsTail = columnCount > 0 && rest > 1e-12 * whole
      let errors =
        zip(parts, active).map { $1 ? $0.energy * $0.spread : 0 }
        + [needsTail ? tailSpread * rest : 0]
      let most = parts.map(\.most) + [needsTail ? .max : 0]
      var found = allocate(columnCount, errors, most: most)
      if needsTail, found[parts.count] == 0 {
        found = allocate(columnCount - 1, errors.dropLast() + [0], most: most)
        found[parts.count] = 1
      }
      let kept = zip(active, found).map { $0 && $1 > 0 }
      if kept == active {
        // Parts with as many columns as there can be are exact.
        let variance = errors.indices.reduce(0.0) { sum, i in
          found[i] == most[i] || found[i] == 0
            ? sum : sum + errors[i] * errors[i] / Double(found[i])
        }
        return (found, variance)
      }
      active = kept
    }
  }
  let choices = (0...SketchPlan.largestDegree).map(choice)
  let best = choices.min { $0.variance < $1.variance }!.columns
  return (Array(best.dropLast()), best[parts.count])
}

/// Columns for every part, where some have a limit.
private func allocate(_ count: Int, _ errors: [Double], most: [Int]) -> [Int] {
  var (left, errors) = (count, errors)
  var result = [Int](repeating: 0, count: errors.count)
  while true {
    let found = allocateColumns(left, errors: errors, minimum: 2)
    guard let capped = found.indices.first(where: { found[$0] > most[$0] }) else {
      for (index, columns) in found.enumerated() where columns > 0 { result[index] = columns }
      return result
    }
    result[capped] = most[capped]
    left -= most[capped]
    errors[capped] = 0
  }
}
