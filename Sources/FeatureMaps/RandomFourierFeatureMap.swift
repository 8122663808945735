// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random Fourier features of shift-invariant kernels.

import Kernels
import LinearAlgebra
import Randomness
import Transforms
import Validation

/// z(x) = √(2/D) (cos ⟨w₁, x⟩, …, cos ⟨w_{D/2}, x⟩, sin ⟨w₁, x⟩, …), with frequencies of the kernel's
/// spectral measure: E⟨z(x), z(y)⟩ = k(x, y), and ⟨z(x), z(x)⟩ = 1.
///
/// For every `design` but the structured one the features are unbiased, each frequency alone having
/// the right law; those of transforms have a bias that falls with d. Orthogonal frequencies have half
/// the error of plain ones or less for the Gaussian kernel, once D/2 is near d or above; for Matérn
/// kernels, whose frequencies vary in length, 0.6 to 0.9 of it.
///
/// Plain frequencies of Gaussian and Matérn kernels with more than 2²⁷ entries (2²⁴ in more than 2¹⁶
/// coordinates) share the numbers of a short table. That makes a bias of at most 10⁻⁶ and a variance higher
/// by at most D/2²⁰ of itself, from D = 2¹⁶ on by at most 1/16.
///
/// In single precision a phase ⟨w, x⟩ beyond 10⁷ has no correct digit. Frequencies so long have
/// probabilities of about 10⁻⁷ |x|/ℓ for the Laplace and the exponential kernel, far less for others.
///
/// - Complexity: per dense row D d operations and D nanoseconds for the cosines and sines, per sparse
///   row D operations for each nonzero; by transforms O((D + d) log d). Memory: 2 d D bytes; where a table is
///   shared 4 MB, from D = 2¹⁶ on up to 128 D bytes.
/// - Source: Rahimi, Recht, "Random features for large-scale kernel machines", NeurIPS 2007;
///   Sutherland, Schneider, "On the error of random Fourier features", UAI 2015, for sine and cosine
///   pairs and their variance.
public struct RandomFourierFeatureMap<ExactKernel: ShiftInvariantKernel>: FeatureMap {
  public let kernel: ExactKernel
  public let design: FrequencyDesign
  public let seed: UInt64
  private let frequencies: Frequencies

  /// - Parameters:
  ///   - inputDimension: d.
  ///   - dimension: the most columns the features may have, at least 2; D is the next even number
  ///     below.
  ///   - design: how the frequencies are arranged; without one, the best known for the kernel and
  ///     its dimensions (see `FrequencyDesign.recommended`).
  /// - Throws: `InvalidInput` if a number is out of its range, the design does not suit the kernel, or
  ///   its table of dD/2 numbers is too large.
  public init(
    _ kernel: ExactKernel, inputDimension: Int, dimension: Int, seed: UInt64 = 0,
    design: FrequencyDesign? = nil
  ) throws {
    try Check.dimension(inputDimension, "input dimension")
    try Check.dimension(dimension, "dimension", from: 2)
    self.kernel = kernel
    self.seed = seed
    let measure = kernel.spectralMeasure
    let design =
      design
      ?? .recommended(for: measure, inputDimension: inputDimension)
    self.design = design
    frequencies = try Frequencies(
      measure, design, inputDimension: inputDimension, count: dimension / 2,
      key: RandomKey(seed: seed).child("random Fourier"), isBounded: true)
  }

  public var inputDimension: Int { frequencies.inputDimension }
  public var outputDimension: Int { 2 * frequencies.count }
  public var blockRowCount: Int { frequencies.blockRowCount }
  /// The number of frequencies, each with a cosine and a sine, and their design.
  public var structure: String {
    "\(counted(frequencies.count, "frequency", "frequencies")), \(design.words)"
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let count = frequencies.count
    let scale = Scalar((1 / Double(count)).squareRoot())
    frequencies.forEachTile(rows, workspace: workspace) { range, phases in
      for i in 0..<rows.rowCount {
        let row = output.row(i) + range.lowerBound
        CosinesAndSines.write(
          range.count, of: phases.row(i), scale: scale, cosines: row, sines: row + count)
      }
    }
  }

  /// The variance of ⟨z(x), z(y)⟩ over the seeds: (1 + k(2δ) − 2k(δ)²)/D with δ = x − y, exact where
  /// frequencies share no table.
  ///
  /// - Throws: `InvalidInput` if the design is not `.plain`, of which alone a formula is known, or the
  ///   points do not fit.
  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    guard design == .plain else {
      throw InvalidInput("design", found: design.rawValue, expected: "plain, for its variance")
    }
    func value(_ factor: Double) throws -> Double {
      let points = try [x, y].map { point in
        Rows.dense(try Matrix(rows: [point.map { factor * $0 }]))
      }
      try points[0].validate(columnCount: inputDimension, "x")
      return try kernel.matrix(points[0], points[1])[0, 0]
    }
    let (once, twice) = try (value(1), value(2))
    return max(0, 1 + twice - 2 * once * once) / Double(outputDimension)
  }
}

extension FrequencyDesign {
  /// The design of least error that is quickly set up: quasi-random in up to 12 coordinates, else
  /// for isotropic laws orthogonal, by transforms where the frames would take long; else plain.
  ///
  /// - Parameter sample: points of whose mostly zeros transforms would make no use; then plain, too.
  static func recommended<Scalar: RealScalar>(
    for measure: SpectralMeasure, sample: Rows<Scalar>
  ) -> FrequencyDesign {
    let design = recommended(for: measure, inputDimension: sample.columnCount)
    return design == .structuredOrthogonal && sample.isMostlyZeros ? .plain : design
  }

  static func recommended(
    for measure: SpectralMeasure, inputDimension d: Int
  ) -> FrequencyDesign {
    if d <= 12 { return .quasiRandom }
    guard measure.isIsotropic else { return .plain }
    return d <= 2048 ? .orthogonal : d <= 1 << 16 ? .structuredOrthogonal : .plain
  }
}

extension RandomFourierFeatureMap {
  /// The name of the map, as stored.
  public static var law: String { "randomFourier(\(ExactKernel.self))" }

  private var stored: StoredFrequencyMap<ExactKernel> {
    StoredFrequencyMap(
      law: Self.law, kernel: kernel, design: design, inputDimension: inputDimension,
      dimension: outputDimension, seed: seed)
  }
}

extension RandomFourierFeatureMap: Equatable where ExactKernel: Equatable {
  public static func == (a: Self, b: Self) -> Bool { a.stored == b.stored }
}

extension RandomFourierFeatureMap: Hashable where ExactKernel: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(stored) }
}

extension RandomFourierFeatureMap: Encodable where ExactKernel: Encodable {
  public func encode(to encoder: any Encoder) throws { try stored.encode(to: encoder) }
}

extension RandomFourierFeatureMap: Decodable where ExactKernel: Decodable {
  /// - Throws: `InvalidInput` if another map is stored or its parameters are out of range.
  public init(from decoder: any Decoder) throws {
    let stored = try StoredFrequencyMap<ExactKernel>(law: Self.law, from: decoder)
    try self.init(
      stored.kernel, inputDimension: stored.inputDimension, dimension: stored.dimension,
      seed: stored.seed, design: stored.design)
  }
}
