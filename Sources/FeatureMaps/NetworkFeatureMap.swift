// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the NNGP and NTK of fully connected ReLU networks.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// Features whose inner products approximate the NNGP or NTK of a fully connected network.
///
/// The kernel of such a network is w(x) w(y) f(cos(x̃, ỹ)), a function of two norms and one angle. f is
/// replaced by a polynomial with nonnegative coefficients, and that by a `PowerSeriesMap`.
///
/// Covered are dense, ReLU and identity layers, a bias in the first layer (one more coordinate) and in
/// the last (a constant); a bias in between is refused. Points may have any norm; w(x) is exact.
///
/// The polynomial is fitted where cosines of different points lie, from the sample's smallest (at
/// most 0) to 0.97: next to 1 the NTK has a cusp that no polynomial follows. So the features give
/// x with itself a little less than the kernel does: by `missingDiagonal` · w(x)². To allow for it,
/// add it to the ridge. Where most pairs of the sample lie beyond 0.97, as of nearly parallel points, it
/// is they that the polynomial is fitted to.
///
/// - Source: Zandieh et al. 2021 (one polynomial for the composed network); centring as in
///   `PowerSeriesMap`.
public struct NetworkFeatureMap: FeatureMap, Hashable {
  public let kernel: NeuralKernel
  let powerSeries: PowerSeriesMap
  /// How much less than f(1) the polynomial gives at cosine 1; 0 where it gives no less.
  public let missingDiagonal: Double

  /// - Parameters:
  ///   - dimension: the most columns the features may have; they have a few less.
  ///   - degree: of the polynomial, 1 to 64.
  ///   - sample: points like those to be mapped; the more, up to 2,000, the better.
  /// - Throws: `InvalidInput` if the network is not covered, a number is out of its range, the
  ///   dimension is too small for the constant columns, or the sample does not fit the network, is
  ///   empty or not finite.
  public init<Scalar: RealScalar>(
    _ kernel: NeuralKernel, dimension: Int, seed: UInt64 = 0, degree: Int = 8,
    centring: Centring = .sample, sample: Rows<Scalar>
  ) throws {
    let zonal = try ZonalNetwork(kernel.network, kernel.type)
    let inputDimension = kernel.network.inputDimension
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: inputDimension, "sample")
    let series = try Self.series(of: zonal, degree: degree, for: sample)
    powerSeries = try PowerSeriesMap(
      series: series, lift: zonal.lift, constant: zonal.constant, inputDimension: inputDimension,
      dimension: dimension, seed: seed, centring: centring, sample: sample)
    self.kernel = kernel
    missingDiagonal = max(0, zonal(1) - series(1))
  }

  private static let largestCosine = 0.97

  /// The polynomial, fitted where cosines of points like these lie.
  static func series<Scalar: RealScalar>(
    of zonal: ZonalNetwork, degree: Int, for sample: Rows<Scalar>
  ) throws -> PowerSeries {
    let products = try LiftedSample(sample, lift: zonal.lift, rowCount: 256).products()
    let smallest = products.first ?? 1
    let areNear = products.isEmpty || products[products.count / 2] > largestCosine
    return try PowerSeries.fit(
      { zonal($0) }, degree: degree, on: min(0, max(-1, smallest))...largestCosine,
      above: areNear ? spread(64, over: products.count).map { min(1, products[$0]) } + [1] : [])
  }

  public var inputDimension: Int { powerSeries.inputDimension }
  public var outputDimension: Int { powerSeries.outputDimension }
  /// The degree of the series, and the columns of each power.
  public var structure: String { powerSeries.structure }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    powerSeries.map(rows, into: output, workspace: workspace)
  }
}
