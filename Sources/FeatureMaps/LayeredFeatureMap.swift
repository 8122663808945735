// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the kernels of networks, layer by layer: landmarks, random features and sketches.

import Kernels
import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// Features whose inner products approximate the NNGP or NTK of any network, on pixels or vectors.
///
/// The features of a pixel go through the network in two parts: φ with φφᵀ ≈ K and ψ with ψψᵀ ≈ Θ.
/// Linear layers and pooling act on features as they do on signals. An activation compares the patch
/// of each pixel with landmark patches, and turns the values of its dual into new features by Nyström's
/// method; the leading directions of a sample's features may be kept, and random features or sketches of
/// what the landmarks leave added (`LayeredBudget`). So the cost is linear in images and pixels, where
/// that of the exact kernel is quadratic in both. At last the leading directions of whole images' features
/// may be kept: pooled, they vary in far fewer than there are landmarks, so that wide layers fit a narrow
/// output.
///
/// Landmarks (`nystrom`, `hybrid`) are much the most exact for points like the sample. With one or a few
/// on the line of the mean (`random`, `sketch`) the map knows no more of the data than a mean for each
/// layer. Every network with an exact kernel has all four; where that is a function of one angle,
/// `NetworkFeatureMap` sketches it better.
///
/// Vectors of thousands of coordinates, mostly zeros, go through an `InputSketch` first, so that rows cost
/// their nonzeros and memory does not grow with the coordinates.
///
/// The norms of patches are those of their features: exact norms, where known, belong to parts of the
/// kernel that the features do not have, and make errors of a common scale several times larger.
/// The features of x with itself lack more than those of different points.
///
/// - Complexity: for each pixel and activation with a window of s pixels, M landmarks, m random
///   features, and a and b columns of φ and ψ before it, 2s(aM + bM + 2am + bm) operations and M values of
///   the dual; then pooled, for each pixel, 2M times the columns kept; for each image 2wD for D directions
///   of w features. Memory: for each thread the features of `blockRowCount` images' pixels.
/// - Source: Williams, Seeger, "Using the Nyström method to speed up kernel machines", 2000, for each
///   layer; Zandieh et al. 2021 for the two parts and their random features and sketches; Han et al.,
///   "Fast neural kernel embeddings for general activations", 2022, for Hermite expansions.
public struct LayeredFeatureMap: FeatureMap, Hashable {
  public let kernel: NeuralKernel
  public let budget: LayeredBudget
  public let seed: UInt64
  public let outputDimension: Int
  public let blockRowCount: Int
  let stages: [LayeredStage]
  /// The directions kept of what comes out of the stages; all where nil.
  let directions: LeadingDirections?
  private let input: SignalShape
  /// Whether features of rows of single precision are computed in double precision: where on some of the sample
  /// single precision would move ZZᵀ by more than 10⁻³ of its norm.
  private(set) var needsDouble = false
  /// What wide points go through first.
  let inputSketch: InputSketch?

  public var inputDimension: Int { kernel.network.inputDimension }

  /// Fits a map of the given budget.
  ///
  /// - Parameters:
  ///   - seed: of the choice of landmarks and of random features.
  ///   - landmarks: how the landmark patches of each activation are chosen from those of the sample.
  ///     `kMeans`: a sample with probabilities proportional to |μ|, moved by 10 Lloyd steps; mostly
  ///     the best. `uniform`: that sample as it is. `leverage` and `bless`: a sample by ridge leverage
  ///     under the activation's dual, for rare patches; each activation finds its own λ.
  ///   - centring: where the directions that a layer keeps exact come from, if every layer has a
  ///     remainder. `vector`: from the patches of that one point; the sample still tells norms, and how
  ///     columns are best shared. `none`: layers keep no direction; of expansions, which end at degree 4,
  ///     that leaves more to random features.
  ///   - sample: points like those to be mapped. Some of them, spread evenly, are used: 50,000 pixels,
  ///     more for budgets with thousands of landmarks behind few pixels.
  /// - Throws: `InvalidInput` if the budget does not fit the network, or the sample does not fit the
  ///   network, is empty, not finite or zero; or if the centring is not `.sample` and a layer has no
  ///   remainder, or its vector is no such point; `NoConvergence`; `CancellationError`.
  /// - Complexity: seconds for hundreds of landmarks; M³ for each activation.
  public init<Scalar: RealScalar>(
    _ kernel: NeuralKernel, budget: LayeredBudget, seed: UInt64 = 0,
    landmarks: LandmarkChoice = .kMeans, centring: Centring = .sample, sample: Rows<Scalar>,
    on execution: Execution = .allCores
  ) throws {
    var program = LayeredProgram(kernel.network)
    try budget.validate(activationCount: program.activationCount)
    try budget.validate(centring)
    var centre = try centring.point(columnCount: kernel.network.inputDimension)
    try Check.dimension(sample.rowCount, "rows of the sample")
    try sample.validate(columnCount: kernel.network.inputDimension, "sample")
    let count = program.sampleCount(budget)
    var images = sample.rows(at: spread(count, over: sample.rowCount)).converted(to: Double.self)
    var inputSketch: InputSketch?
    if program.input == .vector {
      inputSketch = try InputSketch.fitting(
        images, columnCount: budget.layers.map { $0.landmarks + $0.remainder }.max() ?? 0,
        centring: centring, key: LayeredFeatureMap.key(seed: seed))
    }
    if let inputSketch {
      program = LayeredProgram(kernel.network, channelCount: inputSketch.outputDimension)
      images = .dense(try inputSketch.images(of: images, on: execution.silent))
      centre = try centre.map { .dense(try inputSketch.images(of: $0, on: execution.silent)) }
    }
    var signal = SampleSignal(images, shape: program.inputShape)
    signal.centres = centre.map { [SampleSignal($0, shape: program.inputShape)] } ?? []
    var staged = StagedSample(signal)
    let stages = try LayeredFitter(
      withTangents: kernel.type == .ntk, budget: budget, landmarks: landmarks, centring: centring,
      key: LayeredFeatureMap.key(seed: seed), execution: execution.stage("layers of the map")
    ).fit(program.steps, &staged)
    func fitted(_ directions: LeadingDirections? = nil) throws -> LayeredFeatureMap {
      try LayeredFeatureMap(
        kernel, budget, seed, inputSketch, input: program.inputShape, stages: stages,
        directions: directions)
    }
    var map = try fitted()
    let points = min(sample.rowCount, program.input == .vector ? 256 : 16)
    map.needsDouble = try map.losesPrecision(
      on: sample.rows(at: spread(points, over: sample.rowCount)).converted(to: Float.self),
      tolerance: 1e-3, execution)
    guard let output = budget.output, output < map.outputDimension else {
      self = map
      return
    }
    let imageCount = min(sample.rowCount, LeadingDirections.imageCount(output))
    let features = try map.features(
      of: sample.rows(at: spread(imageCount, over: sample.rowCount)).converted(to: Float.self),
      on: execution.stage("features of the sample"))
    self = try fitted(LeadingDirections(of: features, count: output, on: execution.silent))
    needsDouble = map.needsDouble
  }

  /// Fits a map of at most `dimension` features, with the budget that `LayeredBudget` chooses.
  ///
  /// - Parameters:
  ///   - landmarks: as with a budget.
  ///   - centring: as with a budget; `sample` for methods with landmarks, `nystrom` and `hybrid`.
  /// - Throws: as with a budget, and if the dimension is too small.
  public init<Scalar: RealScalar>(
    _ kernel: NeuralKernel, dimension: Int, method: LayeredBudget.Method = .nystrom,
    seed: UInt64 = 0, landmarks: LandmarkChoice = .kMeans, centring: Centring = .sample,
    sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws {
    try method.validate(centring)
    try self.init(
      kernel,
      budget: LayeredBudget(
        for: kernel, dimension: dimension, method: method, sampleCount: sample.rowCount),
      seed: seed, landmarks: landmarks, centring: centring, sample: sample, on: execution)
  }

  static func key(seed: UInt64) -> RandomKey { RandomKey(seed: seed).child("layered") }

  init(
    _ kernel: NeuralKernel, _ budget: LayeredBudget, _ seed: UInt64, _ inputSketch: InputSketch?,
    input: SignalShape, stages: [LayeredStage], directions: LeadingDirections? = nil,
    needsDouble: Bool = false
  ) throws {
    (self.kernel, self.budget, self.seed) = (kernel, budget, seed)
    self.needsDouble = needsDouble
    self.inputSketch = inputSketch
    (self.input, self.stages, self.directions) = (input, stages, directions)
    let output = LayeredStage.output(of: stages, after: input)
    let width =
      kernel.type == .ntk ? LayeredSignal<Float>.settled(output).ntk : output.nngp
    try Check.dimension(width, "number of features")
    try directions?.validate(width: width, upTo: budget.output ?? width)
    outputDimension = directions?.outputDimension ?? width
    blockRowCount = LayeredFeatureMap.blockRowCount(stages, after: input)
  }

  /// So many images that their features behind any stage take some megabytes.
  private static func blockRowCount(_ stages: [LayeredStage], after input: SignalShape) -> Int {
    var (shape, largest) = (input, input.grid.count * input.size)
    for stage in stages {
      shape = stage.output(after: shape)
      largest = max(largest, shape.grid.count * shape.size)
    }
    var count = 64
    while count > 1, count * largest > 1 << 23 { count /= 2 }
    return count
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    rows.mapSafely(
      into: output, outputDimension, always: needsDouble, workspace: workspace
    ) {
      mapDirectly($0, into: $1, workspace: workspace)
    } _: {
      mapDirectly(rows, into: output, workspace: workspace)
    }
  }

  private func mapDirectly<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    LayeredSignal<Scalar>.with(input, imageCount: rows.rowCount, workspace: workspace) { signal in
      fill(signal, from: rows, workspace: workspace)
      LayeredStage.run(stages[...], signal, workspace: workspace) { result in
        if kernel.type == .nngp {
          write(result.nngp, result.shape.nngp, rows.rowCount, into: output)
        } else {
          result.withSettled(workspace: workspace) {
            write($0.ntk, $0.shape.ntk, rows.rowCount, into: output)
          }
        }
      }
    }
  }

  private func write<Scalar: RealScalar>(
    _ features: UnsafePointer<Scalar>, _ width: Int, _ count: Int, into output: RowOutput<Scalar>
  ) {
    guard let directions else {
      LayeredLoops.copyRows(count, width, features, width, to: output.base, output.stride)
      return
    }
    directions.apply(count, features, into: output)
  }
}

extension LayeredFeatureMap {
  private func fill<Scalar: RealScalar>(
    _ signal: LayeredSignal<Scalar>, from rows: RowBlock<Scalar>, workspace: Workspace
  ) {
    guard let inputSketch else { return signal.fill(from: rows) }
    let width = inputSketch.outputDimension
    workspace.withScratch(Scalar.self, rows.rowCount * width) { points in
      inputSketch.map(rows, into: points, workspace: workspace)
      signal.fill(
        from: RowBlock(
          rowCount: rows.rowCount, columnCount: width,
          entries: .dense(base: points, stride: width)))
    }
  }
}

extension LayeredProgram {
  /// The pixels as they come: φ alone.
  var inputShape: SignalShape {
    SignalShape(grid: input, nngp: channelCount, ntk: 0, tangentScale: 0)
  }

  /// How many images to fit on: some tens of thousands of pixels, and several patches to a landmark.
  fileprivate func sampleCount(_ budget: LayeredBudget) -> Int {
    var grid = input
    let smallest = smallestGrid(steps, &grid)
    let needed = budget.layers.map { 8 * $0.landmarks }.max() ?? 0
    return min(4096, max(16, 50_000 / input.count, needed / smallest))
  }

  /// The fewest pixels that enter an activation; `grid` becomes what comes out of the steps.
  private func smallestGrid(_ steps: [LayeredStep], _ grid: inout PixelGrid) -> Int {
    var least = Int.max
    for step in steps {
      switch step {
      case .activation(let part):
        grid = part.linear?.window.output ?? grid
        least = min(least, grid.count)
        grid = part.pool?.window.output ?? grid
      case .pool(let pool): grid = pool.window.output
      case .linear(let part): grid = part.window.output
      case .flatten: grid = .vector
      case .sum(let branches):
        let start = grid
        for branch in branches {
          grid = start
          least = min(least, smallestGrid(branch, &grid))
        }
      case .normalize, .dropout: break
      }
    }
    return least
  }
}
