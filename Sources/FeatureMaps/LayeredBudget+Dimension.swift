// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Budgets of layered maps chosen from the number of features wanted.

import NeuralKernels
import RealModule
import Validation

extension LayeredBudget {
  /// What the features are made of.
  public enum Method: String, Hashable, Codable, Sendable, CaseIterable {
    /// Landmarks alone: the most exact for a given cost, and an underestimate of the kernel.
    case nystrom
    /// Landmarks, and random features of what they leave, in the last layer unbiased: for large
    /// ridges, and for points unlike the sample.
    case hybrid
    /// Random features of the activations around a few typical directions of their patches, with norms
    /// that are right on average; of homogeneous ones denser where nearly parallel patches differ.
    case random
    /// Sketches of the expansions of the duals around the mean direction, also with no more than means, and
    /// random features of what they leave: unbiased given the layers before. On a sample a few of its patches
    /// are landmarks, too.
    case sketch
  }

  /// A budget whose features for the kernel number at most `dimension`.
  ///
  /// The last activation gets what fits. With d features there, the one before gets about d^(3/4)
  /// landmarks, from 16 to 512, and each one before that half as many, down to a quarter; M landmarks
  /// keep M^(3/4) columns of φ and half as many of ψ. By `random` the activations before the last have half
  /// as many columns again up to 288, by `sketch` as many up to 256, and both as many as the last, so that
  /// errors fall with all: on images as far as a tenth of a second for each goes, with patches of nine pixels on
  /// two cores.
  ///
  /// Where landmarks are alone and d is 1024 or more, predictions with small ridges are what counts, and
  /// they need exact inner layers. On images the activation before the last has d landmarks, up to 4096, the
  /// one before a quarter, up to 1024, and each one before that an eighth, up to 512; M landmarks keep
  /// (M/2)^(7/8) columns of φ and three quarters as many of ψ; M^(7/8) for a sample of no more than an eighth
  /// as many images as features, where nothing else limits predictions. On vectors d^(3/4) is doubled, and
  /// M^(7/8) kept.
  ///
  /// Landmarks alone (`nystrom`) keep an eighth of φ in the last activation on images, whose ψ says
  /// more. Up to 2048 features they have twice as many landmarks as features, of which the leading
  /// directions are kept. So they do where the sample is no more than a quarter as many images as features:
  /// it may be all that there are to learn from, and what is kept of its features is all of them. Beyond 2048
  /// features half as many landmarks again do, for up to half as many images, but no more than 2048.
  ///
  /// - Parameter sampleCount: how many points the map is to be fitted on.
  /// - Throws: `InvalidInput` if the dimension is too small for one column of φ and of ψ, or too large.
  public init(
    for kernel: NeuralKernel, dimension: Int, method: Method = .nystrom, sampleCount: Int = .max
  ) throws {
    try Check.dimension(dimension, "dimension")
    let program = LayeredProgram(kernel.network)
    let withTangents = kernel.type == .ntk
    // Few images, whose features few directions keep whole, or few features.
    let isProjected =
      method == .nystrom
      && (sampleCount <= min(2048, dimension / (dimension > 2048 ? 2 : 4))
        ? program.input != .vector : dimension <= min(sampleCount, 2048))
    func budget(_ columns: Int) -> LayeredBudget {
      LayeredBudget(
        program, dimension: dimension, lastColumns: columns, method: method,
        withTangents: withTangents, hasFewImages: sampleCount <= dimension / 8)
    }
    func fits(_ columns: Int) -> Bool {
      program.outputDimension(budget(columns), withTangents: withTangents) <= width
    }
    // Twice the columns, and those of φ that come with them.
    let width =
      !isProjected
      ? dimension : dimension <= 2048 ? max(64, dimension * 9 / 4) : dimension / 16 * 27
    guard fits(1) else {
      throw InvalidInput(
        "dimension", found: "\(dimension)",
        expected:
          "at least \(program.outputDimension(budget(1), withTangents: withTangents))")
    }
    var (low, high) = (1, min(width, Self.largestCount) + 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    self = budget(low)
    if isProjected { output = dimension }
  }

  /// - Parameters:
  ///   - lastColumns: of ψ, or without tangents of φ, behind the last activation.
  ///   - hasFewImages: whether the sample is no more than an eighth as many as features.
  private init(
    _ program: LayeredProgram, dimension: Int, lastColumns: Int, method: Method,
    withTangents: Bool, hasFewImages: Bool
  ) {
    let isWide = method == .nystrom && dimension >= 1024
    let size = 0.75 * Double.log2(Double(dimension))
    let before = (isWide ? 2 : 1) << Int(min(9, max(4, size)).rounded())
    // 36 operations for each pixel and pair of columns.
    let affordable =
      program.input == .vector
      ? Int.max : Int((2e10 / 36 / Double(program.input.count)).squareRoot())
    let layers = (0..<program.activationCount).map { index in
      let distance = program.activationCount - 2 - index
      if distance < 0 {
        return Layer(
          lastColumns: lastColumns, method: method,
          nngpShare: withTangents && program.input != .vector ? 8 : 1)
      }
      // A vector is one pixel: an inner layer as wide as the last costs little.
      if method == .random || method == .sketch || (method == .hybrid && program.input == .vector) {
        let least = method == .random ? min(lastColumns * 3 / 2, 288) : min(lastColumns, 256)
        return Layer(lastColumns: max(least, min(lastColumns, affordable)), method: method)
      }
      if isWide, program.input != .vector {
        return Layer(wideFor: dimension, distance: distance, keepsMore: hasFewImages)
      }
      let landmarks = max(16, before >> min(2, distance))
      let kept = Double.pow(Double(landmarks), isWide ? 0.875 : 0.75)
      let isRandom = method == .hybrid && (dimension >= 1024 || distance == 0)
      return Layer(
        landmarks: landmarks, nngp: roundedUp(kept), ntk: roundedUp(kept * (isWide ? 0.75 : 0.5)),
        remainder: isRandom ? landmarks / 4 : 0)
    }
    self.init(
      layers: layers, remainder: method == .sketch ? .sketch : .random,
      keepsNorms: method == .random, sumNNGP: max(64, before), sumNTK: max(64, before / 2))
  }
}

extension LayeredBudget.Layer {
  /// The last layer: all landmarks' columns, or where there are few the leading ones of more landmarks;
  /// or the mean and what is beside it.
  ///
  /// - Parameter nngpShare: landmarks alone keep one of so many columns of φ, but at least 64.
  fileprivate init(lastColumns: Int, method: LayeredBudget.Method, nngpShare: Int = 1) {
    if method == .random || method == .sketch {
      let fixed = min(method == .sketch ? 16 : 8, (lastColumns + 1) / 2)
      self.init(landmarks: fixed, remainder: lastColumns - fixed)
      return
    }
    let random = method == .hybrid ? lastColumns * (lastColumns > 512 ? 3 : 2) / 4 : 0
    let fixed = lastColumns - random
    let isShared = method == .nystrom && nngpShare > 1 && fixed > 64
    self.init(
      landmarks: max(64, fixed),
      nngp: fixed < 64 ? fixed : isShared ? max(64, fixed / nngpShare) : nil,
      ntk: fixed < 64 ? fixed : nil, remainder: random)
  }
}

extension LayeredBudget.Layer {
  /// An inner layer of landmarks alone, for the sake of predictions.
  ///
  /// - Parameters:
  ///   - distance: from the last activation but one.
  ///   - keepsMore: nearly twice the columns.
  fileprivate init(wideFor dimension: Int, distance: Int, keepsMore: Bool) {
    let largest = [4096, 1024, 512][min(2, distance)]
    let landmarks = min(largest, distance == 0 ? dimension : dimension >> (min(2, distance) + 1))
    let kept = Double.pow(Double(keepsMore ? landmarks : landmarks / 2), 0.875)
    self.init(landmarks: landmarks, nngp: roundedUp(kept), ntk: roundedUp(0.75 * kept))
  }
}

/// Up to a multiple of 8, which vectors of processors like.
private func roundedUp(_ count: Double) -> Int { Int((count / 8).rounded(.up)) * 8 }

extension LayeredProgram {
  /// The most features that a budget can give.
  func outputDimension(_ budget: LayeredBudget, withTangents: Bool) -> Int {
    let output = shape(after: steps, inputShape, budget, withTangents)
    return min(
      withTangents ? LayeredSignal<Double>.settled(output).ntk : output.nngp,
      budget.output ?? .max)
  }

  private func shape(
    after steps: [LayeredStep], _ start: SignalShape, _ budget: LayeredBudget, _ withTangents: Bool
  ) -> SignalShape {
    steps.reduce(start) { shape, step in
      var result = shape
      switch step {
      case .normalize, .dropout: break
      case .pool(let pool): result.grid = pool.window.output
      case .flatten:
        result.grid = .vector
        result.nngp *= shape.grid.count
        result.ntk *= shape.grid.count
      case .linear(let part):
        let patches = PatchCoordinates(
          part, LayeredSignal<Double>.settled(shape), withTangents: withTangents)
        result = SignalShape(
          grid: part.window.output, nngp: patches.nngp, ntk: patches.ntk,
          tangentScale: patches.tangentScale)
        compress(&result, budget)
      case .activation(let part):
        let layer = budget.layers[part.index]
        let window = part.linear?.window ?? PixelWindow(pointwiseOver: shape.grid)
        result = SignalShape(
          grid: part.pool?.window.output ?? window.output,
          nngp: min(layer.landmarks, layer.nngp ?? .max) + layer.remainder,
          ntk: withTangents ? min(layer.landmarks, layer.ntk ?? .max) + layer.remainder : 0,
          tangentScale: 0)
      case .sum(let branches):
        var outputs = branches.map { self.shape(after: $0, shape, budget, withTangents) }
        if !outputs.allSatisfy({ $0.tangentScale == outputs[0].tangentScale }) {
          outputs = outputs.map(LayeredSignal<Double>.settled)
        }
        result = outputs[0]
        result.nngp = outputs.reduce(0) { $0 + $1.nngp }
        result.ntk = outputs.reduce(0) { $0 + $1.ntk }
        compress(&result, budget)
      }
      return result
    }
  }

  private func compress(_ shape: inout SignalShape, _ budget: LayeredBudget) {
    guard shape.grid != .vector else { return }
    shape.nngp = min(shape.nngp, budget.sumNNGP)
    shape.ntk = min(shape.ntk, budget.sumNTK)
  }
}
