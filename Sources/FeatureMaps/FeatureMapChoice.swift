// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The best known feature map of a kernel, chosen by measuring candidates on a sample.

import Kernels
import LinearAlgebra
import NeuralKernels
import Validation

/// The feature map chosen for a kernel, what it was compared with, and by how much it was better.
public struct FeatureMapChoice: Sendable {
  /// One map that was tried.
  public struct Candidate: Hashable, Codable, Sendable {
    /// The method in words: "nystrom, uniform landmarks".
    public var method: String
    public var dimension: Int
    /// ‖ZZᵀ − K‖_F / ‖K‖_F of 2,000 points that it was not fitted on, estimated from fewer; nil where
    /// nothing was compared.
    public var relativeError: Double?
    /// The same with every point scaled to K(x, x) = 1, so that each counts alike: what decides on
    /// vectors. Of the error above a few long points may be nearly all, whatever becomes of the others;
    /// predictions are asked for points of every length. nil for networks on pixels.
    public var normalizedError: Double?
    /// ‖P̃ − P‖_F / ‖P‖_F of ridge predictions between such points, at 10⁻⁵ of the largest eigenvalue of
    /// 2,000: what decides for networks on pixels, whose classifiers want small ridges; nil elsewhere.
    public var predictionDistance: Double?
    /// The smallest ε with (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI) of m such points and a share
    /// m/n of the ridge given for all n; nil where none is given.
    public var epsilon: Double?
  }

  /// One way that does not suit the kernel, the points or the dimension.
  public struct Refusal: Hashable, Codable, Sendable {
    public var method: String
    public var reason: String
  }

  public let map: any StorableFeatureMap
  /// All that were tried, best first; the first is the map's.
  public let candidates: [Candidate]
  public let refusals: [Refusal]

  /// Beyond this distance predictions have little to do with the kernel's, and the smaller one is not the
  /// better.
  private static let largestDistance = 0.5

  /// The losses of candidates, the less the better, and what they are.
  private static func losses(_ candidates: [Candidate]) -> (values: [Double], name: String?) {
    if !candidates.isEmpty, candidates.allSatisfy({ $0.epsilon != nil }) {
      return (candidates.map { $0.epsilon ?? .infinity }, "ε at the ridge on held-out points")
    }
    if candidates.contains(where: { $0.predictionDistance ?? .infinity <= largestDistance }) {
      return (
        candidates.map { $0.predictionDistance ?? .infinity },
        "distance of predictions between held-out points"
      )
    }
    if candidates.contains(where: { $0.normalizedError != nil }) {
      return (
        candidates.map { $0.normalizedError ?? .infinity },
        "relative error on held-out points, each scaled to K(x, x) = 1"
      )
    }
    return (
      candidates.map { $0.relativeError ?? .infinity },
      candidates.contains { $0.relativeError != nil } ? "relative error on held-out points" : nil
    )
  }

  /// One line that says what was chosen, why, and what it is made of.
  public var summary: String {
    let (losses, name) = FeatureMapChoice.losses(candidates)
    let list = zip(candidates, losses).map { candidate, loss in
      candidate.method + (loss < .infinity ? ": \(significant(loss))" : "")
    }
    let refused = refusals.map { "\($0.method) (\($0.reason))" }
    return list[0] + (name.map { " (\($0))" } ?? "") + "; it has \(map.structure)"
      + (list.count > 1 ? "; not " + list.dropFirst().joined(separator: ", ") : "")
      + (refused.isEmpty ? "" : "; impossible: " + refused.joined(separator: ", "))
  }

  /// Fits the ways that the method knows for the kernel, and takes the best.
  ///
  /// Where there are several and at least 8 points, each is fitted on three quarters of the sample and
  /// compared on up to 512 points of the rest, fewer of images, whose exact kernel takes long: on vectors
  /// by the relative Frobenius error of points scaled to K(x, x) = 1, √(Σ (ZZᵀ − K)ᵢⱼ²/KᵢᵢKⱼⱼ ÷ Σ Kᵢⱼ²/KᵢᵢKⱼⱼ).
  /// Without the scaling a single point much longer than the others decides; for kernels that are the
  /// same of every point with itself it changes nothing. Pairs of different points count as in 2,000
  /// points: in few, the diagonal would decide, which the ridge repairs. The best is fitted again on all
  /// if three quarters of the points are fewer than the columns. Where landmarks may be all points of the
  /// sample, half of the points compared on are points that were fitted on: they are as likely to be
  /// mapped as others.
  ///
  /// With a ridge the best is what has the least ε at that ridge, and methods by leverage are tried, too.
  ///
  /// With another centring than that of the sample `auto` compares the ways that have one: sketched
  /// series, and networks layer by layer by `sketch` and `random`.
  ///
  /// `auto` compares landmarks, uniform and by k-means (of dense points, where that takes seconds); the
  /// kernel's own random and sketched maps (of networks layer by layer only where points are fewer than
  /// twice the columns); and from 3,072 columns on, or where points are as few, both together. On pixels it
  /// compares layered landmarks with and without random features of the rest, by the distance of
  /// predictions, or where none comes near by the error; and where pixels are flattened, so that layered
  /// landmarks have a few columns for each, also whole images as landmarks, if the exact kernel of pairs is
  /// cheap enough. `hybrid` compares splits of the columns.
  ///
  /// - Parameters:
  ///   - dimension: the most columns the features may have.
  ///   - landmarks: how landmarks are chosen; if nil uniformly, for `auto` as said above. Layered maps
  ///     choose the patches of each layer so; if nil by k-means.
  ///   - ridge: λ of ε and of leverage scores, in all for the sample; if nil scores have one that suits
  ///     the dimension. Layers of layered maps find their own.
  ///   - centring: the direction of the data that sketched series and layers of networks (by `sketch` and
  ///     `random`) keep exact; a vector has an entry for every coordinate of a point.
  ///   - sample: points like those to be mapped; the more, the better.
  /// - Throws: `InvalidInput` if the dimension is not positive, the sample is empty, does not fit or is
  ///   not finite, the method does not exist for the kernel (it says which do) or for the points, or the
  ///   centring is not `.sample` and the method has no other, or its vector does not do;
  ///   `NoConvergence`; `CancellationError`.
  public init<ExactKernel: Kernel & Codable & Hashable, Scalar: RealScalar>(
    _ kernel: ExactKernel, method: FeatureMethod = .auto, dimension: Int, seed: UInt64 = 0,
    landmarks: LandmarkChoice? = nil, ridge: Double? = nil, centring: Centring = .sample,
    sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws {
    try Check.dimension(dimension, "dimension")
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: kernel.inputDimension ?? sample.columnCount, "sample")
    try FeatureMapChoice.checkKernelIsNotZero(kernel, sample)
    let known = FeatureMapMethods.all(
      of: kernel,
      FeatureMapRequest(
        dimension: dimension, seed: seed, landmarks: landmarks, ridge: ridge,
        centring: centring, isAuto: method == .auto, execution: execution), sample)
    var ways = known.filter { method == .auto ? $0.isAutomatic : $0.method == method }
    let others = Set(known.map(\.method)).subtracting([method])
    guard !ways.isEmpty else {
      throw InvalidInput(
        "method", found: "\(method.rawValue), which this kernel does not have",
        expected: FeatureMapChoice.list(others))
    }
    if centring != .sample {
      ways = try FeatureMapChoice.centred(known, method, centring)
    }
    let trial = try Trial(
      kernel, sample, isComparing: ways.count { !$0.isFallback } > 1, dimension: dimension,
      ridge: ridge, on: execution)
    var (tried, refusals): ([Trial<Scalar>.Result], [Refusal]) = ([], [])
    var lastRefusal: InvalidInput?
    for way in trial.ordered(ways) {
      guard tried.isEmpty || (trial.test != nil && !way.isFallback) else { break }
      do {
        tried.append(try trial.run(way))
      } catch let error as InvalidInput {
        lastRefusal = error
        refusals.append(Refusal(method: way.name, reason: "\(error)"))
      }
    }
    let losses = FeatureMapChoice.losses(tried.map(\.candidate)).values
    tried = zip(tried, losses).sorted { $0.1 < $1.1 }.map(\.0)
    guard let best = tried.first else {
      guard let error = lastRefusal else {
        throw InvalidInput("kernel", found: "one without methods", expected: "a known kernel")
      }
      guard method != .auto, !others.isEmpty else { throw error }
      throw InvalidInput(
        error.name, found: error.found,
        expected: error.expected + "; or the method \(FeatureMapChoice.list(others))")
    }
    candidates = tried.map(\.candidate)
    self.refusals = refusals
    let isShort = trial.training.rowCount < min(dimension, sample.rowCount)
    map = isShort && best.way.usesAllPoints ? try best.way.make(sample) : best.map
  }

  /// Throws `InvalidInput` if all points are zero, and the kernel of zero with itself is, too: there is
  /// nothing to learn from these.
  private static func checkKernelIsNotZero<Scalar: RealScalar>(
    _ kernel: some Kernel, _ sample: Rows<Scalar>
  ) throws {
    let isZero = sample.withUnsafeBlock { block in
      (0..<block.rowCount).allSatisfy { block.largestEntry(ofRow: $0) == 0 }
    }
    guard isZero, try kernel.diagonal(sample.rows(0..<1))[0] == 0 else { return }
    throw InvalidInput(
      "sample", found: "only points that are zero, of which the kernel is zero",
      expected: "at least one point that is not zero")
  }

  /// The ways of a method that have other centrings than that of the sample.
  private static func centred<Scalar>(
    _ known: [FeatureMapWay<Scalar>], _ method: FeatureMethod, _ centring: Centring
  ) throws -> [FeatureMapWay<Scalar>] {
    let all = known.filter(\.usesCentring)
    let ways = all.filter { method == .auto || $0.method == method }
    guard !ways.isEmpty else {
      throw InvalidInput(
        "centring", found: "\(centring.name) with method \(method.rawValue)",
        expected: all.isEmpty
          ? "sample, as the methods of this kernel have no other"
          : "sample, or method \(list(Set(all.map(\.method))))")
    }
    return ways
  }

  /// Of how many points the error is to be least.
  static let pointCount = 2000

  private static func list(_ methods: Set<FeatureMethod>) -> String {
    let names = FeatureMethod.allCases.filter { methods.contains($0) || $0 == .auto }
      .map(\.rawValue)
    return names.dropFirst().joined(separator: ", ") + " or " + names[0]
  }
}

extension Kernel where Self: Codable & Hashable {
  /// A feature map of the kernel for such points, by default the best known, with what it was compared
  /// with.
  ///
  /// - Throws: as `FeatureMapChoice` does.
  public func featureMap<Scalar: RealScalar>(
    method: FeatureMethod = .auto, dimension: Int, seed: UInt64 = 0,
    landmarks: LandmarkChoice? = nil, ridge: Double? = nil, centring: Centring = .sample,
    sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> FeatureMapChoice {
    try FeatureMapChoice(
      self, method: method, dimension: dimension, seed: seed, landmarks: landmarks,
      ridge: ridge, centring: centring, sample: sample, on: execution)
  }
}

extension Kernel {
  /// How many points, at most `most`, have an exact kernel matrix of about `operations` operations:
  /// fewer than `most` for networks on pixels alone, where a pair takes up to the square of the pixels
  /// for each activation; at least 8.
  public func comparablePointCount(upTo most: Int, operations: Double = 1e9) -> Int {
    guard let kernel = self as? NeuralKernel, kernel.network.actsOnPixels else { return most }
    let program = LayeredProgram(kernel.network)
    let pixels = Double(program.input.count)
    let all = pixels * pixels * Double(max(1, program.activationCount))
    let pairs = operations / max(1, min(all, kernel.pairCost))
    return max(8, Int(min(Double(most), (2 * pairs).squareRoot())))
  }
}
