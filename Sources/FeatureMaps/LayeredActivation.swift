// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// One activation of a layered map: landmarks, and random features of what they leave.

import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

/// What is fitted for an activation.
struct ActivationFit: Hashable, Codable, Sendable {
  /// Zμ, landmark patches, `M × coordinates of μ`; behind dropout with the root of their excess as one
  /// more coordinate, which counts in their norm alone.
  var landmarks: FittedMatrix
  /// Zψ, the coordinates of ψ of the same patches; no columns where only φ is wanted.
  var tangents: FittedMatrix
  /// P₁ and P₀, from kernel values against landmarks to features, `M × columns`.
  var nngp: FittedMatrix
  var ntk: FittedMatrix
  /// How the remainder is sketched; nil where it is random. Landmarks then have a root of an excess, too:
  /// those on the line of the mean direction.
  var sketch: SketchPlan?
  /// s of the `Concentration` of random directions around the mean of the landmarks; nil for none.
  var concentration: Double?
  /// Columns of a random remainder: those of the budget, or fewer where landmarks took some.
  var remainder: Int?
  /// What the remainders of φ and of ψ are multiplied by.
  var nngpScale = 1.0
  var ntkScale = 1.0
}

extension ActivationFit {
  /// The mean direction of the landmarks; nil where that vanishes.
  static func direction(_ landmarks: Matrix<Double>, _ coordinates: PatchCoordinates) -> [Double]? {
    normalized(
      (0..<coordinates.nngp).map { j in
        (0..<landmarks.rowCount).reduce(0.0) { $0 + landmarks[$1, j] }
      })
  }

  fileprivate func concentration(_ coordinates: PatchCoordinates) -> Concentration? {
    guard let concentration,
      let direction = Self.direction(landmarks.double, coordinates)
    else { return nil }
    return Concentration(direction: direction, scale: concentration)
  }
}

/// What stands for the part of an activation that the landmarks leave.
enum RemainderFeatures: Sendable {
  case random(RandomFeatures)
  case sketch(SketchFeatures)

  /// The rows that μ and q are multiplied by.
  var directions: Matrix<Double> {
    switch self {
    case .random(let features): features.directions
    case .sketch(let features): features.directions
    }
  }
  var weights: Matrix<Double> {
    switch self {
    case .random(let features): features.weights
    case .sketch(let features): features.weights
    }
  }

  /// The same with rows of no length.
  fileprivate var withoutRows: RemainderFeatures {
    switch self {
    case .random(var features):
      features.removeRows()
      return .random(features)
    case .sketch(var features):
      features.removeRows()
      return .sketch(features)
    }
  }

  /// The features of φ and of ψ.
  var nngpCount: Int {
    switch self {
    case .random(let features): features.count
    case .sketch(let features): features.plan.nngpCount
    }
  }
  var ntkCount: Int {
    switch self {
    case .random(let features): features.count
    case .sketch(let features): features.plan.ntkCount
    }
  }
}

/// An activation σ with what surrounds it.
///
/// For patches μ of φ with n = √K(p, p), q = (U(ψ), √c μ), landmarks (Zμ, Zq), and k the dual of σ with
/// derivative k′, the pixels' features are the pooled
///
///     φ′ = (k(n², |Zμ|², μZμᵀ) P₁, f),   ψ′ = ((q Zqᵀ ∘ k′) P₀, g),
///
/// with P₁P₁ᵀ the pseudoinverse of k on the landmarks, cut to the leading directions, and P₀P₀ᵀ that of
/// ZqZqᵀ ∘ k′. f and g are features of what the landmarks leave: differences of random features and
/// their part in the landmarks, (σ(μW) − φ′ P₁ᵀσ(ZμW))/√m and likewise of (qa) ∘ σ′(μW), unbiased given
/// the layers before; of `SketchFeatures` likewise.
struct ActivationStage: Hashable, Sendable {
  var part: ActivationPart
  let input: SignalShape
  var output: SignalShape
  var fit: ActivationFit
  /// Without its rows, which are in the tables.
  let remainder: RemainderFeatures
  let tables: Tables

  /// The factors of the products, put together from what is fitted and the seed.
  struct Tables: Sendable {
    /// (Zμ; Wᵀ; √c aᵀ) and (Zψ; aᵀ), with the scale of the layer in them.
    let nngpRows: FittedMatrix
    let ntkRows: FittedMatrix
    /// |Zμ| and its reciprocal, `2 × M`.
    let deviations: FittedMatrix
    /// P₁ᵀf(Z) and P₀ᵀg(Z) of the remainder.
    let rests: (nngp: FittedMatrix, ntk: FittedMatrix)
  }

  var landmarkCount: Int { fit.landmarks.rowCount }
  /// Whether there is a ψ.
  let withTangents: Bool
  /// c of the patches.
  let tangentScale: Double

  static func == (a: ActivationStage, b: ActivationStage) -> Bool {
    a.part == b.part && a.input == b.input && a.fit == b.fit
      && a.remainder.nngpCount == b.remainder.nngpCount
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(part)
    hasher.combine(fit)
  }

  /// - Parameters:
  ///   - input: with c = 0 if there is a linear layer.
  ///   - withTangents: whether ψ is wanted.
  /// - Throws: `InvalidInput` if the shapes do not fit together; `CancellationError`.
  init(
    _ part: ActivationPart, input: SignalShape, fit: ActivationFit, remainder remainderCount: Int,
    withTangents: Bool, key: RandomKey, on execution: Execution
  ) throws {
    let coordinates = PatchCoordinates(part.linear, input, withTangents: withTangents)
    let hasExcess = input.hasExcess || fit.sketch != nil
    try Check.nonnegative(Double(remainderCount), "columns of the remainder")
    if let sketch = fit.sketch {
      try sketch.validate(coordinates)
      guard max(sketch.nngpCount, sketch.ntkCount) <= remainderCount else {
        throw InvalidInput(
          "columns of a sketch", found: "\(max(sketch.nngpCount, sketch.ntkCount))",
          expected: "at most \(remainderCount)")
      }
    }
    if let scale = fit.concentration {
      guard Concentration.scales ~= scale else {
        throw InvalidInput(
          "concentration of directions", found: "\(scale)", expected: "\(Concentration.scales)")
      }
    }
    try Check.nonnegative(fit.nngpScale, "scale of the remainder of φ")
    try Check.nonnegative(fit.ntkScale, "scale of the remainder of ψ")
    try Check.equal(
      fit.landmarks.columnCount, coordinates.nngp + (hasExcess ? 1 : 0),
      "coordinates of landmarks")
    try Check.equal(fit.tangents.columnCount, coordinates.ntk, "coordinates of tangents")
    for other in [fit.tangents, fit.nngp, fit.ntk] {
      try Check.equal(other.rowCount, fit.landmarks.rowCount, "number of landmarks")
    }
    self.part = part
    self.input = input
    self.fit = fit
    let activation = part.dual.activation
    let remainder: RemainderFeatures =
      if let sketch = fit.sketch {
        .sketch(try SketchFeatures(sketch, activation, coordinates, key: key, on: execution))
      } else {
        .random(
          try RandomFeatures(
            activation, count: remainderCount, coordinates, isNoisy: input.hasExcess,
            around: fit.concentration(coordinates), key: key, on: execution))
      }
    tangentScale = coordinates.tangentScale
    let withTangents = coordinates.ntk > 0 || coordinates.tangentScale > 0
    self.withTangents = withTangents
    output = SignalShape(
      grid: part.pool?.window.output ?? coordinates.window.output,
      nngp: fit.nngp.columnCount + remainder.nngpCount,
      ntk: withTangents ? fit.ntk.columnCount + remainder.ntkCount : 0, tangentScale: 0,
      hasExcess: input.hasExcess)
    tables = try ActivationStage.tables(
      part, coordinates, fit, remainder, withTangents: withTangents, on: execution)
    self.remainder = remainder.withoutRows
  }

  private static func tables(
    _ part: ActivationPart, _ coordinates: PatchCoordinates, _ fit: ActivationFit,
    _ remainder: RemainderFeatures, withTangents: Bool, on execution: Execution
  ) throws -> Tables {
    let tangents = fit.tangents.double
    let landmarks = fit.landmarks.double.columns(0..<coordinates.nngp)
    let (directions, weights) = (remainder.directions, remainder.weights)
    let tangentWeights = weights.columns(0..<coordinates.ntk)
    var rootWeights = Matrix<Double>(rowCount: weights.rowCount, columnCount: coordinates.nngp)
    if coordinates.tangentScale > 0 {
      rootWeights = weights.columns(coordinates.ntk..<weights.columnCount)
      rootWeights.scaleEntries(by: coordinates.tangentScale.squareRoot())
    }
    var nngpRows = try Matrix.stacked(
      [landmarks, directions] + (withTangents ? [rootWeights] : []))
    var ntkRows = try Matrix.stacked([tangents, tangentWeights])
    coordinates.scaleNNGP(&nngpRows)
    coordinates.scaleNTK(&ntkRows)

    let norms = fit.landmarks.double.rowNorms
    var products = try landmarks.multiplied(byTransposeOf: rootWeights, on: execution)
    if tangents.columnCount > 0 {
      products.add(try tangents.multiplied(byTransposeOf: tangentWeights, on: execution))
    }
    let shares =
      fit.landmarks.columnCount > coordinates.nngp
      ? zip(landmarks.rowNorms, norms).map { $1 > 0 ? $0 * $0 / ($1 * $1) : 1 } : nil
    let values = remainder.features(
      try landmarks.multiplied(byTransposeOf: directions, on: execution), products,
      deviations: norms, shares: shares)
    let rests = (
      FittedMatrix(try fit.nngp.double.transposeMultiplied(by: values.nngp, on: execution)),
      FittedMatrix(try fit.ntk.double.transposeMultiplied(by: values.ntk, on: execution))
    )
    return Tables(
      nngpRows: FittedMatrix(nngpRows), ntkRows: FittedMatrix(ntkRows),
      deviations: FittedMatrix(
        try Matrix(rows: [norms, norms.map { $0 > 0 ? 1 / $0 : 0 }])),
      rests: rests)
  }
}

extension RemainderFeatures {
  /// Turns products of rows with the directions and with the weights into features, in place.
  ///
  /// - Parameters:
  ///   - deviations: √K of each row as it enters σ.
  ///   - shares: how much of K is in |μ|²; the rest is noise. All of it where nil.
  func apply<Scalar: RealScalar>(
    _ rowCount: Int, deviations: UnsafePointer<Scalar>, shares: UnsafePointer<Scalar>?,
    values: UnsafeMutablePointer<Scalar>, _ valueStride: Int,
    slopes: UnsafeMutablePointer<Scalar>?, _ slopeStride: Int, workspace: Workspace
  ) {
    switch self {
    case .random(let features):
      features.apply(
        rowCount, deviations: deviations, shares: shares, values: values, valueStride,
        slopes: slopes, slopeStride)
    case .sketch(let features):
      features.apply(
        rowCount, deviations: deviations, shares: shares, values: values, valueStride,
        slopes: slopes, slopeStride, workspace: workspace)
    }
  }

  /// The features of landmarks from their products with the directions and the weights.
  fileprivate func features(
    _ products: Matrix<Double>, _ tangents: Matrix<Double>, deviations: [Double], shares: [Double]?
  ) -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
    let width = max(nngpCount, ntkCount, directions.rowCount, weights.rowCount)
    var (nngp, ntk) = (products.widened(to: width), tangents.widened(to: width))
    nngp.withUnsafeMutablePointer { values in
      ntk.withUnsafeMutablePointer { slopes in
        func apply(_ shares: UnsafePointer<Double>?) {
          self.apply(
            deviations.count, deviations: deviations, shares: shares, values: values, width,
            slopes: slopes, width, workspace: Workspace())
        }
        if let shares {
          shares.withUnsafeBufferPointer { apply($0.baseAddress) }
        } else {
          apply(nil)
        }
      }
    }
    return (nngp.columns(0..<nngpCount), ntk.columns(0..<ntkCount))
  }
}

extension Matrix<Double> {
  /// A copy with zeros behind, `count` columns in all.
  func widened(to count: Int) -> Matrix {
    Matrix(rowCount: rowCount, columnCount: count) { output in
      for i in 0..<rowCount {
        for j in 0..<count { output[i * count + j] = j < columnCount ? self[i, j] : 0 }
      }
    }
  }

  /// Adds another matrix of this shape.
  fileprivate mutating func add(_ other: Matrix) {
    let count = elements.count
    withUnsafeMutablePointer { sums in
      other.withUnsafePointer { LayeredLoops.add(count, $0, to: sums) }
    }
  }
}
