// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the NNGP and NTK of fully connected networks of homogeneous activations.

import Kernels
import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// Features whose inner products approximate the NNGP or NTK of a fully connected network.
///
/// The kernel of such a network is w(x) w(y) f(cos(x̃, ỹ)), a function of two norms and one angle. f is
/// replaced by a polynomial with nonnegative coefficients, and that by a `PowerSeriesMap`.
///
/// Covered are dense and identity layers and activations of one slope below 0 and one above, like ReLU, a bias
/// in the first layer (one more coordinate) and in the last (a constant); a bias in between is refused. Points may have any norm; w(x) is exact.
///
/// At 1 the NTK has a cusp that no polynomial follows. Where columns are many for the points, or points
/// nearly parallel, some columns are random features of a function with such a cusp. Otherwise the
/// polynomial is fitted where cosines of different points lie, and the features give x with itself a little
/// less than the kernel does: by `missingDiagonal` · w(x)². To allow for it, add it to the ridge.
///
/// Degree, cusp, columns of each and whether a direction is split off are those of the least mean square
/// error of ZZᵀ that is expected on up to 2,000 points of the sample: bias and variance. A sample of equal
/// points says nothing of it, and gives a polynomial of degree 8.
///
/// - Complexity: that of `PowerSeriesMap`; with a cusp of C columns for dense rows 2 C d operations more, for
///   sparse ones 2 C for each nonzero, and equal bits no longer for other batches, but numbers equal to rounding.
///
/// - Source: Zandieh et al. 2021 (one polynomial for the composed network); centring as in
///   `PowerSeriesMap`; the cusp derived for this library.
public struct NetworkFeatureMap: FeatureMap, Hashable {
  public let kernel: NeuralKernel
  let powerSeries: PowerSeriesMap
  let cusp: CuspFeatures?
  /// How much less than f(1) the features are expected to give for a point with itself, in the mean over
  /// the sample weighted by w²; 0 where they give no less.
  public let missingDiagonal: Double

  /// - Parameters:
  ///   - dimension: the most columns the features may have; they have a few less.
  ///   - degree: of the polynomial, 1 to 64; nil for the best of 2, 4 and 8, and of 32 and 64 where points are
  ///     nearly parallel.
  ///   - sample: points like those to be mapped; the more, up to 2,000, the better.
  /// - Throws: `InvalidInput` if the network is not covered, a number is out of its range, the
  ///   dimension is too small for the constant columns, or the sample does not fit the network, is
  ///   empty or not finite.
  public init<Scalar: RealScalar>(
    _ kernel: NeuralKernel, dimension: Int, seed: UInt64 = 0, degree: Int? = nil,
    centring: Centring = .sample, sample: Rows<Scalar>
  ) throws {
    let zonal = try ZonalNetwork(kernel.network, kernel.type)
    let planner = try PowerSeriesPlanner(
      lift: zonal.lift, constant: zonal.constant, inputDimension: kernel.network.inputDimension,
      seed: seed, centring: centring, sample: sample, avoidsTails: true)
    let cosines = try LiftedSample(sample, lift: zonal.lift, rowCount: 256).products()
    var best: Candidate?
    for degree in degree.map({ [$0] }) ?? ZonalApproximation.degrees(cosines) {
      let found = try Self.candidates(
        zonal, degree: degree, dimension: dimension, cosines: cosines, planner)
      for candidate in found where candidate.error < best?.error ?? .infinity { best = candidate }
    }
    guard let best else {
      throw InvalidInput(
        "rows of the sample", found: "kernels that overflow", expected: "points of moderate length")
    }
    powerSeries = try PowerSeriesMap(best.found.plan)
    cusp =
      best.cuspColumnCount > 0
      ? try CuspFeatures(
        lift: zonal.lift, weight: best.approximation.cuspWeight,
        RandomFourierFeatureMap(
          .exponential(lengthScale: best.approximation.lengthScale),
          inputDimension: sample.columnCount + zonal.lift.extraCoordinates,
          dimension: best.cuspColumnCount, seed: RandomKey(seed: seed).child("cusp").seed,
          design: .recommended(
            for: MaternKernel.exponential(lengthScale: 1).spectralMeasure, sample: sample)))
      : nil
    self.kernel = kernel
    missingDiagonal = max(0, best.found.lostDiagonal)
  }

  /// The parts of a stored map.
  init(
    _ kernel: NeuralKernel, _ powerSeries: PowerSeriesMap, _ cusp: CuspFeatures?,
    missingDiagonal: Double
  ) {
    self.kernel = kernel
    self.powerSeries = powerSeries
    self.cusp = cusp
    self.missingDiagonal = missingDiagonal
  }

  public var inputDimension: Int { powerSeries.inputDimension }
  public var outputDimension: Int {
    powerSeries.outputDimension + (cusp?.outputDimension ?? 0)
  }
  /// The degree of the series, the columns of each power and of the cusp, and what x with itself lacks.
  public var structure: String {
    let zonal = try? ZonalNetwork(kernel.network, kernel.type)
    let share = zonal.map { missingDiagonal / $0(1) } ?? 0
    let last = zonal?.constant ?? 0 > 0 ? " but for the last bias" : ""
    return powerSeries.structure + (cusp.map { " and \($0.structure)" } ?? "")
      + (share > 1e-9 ? "; x with itself lacks \(significant(share)) of its kernel\(last)" : "")
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    powerSeries.map(rows, into: output, workspace: workspace)
    cusp?.map(rows, into: output.dropping(powerSeries.outputDimension), workspace: workspace)
  }
}

extension NetworkFeatureMap {
  /// A plan for the columns that are not the cusp's.
  private struct Candidate {
    var approximation: ZonalApproximation
    var found: PowerSeriesPlanner.Found
    var cuspColumnCount: Int
    /// Of both.
    var error: Double
  }

  /// Without a cusp, and with the best.
  private static func candidates(
    _ zonal: ZonalNetwork, degree: Int, dimension: Int, cosines: [Double],
    _ planner: PowerSeriesPlanner
  ) throws -> [Candidate] {
    let plain = try ZonalApproximation({ zonal($0) }, degree: degree, cosines: cosines)
    let found = try planner.plan(plain.series, dimension: dimension) { zonal($0) }
    let first = Candidate(
      approximation: plain, found: found, cuspColumnCount: 0, error: found.error)
    // Behind three columns for the series at least.
    let most = min(dimension / 2, dimension - 3)
    guard most >= 2 else { return [first] }
    let pairs = planner.pairs
    func variance(_ cusp: ZonalApproximation) -> Double {
      pairs.mean(factors: pairs.weights) {
        CuspFeatures.variance(pairs.product($0), lengthScale: cusp.lengthScale)
      } * cusp.cuspWeight * cusp.cuspWeight
    }
    let cusps = try ZonalApproximation.lengthScales(cosines).map {
      try ZonalApproximation({ zonal($0) }, degree: degree, lengthScale: $0, cosines: cosines)
    }.filter { $0.cuspWeight > 1e-6 * zonal(1) }
    let rated = cusps.map { cusp in
      let bias = pairs.mean(factors: pairs.weights) {
        let lacking = zonal(pairs.product($0)) - cusp(pairs.product($0))
        return lacking * lacking
      }
      return (cusp: cusp, error: bias + variance(cusp) / Double(max(2, most / 4)))
    }
    guard let cusp = rated.min(by: { $0.error < $1.error })?.cusp else { return [first] }
    // Columns as the errors with one column: D₁ : D₂ = e₁ : e₂ is best for e₁²/D₁ + e₂²/D₂.
    let own = variance(cusp).squareRoot()
    var others = (found.error * Double(dimension)).squareRoot()
    var result = [first]
    // Where all columns together would leave more noise than there is error, a cusp cannot pay.
    guard own * own < found.error * Double(dimension) else { return result }
    for _ in 0..<2 {
      let share = Int(Double(dimension) * own / (own + others))
      let room = dimension - max(2, min(most, share)) & ~1
      let rest = try planner.plan(cusp.series, dimension: room) { zonal($0) - cusp.cusp($0) }
      // With what the series leaves.
      let columnCount = (dimension - rest.plan.columnCount) & ~1
      result.append(
        Candidate(
          approximation: cusp, found: rest, cuspColumnCount: columnCount,
          error: rest.error + own * own / Double(columnCount)))
      others = (rest.error * Double(room)).squareRoot()
    }
    return result
  }
}
