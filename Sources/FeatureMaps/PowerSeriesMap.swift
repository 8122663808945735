// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of dot-product kernels: exact low powers, sketched high ones.

import LinearAlgebra
import Randomness
import Validation

/// Features z with ⟨z(x), z(y)⟩ ≈ w(x) w(y) f(⟨x̂, ŷ⟩) + constant, f a power series.
///
/// With a unit vector m, u = ⟨x̂, m⟩ and r = x̂ − u m (without one, u = 0 and r = x̂),
///
///     f(⟨x̂, ŷ⟩) = Σ_k F_k(uu′) ⟨r, r′⟩ᵏ,   F_k(uu′) ≈ Σ_j g_kj(u) g_kj(u′).
///
/// The columns are, each times w(x): √c_p uᵖ for every power p (k = 0, exact), and for every other term
/// g_kj(u) times all monomials of degree k in r, if there are columns enough (exact), or S_kj(r) with an
/// independent sketch, the law of least variance of those that suit it, columns shared by the variances of
/// the terms on a sample. g_k2 … g_k4 are there where they pay.
///
/// For fixed m the sketches are unbiased: over the seed, the mean of ⟨z(x), z(y)⟩ is the series with
/// F_k of so many terms (exact at as many typical values of u) and without the few terms that got no
/// columns.
///
/// Every row is computed alone, and zeros change nothing: equal bits for dense and sparse rows and for
/// any batch. With m sparse rows stay sparse, too.
///
/// - Complexity: per row O(nnz · q²) additions and O(q D log D) for series of degree q, O(d) where
///   k = 1 is exact and two multiplications for each monomial. Memory: the nonzeros of m, 8d bytes for each
///   exact term and 8 for each of its monomials, and tables of 4d bytes for each of O(q²) hashes where those
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
    var terms: [Term]
  }

  /// One term: degree k, index j of its scalar factor, columns.
  struct Term: Hashable, Codable {
    var degree: Int
    var factor: Int
    var columnCount: Int
    var law: TermSketch.Law
  }

  let plan: Plan
  private let factors: [ScalarFactors]
  private let sketches: [TermSketch]
  public let outputDimension: Int

  public var inputDimension: Int { plan.inputDimension }

  /// - Throws: `InvalidInput` if the parts of the plan do not fit together, as in a damaged file.
  init(_ plan: Plan) throws {
    self.plan = plan
    factors = try plan.factors()
    try plan.validate(factors)
    let width = plan.inputDimension + plan.lift.extraCoordinates
    let key = RandomKey(seed: plan.seed).child("power series")
    sketches = try plan.terms.enumerated().map { index, term in
      try TermSketch(
        term, inputDimension: width, seed: key.child("term", index).seed,
        direction: plan.direction)
    }
    outputDimension = try Check.count(
      [plan.columnCount], "number of features", upTo: Check.largestDimension)
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
    let count = rows.rowCount
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
  /// The degree of the series, the columns of each power k of ⟨r, r′⟩, and how many of them are exact.
  var structure: String {
    var counts = [Int](repeating: 0, count: plan.series.degree + 1)
    counts[0] = plan.powers.count + (plan.constant > 0 ? 1 : 0)
    var exact = [Int](repeating: 0, count: counts.count)
    for term in plan.terms {
      counts[term.degree] += term.columnCount
      if term.law == .exact { exact[term.degree] += term.columnCount }
    }
    let words = exact.indices.filter { exact[$0] > 0 }.map { "\(exact[$0]) of degree \($0)" }
    return "\(counted(outputDimension, "column")) of a sketch of degree \(plan.series.degree), "
      + listed(counts) + (words.isEmpty ? "" : ", \(words.joined(separator: ", ")) exact")
  }
}

extension PowerSeriesMap.Plan {
  /// The powers of u that stand for k = 0: all of the series, or without m the constant alone.
  var powers: [Int] {
    series.coefficients.indices.filter {
      series.coefficients[$0] > 0 && (direction != nil || $0 == 0)
    }
  }

  /// The columns of all parts.
  var columnCount: Int {
    powers.count + (constant > 0 ? 1 : 0) + terms.reduce(0) { $0 + $1.columnCount }
  }

  /// How F_k is split, for k = 0 … q.
  func factors() throws -> [ScalarFactors] {
    guard 1...ScalarFactors.largestCount ~= anchors.count, anchors.allSatisfy(\.isFinite) else {
      throw InvalidInput(
        "anchors", found: "\(anchors)",
        expected: "one to \(ScalarFactors.largestCount) finite numbers")
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
    for term in terms {
      guard
        term.degree > 0, factors.indices.contains(term.degree),
        0..<factors[term.degree].count ~= term.factor
      else {
        throw InvalidInput(
          "term", found: "factor \(term.factor) of degree \(term.degree)",
          expected: "one of the series")
      }
      guard
        term.law != .exact || term.columnCount <= SymmetricPower.largestCount
      else {
        throw InvalidInput(
          "term", found: "\(term.columnCount) monomials",
          expected: "at most \(SymmetricPower.largestCount)")
      }
      guard
        term.law != .exact
          || term.law.suits(
            degree: term.degree, inputDimension: inputDimension + lift.extraCoordinates,
            columnCount: term.columnCount)
      else {
        throw InvalidInput(
          "term", found: "\(term.columnCount) monomials of degree \(term.degree)",
          expected: "all of that degree")
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
