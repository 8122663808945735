// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the terms of a series cost in columns and in error, on pairs of a sample.

import RealModule
import Transforms
import Validation

/// The terms g_kj(u) g_kj(u′) ⟨r, r′⟩ᵏ of a series that could have columns, and the error that each makes
/// with so many of them.
///
/// Errors are mean squares over the entries of the sample's kernel matrix: the variances of the terms, and
/// the square of what their mean lacks.
final class TermCosts {
  private struct Candidate {
    let degree: Int
    let factor: Int
    /// w g(u) of every row.
    let values: [Double]
    /// The contribution to every pair.
    let contributions: [Double]
    /// What is lost without the term.
    let energy: Double
    /// The number of all monomials; nil where those are too many.
    let monomialCount: Int?
    /// Fewer columns than these are none.
    var minimum = 3
  }

  private let pairs: SamplePairs
  private var candidates: [Candidate] = []
  /// What all terms together should contribute to every pair.
  private let wanted: [Double]
  /// Errors that stand in for those of a sample whose pairs have none, as where all rows are one:
  /// those of orthogonal unit remainders.
  private var fallback: [Double]?
  /// What was found for a candidate and a number of columns.
  private var known: [Int: [Int: (term: PowerSeriesMap.Term, variance: Double)]] = [:]

  /// - Parameters:
  ///   - columnCount: the most columns.
  ///   - target: f, to be met at ⟨x̂, ŷ⟩.
  ///   - avoidsTails: whether columns so few that |z(x)|² varies more than its mean are none: where terms
  ///     are not to be complete, as of a series that is itself an approximation.
  init(
    _ plan: PowerSeriesMap.Plan, _ pairs: SamplePairs, columnCount: Int, avoidsTails: Bool,
    target: (Double) -> Double
  ) throws {
    self.pairs = pairs
    let (u, weights) = (pairs.u, pairs.weights)
    let powers = plan.powers
    wanted = pairs.pairs.map { pair in
      let product = u[pair.first] * u[pair.second]
      let exact = powers.reduce(0) { $0 + plan.series.coefficients[$1] * Double.pow(product, $1) }
      return weights[pair.first] * weights[pair.second] * (target(pairs.product(pair)) - exact)
    }
    let factors = try plan.factors()
    for degree in factors.indices.dropFirst() {
      let powers = pairs.pairs.map { Double.pow($0.moments.product, degree) }
      for factor in 0..<factors[degree].count {
        let values = zip(weights, u).map { $0 * factors[degree].value(factor, at: $1) }
        let contributions = zip(pairs.pairs, powers).map {
          values[$0.first] * values[$0.second] * $1
        }
        candidates.append(
          Candidate(
            degree: degree, factor: factor, values: values, contributions: contributions,
            energy: zip(pairs.pairs, contributions).reduce(0) { $0 + $1.0.share * $1.1 * $1.1 },
            monomialCount: MonomialEnumeration.count(
              dimension: pairs.inputDimension, degree: degree,
              upTo: min(columnCount, SymmetricPower.largestCount))))
      }
    }
    guard wanted.allSatisfy(\.isFinite), candidates.allSatisfy({ $0.energy.isFinite }) else {
      throw InvalidInput(
        "sample", found: "points so long that their kernel overflows",
        expected: "points of moderate length")
    }
    let hasNone = candidates.indices.allSatisfy {
      candidates[$0].energy == 0 && sketched($0, 1024).variance == 0
    }
    if hasNone {
      known = [:]
      fallback = candidates.map {
        let g = factors[$0.degree].value($0.factor, at: plan.anchors[0])
        return g * g
      }
    }
    for index in candidates.indices {
      candidates[index].minimum = min(3, max(1, columnCount))
      if avoidsTails, !hasNone {
        candidates[index].minimum = steadyCount(index, from: candidates[index].minimum)
      }
    }
  }

  /// Terms for at most `columnCount` columns, and the error they should have.
  ///
  /// Terms become exact as long as that does not raise the error, those first of which all monomials take the
  /// fewest columns beside what the sketch would have.
  func allocated(_ columnCount: Int) -> (terms: [PowerSeriesMap.Term], error: Double) {
    var exact: Set<Int> = []
    var (best, counts) = shared(columnCount, exact: exact)
    search: while true {
      let left = columnCount - exact.reduce(0) { $0 + (candidates[$1].monomialCount ?? 0) }
      let next = candidates.indices.compactMap { index -> (index: Int, price: Double)? in
        guard !exact.contains(index), let count = candidates[index].monomialCount, count <= left
        else { return nil }
        return (index, Double(count) / Double(max(1, counts[index])))
      }
      for (index, _) in next.sorted(by: { $0.price < $1.price }).prefix(3) {
        let found = shared(columnCount, exact: exact.union([index]))
        guard found.best.error <= best.error else { continue }
        (best, counts) = found
        exact.insert(index)
        continue search
      }
      return best
    }
  }

  /// The same for given exact terms, with the columns of every candidate.
  ///
  /// The variance of a sketch is not quite one over its columns, least so where columns depend on each
  /// other, so the columns that the rule judges by are found by repetition, and then moved from term
  /// to term as long as that helps.
  private func shared(
    _ columnCount: Int, exact: Set<Int>
  ) -> (best: (terms: [PowerSeriesMap.Term], error: Double), counts: [Int]) {
    var counts = candidates.indices.map {
      exact.contains($0) ? candidates[$0].monomialCount ?? 0 : 0
    }
    let left = columnCount - counts.reduce(0, +)
    let others = candidates.indices.filter { !exact.contains($0) }
    var shares = others.map { _ in left / max(1, others.count) }
    for _ in 0..<3 {
      let errors = zip(others, shares).map { index, count in
        let count = max(3, count)
        // A term without variance, as where d = 1, needs columns all the same.
        return max(error(index, count) * Double(count), 1e-6 * candidates[index].energy)
          .squareRoot()
      }
      shares = allocateColumns(
        left, errors: errors, minimums: others.map { candidates[$0].minimum })
    }
    if fallback == nil { move(&shares, among: others, step: left / 16) }
    for (index, count) in zip(others, shares) { counts[index] = count }

    let found = candidates.indices.filter { counts[$0] > 0 }.map { index in
      exact.contains(index)
        ? (
          term: PowerSeriesMap.Term(
            degree: candidates[index].degree, factor: candidates[index].factor,
            columnCount: counts[index], law: .exact), variance: 0
        ) : sketched(index, counts[index])
    }
    if let fallback {
      let total = others.reduce(0) { sum, index in
        sum + fallback[index] * fallback[index] / Double(max(1, counts[index]))
      }
      return ((found.map(\.term), total), counts)
    }
    let total = found.reduce(0) { $0 + $1.variance } + squaredBias(counts)
    return ((found.map(\.term), total), counts)
  }

  /// What is lost of Σ K(x, x), as a part of Σ w(x)², where terms have so many columns.
  func lostDiagonal(_ terms: [PowerSeriesMap.Term]) -> Double {
    let present = candidates.filter { candidate in
      terms.contains { $0.degree == candidate.degree && $0.factor == candidate.factor }
    }
    let own = pairs.pairs.indices.filter { pairs.pairs[$0].first == pairs.pairs[$0].second }
    let lost = own.reduce(0) { sum, pair in
      sum + wanted[pair] - present.reduce(0) { $0 + $1.contributions[pair] }
    }
    let size = pairs.weights.reduce(0) { $0 + $1 * $1 }
    return size > 0 ? lost / size : 0
  }

  private func squaredBias(_ counts: [Int]) -> Double {
    let present = candidates.indices.filter { counts[$0] > 0 }
    return pairs.pairs.indices.reduce(0) { sum, pair in
      let lacking = present.reduce(wanted[pair]) { $0 - candidates[$1].contributions[pair] }
      return sum + pairs.pairs[pair].share * lacking * lacking
    }
  }

  /// Moves columns from where they are missed least to where they help most, in ever smaller steps.
  private func move(_ counts: inout [Int], among sketched: [Int], step first: Int) {
    guard sketched.count > 1 else { return }
    var step = first
    while step >= 8 {
      let now = zip(sketched, counts).map(error)
      let loss = zip(sketched, counts).enumerated().map { i, term in
        let rest = term.1 - step
        return rest >= max(1, candidates[term.0].minimum)
          ? error(term.0, rest) - now[i] : .infinity
      }
      let gain = zip(sketched, counts).enumerated().map { i, term in
        let more = term.1 + step
        return more >= candidates[term.0].minimum ? now[i] - error(term.0, more) : -.infinity
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
  ///
  /// Of columns in between it is that of a power of √2 below, as one over the columns.
  private func error(_ index: Int, _ columnCount: Int) -> Double {
    if let fallback { return fallback[index] * fallback[index] / Double(max(1, columnCount)) }
    guard columnCount > 0 else { return candidates[index].energy }
    let power = 1 << (Int.bitWidth - 1 - columnCount.leadingZeroBitCount)
    let between = Int(Double(power) * 2.0.squareRoot())
    let count = between <= columnCount ? between : power
    return sketched(index, count).variance * Double(count) / Double(columnCount)
  }

  /// The term as it is best sketched with at most so many columns, and its variance.
  private func sketched(
    _ index: Int, _ columnCount: Int
  ) -> (term: PowerSeriesMap.Term, variance: Double) {
    if let found = known[index]?[columnCount] { return found }
    let candidate = candidates[index]
    let terms = TermSketch.Law.allCases.compactMap { law -> PowerSeriesMap.Term? in
      guard law != .exact else { return nil }
      let count =
        switch law {
        case .tensorSRHT: columnCount & ~1
        default:
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
    let choices = fallback == nil ? terms : [terms[0]]
    let found = choices.map { term in
      (
        term: term,
        variance: fallback != nil
          ? 0
          : pairs.variance(
            degree: term.degree, columnCount: term.columnCount, law: term.law,
            factors: candidate.values)
      )
    }.min { $0.variance < $1.variance }!
    known[index, default: [:]][columnCount] = found
    return found
  }

  /// The columns with which the standard deviation of |z(x)|² is at most its mean, in the mean square over
  /// the rows: with fewer, single rows have many times their length.
  private func steadyCount(_ index: Int, from first: Int) -> Int {
    let candidate = candidates[index]
    let own = pairs.pairs.filter { $0.first == $0.second }
    var count = first
    while count < 1 << 20 {
      let term = sketched(index, count).term
      let (variance, square) = own.reduce((0.0, 0.0)) { sums, pair in
        let scale = candidate.values[pair.first] * candidate.values[pair.first]
        let variance = term.law.variance(
          pair.moments, degree: term.degree, inputDimension: pairs.inputDimension,
          columnCount: term.columnCount)
        let mean = Double.pow(pair.moments.product, term.degree)
        return (sums.0 + scale * scale * variance, sums.1 + scale * scale * mean * mean)
      }
      if variance <= square { return count }
      count = count * 5 / 4 + 1
    }
    return count
  }
}
