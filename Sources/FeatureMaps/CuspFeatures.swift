// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the cusp that a kernel of cosines has at equal points.

import Kernels
import LinearAlgebra
import RealModule
import Validation

/// Features of w(x) w(y) c e^(−|x̂ − ŷ|/ℓ): random Fourier features of the exponential kernel on lifted points,
/// times w √c; unbiased as these are, and exact for x with itself.
///
/// On the unit sphere |x̂ − ŷ| = √(2 − 2t) for the cosine t, whose cusp at 1 is that of the NTK of ReLU
/// networks. No polynomial follows it.
struct CuspFeatures: RowMap, Hashable {
  let lift: Lift
  /// c.
  let weight: Double
  /// z(x̂), of length scale ℓ.
  let fourier: RandomFourierFeatureMap<MaternKernel>

  /// - Throws: `InvalidInput` if the weight is not positive, the lift's numbers are out of range, no coordinate
  ///   is left for points, or the features are of another kernel than the exponential.
  init(lift: Lift, weight: Double, _ fourier: RandomFourierFeatureMap<MaternKernel>) throws {
    self.lift = lift
    self.weight = weight
    self.fourier = fourier
    try Check.positive(weight, "weight of the cusp")
    try Check.dimension(inputDimension, "input dimension of the cusp")
    try lift.validate(inputDimension: inputDimension)
    guard fourier.kernel.smoothness == 0.5 else {
      throw InvalidInput(
        "smoothness of the cusp", found: "\(fourier.kernel.smoothness)", expected: "0.5")
    }
  }

  var inputDimension: Int { fourier.inputDimension - lift.extraCoordinates }
  var outputDimension: Int { fourier.outputDimension }
  /// The number of columns, and ℓ.
  var structure: String {
    "\(counted(outputDimension, "column")) of its cusp of width \(fourier.kernel.lengthScale)"
  }

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let root = weight.squareRoot()
    rows.withLifted(by: lift, workspace: workspace) { lifted, weights in
      fourier.map(lifted, into: output, workspace: workspace)
      for i in 0..<lifted.rowCount {
        scale(output.row(i), outputDimension, by: Scalar(weights[i] * root))
      }
    }
  }

  /// e^(−|x̂ − ŷ|/ℓ) at the cosine t.
  static func value(_ t: Double, lengthScale: Double) -> Double {
    Double.exp(-max(0, 2 - 2 * t).squareRoot() / lengthScale)
  }

  /// The variance at the cosine t with c = 1, times the columns, of independent frequencies.
  static func variance(_ t: Double, lengthScale: Double) -> Double {
    let once = value(t, lengthScale: lengthScale)
    let twice = value(t, lengthScale: lengthScale / 2)
    return max(0, 1 + twice - 2 * once * once)
  }
}

extension CuspFeatures: Codable {
  private enum CodingKeys: CodingKey { case law, lift, weight, fourier }

  private static let law = "cusp"

  /// - Throws: `InvalidInput` if another map is stored or its numbers are out of range.
  init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      lift: container.decode(Lift.self, forKey: .lift),
      weight: container.decode(Double.self, forKey: .weight),
      container.decode(RandomFourierFeatureMap<MaternKernel>.self, forKey: .fourier))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.law, forKey: .law)
    try container.encode(lift, forKey: .lift)
    try container.encode(weight, forKey: .weight)
    try container.encode(fourier, forKey: .fourier)
  }
}
