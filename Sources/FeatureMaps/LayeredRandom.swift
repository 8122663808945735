// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of an activation itself.

import LinearAlgebra
import NeuralKernels
import Randomness

/// m features of the values of a dual, and m of its derivatives times qqᵀ: in general σ(μW)/√m and
/// (qa) ∘ σ′(μW)/√m.
///
/// The columns of W are orthogonal in frames of as many as μ has coordinates, and so are those of a. With a
/// `Concentration` every other column of W is moved, and columns of both have weights.
///
/// Where σ(u) − su is even for some s ≠ 0, as for ReLU, k is s² μμᵀ and the dual of that rest, and what
/// multiplies qqᵀ is s² and the rest's. Where coordinates would take no more than half of the columns, they
/// have them, sμ or sq, and only the rest is random. For other σ, W holds its columns with both signs
/// where that makes the features vary less, at the cost of one.
struct RandomFeatures: Sendable {
  /// m.
  let count: Int
  /// What μ is multiplied by: unit vectors for its own columns, and behind them Wᵀ without opposites, of
  /// one length where σ is homogeneous and there is no noise (but for weights), else of normal ones.
  private(set) var directions: Matrix<Double>
  /// What q is multiplied by, likewise.
  private(set) var weights: Matrix<Double>
  /// The columns that are coordinates, of φ and of ψ.
  private let linear: (nngp: Int, ntk: Int)
  /// The columns behind them for which W and a are drawn; opposites follow.
  private let drawn: (nngp: Int, ntk: Int)
  private let draw: ActivationDraw
  /// s, or 0.
  private let slope: Double
  private let slopes: (below: Double, above: Double)?

  /// - Parameters:
  ///   - isNoisy: whether rows come with shares: means over noise are not homogeneous.
  ///   - concentration: where W is to be denser, if σ is homogeneous and there is no noise.
  init(
    _ activation: Activation, count: Int, _ coordinates: PatchCoordinates, isNoisy: Bool,
    around concentration: Concentration? = nil, key: RandomKey, on execution: Execution
  ) throws {
    let draw = ActivationDraw(activation)
    let slope = draw.oddSlope ?? 0
    let (width, tangentWidth) = (coordinates.nngp, coordinates.tangentCount)
    func linearCount(_ width: Int) -> Int { slope != 0 && 2 * width <= count ? width : 0 }
    let linear = (nngp: linearCount(width), ntk: linearCount(tangentWidth))
    let hasOpposites = slope == 0 && draw.gainsFromOpposites
    func drawnCount(_ linear: Int) -> Int { hasOpposites ? (count + 1) / 2 : count - linear }
    let drawn = (nngp: drawnCount(linear.nngp), ntk: drawnCount(linear.ntk))

    let key = key.child("directions")
    var rows = try orthogonalRows(
      max(drawn.nngp, tangentWidth > 0 ? drawn.ntk : 0), width, key, on: execution)
    if activation.slopes == nil || isNoisy, width > 0, rows.rowCount > 0 {
      let lengths = try RadialLaw.radii(
        .normal(lengthScale: 1), dimension: width, count: rows.rowCount, key: key)
      rows.scaleRows(by: lengths.map { $0 / Double(width).squareRoot() })
    }
    var tangentRows = try orthogonalRows(
      min(drawn.ntk, rows.rowCount), tangentWidth, key.child("weights"), on: execution)
    if let concentration, activation.slopes != nil, !isNoisy {
      // σ(μ √ω w) = √ω σ(μw), and σ′ does not change.
      let roots = concentration.apply(to: &rows, key: key)
      tangentRows.scaleRows(by: Array(roots.prefix(tangentRows.rowCount)))
    }
    directions = linear.nngp > 0 ? try .stacked([.identity(width), rows]) : rows
    weights = linear.ntk > 0 ? try .stacked([.identity(tangentWidth), tangentRows]) : tangentRows
    self.count = count
    self.linear = linear
    self.drawn = (drawn.nngp, tangentRows.rowCount)
    self.draw = draw
    self.slope = slope
    slopes = activation.slopes
  }

  /// Gives up the entries of directions and weights, not their numbers.
  mutating func removeRows() {
    directions = Matrix(rowCount: directions.rowCount, columnCount: 0)
    weights = Matrix(rowCount: weights.rowCount, columnCount: 0)
  }

  /// Turns columns of products with the directions into `count` features, and those with the weights, if
  /// there, likewise.
  ///
  /// - Parameters:
  ///   - deviations: √K of each row as it enters σ.
  ///   - shares: how much of K is in |μ|²; the rest is noise. All of it where nil.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: RealScalar>(
    _ rowCount: Int, deviations: UnsafePointer<Scalar>, shares: UnsafePointer<Scalar>?,
    values: UnsafeMutablePointer<Scalar>, _ valueStride: Int,
    slopes products: UnsafeMutablePointer<Scalar>?, _ slopeStride: Int
  ) {
    for i in 0..<rowCount {
      let row = values + i * valueStride
      let target = products.map { $0 + i * slopeStride }
      for j in 0..<linear.nngp { row[j] *= Scalar(slope) }
      if let target { for j in 0..<linear.ntk { target[j] *= Scalar(slope) } }
      let (rest, restSlopes) = (row + linear.nngp, target.map { $0 + linear.ntk })
      if let slopes, shares == nil {
        apply(Scalar(slopes.below), Scalar(slopes.above), rest, restSlopes)
      } else {
        let deviation = Double(deviations[i])
        let noise = shares.map { deviation * max(0, 1 - Double($0[i])).squareRoot() } ?? 0
        apply(deviation: deviation, noise: noise, rest, restSlopes)
      }
    }
  }

  /// The slope that columns of coordinates take from σ, and the factor of the others.
  private func rest(_ linear: Int) -> (slope: Double, scale: Double) {
    (linear > 0 ? slope : 0, 1 / Double(max(1, count - linear)).squareRoot())
  }

  /// The random features of one row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func apply<Scalar: RealScalar>(
    deviation: Double, noise: Double, _ values: UnsafeMutablePointer<Scalar>,
    _ products: UnsafeMutablePointer<Scalar>?
  ) {
    let (nngp, ntk) = (rest(linear.nngp), rest(linear.ntk))
    let opposites = count - linear.nngp - drawn.nngp
    let tangentOpposites = count - linear.ntk - drawn.ntk
    for j in 0..<max(drawn.nngp, products == nil ? 0 : drawn.ntk) {
      let u = Double(values[j])
      let (value, derivative) = draw(u, deviation: deviation, noise: noise)
      let isPaired = j < max(opposites, products == nil ? 0 : tangentOpposites)
      let opposite = isPaired ? draw(-u, deviation: deviation, noise: noise) : (0, 0)
      if j < drawn.nngp { values[j] = Scalar(nngp.scale * (value - nngp.slope * u)) }
      if j < opposites { values[drawn.nngp + j] = Scalar(nngp.scale * opposite.0) }
      guard let products, j < drawn.ntk else { continue }
      let product = ntk.scale * Double(products[j])
      products[j] = Scalar(product * (derivative - ntk.slope))
      if j < tangentOpposites { products[drawn.ntk + j] = Scalar(product * opposite.1) }
    }
  }

  /// The same for σ of slope `low` under 0 and `high` over it, which has no opposites.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func apply<Scalar: RealScalar>(
    _ low: Scalar, _ high: Scalar, _ values: UnsafeMutablePointer<Scalar>,
    _ products: UnsafeMutablePointer<Scalar>?
  ) {
    func multiply(_ count: Int, _ output: UnsafeMutablePointer<Scalar>, _ linear: Int) {
      let (slope, scale) = rest(linear)
      let below = Scalar(scale) * (low - Scalar(slope))
      let above = Scalar(scale) * (high - Scalar(slope))
      for j in 0..<count { output[j] *= values[j] > 0 ? above : below }
    }
    if let products { multiply(drawn.ntk, products, linear.ntk) }
    multiply(drawn.nngp, values, linear.nngp)
  }
}
