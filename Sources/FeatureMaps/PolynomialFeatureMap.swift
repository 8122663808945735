// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of polynomial kernels.

import Kernels
import LinearAlgebra
import Validation

/// Features whose inner products approximate a polynomial kernel (scale · ⟨x, y⟩ + offset)ᵈᵉᵍʳᵉᵉ.
///
/// Exact for the constant and, with columns enough, the linear part; the rest is sketched.
public struct PolynomialFeatureMap: FeatureMap, Hashable {
  public let kernel: PolynomialKernel
  let powerSeries: PowerSeriesMap

  /// - Parameters:
  ///   - dimension: the most columns the features may have; they have a few less.
  ///   - sample: points like those to be mapped.
  /// - Throws: `InvalidInput` if a number is out of its range, or the sample is empty or not finite.
  public init<Scalar: RealScalar>(
    _ kernel: PolynomialKernel, dimension: Int, seed: UInt64 = 0, centring: Centring = .sample,
    sample: Rows<Scalar>
  ) throws {
    powerSeries = try PowerSeriesMap(
      series: PolynomialFeatureMap.series(of: kernel), lift: .plain, constant: 0,
      inputDimension: sample.columnCount,
      dimension: dimension, seed: seed, centring: centring, sample: sample)
    self.kernel = kernel
  }

  private static func series(of kernel: PolynomialKernel) throws -> PowerSeries {
    try PowerSeries.power(degree: kernel.degree, scale: kernel.scale, offset: kernel.offset)
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

extension PolynomialFeatureMap: Codable {
  private struct Stored: Codable {
    var law: String
    var kernel: PolynomialKernel
    var powerSeries: PowerSeriesMap
  }

  public static let law = "polynomialFeatureMap"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    (kernel, powerSeries) = (stored.kernel, stored.powerSeries)
    let series = try PolynomialFeatureMap.series(of: kernel)
    guard powerSeries.plan.series == series, powerSeries.plan.lift == .plain else {
      throw InvalidInput("power series", found: "another kernel's", expected: "that of the kernel")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, kernel: kernel, powerSeries: powerSeries).encode(to: encoder)
  }
}
