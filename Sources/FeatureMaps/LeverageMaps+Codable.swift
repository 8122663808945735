// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Maps shaped by leverage as stored values.

import LeverageScores
import Validation

/// What a map of monomials is made of.
private struct StoredMonomials<ExactKernel> {
  var law: String
  var kernel: ExactKernel
  var lift: Lift
  var constant: Double
  var inputDimension: Int
  var ridge: Double
  var statisticalDimension: Double
  var drawCount: Int
  /// How many factors each monomial has.
  var degrees: [Int]
  var indices: [Int]
  var weights: PackedNumbers
}

extension StoredMonomials: Encodable where ExactKernel: Encodable {}
extension StoredMonomials: Decodable where ExactKernel: Decodable {}

extension MonomialFeatures {
  /// The name of the map, as stored.
  public static var law: String { "monomials(\(ExactKernel.self))" }
}

extension MonomialFeatures: Encodable where ExactKernel: Encodable {
  public func encode(to encoder: any Encoder) throws {
    try StoredMonomials(
      law: Self.law, kernel: kernel, lift: lift, constant: constant,
      inputDimension: inputDimension, ridge: ridge, statisticalDimension: statisticalDimension,
      drawCount: drawCount, degrees: monomials.map(\.degree),
      indices: monomials.flatMap(\.indices), weights: PackedNumbers(monomials.map(\.weight))
    ).encode(to: encoder)
  }
}

extension MonomialFeatures: Decodable where ExactKernel: Decodable {
  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let stored = try StoredMonomials<ExactKernel>(from: decoder)
    let dimension = stored.kernel.inputDimension ?? stored.inputDimension
    try Check.equal(stored.inputDimension, dimension, "input dimension")
    try Check.dimension(dimension, "input dimension", upTo: Check.largestDimension - 1)
    try Check.nonnegative(stored.constant, "constant")
    try stored.lift.validate(inputDimension: dimension)
    let weights = try stored.weights.values(count: stored.degrees.count, "weights of the monomials")
    let width = dimension + stored.lift.extraCoordinates
    guard !weights.isEmpty, stored.degrees.allSatisfy({ 0...64 ~= $0 }),
      weights.allSatisfy({ $0 >= 0 }),
      stored.indices.allSatisfy({ 0..<width ~= $0 })
    else {
      throw InvalidInput(
        "monomials", found: "degrees, weights or indices out of range",
        expected: "some, of degrees to 64, weights from 0 on and indices below \(width)")
    }
    try Check.equal(
      stored.indices.count, stored.degrees.reduce(0, +), "number of indices of the monomials")
    var rest = stored.indices[...]
    let monomials = zip(stored.degrees, weights).map { degree, weight in
      defer { rest = rest.dropFirst(degree) }
      return Monomial(indices: Array(rest.prefix(degree)), weight: weight)
    }
    self.init(
      stored.kernel, lift: stored.lift, constant: stored.constant, inputDimension: dimension,
      monomials: monomials, ridge: stored.ridge,
      statisticalDimension: stored.statisticalDimension, drawCount: stored.drawCount)
  }
}

/// What a map of Fourier features by leverage is made of.
private struct StoredLeverageFourier<ExactKernel> {
  var law: String
  var kernel: ExactKernel
  var inputDimension: Int
  var poolCount: Int
  var design: FrequencyDesign
  var seed: UInt64
  var picked: [Int]
  var weights: PackedNumbers
}

extension StoredLeverageFourier: Encodable where ExactKernel: Encodable {}
extension StoredLeverageFourier: Decodable where ExactKernel: Decodable {}

extension LeverageFourierFeatureMap {
  /// The name of the map, as stored.
  public static var law: String { "leverageFourier(\(ExactKernel.self))" }
}

extension LeverageFourierFeatureMap: Encodable where ExactKernel: Encodable {
  public func encode(to encoder: any Encoder) throws {
    try StoredLeverageFourier(
      law: Self.law, kernel: kernel, inputDimension: inputDimension, poolCount: poolCount,
      design: design, seed: seed, picked: picked, weights: PackedNumbers(weights)
    ).encode(to: encoder)
  }
}

extension LeverageFourierFeatureMap: Decodable where ExactKernel: Decodable {
  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let stored = try StoredLeverageFourier<ExactKernel>(from: decoder)
    let weights = try stored.weights.values(
      count: stored.picked.count, "weights of the frequencies")
    guard !weights.isEmpty, weights.allSatisfy({ $0 >= 0 }),
      [.plain, .quasiRandom].contains(stored.design),
      stored.picked.allSatisfy({ 0..<stored.poolCount ~= $0 })
    else {
      throw InvalidInput(
        "frequencies", found: "numbers, weights or a design out of range",
        expected: "numbers below \(stored.poolCount), weights from 0 on, plain or quasiRandom")
    }
    try Check.dimension(stored.inputDimension, "input dimension")
    try self.init(
      stored.kernel, inputDimension: stored.inputDimension, poolCount: stored.poolCount,
      design: stored.design, seed: stored.seed, picked: stored.picked, weights: weights)
  }
}

extension LeverageFourierFeatureMap: Equatable where ExactKernel: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.kernel == b.kernel && a.seed == b.seed && a.poolCount == b.poolCount
      && a.inputDimension == b.inputDimension && a.picked == b.picked && a.weights == b.weights
  }
}

extension LeverageFourierFeatureMap: Hashable where ExactKernel: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kernel)
    hasher.combine(seed)
    hasher.combine(picked)
    hasher.combine(weights)
  }
}
