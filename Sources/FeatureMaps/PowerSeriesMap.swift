// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of dot-product kernels: exact low powers, sketched high ones.

import LinearAlgebra
import Randomness
import Validation

/// Features z with ⟨z(x), z(y)⟩ ≈ w(x) w(y) f(⟨x̂, ŷ⟩) + constant, f a power series.
///
/// With a unit vector m, u = ⟨x̂, m⟩ and r = x̂ − u m (without one, u = 0 and r = x̂),
///
///     f(⟨x̂, ŷ⟩) = Σ_k F_k(uu′) ⟨r, r′⟩ᵏ,   F_k(uu′) ≈ g_k1(u) g_k1(u′) + g_k2(u) g_k2(u′).
///
/// The columns are, each times w(x): √c_p uᵖ for every power p (k = 0, exact); g_11(u) r, if there are
/// columns enough (k = 1, exact); and g_kj(u) · S_kj(r) with an independent sketch for every other
/// term, the law of least variance of those that suit it, columns shared by the variances of the terms
/// on a sample.
///
/// For fixed m the sketches are unbiased: over the seed, the mean of ⟨z(x), z(y)⟩ is the series with
/// the two-term F_k (exact at two typical values of u) and without the few terms that got no columns.
///
/// Every row is computed alone, and zeros change nothing: equal bits for dense and sparse rows and for
/// any batch. With m sparse rows stay sparse, too.
///
/// - Complexity: per row O(nnz · q²) additions and O(q D log D) for series of degree q, and O(d) where
///   k = 1 is exact. Memory: the nonzeros of m, and tables of 4d bytes for each of O(q²) hashes where those
///   of a term take 4 MB at most; 64 rows per worker.
/// - Source: Pham, Pagh 2013; Ahle et al. 2020; the variance rule of Wacker, Ohana, Filippone 2022.
public struct PowerSeriesMap: RowMap, Hashable {
  /// What the map is made of: enough to build it again, on any machine.
  struct Plan: Hashable, Codable {
    var series: PowerSeries
    var lift: Lift
    var constant: Double
    var inputDimension: Int
    var seed: UInt64
    /// m; nil where nothing is split off.
    var direction: SparseVector?
    /// The values of u on which F_k is exact.
    var anchors: [Double]
    var linearIsExact: Bool
    var terms: [Term]
  }

  /// One sketched term: degree k, index j of its scalar factor, columns.
  struct Term: Hashable, Codable {
    var degree: Int
    var factor: Int
    var columnCount: Int
    var law: TermSketch.Law
  }

  let plan: Plan
  private let factors: [ScalarFactors]
  private let sketches: [TermSketch]
  /// m, or zeros, with an entry for every coordinate; empty where the linear term is sketched.
  private let linearDirection: [Double]
  public let outputDimension: Int

  public var inputDimension: Int { plan.inputDimension }

  /// - Throws: `InvalidInput` if the parts of the plan do not fit together, as in a damaged file.
  init(_ plan: Plan) throws {
    self.plan = plan
    let width = plan.inputDimension + plan.lift.extraCoordinates
    factors = try plan.factors()
    try plan.validate(factors)
    linearDirection =
      plan.linearIsExact
      ? plan.direction?.dense ?? [Double](repeating: 0, count: width) : []
    let key = RandomKey(seed: plan.seed).child("power series")
    sketches = try plan.terms.enumerated().map { index, term in
      try TermSketch(
        term, inputDimension: width, seed: key.child("term", index).seed,
        direction: plan.direction)
    }
    outputDimension = try Check.count(
      [
        plan.powers.count + (plan.constant > 0 ? 1 : 0) + (plan.linearIsExact ? width : 0)
          + plan.terms.reduce(0) { $0 + $1.columnCount }
      ], "number of features", upTo: Check.largestDimension)
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    rows.withLifted(by: plan.lift, workspace: workspace) { lifted, weights in
      workspace.withScratch(Double.self, rows.rowCount) { u in
        for i in 0..<lifted.rowCount {
          u[i] = plan.direction.map { lifted.product(ofRow: i, with: $0) } ?? 0
        }
        write(lifted, u, weights, into: output, workspace: workspace)
      }
    }
  }

  private func write<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, _ u: UnsafePointer<Double>, _ weights: UnsafePointer<Double>,
    into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let (count, width) = (rows.rowCount, rows.columnCount)
    var column = 0
    if plan.constant > 0 {
      let value = Scalar(plan.constant.squareRoot())
      for i in 0..<count { output.row(i)[0] = value }
      column += 1
    }
    for power in plan.powers {
      let root = plan.series.coefficients[power].squareRoot()
      for i in 0..<count {
        output.row(i)[column] = Scalar(weights[i] * root * Double.pow(u[i], power))
      }
      column += 1
    }
    if plan.linearIsExact {
      linearDirection.withUnsafeBufferPointer { m in
        for i in 0..<count {
          rows.writeRest(
            ofRow: i, columns: 0..<width, minus: u[i], times: m.baseAddress!,
            factor: weights[i] * factors[1].value(0, at: u[i]), to: output.row(i) + column)
        }
      }
      column += width
    }
    for (term, sketch) in zip(plan.terms, sketches) {
      let block = output.dropping(column)
      sketch.map(rows, minus: u, into: block, workspace: workspace)
      for i in 0..<count {
        let factor = weights[i] * factors[term.degree].value(term.factor, at: u[i])
        scale(block.row(i), term.columnCount, by: Scalar(factor))
      }
      column += term.columnCount
    }
  }
}

extension PowerSeriesMap {
  /// The degree of the series, the columns of each power k of ⟨r, r′⟩, and how many of k = 1 are g_11(u) r.
  var structure: String {
    var counts = [Int](repeating: 0, count: plan.series.degree + 1)
    counts[0] = plan.powers.count + (plan.constant > 0 ? 1 : 0)
    if plan.linearIsExact { counts[1] += linearDirection.count }
    for term in plan.terms { counts[term.degree] += term.columnCount }
    return "\(counted(outputDimension, "column")) of a sketch of degree \(plan.series.degree), "
      + listed(counts) + (plan.linearIsExact ? ", \(linearDirection.count) of degree 1 exact" : "")
  }
}

extension PowerSeriesMap.Plan {
  /// The powers of u that stand for k = 0: all of the series, or without m the constant alone.
  var powers: [Int] {
    series.coefficients.indices.filter {
      series.coefficients[$0] > 0 && (direction != nil || $0 == 0)
    }
  }

  /// How F_k is split, for k = 0 … q.
  func factors() throws -> [ScalarFactors] {
    guard 1...2 ~= anchors.count, anchors.allSatisfy(\.isFinite) else {
      throw InvalidInput("anchors", found: "\(anchors)", expected: "one or two finite numbers")
    }
    return (0...series.degree).map {
      ScalarFactors(series: series.coefficientsAroundProduct(power: $0), anchors: anchors)
    }
  }

  /// Throws `InvalidInput` unless the parts fit together.
  func validate(_ factors: [ScalarFactors]) throws {
    try Check.dimension(inputDimension, "input dimension", upTo: Check.largestDimension - 1)
    try Check.nonnegative(constant, "constant")
    try lift.validate(inputDimension: inputDimension)
    if let direction {
      try Check.equal(
        direction.count, inputDimension + lift.extraCoordinates, "entries of the direction")
      guard abs(direction.squaredNorm - 1) < 1e-6 else {
        throw InvalidInput("direction", found: "another length", expected: "a unit vector")
      }
    }
    var used = terms.map { ($0.degree, $0.factor) }
    if linearIsExact { used.append((1, 0)) }
    for (degree, factor) in used {
      guard factors.indices.contains(degree), 0..<factors[degree].count ~= factor else {
        throw InvalidInput(
          "term", found: "factor \(factor) of degree \(degree)", expected: "one of the series")
      }
    }
  }
}

extension PowerSeriesMap: Codable {
  private struct Stored: Codable {
    var law: String
    var plan: Plan
  }

  private static let law = "powerSeries"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    try self.init(stored.plan)
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, plan: plan).encode(to: encoder)
  }

  public static func == (a: PowerSeriesMap, b: PowerSeriesMap) -> Bool { a.plan == b.plan }

  public func hash(into hasher: inout Hasher) { hasher.combine(plan) }
}
