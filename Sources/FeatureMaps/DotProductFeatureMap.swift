// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of dot-product kernels given by their power series.

import Kernels
import LinearAlgebra
import Validation

/// Features whose inner products approximate Σ_p c_p ⟨x, y⟩ᵖ.
///
/// Exact for the constant and, with columns enough, the linear part; every other power has its own
/// sketch, of the law with the least variance on the sample, and columns by the variances.
///
/// - Source: Kar, Karnick, "Random feature maps for dot product kernels", AISTATS 2012; Wacker,
///   Kanagawa, Filippone, "Improved random features for dot product kernels", 2022.
public struct DotProductFeatureMap: FeatureMap, Hashable {
  public let kernel: DotProductKernel
  let powerSeries: PowerSeriesMap

  /// - Parameters:
  ///   - coefficients: c_0, c_1, …, up to degree 64, at or above 0.
  ///   - dimension: the most columns the features may have; they have a few less.
  ///   - sample: points like those to be mapped.
  /// - Throws: `InvalidInput` if a number is out of its range, or the sample is empty or not finite.
  public init<Scalar: RealScalar>(
    series coefficients: [Double], dimension: Int, seed: UInt64 = 0, centring: Centring = .sample,
    sample: Rows<Scalar>
  ) throws {
    kernel = try DotProductKernel(coefficients: coefficients)
    powerSeries = try PowerSeriesMap(
      series: PowerSeries(coefficients: coefficients), lift: .plain, constant: 0,
      inputDimension: sample.columnCount, dimension: dimension, seed: seed, centring: centring,
      sample: sample)
  }

  /// Features of exp(scale · ⟨x, y⟩), by as much of its series as the points need: what is missing is
  /// less than 10⁻⁴ of exp(scale · |x||y|) where norms are at most the sample's largest.
  ///
  /// - Parameters: as above.
  /// - Throws: as above; `InvalidInput` if scale · |x|² is so large that degree 64 does not reach it.
  public init<Scalar: RealScalar>(
    _ kernel: ExponentialDotKernel, dimension: Int, seed: UInt64 = 0, centring: Centring = .sample,
    sample: Rows<Scalar>
  ) throws {
    try self.init(
      series: Self.coefficients(of: kernel, for: sample), dimension: dimension, seed: seed,
      centring: centring, sample: sample)
  }

  /// As many coefficients of exp(scale · t) as the points need.
  static func coefficients<Scalar: RealScalar>(
    of kernel: ExponentialDotKernel, for sample: Rows<Scalar>
  ) throws -> [Double] {
    let squares = try PolynomialKernel(degree: 1).diagonal(sample, on: Execution(threads: 1))
    let largest = kernel.scale * Double(squares.max() ?? 0)
    guard let degree = PowerSeries.exponentialDegree(reaching: largest) else {
      throw InvalidInput(
        "scale", found: "scale · |x|² up to \(largest)", expected: "at most 39")
    }
    return PowerSeries.exponential(degree: degree, scale: kernel.scale)
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

extension DotProductFeatureMap: Codable {
  private struct Stored: Codable {
    var law: String
    var kernel: DotProductKernel
    var powerSeries: PowerSeriesMap
  }

  public static let law = "dotProductFeatureMap"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    (kernel, powerSeries) = (stored.kernel, stored.powerSeries)
    let series = try PowerSeries(coefficients: kernel.coefficients)
    guard powerSeries.plan.series == series, powerSeries.plan.lift == .plain else {
      throw InvalidInput("power series", found: "another kernel's", expected: "that of the kernel")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, kernel: kernel, powerSeries: powerSeries).encode(to: encoder)
  }
}
