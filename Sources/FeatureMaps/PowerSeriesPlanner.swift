// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From a series, a sample and a number of columns to the plan of a map.

import LinearAlgebra
import Transforms
import Validation

extension PowerSeriesMap {
  /// At most this many rows of a sample give the mean direction, and this many the variances.
  static let sampleRowCount = 2000
  private static let pairRowCount = 64

  /// A map with at most `dimension` columns.
  ///
  /// - Throws: `InvalidInput` if the dimension is not positive or too small for a constant column or
  ///   two, the sample is empty, not finite or of the wrong width, or a given direction is zero, not
  ///   finite or of the wrong width.
  init<Scalar: RealScalar>(
    series: PowerSeries, lift: Lift, constant: Double, inputDimension: Int, dimension: Int,
    seed: UInt64, centring: Centring, sample: Rows<Scalar>
  ) throws {
    try Check.dimension(dimension, "dimension")
    try Check.dimension(inputDimension, "input dimension", upTo: Check.largestDimension - 1)
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: inputDimension, "sample")
    let lifted = try LiftedSample(sample, lift: lift, rowCount: Self.sampleRowCount)
    var plan = Plan(
      series: series, lift: lift, constant: constant, inputDimension: inputDimension, seed: seed,
      direction: nil, anchors: [0], linearIsExact: false, terms: [])
    var best = try Self.allocate(plan, lifted, dimension)
    if let direction = try plan.direction(centring, lifted) {
      plan.direction = direction
      plan.anchors = lifted.anchors(direction)
      // With very few columns the exact powers of u leave too little for the rest.
      if let centred = try Self.allocate(plan, lifted, dimension),
        best.map({ centred.error < $0.error }) ?? true
      {
        best = centred
      }
    }
    guard let best else {
      throw InvalidInput("dimension", found: "\(dimension)", expected: "2 or more for this kernel")
    }
    try self.init(best.plan)
  }

  /// The plan with columns given to terms, and the mean square error per entry of Z Zᵀ that it should
  /// have on the sample; nil where the exact columns alone are too many.
  private static func allocate(
    _ start: Plan, _ sample: LiftedSample, _ dimension: Int
  ) throws -> (plan: Plan, error: Double)? {
    let width = start.inputDimension + start.lift.extraCoordinates
    let rest = dimension - start.powers.count - (start.constant > 0 ? 1 : 0)
    guard rest >= 0 else { return nil }
    let pairs = try SamplePairs(sample, rowCount: pairRowCount, direction: start.direction)
    let terms = try TermCosts(start, pairs)
    let sketched = terms.allocated(rest, skippingLinear: false)
    let exact =
      terms.haveLinear && rest >= width
      ? terms.allocated(rest - width, skippingLinear: true) : nil
    var plan = start
    guard let exact, exact.error <= sketched.error else {
      plan.terms = sketched.terms
      return (plan, sketched.error)
    }
    plan.linearIsExact = true
    plan.terms = exact.terms
    return (plan, exact.error)
  }
}

extension PowerSeriesMap.Plan {
  /// m for a centring.
  fileprivate func direction(
    _ centring: Centring, _ sample: LiftedSample
  ) throws -> SparseVector? {
    switch centring {
    case .none:
      return nil
    case .sample:
      return sample.meanDirection
    case .vector(let given):
      let vector = given.count == inputDimension ? lift.vector(along: given) : given
      try Check.equal(
        vector.count, inputDimension + lift.extraCoordinates, "entries of the centring vector")
      guard let direction = SparseVector(vector).normalized else {
        throw InvalidInput(
          "centring vector", found: "zero or not finite", expected: "a finite nonzero vector")
      }
      return direction
    }
  }
}

/// The terms of a series that could be sketched, and what each costs on pairs of a sample.
private struct TermCosts {
  private struct Candidate {
    var degree: Int
    var factor: Int
    var g: (Double) -> Double
    /// What is lost without the term.
    var energy: Double
  }

  private let pairs: SamplePairs
  private let candidates: [Candidate]
  /// Errors that stand in for those of a sample whose pairs have none, as where all rows are one:
  /// those of orthogonal unit remainders.
  private let fallback: [Double]?

  init(_ plan: PowerSeriesMap.Plan, _ pairs: SamplePairs) throws {
    self.pairs = pairs
    let factors = try plan.factors()
    let candidates = factors.indices.dropFirst().flatMap { degree in
      (0..<factors[degree].count).map { factor in
        let g = { factors[degree].value(factor, at: $0) }
        return Candidate(
          degree: degree, factor: factor, g: g, energy: pairs.energy(degree: degree, factor: g))
      }
    }
    self.candidates = candidates
    let hasNone = candidates.allSatisfy {
      let noise = pairs.variance(
        degree: $0.degree, columnCount: 1024, law: .tensorSketch, factor: $0.g)
      return $0.energy == 0 && noise == 0
    }
    fallback =
      hasNone
      ? candidates.map {
        let g = $0.g(plan.anchors[0])
        return g * g
      } : nil
  }

  /// Whether the linear term has a factor that could be kept exact.
  var haveLinear: Bool { candidates.first?.degree == 1 }

  /// Columns and sketches of the terms, and the mean square error that they should have.
  ///
  /// The variance of a sketch is not quite one over its columns, least so where columns depend on each
  /// other, so the columns that the rule judges by are found by repetition, and then moved from term
  /// to term as long as that helps.
  func allocated(
    _ columnCount: Int, skippingLinear: Bool
  ) -> (terms: [PowerSeriesMap.Term], error: Double) {
    let wanted = candidates.indices.filter {
      !(skippingLinear && candidates[$0].degree == 1 && candidates[$0].factor == 0)
    }
    var counts = wanted.map { _ in columnCount / max(1, wanted.count) }
    for _ in 0..<3 {
      let errors = zip(wanted, counts).map { index, count in
        let count = max(3, count)
        // A term without variance, as where d = 1, needs columns all the same.
        return max(error(index, count) * Double(count), 1e-6 * candidates[index].energy)
          .squareRoot()
      }
      counts = allocateColumns(
        columnCount, errors: errors, minimum: min(3, max(1, columnCount)))
    }
    if fallback == nil { move(&counts, among: wanted, step: columnCount / 16) }
    let terms = zip(wanted, counts).compactMap { index, count in
      count > 0 ? term(index, count) : nil
    }
    return (terms, zip(wanted, counts).reduce(0) { $0 + error($1.0, $1.1) })
  }

  /// Moves columns from where they are missed least to where they help most, in ever smaller steps.
  private func move(_ counts: inout [Int], among wanted: [Int], step first: Int) {
    guard wanted.count > 1 else { return }
    var step = first
    while step >= 8 {
      let now = zip(wanted, counts).map(error)
      let loss = zip(wanted, counts).enumerated().map { i, term in
        term.1 > step ? error(term.0, term.1 - step) - now[i] : .infinity
      }
      let gain = zip(wanted, counts).enumerated().map { i, term in
        now[i] - error(term.0, term.1 + step)
      }
      let to = gain.indices.max { gain[$0] < gain[$1] }!
      let from = loss.indices.filter { $0 != to }.min { loss[$0] < loss[$1] }!
      if loss[from] < gain[to] * (1 - 1e-9) {
        counts[from] -= step
        counts[to] += step
      } else {
        step /= 2
      }
    }
  }

  /// The mean square error of a term with so many columns: with none, all of it is lost.
  private func error(_ index: Int, _ columnCount: Int) -> Double {
    if let fallback { return fallback[index] * fallback[index] / Double(max(1, columnCount)) }
    guard columnCount > 0 else { return candidates[index].energy }
    let term = term(index, columnCount)
    return variance(term)
  }

  private func variance(_ term: PowerSeriesMap.Term) -> Double {
    let candidate = candidates.first { $0.degree == term.degree && $0.factor == term.factor }!
    return pairs.variance(
      degree: term.degree, columnCount: term.columnCount, law: term.law, factor: candidate.g)
  }

  /// The term as it is best sketched with at most so many columns.
  private func term(_ index: Int, _ columnCount: Int) -> PowerSeriesMap.Term {
    let candidate = candidates[index]
    let terms = TermSketch.Law.allCases.compactMap { law -> PowerSeriesMap.Term? in
      let count =
        switch law {
        case .tensorSRHT: columnCount & ~1
        case .tensorSketch, .polySketch:
          candidate.degree == 1 ? columnCount : FourierTransform.fastLength(atMost: columnCount)
        }
      guard
        law.suits(
          degree: candidate.degree, inputDimension: pairs.inputDimension, columnCount: count)
      else { return nil }
      return PowerSeriesMap.Term(
        degree: candidate.degree, factor: candidate.factor, columnCount: count, law: law)
    }
    // TensorSketch suits always, and comes first.
    guard fallback == nil, terms.count > 1 else { return terms[0] }
    return terms.map { ($0, variance($0)) }.min { $0.1 < $1.1 }!.0
  }
}
