// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How many landmarks and columns each layer of a layered map has.

import NeuralKernels
import Validation

/// The landmarks and columns of a `LayeredFeatureMap`, layer by layer.
public struct LayeredBudget: Hashable, Codable, Sendable {
  /// Those of one activation.
  public struct Layer: Hashable, Codable, Sendable {
    /// Landmark patches.
    public var landmarks: Int
    /// Leading directions kept of φ and of ψ; all if nil. They are those of the features by the first 4096
    /// landmarks, or by twice as many as are kept; of φ where all of ψ is kept, by the first 1024.
    public var nngp: Int?
    public var ntk: Int?
    /// Columns for what the landmarks leave, as many for φ and for ψ; a sketch may take a few less.
    public var remainder: Int

    public init(landmarks: Int, nngp: Int? = nil, ntk: Int? = nil, remainder: Int = 0) {
      self.landmarks = landmarks
      self.nngp = nngp
      self.ntk = ntk
      self.remainder = remainder
    }
  }

  /// What is made of that which the landmarks leave.
  public enum Remainder: String, Hashable, Codable, Sendable, CaseIterable {
    /// Random features of the activation, beyond their part in the landmarks.
    case random
    /// Sketches of the expansion of the activation's dual around the mean direction, and random features of
    /// what they leave, both beyond their part in the landmarks. Half of these lie on the line of that
    /// direction, and all where it is not that of the sample.
    case sketch
  }

  /// One for each activation of the network, those of parallel branches one branch after the other.
  public var layers: [Layer]
  /// Leading directions of φ and of ψ kept behind sums of branches, and behind linear layers on pixels
  /// that no activation follows.
  public var sumNNGP: Int
  public var sumNTK: Int
  /// Leading directions kept of the features of whole images, as a sample has them; all if nil.
  ///
  /// Features of few images vary in few directions: a hundred of them keep nearly all of thousands of
  /// features. So a small output may have wide layers, which decide how exact it is.
  public var output: Int?

  public var remainder: Remainder
  /// Whether random remainders are scaled so that the mean squared norms of a sample's pixels are those
  /// of the kernel. That takes away most of the error that all entries share, at the price of a bias of
  /// about 1/columns. Behind dropout they never are.
  public var keepsNorms: Bool

  public init(
    layers: [Layer], remainder: Remainder = .random, keepsNorms: Bool = false, sumNNGP: Int = 64,
    sumNTK: Int = 64, output: Int? = nil
  ) {
    self.layers = layers
    self.remainder = remainder
    self.keepsNorms = keepsNorms
    self.sumNNGP = sumNNGP
    self.sumNTK = sumNTK
    self.output = output
  }

  /// Throws `InvalidInput` unless every number is within its range and the layers are `count`.
  func validate(activationCount count: Int) throws {
    try Check.equal(layers.count, count, "layers of the budget (activations of the network)")
    try Check.dimension(sumNNGP, "sumNNGP", upTo: Self.largestCount)
    try Check.dimension(sumNTK, "sumNTK", upTo: Self.largestCount)
    try Check.dimension(output ?? 1, "output of the budget", upTo: Self.largestCount)
    for (index, layer) in layers.enumerated() {
      let name = "of budget layer \(index)"
      try Check.dimension(layer.landmarks, "landmarks \(name)", upTo: Self.largestCount)
      for kept in [layer.nngp, layer.ntk] {
        try Check.dimension(kept ?? 1, "columns \(name)", upTo: Self.largestCount)
      }
      guard 0...Self.largestCount ~= layer.remainder else {
        throw InvalidInput(
          "remainder \(name)", found: "\(layer.remainder)", expected: "0 to \(Self.largestCount)")
      }
    }
  }

  /// More landmarks than this would take an eigendecomposition of hours.
  static let largestCount = 16_384
}
