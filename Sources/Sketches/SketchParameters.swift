// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The parameters that all single sketches have: dimensions and seed.

import Validation

/// Parameters with two dimensions and a seed among them.
public protocol SeededDimensions: Codable, Hashable, Sendable {
  var inputDimension: Int { get }
  var outputDimension: Int { get }
  var seed: UInt64 { get }
}

/// The parameters of a sketch that needs no others.
public struct SketchParameters: SeededDimensions {
  public var inputDimension: Int
  public var outputDimension: Int
  public var seed: UInt64

  public init(inputDimension: Int, outputDimension: Int, seed: UInt64) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.seed = seed
  }
}

extension SeededDimensions {
  /// Throws `InvalidInput` unless both dimensions are from 1 to their limits.
  func validate(
    inputLimit: Int = Check.largestDimension, outputLimit: Int = Check.largestDimension
  ) throws {
    try Check.dimension(inputDimension, "input dimension", upTo: inputLimit)
    try Check.dimension(outputDimension, "output dimension", upTo: outputLimit)
  }
}

extension LinearSketch where Parameters: SeededDimensions {
  public var inputDimension: Int { parameters.inputDimension }
  public var outputDimension: Int { parameters.outputDimension }
  /// The seed of all its random choices.
  public var seed: UInt64 { parameters.seed }
  public var randomSources: Set<RandomSource> { [RandomSource(law: Self.law, seed: seed)] }
}

extension LinearSketch where Parameters == SketchParameters {
  /// The sketch of ℝᵈ to ℝᵐ drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` unless both dimensions are from 1 to the law's limits.
  public init(inputDimension: Int, outputDimension: Int, seed: UInt64) throws {
    try self.init(
      SketchParameters(
        inputDimension: inputDimension, outputDimension: outputDimension, seed: seed))
  }
}
