// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What every sketch of a power of inner products is.

import LinearAlgebra
import Sketches
import Validation

/// A random map with E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q, drawn from a law by a seed.
///
/// It is a linear sketch of the q-fold tensor power of (√γ x, √r), never formed. The constant r costs
/// one more coordinate.
public protocol PolynomialSketch: SeededMap where Parameters: PolynomialParameters {
  /// The exact variance of ⟨Sx, Sy⟩ over all sketches with these parameters but their seed.
  /// Cost: O(d + q).
  ///
  /// - Throws: `InvalidInput` if there is no such sketch, or x or y does not have d entries, all
  ///   finite.
  static func variance(_ x: [Double], _ y: [Double], parameters: Parameters) throws -> Double
}

/// What the parameters of every polynomial sketch hold: the kernel, the dimensions and the seed.
public protocol PolynomialParameters {
  var polynomial: PolynomialSketchParameters { get set }
  /// The fewest features that a sketch of this kind can have.
  var leastOutputDimension: Int { get }
}

extension PolynomialParameters {
  public var leastOutputDimension: Int { 1 }
}

/// The parameters of a polynomial sketch; all there are for some laws.
public struct PolynomialSketchParameters: PolynomialParameters, Codable, Hashable, Sendable {
  /// d, the number of entries of a point.
  public var inputDimension: Int
  /// q.
  public var degree: Int
  /// m, the number of features.
  public var outputDimension: Int
  public var seed: UInt64
  /// γ.
  public var scale: Double
  /// r.
  public var offset: Double

  public init(
    inputDimension: Int, degree: Int, outputDimension: Int, seed: UInt64, scale: Double = 1,
    offset: Double = 0
  ) {
    self.inputDimension = inputDimension
    self.degree = degree
    self.outputDimension = outputDimension
    self.seed = seed
    self.scale = scale
    self.offset = offset
  }

  public var polynomial: PolynomialSketchParameters {
    get { self }
    set { self = newValue }
  }

  func validate() throws {
    try Check.dimension(
      inputDimension, "input dimension", upTo: Check.largestDimension - 1)
    try Check.dimension(degree, "degree", upTo: 1024)
    try Check.dimension(
      outputDimension, "output dimension", upTo: Self.largestOutputDimension)
    try Check.positive(scale, "scale")
    try Check.nonnegative(offset, "offset")
    try Check.nonnegative(offset / scale, "offset / scale")
  }

  /// Throws unless there is room for a real and an imaginary part.
  func requirePairs() throws {
    guard outputDimension >= 2 else {
      throw InvalidInput(
        "output dimension", found: "\(outputDimension)",
        expected: "2 or more for a Complex-to-Real sketch")
    }
  }

  /// The most features of a polynomial sketch.
  static let largestOutputDimension = 1 << 26
}

extension PolynomialSketch where Parameters == PolynomialSketchParameters {
  /// The sketch of (γ⟨x, y⟩ + r)^q with γ = `scale` and r = `offset`, drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` unless `1 ≤ inputDimension < 2³¹ − 1`, `1 ≤ degree ≤ 1024`,
  ///   `1 ≤ outputDimension ≤ 2²⁶`, `scale > 0` and `offset ≥ 0`, both
  ///   finite, as is their quotient.
  public init(
    inputDimension: Int, degree: Int, outputDimension: Int, seed: UInt64, scale: Double = 1,
    offset: Double = 0
  ) throws {
    try self.init(
      PolynomialSketchParameters(
        inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
        seed: seed, scale: scale, offset: offset))
  }
}

extension PolynomialSketch {
  public var inputDimension: Int { parameters.polynomial.inputDimension }
  public var outputDimension: Int { parameters.polynomial.outputDimension }
  /// q.
  public var degree: Int { parameters.polynomial.degree }
  /// The seed of all its random choices.
  public var seed: UInt64 { parameters.polynomial.seed }

  /// The exact variance of ⟨Sx, Sy⟩ over all random choices. Cost: O(d + q).
  ///
  /// - Throws: `InvalidInput` if x or y does not have d entries, all finite.
  public func variance(_ x: [Double], _ y: [Double]) throws -> Double {
    try Self.variance(x, y, parameters: parameters)
  }

  /// The sketch of every row, `n × m`.
  ///
  /// Equal bits for any number of threads.
  ///
  /// - Throws: `InvalidInput` if the rows do not have d columns, hold NaN or infinity, or have powers
  ///   beyond the range of `Scalar`; `CancellationError`.
  public func apply<Scalar: RealScalar>(
    to rows: Rows<Scalar>, on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try images(of: rows, on: execution)
  }
}
