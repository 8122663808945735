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
  var landmarks: LayeredMatrix
  /// Zψ, the coordinates of ψ of the same patches; no columns where only φ is wanted.
  var tangents: LayeredMatrix
  /// P₁ and P₀, from kernel values against landmarks to features, `M × columns`.
  var nngp: LayeredMatrix
  var ntk: LayeredMatrix
}

/// An activation σ with what surrounds it.
///
/// For patches μ of φ with n = √K(p, p), q = (U(ψ), √c μ), landmarks (Zμ, Zq), and k the dual of σ with
/// derivative k′, the pixels' features are the pooled
///
///     φ′ = (k(n², |Zμ|², μZμᵀ) P₁, f),   ψ′ = ((q Zqᵀ ∘ k′) P₀, g),
///
/// with P₁P₁ᵀ the pseudoinverse of k on the landmarks, cut to the leading directions, and P₀P₀ᵀ that of
/// ZqZqᵀ ∘ k′. With W and a standard normal, m columns, f = (σ(μW) − φ′ P₁ᵀσ(ZμW))/√m and g likewise of
/// (qa) ∘ σ′(μW): features of what the landmarks leave, unbiased given the layers before.
struct ActivationStage: Hashable, Sendable {
  let part: ActivationPart
  let input: SignalShape
  let output: SignalShape
  let fit: ActivationFit
  /// m.
  let remainder: Int
  let tables: Tables

  /// The factors of the products, put together from what is fitted and the seed.
  struct Tables: Sendable {
    /// (Zμ; W; √c a) and (Zψ; a), with the scale of the layer in them.
    let nngpRows: LayeredMatrix
    let ntkRows: LayeredMatrix
    /// |Zμ| and its reciprocal, `2 × M`.
    let deviations: LayeredMatrix
    /// P₁ᵀσ(ZμW) and P₀ᵀg(Z).
    let nngpRest: LayeredMatrix
    let ntkRest: LayeredMatrix
  }

  var landmarkCount: Int { fit.landmarks.rowCount }
  /// Whether there is a ψ.
  let withTangents: Bool
  /// c of the patches.
  let tangentScale: Double

  static func == (a: ActivationStage, b: ActivationStage) -> Bool {
    a.part == b.part && a.input == b.input && a.fit == b.fit && a.remainder == b.remainder
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(part)
    hasher.combine(fit)
  }

  /// - Parameters:
  ///   - input: with c = 0 if there is a linear layer.
  ///   - withTangents: whether ψ is wanted.
  /// - Throws: `InvalidInput` if the shapes do not fit together, or there is a remainder and σ has no
  ///   two slopes.
  init(
    _ part: ActivationPart, input: SignalShape, fit: ActivationFit, remainder: Int,
    withTangents: Bool, key: RandomKey
  ) throws {
    let coordinates = PatchCoordinates(part.linear, input, withTangents: withTangents)
    let m = remainder
    try Check.nonnegative(Double(m), "columns of the remainder")
    try Check.equal(
      fit.landmarks.columnCount, coordinates.nngp + (input.hasExcess ? 1 : 0),
      "coordinates of landmarks")
    try Check.equal(fit.tangents.columnCount, coordinates.ntk, "coordinates of tangents")
    for other in [fit.tangents, fit.nngp, fit.ntk] {
      try Check.equal(other.rowCount, fit.landmarks.rowCount, "number of landmarks")
    }
    if m > 0, part.dual.activation.slopes == nil {
      throw InvalidInput(
        "remainder of activation \(part.index)",
        found: "\(m) columns for \(part.dual.activation.name)",
        expected: "0, for an activation without two slopes")
    }
    if m > 0, input.hasExcess {
      throw InvalidInput(
        "remainder of activation \(part.index)", found: "\(m) columns", expected: "0 behind dropout"
      )
    }
    self.part = part
    self.input = input
    self.fit = fit
    self.remainder = m
    tangentScale = coordinates.tangentScale
    let withTangents = coordinates.ntk > 0 || coordinates.tangentScale > 0
    self.withTangents = withTangents
    output = SignalShape(
      grid: part.pool?.window.output ?? coordinates.window.output,
      nngp: fit.nngp.columnCount + m,
      ntk: withTangents ? fit.ntk.columnCount + m : 0, tangentScale: 0,
      hasExcess: input.hasExcess)
    tables = try ActivationStage.tables(
      part, coordinates, fit, remainder: m, withTangents: withTangents, key: key)
  }

  private static func tables(
    _ part: ActivationPart, _ coordinates: PatchCoordinates, _ fit: ActivationFit, remainder m: Int,
    withTangents: Bool, key: RandomKey
  ) throws -> Tables {
    let tangents = fit.tangents.double
    let landmarks = fit.landmarks.double.columns(0..<coordinates.nngp)
    let directions = normals(m, coordinates.nngp, key.child("directions"))
    let weights = normals(m, coordinates.nngp, key.child("weights of φ"))
    let tangentWeights = normals(m, coordinates.ntk, key.child("weights of ψ"))
    let root = coordinates.tangentScale.squareRoot()
    var rootWeights = weights
    rootWeights.scaleEntries(by: root)
    var nngpRows = try Matrix.stacked(
      [landmarks, directions] + (withTangents ? [rootWeights] : []))
    var ntkRows = try Matrix.stacked([tangents, tangentWeights])
    coordinates.scaleNNGP(&nngpRows)
    coordinates.scaleNTK(&ntkRows)

    let norms = fit.landmarks.double.rowNorms
    var nngpRest = Matrix<Double>(rowCount: fit.nngp.columnCount, columnCount: m)
    var ntkRest = Matrix<Double>(rowCount: fit.ntk.columnCount, columnCount: m)
    if m > 0, let slopes = part.dual.activation.slopes {
      var values = try landmarks.multiplied(byTransposeOf: directions)
      var products = try landmarks.multiplied(byTransposeOf: rootWeights)
      if tangents.columnCount > 0 {
        let rest = try tangents.multiplied(byTransposeOf: tangentWeights)
        for i in 0..<products.rowCount {
          for j in 0..<m { products[i, j] += rest[i, j] }
        }
      }
      values.withUnsafeMutablePointer { values in
        products.withUnsafeMutablePointer { products in
          LayeredLoops.activate(
            landmarks.rowCount, m, below: slopes.below, above: slopes.above,
            scale: 1 / Double(m).squareRoot(), values: values, m, slopes: products, m)
        }
      }
      nngpRest = try fit.nngp.double.transposeMultiplied(by: values)
      ntkRest = try fit.ntk.double.transposeMultiplied(by: products)
    }
    return Tables(
      nngpRows: LayeredMatrix(nngpRows), ntkRows: LayeredMatrix(ntkRows),
      deviations: LayeredMatrix(
        try Matrix(rows: [norms, norms.map { $0 > 0 ? 1 / $0 : 0 }])),
      nngpRest: LayeredMatrix(nngpRest), ntkRest: LayeredMatrix(ntkRest))
  }
}

/// `count × width` standard normal numbers.
private func normals(_ count: Int, _ width: Int, _ key: RandomKey) -> Matrix<Double> {
  let blocks = (count * width + 3) / 4
  let numbers = [Double](unsafeUninitializedCapacity: 4 * blocks) { buffer, initialized in
    if let base = buffer.baseAddress { key.stream.fillNormals(from: 0, count: blocks, into: base) }
    initialized = 4 * blocks
  }
  return Matrix(rowCount: count, columnCount: width) { output in
    for i in 0..<count * width { output[i] = numbers[i] }
  }
}
