// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The best known feature map of a kernel, chosen by measuring candidates on a sample.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// The feature map chosen for a kernel, what it was compared with, and by how much it was better.
public struct FeatureMapChoice<ExactKernel: Kernel & Codable & Hashable>: Sendable {
  /// One map that was tried.
  public struct Candidate: Hashable, Codable, Sendable {
    /// The method in words: "nystrom, uniform landmarks".
    public var method: String
    public var dimension: Int
    /// ‖ZZᵀ − K‖_F / ‖K‖_F on points that it was not fitted on.
    public var relativeError: Double
  }

  public let map: any StorableFeatureMap
  /// All that were tried, best first; the first is the map's method.
  public let candidates: [Candidate]

  /// One line that says what was chosen and why.
  public var summary: String {
    let list = candidates.map { "\($0.method): \(significant($0.relativeError))" }
    return "\(list[0]) (relative error on held-out points)"
      + (list.count > 1 ? "; not " + list.dropFirst().joined(separator: ", ") : "")
  }
}

/// A way to make a map of a kernel from a sample.
struct FeatureMapMethod<Scalar: RealScalar> {
  let name: String
  let make: (Rows<Scalar>) throws -> any StorableFeatureMap
}

extension FeatureMapChoice {
  /// Fits every method known for the kernel on three quarters of the sample, compares them on up to 512
  /// points of the rest, and fits the best again on all.
  ///
  /// Known are landmarks, uniform or by k-means (for dense points); the kernel's own random or
  /// sketched map, if it has one; and from 3,072 columns on, or where there are fewer points than
  /// columns, both together.
  ///
  /// - Parameters:
  ///   - dimension: the most columns the features may have.
  ///   - sample: at least 8 points like those to be mapped; the more, the better.
  /// - Throws: `InvalidInput` if the dimension is not positive, the sample is too small, does not fit
  ///   or is not finite, or no method does; `NoConvergence`; `CancellationError`.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, dimension: Int, seed: UInt64 = 0, sample: Rows<Scalar>,
    on execution: Execution = .allCores
  ) throws {
    try Check.dimension(dimension, "dimension")
    guard sample.rowCount >= 8 else {
      throw InvalidInput("rows of the sample", found: "\(sample.rowCount)", expected: "at least 8")
    }
    try sample.validate(columnCount: kernel.inputDimension ?? sample.columnCount, "sample")
    let held = sample.rowCount / 4
    let test = sample.rows(at: spread(512, over: held).map { 4 * $0 + 3 })
    let training = sample.rows(at: (0..<sample.rowCount).filter { $0 % 4 != 3 })
    var tried: [(method: FeatureMapMethod<Scalar>, candidate: Candidate)] = []
    var refusal: InvalidInput?
    let methods = FeatureMapMethods.all(
      of: kernel, dimension: dimension, seed: seed, for: training, on: execution)
    for method in methods {
      do {
        let map = try method.make(training)
        let error = try relativeFrobeniusError(of: map, test, on: execution)
        tried.append(
          (
            method,
            Candidate(
              method: method.name, dimension: map.outputDimension, relativeError: error)
          ))
      } catch let error as InvalidInput {
        // A method that does not suit the kernel, the points or the dimension.
        refusal = error
      }
    }
    tried.sort { $0.candidate.relativeError < $1.candidate.relativeError }
    guard let best = tried.first else {
      throw refusal
        ?? InvalidInput("kernel", found: "one without methods", expected: "a known kernel")
    }
    candidates = tried.map(\.candidate)
    map = try best.method.make(sample)
  }
}

/// The methods known for a kernel.
enum FeatureMapMethods {
  static func all<K: Kernel & Codable & Hashable, Scalar: RealScalar>(
    of kernel: K, dimension: Int, seed: UInt64, for sample: Rows<Scalar>,
    on execution: Execution
  ) -> [FeatureMapMethod<Scalar>] {
    func nystrom(_ choice: LandmarkChoice, _ name: String) -> FeatureMapMethod<Scalar> {
      FeatureMapMethod(name: "nystrom, \(name)") {
        try NystromFeatureMap(
          kernel, dimension: min(dimension, 4096), seed: seed, choice: choice, sample: $0,
          on: execution)
      }
    }
    var methods = [nystrom(.uniform, "uniform landmarks")]
    if case .dense = sample { methods.append(nystrom(.kMeans, "k-means landmarks")) }
    return methods
      + oblivious(kernel, dimension: dimension, seed: seed, sample.rowCount, on: execution)
  }

  /// The kernel's own map, alone and behind landmarks.
  private static func oblivious<K: Kernel, Scalar: RealScalar>(
    _ kernel: K, dimension: Int, seed: UInt64, _ sampleRowCount: Int, on execution: Execution
  ) -> [FeatureMapMethod<Scalar>] {
    func methods<Remainder: StorableFeatureMap>(
      _ name: String, _ make: @escaping (Int, Rows<Scalar>) throws -> Remainder
    ) -> [FeatureMapMethod<Scalar>]
    where Remainder.ExactKernel: Codable & Hashable {
      let alone = FeatureMapMethod<Scalar>(name: name) { try make(dimension, $0) }
      guard dimension >= 3072 || dimension > sampleRowCount else { return [alone] }
      return [alone]
        + [2, 4].map { part in
          FeatureMapMethod<Scalar>(name: "hybrid, one in \(part) landmarks and \(name)") {
            let count = min(dimension / part, 4096, $0.rowCount)
            return try HybridFeatureMap(
              landmarks: $0.landmarks(.uniform, count: count, seed: seed, on: execution),
              remainder: make(dimension - count, $0), on: execution)
          }
        }
    }
    func fourier(
      _ kernel: some ShiftInvariantKernel & Codable & Hashable
    ) -> [FeatureMapMethod<Scalar>] {
      methods("random Fourier features") {
        try RandomFourierFeatureMap(
          kernel, inputDimension: $1.columnCount, dimension: $0, seed: seed)
      }
    }
    switch kernel {
    case let kernel as GaussianKernel:
      return fourier(kernel)
        + methods("sketch") {
          try GaussianSeriesMap(kernel, dimension: $0, seed: seed, sample: $1)
        }
    case let kernel as MaternKernel: return fourier(kernel)
    case let kernel as LaplaceKernel: return fourier(kernel)
    case let kernel as CauchyKernel: return fourier(kernel)
    case let kernel as ExponentialDotKernel:
      return methods("positive features") {
        try PositiveFeatureMap(
          kernel, inputDimension: $1.columnCount, dimension: $0, seed: seed)
      }
    case let kernel as PolynomialKernel:
      return methods("sketch") {
        try PolynomialFeatureMap(kernel, dimension: $0, seed: seed, sample: $1)
      }
    case let kernel as DotProductKernel:
      return methods("sketch") {
        try DotProductFeatureMap(
          series: kernel.coefficients, dimension: $0, seed: seed, sample: $1)
      }
    case let kernel as NeuralKernel:
      return methods("sketch") {
        try NetworkFeatureMap(kernel, dimension: $0, seed: seed, sample: $1)
      }
    default: return []
    }
  }
}

extension Kernel where Self: Codable & Hashable {
  /// The best known feature map of the kernel for such points, with what it was compared with.
  ///
  /// - Throws: as `FeatureMapChoice` does.
  public func featureMap<Scalar: RealScalar>(
    dimension: Int, seed: UInt64 = 0, sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> FeatureMapChoice<Self> {
    try FeatureMapChoice(
      self, dimension: dimension, seed: seed, sample: sample, on: execution)
  }
}
