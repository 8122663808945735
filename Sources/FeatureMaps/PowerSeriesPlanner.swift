// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From a series, a sample and a number of columns to the plan of a map.

import LinearAlgebra
import Validation

/// Plans maps of series in the inner products of lifted points like those of a sample.
struct PowerSeriesPlanner {
  /// A plan with the mean square error per entry of Z Zᵀ that it should have on the sample.
  struct Found {
    var plan: PowerSeriesMap.Plan
    var error: Double
    /// How much less than K(x, x) features are expected to give, as a part of w(x)², in the mean over the
    /// sample weighted by w².
    var lostDiagonal: Double
  }

  /// At most this many rows of a sample give the mean direction, and this many the variances.
  static let sampleRowCount = 2000
  private static let pairRowCount = 64

  private let empty: (PowerSeries) -> PowerSeriesMap.Plan
  private let direction: SparseVector?
  /// Typical values of u = ⟨x̂, m⟩, the first different ones of which are the anchors of a plan: the median,
  /// and what 8 %, 95 % and 1 % of the rows lie below.
  private let anchors: [Double]
  /// With nothing split off.
  let pairs: SamplePairs
  /// Of what is left without the direction.
  private let centredPairs: SamplePairs?
  private let avoidsTails: Bool

  /// - Parameter avoidsTails: as in `TermCosts`.
  /// - Throws: `InvalidInput` if the sample is empty, not finite or of the wrong width, or a given direction
  ///   is zero, not finite or of the wrong width.
  init<Scalar: RealScalar>(
    lift: Lift, constant: Double, inputDimension: Int, seed: UInt64, centring: Centring,
    sample: Rows<Scalar>, avoidsTails: Bool = false
  ) throws {
    try Check.dimension(inputDimension, "input dimension", upTo: Check.largestDimension - 1)
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: inputDimension, "sample")
    empty = { series in
      PowerSeriesMap.Plan(
        series: series, lift: lift, constant: constant, inputDimension: inputDimension, seed: seed,
        direction: nil, anchors: [0], terms: [])
    }
    let lifted = try LiftedSample(sample, lift: lift, rowCount: Self.sampleRowCount)
    direction = try Self.direction(centring, lifted, lift, inputDimension)
    pairs = try SamplePairs(lifted, rowCount: Self.pairRowCount)
    if let direction {
      let u = lifted.products(with: direction)
      anchors = Self.anchors(u)
      centredPairs = try SamplePairs(
        lifted, rowCount: Self.pairRowCount, without: direction, multiples: u)
    } else {
      (anchors, centredPairs) = ([], nil)
    }
    self.avoidsTails = avoidsTails
  }

  /// The anchors of one number at least. A median of zero says nothing about the other rows, so the largest |u|
  /// takes its place.
  static func anchors(_ u: [Double]) -> [Double] {
    let u = u.sorted()
    var middle = u[u.count / 2]
    if middle == 0 { middle = max(-u[0], u[u.count - 1]) }
    var anchors = [middle]
    for percent in [8, 95, 1] where !anchors.contains(u[u.count * percent / 100]) {
      anchors.append(u[u.count * percent / 100])
    }
    return anchors
  }

  /// The best plan of at most `dimension` columns.
  ///
  /// - Parameter target: what is to be met, where it is not the series itself.
  /// - Throws: `InvalidInput` if the dimension is not positive or too small for a constant column or two.
  func plan(
    _ series: PowerSeries, dimension: Int, target: ((Double) -> Double)? = nil
  ) throws -> Found {
    try Check.dimension(dimension, "dimension")
    let target = target ?? { series($0) }
    var best = try allocate(empty(series), pairs, dimension, target)
    if let direction, let centredPairs {
      // With very few columns the exact powers of u leave too little for the rest, and factors pay as
      // far as u varies.
      var last = Double.infinity
      for count in 1...anchors.count {
        var plan = empty(series)
        plan.direction = direction
        plan.anchors = Array(anchors.prefix(count))
        guard let centred = try allocate(plan, centredPairs, dimension, target) else { break }
        // Factors beyond two cost time, as terms do, and are there only where they help much.
        let enough = count > 2 ? 0.8 : 1
        if best.map({ centred.error < enough * $0.error }) ?? true { best = centred }
        if count > 1, centred.error > last { break }
        last = centred.error
      }
    }
    guard let best else {
      throw InvalidInput("dimension", found: "\(dimension)", expected: "2 or more for this kernel")
    }
    return best
  }

  /// The plan with columns given to terms; nil where the exact columns alone are too many.
  private func allocate(
    _ start: PowerSeriesMap.Plan, _ pairs: SamplePairs, _ dimension: Int,
    _ target: (Double) -> Double
  ) throws -> Found? {
    let rest = dimension - start.columnCount
    guard rest >= 0 else { return nil }
    for avoidsTails in [avoidsTails, false] {
      let costs = try TermCosts(
        start, pairs, columnCount: rest, avoidsTails: avoidsTails, target: target)
      let (terms, error) = costs.allocated(rest)
      var plan = start
      plan.terms = terms
      // A poor map is better than none.
      guard plan.columnCount > 0 || !avoidsTails else { continue }
      return Found(
        plan: plan, error: error, lostDiagonal: costs.lostDiagonal(terms))
    }
    return nil
  }

  /// m for a centring.
  private static func direction(
    _ centring: Centring, _ sample: LiftedSample, _ lift: Lift, _ inputDimension: Int
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

extension PowerSeriesMap {
  /// A map with at most `dimension` columns.
  ///
  /// - Throws: `InvalidInput` if the dimension is not positive or too small for a constant column or
  ///   two, the sample is empty, not finite or of the wrong width, or a given direction is zero, not
  ///   finite or of the wrong width.
  init<Scalar: RealScalar>(
    series: PowerSeries, lift: Lift, constant: Double, inputDimension: Int, dimension: Int,
    seed: UInt64, centring: Centring, sample: Rows<Scalar>
  ) throws {
    let planner = try PowerSeriesPlanner(
      lift: lift, constant: constant, inputDimension: inputDimension, seed: seed,
      centring: centring, sample: sample)
    try self.init(planner.plan(series, dimension: dimension).plan)
  }
}
