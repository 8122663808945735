// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps of networks as stored values, checked when they are read.

import NeuralKernels
import Validation

extension NetworkFeatureMap: Codable {
  private struct Stored: Codable {
    var law: String
    var kernel: NeuralKernel
    var powerSeries: PowerSeriesMap
    var cusp: CuspFeatures?
    var missingDiagonal: Double
  }

  public static let law = "networkFeatureMap"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    self.init(
      stored.kernel, stored.powerSeries, stored.cusp, missingDiagonal: stored.missingDiagonal)
    try Check.nonnegative(missingDiagonal, "missing diagonal")
    let zonal = try ZonalNetwork(kernel.network, kernel.type)
    guard
      powerSeries.inputDimension == kernel.network.inputDimension,
      powerSeries.plan.lift == zonal.lift, powerSeries.plan.constant == zonal.constant,
      cusp.map({ $0.lift == zonal.lift && $0.inputDimension == powerSeries.inputDimension })
        ?? true
    else {
      throw InvalidInput("power series", found: "another kernel's", expected: "that of the kernel")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(
      law: Self.law, kernel: kernel, powerSeries: powerSeries, cusp: cusp,
      missingDiagonal: missingDiagonal
    ).encode(to: encoder)
  }
}
