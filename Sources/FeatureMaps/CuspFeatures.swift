// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the cusp that a kernel of cosines has at equal points.

import Kernels
import LinearAlgebra
import Randomness
import RealModule
import Transforms
import Validation

/// Features of w(x) w(y) c e^(−|x̂ − ŷ|/ℓ): random Fourier features of the exponential kernel on lifted points,
/// unbiased as `RandomFourierFeatureMap` is, and exact for x with itself.
///
/// On the unit sphere |x̂ − ŷ| = √(2 − 2t) for the cosine t, whose cusp at 1 is that of the NTK of ReLU
/// networks. No polynomial follows it.
struct CuspFeatures: RowMap, Hashable {
  /// What they are made of.
  struct Plan: Hashable, Codable {
    var lift: Lift
    var inputDimension: Int
    /// c.
    var weight: Double
    /// ℓ.
    var lengthScale: Double
    var columnCount: Int
    var design: FrequencyDesign
    var seed: UInt64
  }

  let plan: Plan
  private let frequencies: Frequencies

  /// - Throws: `InvalidInput` if a number is out of its range or the design does not suit the points.
  init(_ plan: Plan) throws {
    self.plan = plan
    try plan.lift.validate(inputDimension: plan.inputDimension)
    try Check.positive(plan.weight, "weight of the cusp")
    try Check.dimension(plan.columnCount, "columns of the cusp", from: 2)
    try Check.dimension(
      plan.inputDimension, "input dimension", upTo: Check.largestDimension - 1)
    frequencies = try Frequencies(
      MaternKernel.exponential(lengthScale: plan.lengthScale).spectralMeasure, plan.design,
      inputDimension: plan.inputDimension + plan.lift.extraCoordinates,
      count: plan.columnCount / 2, key: RandomKey(seed: plan.seed).child("cusp"), isBounded: true)
  }

  var inputDimension: Int { plan.inputDimension }
  var outputDimension: Int { 2 * frequencies.count }
  /// The number of columns, and ℓ.
  var structure: String {
    "\(counted(outputDimension, "column")) of its cusp of width \(plan.lengthScale)"
  }

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let count = frequencies.count
    let root = (plan.weight / Double(count)).squareRoot()
    rows.withLifted(by: plan.lift, workspace: workspace) { lifted, weights in
      frequencies.forEachTile(lifted, workspace: workspace) { range, phases in
        for i in 0..<lifted.rowCount {
          let row = output.row(i) + range.lowerBound
          CosinesAndSines.write(
            range.count, of: phases.row(i), scale: Scalar(weights[i] * root), cosines: row,
            sines: row + count)
        }
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

  static func == (a: Self, b: Self) -> Bool { a.plan == b.plan }

  func hash(into hasher: inout Hasher) { hasher.combine(plan) }
}

extension CuspFeatures: Codable {
  private struct Stored: Codable {
    var law: String
    var plan: Plan
  }

  private static let law = "cusp"

  /// - Throws: `InvalidInput` if another map is stored or its numbers are out of range.
  init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    try self.init(stored.plan)
  }

  func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, plan: plan).encode(to: encoder)
  }
}
