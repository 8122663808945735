// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Positive random features of the exponential of the inner product.

import Kernels
import LinearAlgebra
import Randomness
import Validation

/// Features of exp(s ⟨x, y⟩) that are all above 0: with x̂ = √s x and w ~ N(0, I),
///
///     z(x) = e^(−|x̂|²/2) / √D · (e^⟨w₁, x̂⟩, …, e^⟨w_{D/2}, x̂⟩, e^−⟨w₁, x̂⟩, …).
///
/// E⟨z(x), z(y)⟩ = exp(s ⟨x, y⟩) for every `design` but the structured one. The two signs of a frequency
/// make its contribution a hyperbolic cosine of ⟨w, x̂ + ŷ⟩, of less variance than two frequencies
/// have. The relative variance grows like e^|x̂ + ŷ|²: small where the kernel is small, which
/// trigonometric features are not, and large where |x̂| exceeds 2 or so.
///
/// - Complexity: per dense row D d operations and D exponentials, per sparse row D operations for each
///   nonzero. Memory: 2 d D bytes; none by transforms.
/// - Source: Choromanski et al., "Rethinking attention with Performers", ICLR 2021 (FAVOR+ with
///   hyperbolic features).
public struct PositiveFeatureMap: FeatureMap {
  public let kernel: ExponentialDotKernel
  public let design: FrequencyDesign
  public let seed: UInt64
  private let frequencies: Frequencies

  /// - Parameters:
  ///   - inputDimension: d.
  ///   - dimension: the most columns the features may have, at least 2; D is the next even number
  ///     below.
  ///   - design: how the directions are arranged; without one, the best known for the dimensions.
  /// - Throws: `InvalidInput` if a number is out of its range, or the table of dD/2 numbers is too
  ///   large for the design.
  public init(
    _ kernel: ExponentialDotKernel, inputDimension: Int, dimension: Int, seed: UInt64 = 0,
    design: FrequencyDesign? = nil
  ) throws {
    try Check.dimension(inputDimension, "input dimension")
    try Check.dimension(dimension, "dimension", from: 2)
    self.kernel = kernel
    self.seed = seed
    let measure = Self.measure(of: kernel)
    let design =
      design
      ?? .recommended(for: measure, inputDimension: inputDimension)
    self.design = design
    frequencies = try Frequencies(
      measure, design, inputDimension: inputDimension, count: dimension / 2,
      key: RandomKey(seed: seed).child("positive"))
  }

  /// w √s is normal with the length scale 1/√s.
  static func measure(of kernel: ExponentialDotKernel) -> SpectralMeasure {
    .normal(lengthScale: 1 / kernel.scale.squareRoot())
  }

  public var inputDimension: Int { frequencies.inputDimension }
  public var outputDimension: Int { 2 * frequencies.count }
  public var blockRowCount: Int { frequencies.blockRowCount }
  /// The number of frequencies, each with both signs, and their design.
  public var structure: String {
    "\(counted(frequencies.count, "frequency", "frequencies")), \(design.words)"
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let count = frequencies.count
    // The factor 1/√D goes into the exponent.
    let offset = -Double.log(Double(2 * count)) / 2
    workspace.withScratch(Double.self, rows.rowCount) { exponents in
      for i in 0..<rows.rowCount {
        exponents[i] = offset - kernel.scale * rows.squaredNorm(ofRow: i) / 2
      }
      frequencies.forEachTile(rows, workspace: workspace) { range, phases in
        for i in 0..<rows.rowCount {
          let row = output.row(i) + range.lowerBound
          exponentials(
            range.count, phases.row(i), Scalar(exponents[i]), row, row + count)
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func exponentials<Scalar: RealScalar>(
    _ count: Int, _ phases: UnsafePointer<Scalar>, _ exponent: Scalar,
    _ rising: UnsafeMutablePointer<Scalar>, _ falling: UnsafeMutablePointer<Scalar>
  ) {
    for f in 0..<count {
      rising[f] = .exp(exponent + phases[f])
      falling[f] = .exp(exponent - phases[f])
    }
  }

  /// The exact variance of ⟨z(x), z(y)⟩ over the seeds: e^q k(x, y)² (1 − e^−q)² / D with
  /// q = s |x + y|².
  ///
  /// - Throws: `InvalidInput` if the design is not `.plain`, of which alone a formula is known, or the
  ///   points do not fit.
  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    guard design == .plain else {
      throw InvalidInput("design", found: design.rawValue, expected: "plain, for its variance")
    }
    try Check.equal(x.count, inputDimension, "entries of x")
    try Check.equal(y.count, inputDimension, "entries of y")
    let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    let q = kernel.scale * zip(x, y).reduce(0) { $0 + ($1.0 + $1.1) * ($1.0 + $1.1) }
    let loss = -Double.expMinusOne(-q)
    return .exp(q + 2 * kernel.scale * product) * loss * loss / Double(outputDimension)
  }
}

extension RowBlock {
  /// |xᵢ|², summed in double precision in the order of the columns.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func squaredNorm(ofRow i: Int) -> Double {
    var sum = 0.0
    switch entries {
    case .dense(let base, let stride):
      for j in 0..<columnCount {
        let value = Double(base[i * stride + j])
        sum += value * value
      }
    case .sparse(let rows):
      for position in rows.positions(ofRow: i) {
        let value = Double(rows.values[position])
        sum += value * value
      }
    }
    return sum
  }
}

extension PositiveFeatureMap {
  /// The name of the map, as stored.
  public static let law = "positive"

  private var stored: StoredFrequencyMap<ExponentialDotKernel> {
    StoredFrequencyMap(
      law: Self.law, kernel: kernel, design: design, inputDimension: inputDimension,
      dimension: outputDimension, seed: seed)
  }
}

extension PositiveFeatureMap: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.stored == b.stored }

  public func hash(into hasher: inout Hasher) { hasher.combine(stored) }
}

extension PositiveFeatureMap: Codable {
  public func encode(to encoder: any Encoder) throws { try stored.encode(to: encoder) }

  /// - Throws: `InvalidInput` if another map is stored or its parameters are out of range.
  public init(from decoder: any Decoder) throws {
    let stored = try StoredFrequencyMap<ExponentialDotKernel>(law: Self.law, from: decoder)
    try self.init(
      stored.kernel, inputDimension: stored.inputDimension, dimension: stored.dimension,
      seed: stored.seed, design: stored.design)
  }
}
