// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the Gaussian kernel by its Maclaurin series.

import Kernels
import LinearAlgebra
import RealModule
import Validation

/// Features whose inner products approximate exp(−|x − y|²/2ℓ²): those of Σ_p ⟨x̂, ŷ⟩ᵖ/p! times
/// exp(−|x̂|²/2), with x̂ = (x − c)/ℓ.
///
/// The kernel depends on differences alone, so the centre c costs nothing: it is the mean of a dense
/// sample, unless another or none is asked for. Sparse rows keep their zeros; there c = 0 and the
/// direction is split off instead. Good where points lie within a few ℓ of c: the degree and the
/// columns needed grow with |x̂|².
///
/// - Source: Cotter, Keshet, Srebro, "Explicit approximations of the Gaussian kernel", 2011; Wacker,
///   Kanagawa, Filippone, "Improved random features for dot product kernels", 2022.
public struct GaussianSeriesMap: FeatureMap, Hashable {
  public let kernel: GaussianKernel
  let powerSeries: PowerSeriesMap

  /// - Parameters:
  ///   - dimension: the most columns the features may have; they have a few less.
  ///   - centring: of a dense sample, what is subtracted from points: its mean, nothing, or the d
  ///     entries of a vector, whose length matters here. Of a sparse one, the direction that is kept
  ///     exact, as in other maps of series.
  ///   - sample: points like those to be mapped.
  /// - Throws: `InvalidInput` if a number is out of its range, the vector of the centring has not d
  ///   finite entries (or has zeros alone, beside a sparse sample), or the sample is empty, not finite,
  ///   or so far from c for ℓ that degree 64 does not reach it.
  public init<Scalar: RealScalar>(
    _ kernel: GaussianKernel, dimension: Int, seed: UInt64 = 0, centring: Centring = .sample,
    sample: Rows<Scalar>
  ) throws {
    let (lift, coefficients) = try Self.series(of: kernel, for: sample, centring: centring)
    powerSeries = try PowerSeriesMap(
      series: PowerSeries(coefficients: coefficients),
      lift: lift, constant: 0, inputDimension: sample.columnCount, dimension: dimension,
      seed: seed, centring: lift.keepsZeros ? centring : .none, sample: sample)
    self.kernel = kernel
  }

  /// The centred points and as many coefficients of the exponential as they need.
  static func series<Scalar: RealScalar>(
    of kernel: GaussianKernel, for sample: Rows<Scalar>, centring: Centring = .sample
  ) throws -> (lift: Lift, coefficients: [Double]) {
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: sample.columnCount, "sample")
    let lift = Lift.gaussian(
      lengthScale: kernel.lengthScale, centre: try centre(of: sample, centring))
    // |x̂|² = −2 ln w.
    let weights = try LiftedSample(sample, lift: lift, rowCount: PowerSeriesPlanner.sampleRowCount)
      .weights.sorted()
    let square = -2 * Double.log(weights[weights.count / 20])
    guard let degree = PowerSeries.exponentialDegree(reaching: square) else {
      throw InvalidInput(
        "length scale",
        found: square.isFinite
          ? "\(kernel.lengthScale), 1/\(significant(square.squareRoot())) of the points' distance from the centre"
          : "\(kernel.lengthScale), less than a thirtieth of the points' distance from the centre",
        expected: "at least a sixth of it")
    }
    return (lift, PowerSeries.exponential(degree: degree))
  }

  /// c, or nothing where it is 0.
  private static func centre<Scalar: RealScalar>(
    of sample: Rows<Scalar>, _ centring: Centring
  ) throws -> [Double] {
    guard case .dense(let matrix) = sample else { return [] }
    switch centring {
    case .none: return []
    case .sample: return mean(of: matrix)
    case .vector(let given):
      try Check.equal(given.count, matrix.columnCount, "entries of the centring vector")
      guard given.allSatisfy(\.isFinite) else {
        throw InvalidInput(
          "centring vector", found: "NaN or infinity", expected: "finite numbers")
      }
      return given
    }
  }

  private static func mean<Scalar: RealScalar>(of matrix: Matrix<Scalar>) -> [Double] {
    var mean = [Double](repeating: 0, count: matrix.columnCount)
    for i in 0..<matrix.rowCount {
      for (j, value) in matrix.row(i).enumerated() {
        mean[j] += Double(value) / Double(matrix.rowCount)
      }
    }
    return mean
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

extension GaussianSeriesMap: Codable {
  private struct Stored: Codable {
    var law: String
    var kernel: GaussianKernel
    var powerSeries: PowerSeriesMap
  }

  /// The name of the map, as stored.
  public static let law = "gaussianSeriesMap"

  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    guard stored.law == Self.law else {
      throw InvalidInput("law", found: stored.law, expected: Self.law)
    }
    (kernel, powerSeries) = (stored.kernel, stored.powerSeries)
    let plan = powerSeries.plan
    guard case .gaussian(kernel.lengthScale, _) = plan.lift,
      plan.series.coefficients == PowerSeries.exponential(degree: plan.series.degree)
    else {
      throw InvalidInput("power series", found: "another kernel's", expected: "that of the kernel")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(law: Self.law, kernel: kernel, powerSeries: powerSeries).encode(to: encoder)
  }
}
