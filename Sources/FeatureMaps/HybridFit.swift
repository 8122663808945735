// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How many columns of a hybrid map are landmarks, measured on a sample.

import Kernels
import LinearAlgebra
import RealModule
import Validation

/// A hybrid map fitted to a budget of columns, with the splits that were tried.
public struct HybridFit<Remainder: FeatureMap>: Sendable {
  /// Columns asked for: landmarks that depend on others, and what a remainder leaves of its columns, are not in
  /// the map.
  public struct Split: Hashable, Codable, Sendable {
    public var landmarks: Int
    public var remainder: Int
    /// ‖ZZᵀ − K‖_F / ‖K‖_F on points of the sample that were not fitted on; nil where nothing was
    /// compared.
    public var relativeError: Double?
  }

  public let map: HybridFeatureMap<Remainder>
  /// What was chosen.
  public let chosen: Split
  /// All that was compared, the chosen one among them.
  public let candidates: [Split]

  /// One line that says what was chosen and why.
  public var summary: String {
    let name = "\(chosen.landmarks) landmarks and \(chosen.remainder) columns for the remainder"
    guard candidates.count > 1 else {
      return name + ", by rule"
    }
    return name + ", of "
      + candidates.map {
        let error = $0.relativeError.map { " (\(significant($0)))" } ?? ""
        return "\($0.landmarks) + \($0.remainder)" + error
      }.joined(separator: ", ")
  }

  /// Fits a map of up to `dimension` columns.
  ///
  /// Below 3,072 columns all are landmarks, if there are points enough. Otherwise landmarks and remainder
  /// as 1 : 0 (up to 4,096 columns), 1 : 1, 1 : 3 and 1 : 7 are fitted on three quarters of the sample
  /// and compared on up to 512 points of the rest; what has the least relative Frobenius error is
  /// fitted again on all. Landmarks are at most 4,096, and at most the points fitted on.
  ///
  /// - Parameters:
  ///   - remainder: makes φ of up to that many columns from the points fitted on.
  /// - Throws: as `NystromFeatureMap` does, and as `remainder` where no split suits it; `InvalidInput`
  ///   if the dimension is not positive or the sample is empty.
  /// - Complexity: up to four fits, each of 9m³ operations for m landmarks.
  public init<Scalar: RealScalar>(
    _ kernel: Remainder.ExactKernel, dimension: Int, seed: UInt64 = 0,
    choice: LandmarkChoice = .uniform, sample: Rows<Scalar>, on execution: Execution = .allCores,
    remainder make: (_ columnCount: Int, Rows<Scalar>) throws -> Remainder
  ) throws {
    try Check.dimension(dimension, "dimension")
    try Check.dimension(sample.rowCount, "rows of the sample")
    func fit(_ split: Split, _ sample: Rows<Scalar>) throws -> HybridFeatureMap<Remainder> {
      let landmarks = try NystromFeatureMap(
        kernel, dimension: split.landmarks, seed: seed, choice: choice, sample: sample,
        on: execution)
      return try HybridFeatureMap(
        landmarks, remainder: split.remainder > 0 ? make(split.remainder, sample) : nil,
        on: execution)
    }
    let held = sample.rowCount / 4
    let splits = HybridFit.splits(dimension, sampleRowCount: sample.rowCount - held)
    guard splits.count > 1, held >= 2 else {
      chosen = splits.first { 4 * $0.landmarks <= dimension } ?? splits[0]
      candidates = [chosen]
      map = try fit(chosen, sample)
      return
    }
    // Every fourth row is held out.
    let order = sample.zerosLast
    let test = sample.rows(at: spread(512, over: held).map { order[4 * $0 + 3] })
    let training = sample.rows(
      at: order.indices.filter { $0 % 4 != 3 || $0 >= 4 * held }.map { order[$0] }.sorted())
    var tried: [Split] = []
    var refusal: InvalidInput?
    for var split in splits {
      do {
        split.relativeError = try relativeFrobeniusError(
          of: fit(split, training), test, on: execution)
        tried.append(split)
      } catch let error as InvalidInput {
        // Mostly too few columns for the remainder's map.
        refusal = error
      }
    }
    let best = tried.min { $0.relativeError ?? .infinity < $1.relativeError ?? .infinity }
    if best == nil, let refusal { throw refusal }
    chosen = best ?? splits[0]
    candidates = tried
    map = try fit(chosen, sample)
  }

  /// The splits to compare; one where there is nothing to compare.
  static func splits(_ dimension: Int, sampleRowCount: Int) -> [Split] {
    if dimension < 3072, sampleRowCount >= dimension {
      return [Split(landmarks: dimension, remainder: 0)]
    }
    let most = min(dimension, 4096, sampleRowCount)
    var splits: [Split] = []
    for part in [1, 2, 4, 8] where dimension >= part {
      let landmarks = min(dimension / part, most)
      if part == 1, dimension <= 4096 { splits.append(Split(landmarks: landmarks, remainder: 0)) }
      let split = Split(landmarks: landmarks, remainder: dimension - landmarks)
      if part > 1 || landmarks < dimension / 2, !splits.contains(split) { splits.append(split) }
    }
    return splits
  }
}

/// ‖ZZᵀ − K‖_F / ‖K‖_F on some points, in double precision; 0 where K is zero.
func relativeFrobeniusError<Scalar: RealScalar>(
  of map: some FeatureMap, _ points: Rows<Scalar>, on execution: Execution
) throws -> Double {
  let points = points.converted(to: Double.self)
  let exact = try map.kernel.matrix(points, on: execution.silent)
  return try relativeFrobeniusError(
    of: map.features(of: points, on: execution.silent), exact: exact, on: execution)
}

/// ‖ZZᵀ − K‖_F / ‖K‖_F of features Z; 0 where K is zero.
///
/// - Parameter count: of how many points like these it shall be the error: then every pair of different
///   points counts as (count − 1)/(n − 1) pairs.
/// - Parameter scaled: whether points are scaled to K(x, x) = 1; then those of K(x, x) = 0 do not count.
func relativeFrobeniusError(
  of features: Matrix<Double>, exact: Matrix<Double>, asOf count: Int = 0,
  scaled: Bool = false, on execution: Execution
) throws -> Double {
  let found = try features.outerGram(on: execution.silent)
  let scale = exact.elements.reduce(0) { max($0, abs($1)) }
  guard scale > 0 else { return 0 }
  let n = exact.rowCount
  let weight = count > n && n > 1 ? Double(count - 1) / Double(n - 1) : 1
  let factors = (0..<n).map { i in
    let square = scaled ? exact[i, i] : scale
    return square > 0 ? 1 / square.squareRoot() : 0
  }
  var (error, size) = (0.0, 0.0)
  for i in 0..<n {
    for j in 0..<n {
      let weight = i == j ? 1 : weight
      let difference = (found[i, j] - exact[i, j]) * factors[i] * factors[j]
      let value = exact[i, j] * factors[i] * factors[j]
      error += weight * difference * difference
      size += weight * value * value
    }
  }
  return (error / size).squareRoot()
}

/// Two significant digits.
func significant(_ value: Double) -> String {
  guard value > 0, value.isFinite else { return "\(value)" }
  let scale = Double.pow(10, Double(1 - Int(Double.log10(value).rounded(.down))))
  return "\((value * scale).rounded() / scale)"
}
