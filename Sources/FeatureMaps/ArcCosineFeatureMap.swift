// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random features of the arc-cosine kernels.

import Kernels
import LinearAlgebra
import Randomness
import Validation

/// Features of kₙ(x, y) = 2 E[f(⟨w, x⟩) f(⟨w, y⟩)], f(u) = uⁿ for u > 0 and 0 below, w ~ N(0, I): with
/// D columns and u = ⟨w, x⟩ for several w,
///
///     order 0: (1, sgn(u)/√m)/√2,  m = D − 1,
///     order 1: (x, |u|/√m)/√2,     m = D − d,  where 2d ≤ D,
///     else:    (f(u), f(−u))/√m,   m = D/2.
///
/// E⟨z(x), z(y)⟩ = kₙ(x, y) for every `design` but the structured one. A constant or x beside an odd or
/// even rest stands for what half of the columns (f(u), f(−u)) would repeat, or estimate. The
/// length of w says nothing of its direction, so orthogonal frequencies all have the same, with the
/// right mean of |w|²ⁿ; for order 1 that is to draw w of the density ∝ |w|² e^(−|w|²/2) and to divide by
/// |w|. The sign of a zero is 0.
///
/// - Complexity: per dense row 2 m d operations, per sparse row 2 m for each nonzero; by transforms
///   O((m + d) log d). Memory: 4 m d bytes; none by transforms.
/// - Source: Cho, Saul, "Kernel methods for deep learning", NIPS 2009; Zandieh et al., "Scaling neural
///   tangent kernels via sketching and random features", NeurIPS 2021, for the density.
public struct ArcCosineFeatureMap: FeatureMap {
  public let kernel: ArcCosineKernel
  public let design: FrequencyDesign
  public let seed: UInt64
  private let frequencies: Frequencies
  /// The columns of the constant or of x.
  private let exactCount: Int

  /// - Parameters:
  ///   - inputDimension: d.
  ///   - dimension: the most columns the features may have, at least 2; D is that, or without a constant
  ///     or x the next even number below.
  ///   - design: how the directions are arranged; without one, the best known for the dimensions.
  /// - Throws: `InvalidInput` if a number is out of its range, or the table of dm numbers is too large
  ///   for the design.
  public init(
    _ kernel: ArcCosineKernel, inputDimension: Int, dimension: Int, seed: UInt64 = 0,
    design: FrequencyDesign? = nil
  ) throws {
    try Check.dimension(inputDimension, "input dimension")
    try Check.dimension(dimension, "dimension", from: 2)
    self.kernel = kernel
    self.seed = seed
    let recommended = FrequencyDesign.recommended(
      for: Self.measure, inputDimension: inputDimension)
    let design = design ?? Self.orthogonal(recommended, for: kernel)
    self.design = design
    exactCount =
      switch kernel.order {
      case 0: 1
      case 1 where inputDimension <= dimension / 2: inputDimension
      default: 0
      }
    frequencies = try Frequencies(
      Self.measure, design, inputDimension: inputDimension,
      count: exactCount > 0 ? dimension - exactCount : dimension / 2,
      key: RandomKey(seed: seed).child("arc-cosine"), power: max(1, kernel.order))
  }

  private static let measure = SpectralMeasure.normal(lengthScale: 1)

  /// The design of least error for a kernel and a sample, as `FrequencyDesign.recommended`, but
  /// quasi-random for order 0 alone.
  static func recommended<Scalar: RealScalar>(
    for kernel: ArcCosineKernel, sample: Rows<Scalar>
  ) -> FrequencyDesign {
    orthogonal(.recommended(for: measure, sample: sample), for: kernel)
  }

  /// Orthogonal directions instead of quasi-random ones, whose lengths vary, unless lengths do not matter.
  private static func orthogonal(
    _ design: FrequencyDesign, for kernel: ArcCosineKernel
  ) -> FrequencyDesign {
    design == .quasiRandom && kernel.order > 0 ? .orthogonal : design
  }

  /// The columns of the constant or of x, the number of frequencies, and their design.
  public var structure: String {
    let exact =
      exactCount == 0
      ? "" : kernel.order == 0 ? "a constant and " : "\(counted(exactCount, "coordinate")) and "
    return exact + "\(counted(frequencies.count, "frequency", "frequencies")), \(design.words)"
  }
  public var inputDimension: Int { frequencies.inputDimension }
  public var outputDimension: Int {
    exactCount > 0 ? exactCount + frequencies.count : 2 * frequencies.count
  }
  public var blockRowCount: Int { frequencies.blockRowCount }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let (count, root) = (frequencies.count, Scalar(0.5).squareRoot())
    for i in 0..<rows.rowCount where exactCount > 0 {
      let row = output.row(i)
      if kernel.order == 0 { row[0] = 1 } else { rows.copyDense(row: i, to: row) }
      for j in 0..<exactCount { row[j] *= root }
    }
    let scale = Scalar(1 / Double(count).squareRoot()) * (exactCount > 0 ? root : 1)
    let rest = output.dropping(exactCount)
    frequencies.forEachTile(rows, workspace: workspace) { range, products in
      for i in 0..<rows.rowCount {
        let (u, row) = (products.row(i), rest.row(i) + range.lowerBound)
        switch (kernel.order, exactCount) {
        case (0, _): writeSigns(range.count, u, scale, row)
        case (_, 0): writePairs(range.count, u, scale, row, row + count)
        default: writeMagnitudes(range.count, u, scale, row)
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func writeSigns<Scalar: RealScalar>(
    _ count: Int, _ u: UnsafePointer<Scalar>, _ scale: Scalar,
    _ output: UnsafeMutablePointer<Scalar>
  ) {
    for f in 0..<count { output[f] = u[f] > 0 ? scale : u[f] < 0 ? -scale : 0 }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func writeMagnitudes<Scalar: RealScalar>(
    _ count: Int, _ u: UnsafePointer<Scalar>, _ scale: Scalar,
    _ output: UnsafeMutablePointer<Scalar>
  ) {
    for f in 0..<count { output[f] = scale * abs(u[f]) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func writePairs<Scalar: RealScalar>(
    _ count: Int, _ u: UnsafePointer<Scalar>, _ scale: Scalar,
    _ positive: UnsafeMutablePointer<Scalar>, _ negative: UnsafeMutablePointer<Scalar>
  ) {
    for f in 0..<count {
      let (above, below) = (max(0, u[f]), max(0, -u[f]))
      positive[f] = scale * (kernel.order == 1 ? above : above * above)
      negative[f] = scale * (kernel.order == 1 ? below : below * below)
    }
  }
}

extension ArcCosineFeatureMap {
  /// The name of the map, as stored.
  public static let law = "arcCosine"

  private var stored: StoredFrequencyMap<ArcCosineKernel> {
    StoredFrequencyMap(
      law: Self.law, kernel: kernel, design: design, inputDimension: inputDimension,
      dimension: outputDimension, seed: seed)
  }
}

extension ArcCosineFeatureMap: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.stored == b.stored }

  public func hash(into hasher: inout Hasher) { hasher.combine(stored) }
}

extension ArcCosineFeatureMap: Codable {
  public func encode(to encoder: any Encoder) throws { try stored.encode(to: encoder) }

  /// - Throws: `InvalidInput` if another map is stored or its parameters are out of range.
  public init(from decoder: any Decoder) throws {
    let stored = try StoredFrequencyMap<ArcCosineKernel>(law: Self.law, from: decoder)
    try self.init(
      stored.kernel, inputDimension: stored.inputDimension, dimension: stored.dimension,
      seed: stored.seed, design: stored.design)
  }
}
