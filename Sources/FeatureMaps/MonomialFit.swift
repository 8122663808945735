// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From a kernel and a sample to monomials: the series, the ridge, and the number of draws.

import Kernels
import LeverageScores
import LinearAlgebra
import NeuralKernels
import RealModule
import Validation

/// A kernel w(x) w(y) Σ_j c_j ⟨x̂, ŷ⟩ʲ + constant, for points like a sample.
struct KernelSeries {
  var lift: Lift
  var coefficients: [Double]
  var constant = 0.0

  /// - Throws: `InvalidInput` if the kernel has no such series, or none for points like these.
  init<Scalar: RealScalar>(_ kernel: some Kernel, sample: Rows<Scalar>) throws {
    switch kernel {
    case let kernel as PolynomialKernel:
      lift = .plain
      coefficients = try PowerSeries.power(
        degree: kernel.degree, scale: kernel.scale, offset: kernel.offset
      ).coefficients
    case let kernel as DotProductKernel:
      (lift, coefficients) = (.plain, kernel.coefficients)
    case let kernel as ExponentialDotKernel:
      lift = .plain
      coefficients = try DotProductFeatureMap.coefficients(of: kernel, for: sample)
    case let kernel as GaussianKernel:
      (lift, coefficients) = try GaussianSeriesMap.series(of: kernel, for: sample)
    case let kernel as NeuralKernel:
      let zonal = try ZonalNetwork(kernel.network, kernel.type)
      (lift, constant) = (zonal.lift, zonal.constant)
      let cosines = try LiftedSample(sample, lift: zonal.lift, rowCount: 256).products()
      coefficients = try ZonalApproximation({ zonal($0) }, degree: 8, cosines: cosines)
        .series.coefficients
    default:
      throw InvalidInput(
        "kernel", found: "one that is no series of inner products",
        expected:
          "a polynomial, dot-product or Gaussian kernel, or a fully connected network of homogeneous activations"
      )
    }
  }
}

extension MonomialFeatures {
  /// So many rows of a sample are looked at, spread evenly.
  static var sampleRowCount: Int { 4096 }

  /// Monomials for a polynomial, exponential or other dot-product kernel, a Gaussian one near the mean
  /// of the sample, or that of a network (see `NetworkFeatureMap`).
  ///
  /// Where the dimension has room for all monomials of the series in the columns that the sample uses,
  /// all are there with their exact weights, and ZZᵀ is the series to rounding for such points.
  /// Otherwise draws are made until the monomials are as many as wanted, but at most 32 for each.
  ///
  /// - Parameters:
  ///   - dimension: the most columns the features may have.
  ///   - ridge: λ, in all for the sample; without one, that of which the kernel has s_λ = dimension/8 on
  ///     1,024 points of the sample.
  ///   - sample: points like those to be mapped, of which 4,096 are looked at.
  /// - Throws: `InvalidInput` if the kernel has no power series for such points, the dimension is below 1
  ///   or too small for the constant columns, λ is not above 0 or, where monomials are drawn, below the
  ///   rounding of K, or the sample is empty, not finite or one on which the kernel is zero;
  ///   `CancellationError`.
  /// - Complexity: see `TensorRowSampling`; for all monomials O(dimension) and the spectrum of K on 1,024
  ///   points.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, dimension: Int, ridge: Double? = nil, seed: UInt64 = 0,
    method: TensorRowSampling.Method = .sketch, sample: Rows<Scalar>,
    on execution: Execution = .allCores
  ) throws {
    try Check.dimension(dimension, "dimension")
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: kernel.inputDimension ?? sample.columnCount, "sample")
    if let ridge { try Check.positive(ridge, "ridge") }
    let series = try KernelSeries(kernel, sample: sample)
    let lifted = try LiftedSample(sample, lift: series.lift, rowCount: Self.sampleRowCount)
    let share = Double(lifted.weights.count) / Double(sample.rowCount)
    if let all = series.allMonomials(
      upTo: dimension - (series.constant > 0 ? 1 : 0), of: sample, lifted)
    {
      let spectrum = try Self.spectrum(series, lifted)
      let used = ridge.map { $0 * share } ?? Self.ridge(spectrum, dimension: dimension)
      self.init(
        kernel, lift: series.lift, constant: series.constant, inputDimension: sample.columnCount,
        monomials: all, ridge: used / share,
        statisticalDimension: spectrum.reduce(0) { $0 + $1 / ($1 + used) }, drawCount: 0)
      return
    }
    var monomials: [Monomial] = []
    if series.coefficients[0] > 0 {
      monomials.append(Monomial(indices: [], weight: series.coefficients[0]))
    }
    let room = dimension - monomials.count - (series.constant > 0 ? 1 : 0)
    guard room > 0 else {
      throw InvalidInput("dimension", found: "\(dimension)", expected: "3 or more for this kernel")
    }
    let used =
      try ridge.map { $0 * share }
      ?? Self.ridge(Self.spectrum(series, lifted), dimension: dimension)
    let sampler = try TensorRowSampling(ridge: used, count: room, method: method, seed: seed)
      .sampler(
        ofSeries: series.coefficients, of: lifted.rows, pointWeights: lifted.weights,
        on: execution)
    let drawn = try Self.draw(room, from: sampler, seed: seed, on: execution)
    self.init(
      kernel, lift: series.lift, constant: series.constant, inputDimension: sample.columnCount,
      monomials: monomials + drawn.monomials, ridge: used / share,
      statisticalDimension: sampler.statisticalDimension, drawCount: drawn.tuples.count)
  }

  /// As many draws as make about `room` different monomials, and no more than that.
  ///
  /// How many draws that takes is found on draws of another seed, so that weights stay unbiased.
  private static func draw(
    _ room: Int, from sampler: TensorRowSampler, seed: UInt64, on execution: Execution
  ) throws -> TensorRowSample {
    var count = room
    var pilot = try sampler.rows(count: count, seed: ~seed, on: execution)
    while count < 32 * room, differentCounts(pilot).last ?? 0 <= room {
      count *= 2
      pilot = try sampler.rows(count: count, seed: ~seed, on: execution)
    }
    // A little less than the pilot had room for, since another seed may need more.
    let counts = differentCounts(pilot)
    count = max(room, counts.firstIndex { $0 > room - room / 50 } ?? counts.count)
    while true {
      let sample = try sampler.rows(count: count, seed: seed, on: execution)
      if sample.monomials.count <= room { return sample }
      count = max(room, count - max(1, count / 50))
    }
  }

  /// How many different monomials there are among the first 1, 2, … draws.
  private static func differentCounts(_ sample: TensorRowSample) -> [Int] {
    var seen: Set<[Int]> = []
    return sample.tuples.map { tuple in
      seen.insert(tuple.sorted())
      return seen.count
    }
  }

  /// The eigenvalues of K on up to 1,024 points, times the points for which each stands; 0 for those
  /// that rounding hides.
  private static func spectrum(_ series: KernelSeries, _ lifted: LiftedSample) throws -> [Double] {
    let picked = spread(1024, over: lifted.weights.count)
    let rows = lifted.rows.rows(at: picked)
    var matrix = try DotProductKernel(coefficients: series.coefficients).matrix(rows)
    for (i, a) in picked.enumerated() {
      for (j, b) in picked.enumerated() { matrix[i, j] *= lifted.weights[a] * lifted.weights[b] }
    }
    let scale = Double(lifted.weights.count) / Double(picked.count)
    let values = try SymmetricEigen.values(of: matrix)
    let rounding = Double(picked.count) * .ulpOfOne * (values.last ?? 0)
    let spectrum = values.map { $0 > rounding ? scale * $0 : 0 }
    let trace = spectrum.reduce(0, +)
    guard trace > 0, trace.isFinite else {
      throw InvalidInput(
        "sample", found: "points whose kernel is zero or overflows", expected: "moderate norms")
    }
    return spectrum
  }

  /// The λ with s_λ = dimension/8, at most half of the points, by bisection.
  private static func ridge(_ spectrum: [Double], dimension: Int) -> Double {
    let trace = spectrum.reduce(0, +)
    let target = min(Double(dimension) / 8, Double(spectrum.count) / 2)
    var (low, high) = (1e-12 * trace, trace)
    for _ in 0..<60 {
      let middle = (low * high).squareRoot()
      let found = spectrum.reduce(0) { $0 + $1 / ($1 + middle) }
      if found > target { low = middle } else { high = middle }
    }
    return high
  }
}

extension KernelSeries {
  /// All monomials with their exact weights, by degree, in the coordinates that points of a sample use;
  /// nil where they are more than `limit` or none.
  ///
  /// - Complexity: the entries of the sample once, and O(limit).
  fileprivate func allMonomials<Scalar: RealScalar>(
    upTo limit: Int, of sample: Rows<Scalar>, _ lifted: LiftedSample
  ) -> [Monomial]? {
    // Where zeros stay zeros, the whole sample tells more than the rows that are looked at.
    let (width, extra) = (sample.columnCount, lift.extraCoordinates)
    let columns =
      lift.keepsZeros
      ? sample.usedColumns.columns.map(Int.init) + (width..<width + extra)
      : lifted.rows.usedColumns.columns.map(Int.init)
    let all = MonomialEnumeration(coefficients: coefficients, columns: columns)
    guard let count = all.count(upTo: limit), count > 0 else { return nil }
    return all.monomials
  }
}
