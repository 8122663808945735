// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fitting a layered map to a sample, one step after the other.

import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// The most landmarks that P is found from where directions of their features are kept: an eigenvalue
/// problem of so many, and features of tens of thousands of pixels.
private let largestFactor = 4096

/// Fits the steps of a network on a sample, and reports the activations that are done.
struct LayeredFitter {
  let withTangents: Bool
  let budget: LayeredBudget
  let landmarks: LandmarkChoice
  let centring: Centring
  let key: RandomKey
  let execution: Execution

  /// The steps, fitted in order to a sample that goes through them as far as it is looked at.
  func fit(_ steps: [LayeredStep], _ sample: inout StagedSample) throws -> [LayeredStage] {
    try steps.map { step in
      let stage = try fit(step, &sample)
      sample.append(stage)
      return stage
    }
  }

  private func fit(_ step: LayeredStep, _ sample: inout StagedSample) throws -> LayeredStage {
    switch step {
    case .pool(let pool): return .pool(pool)
    case .flatten: return .flatten
    case .normalize(let epsilon): return .normalize(epsilon: epsilon)
    case .dropout(let keep): return .dropout(keep: keep)
    case .linear(let part):
      let input = LayeredSignal<Double>.settled(sample.shape)
      let plain = try LinearStage(
        part, input: input, compression: Compression(), withTangents: withTangents)
      let compression = try compression(of: plain.output) {
        try apply(.linear(plain), signal(of: &sample))
      }
      return .linear(
        try LinearStage(part, input: input, compression: compression, withTangents: withTangents))
    case .sum(let branches):
      let start = try signal(of: &sample)
      let stages = try branches.map { branch in
        var copy = StagedSample(start)
        return try fit(branch, &copy)
      }
      let (shape, _) = LayeredStage.sum(of: stages, after: start.shape)
      let compression = try compression(of: shape) {
        try apply(.sum(stages, Compression()), start)
      }
      return .sum(stages, compression)
    case .activation(let part):
      execution.report(part.index, of: budget.layers.count)
      return .activation(try fit(part, try signal(of: &sample)))
    }
  }

  /// The sample behind all of its stages.
  private func signal(of sample: inout StagedSample) throws -> SampleSignal {
    sample = StagedSample(try sample.stages.reduce(sample.signal) { try apply($1, $0) })
    return sample.signal
  }

  /// The images of a sample behind a stage.
  func apply(_ stage: LayeredStage, _ signal: SampleSignal) throws -> SampleSignal {
    var output = SampleSignal(
      shape: stage.output(after: signal.shape), imageCount: signal.imageCount)
    try signal.withReadOnlySignal { input in
      try output.withSignal { output in
        nonisolated(unsafe) let (input, output) = (input, output)
        try Parallel.forEachBlock(of: input.imageCount, size: 8, on: execution.silent) {
          images, workspace in
          stage.apply(input.images(images), into: output.images(images), workspace: workspace)
        }
      }
    }
    output.centres = try signal.centres.map { try apply(stage, $0) }
    return output
  }

  /// The leading directions of features of pixels wider than the budget allows. Vectors stay as they
  /// are: a sample has too few.
  private func compression(
    of shape: SignalShape, _ features: () throws -> SampleSignal
  ) throws -> Compression {
    let isNarrow = shape.nngp <= budget.sumNNGP && shape.ntk <= budget.sumNTK
    guard shape.grid != .vector, !isNarrow else { return Compression() }
    let (nngp, ntk) = try features().features()
    func directions(_ rows: Matrix<Double>, _ count: Int) throws -> FittedMatrix? {
      guard rows.columnCount > count else { return nil }
      return FittedMatrix(
        try leadingDirections(count, of: rows.gram(on: execution.silent), on: execution.silent))
    }
    return Compression(
      nngp: try directions(nngp, budget.sumNNGP), ntk: try directions(ntk, budget.sumNTK))
  }

  private func fit(
    _ part: ActivationPart, _ sample: SampleSignal
  ) throws -> ActivationStage {
    try execution.checkCancellation()
    let layer = budget.layers[part.index]
    let key = key.child("activation", part.index)
    let sample = part.linear == nil ? sample : try settled(sample)
    let shape = sample.shape
    let coordinates = PatchCoordinates(part.linear, shape, withTangents: withTangents)
    let patchCount = max(10_000, 8 * layer.landmarks)
    var patches = try PatchSample(part, coordinates, sample, count: patchCount, key: key)
    let centre = try centre(of: sample, part, coordinates, count: patchCount, key: key)
    // A few patches that are all that there are may take columns of the remainder.
    let distinct = patches.distinct(upTo: layer.landmarks + layer.remainder / 2, key: key)
    let few = centre == nil ? distinct : nil
    let remainder = layer.remainder - max(0, (few?.count ?? 0) - layer.landmarks)
    var sketch: SketchPlan?
    let typical = few ?? patches
    if let few {
      patches = few
    } else if budget.remainder == .sketch, distinct == nil {
      (sketch, patches) = try SketchPlan.fit(
        patches, around: centre ?? patches, coordinates, part.dual.activation)
    } else if let centre {
      patches = centre
    }
    var count = max(layer.landmarks, few?.count ?? 0)
    let others = sketch != nil && centre == nil ? count / 2 : 0
    count -= others
    var (landmarks, tangents) = try chooseLandmarks(
      count, by: self.landmarks, from: patches, under: part.dual, key: key, on: execution.silent)
    if others > 0 {
      let chosen = try chooseLandmarks(
        others, by: self.landmarks, from: typical, under: part.dual, key: key.child("typical"),
        on: execution.silent)
      landmarks = try .stacked([landmarks, chosen.nngp.widened(to: landmarks.columnCount)])
      tangents = try .stacked([tangents, chosen.ntk])
    }
    var concentration: Double?
    if part.dual.activation.slopes != nil {
      normalize(&landmarks, &tangents)
      if sketch == nil, !shape.hasExcess, remainder > 0,
        let direction = ActivationFit.direction(landmarks, coordinates)
      {
        concentration = Concentration.scale(for: typical, around: direction)
      }
    }
    let grams = try landmarkGrams(
      part.dual, landmarks: landmarks.columns(0..<coordinates.nngp),
      deviations: landmarks.rowNorms, tangents: tangents, tangentScale: coordinates.tangentScale,
      on: execution.silent)
    let empty = Matrix<Double>(rowCount: landmarks.rowCount, columnCount: 0)
    // Where ψ keeps all columns, those of φ say little beside them.
    let isMinor = withTangents && layer.ntk == nil
    var factors = (
      nngp: try factor(
        grams.nngp, keeping: layer.nngp, from: isMinor ? largestEigenCount : largestFactor),
      ntk: withTangents ? try factor(grams.ntk, keeping: layer.ntk, from: largestFactor) : empty
    )
    try sketch?.allocate(
      remainder, typical, landmarks: landmarks, tangents, grams: grams, coordinates, part.dual)
    func stage(remainder count: Int, sketch: SketchPlan?) throws -> ActivationStage {
      try ActivationStage(
        part, input: shape,
        fit: ActivationFit(
          landmarks: FittedMatrix(landmarks), tangents: FittedMatrix(tangents),
          nngp: FittedMatrix(factors.nngp), ntk: FittedMatrix(factors.ntk), sketch: sketch,
          concentration: concentration, remainder: remainder),
        remainder: count, withTangents: withTangents, key: key, on: execution.silent)
    }
    let isWide = (
      nngp: factors.nngp.columnCount > layer.nngp ?? .max,
      ntk: factors.ntk.columnCount > layer.ntk ?? .max
    )
    if isWide.nngp || isWide.ntk {
      var without = sketch
      without?.terms = []
      without?.tail = SketchPlan.Tail()
      let moments = try moments(
        behind: .activation(stage(remainder: 0, sketch: without)), sample, of: isWide)
      factors.nngp = try leading(layer.nngp, factors.nngp, moments.nngp)
      factors.ntk = try leading(layer.ntk, factors.ntk, moments.ntk)
    }
    var fitted = try stage(remainder: remainder, sketch: sketch)
    // Of patches that are landmarks too little is left to tell what is left of others.
    if budget.keepsNorms, sketch == nil, few == nil, remainder > 0, !shape.hasExcess {
      (fitted.fit.nngpScale, fitted.fit.ntkScale) = normScales(of: fitted, sample)
    }
    return fitted
  }

  /// P of all landmarks, or where `count` directions of it will be kept, of the first `limit`.
  private func factor(
    _ gram: Matrix<Double>, keeping count: Int?, from limit: Int
  ) throws -> Matrix<Double> {
    let (all, first) = (gram.rowCount, max(limit, 2 * (count ?? .max / 2)))
    guard first < all else { return try nystromFactor(gram, on: execution.silent) }
    let factor = try nystromFactor(
      gram.rows(0..<first).columns(0..<first), on: execution.silent)
    return try .stacked([
      factor, Matrix(rowCount: all - first, columnCount: factor.columnCount),
    ])
  }

  /// P times the leading directions of the features that it gives a sample; P where there is no moment.
  private func leading(
    _ count: Int?, _ factor: Matrix<Double>, _ moment: Matrix<Double>?
  ) throws -> Matrix<Double> {
    guard let count, let moment else { return factor }
    return try factor.multiplied(by: leadingDirections(count, of: moment, on: execution.silent))
  }

  /// Of how many images second moments are: eight pixels to a column, and 10,000 at least, of at least 256
  /// images, as the pixels of one are much alike.
  static func momentImageCount(pixels: Int, columns: Int) -> Int {
    max(256, max(10_000, 8 * columns) / pixels)
  }

  /// ΦᵀΦ and ΨᵀΨ, as far as wanted, of what comes out of a stage: of some of the sample's images, spread
  /// evenly (`momentImageCount`), a tile of them at a time.
  ///
  /// - Parameter tileSize: how many numbers the features of a tile are, but at least those of an image.
  func moments(
    behind stage: LayeredStage, _ sample: SampleSignal, of wanted: (nngp: Bool, ntk: Bool),
    tileSize: Int = 1 << 25
  ) throws -> (nngp: Matrix<Double>?, ntk: Matrix<Double>?) {
    let output = stage.output(after: sample.shape)
    let columns = max(wanted.nngp ? output.nngp : 0, wanted.ntk ? output.ntk : 0)
    let imageCount = Self.momentImageCount(pixels: output.grid.count, columns: columns)
    let images = spread(imageCount, over: sample.imageCount)
    let tile = max(1, tileSize / (output.grid.count * output.size))
    var moments = (
      nngp: wanted.nngp ? Matrix<Double>(rowCount: output.nngp, columnCount: output.nngp) : nil,
      ntk: wanted.ntk ? Matrix<Double>(rowCount: output.ntk, columnCount: output.ntk) : nil
    )
    for start in stride(from: 0, to: images.count, by: tile) {
      try execution.checkCancellation()
      let part = sample.images(at: Array(images[start..<min(start + tile, images.count)]))
      let (nngp, ntk) = try apply(stage, part).features()
      try moments.nngp?.addGram(of: nngp, on: execution.silent)
      try moments.ntk?.addGram(of: ntk, on: execution.silent)
    }
    return moments
  }

  private func settled(_ signal: SampleSignal) throws -> SampleSignal {
    guard signal.shape.tangentScale != 0 else { return signal }
    var output = SampleSignal(
      shape: LayeredSignal<Double>.settled(signal.shape), imageCount: signal.imageCount)
    signal.withReadOnlySignal { input in
      output.withSignal { output in
        input.withSettled(workspace: Workspace()) { settled in
          if output.shape.hasExcess { LayeredLoops.clear(output.pixelCount, output.excess) }
          output.copyColumns(of: settled, nngpColumn: 0, ntkColumn: 0)
        }
      }
    }
    output.centres = try signal.centres.map(settled)
    return output
  }
}

/// Landmarks of length 1, tangents divided by the same numbers: σ is homogeneous.
private func normalize(_ landmarks: inout Matrix<Double>, _ tangents: inout Matrix<Double>) {
  let factors = landmarks.rowNorms.map { $0 > 0 ? 1 / $0 : 0 }
  landmarks.scaleRows(by: factors)
  tangents.scaleRows(by: factors)
}
