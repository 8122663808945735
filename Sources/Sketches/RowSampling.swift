// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sampling of coordinates, uniform or weighted: from the left, of the rows of a matrix.

import LinearAlgebra
import Randomness
import Validation

/// The parameters of a `RowSampling`.
public struct RowSamplingParameters: SeededDimensions {
  public var inputDimension: Int
  public var outputDimension: Int
  public var seed: UInt64
  /// Whether rows are drawn with replacement.
  public var replacement: Bool
  /// Numbers proportional to the probabilities, one per coordinate; nil where all are equal.
  public var weights: [Double]?

  public init(
    inputDimension: Int, outputDimension: Int, seed: UInt64, replacement: Bool = true,
    weights: [Double]? = nil
  ) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.seed = seed
    self.replacement = replacement
    self.weights = weights
  }
}

/// Row sampling: S[k, i_k] = 1/√(m p_i) for m rows i_k drawn with probabilities p, all else 0.
///
/// S A picks rows of A (points, where these are rows) and weighs them such that E[SᵀS] = I. With
/// replacement draws are independent. Without, which needs equal probabilities, ⌈m/d⌉ passes over all
/// d rows follow each other, of which the last holds r = m mod d (or all).
///
/// E⟨Sx, Sy⟩ = ⟨x, y⟩ and Var⟨Sx, Sy⟩ = f (Σᵢ xᵢ²yᵢ²/pᵢ − ⟨x, y⟩²), f = 1/m with replacement,
/// (r/m²)(1 − (r − 1)/(d − 1)) without. p is the distribution of an `AliasTable`: the weights over their
/// sum, rounded. There is no bound for all x and y but 1/min p: unlike other sketches it must know
/// where the data are, as leverage scores do.
///
/// Each output is one product, so its bits are the same for dense and sparse input, for any batch and
/// from the left or the right.
///
/// - Complexity: O(m) per dense row, O(m + nonzeros · log m) per sparse one; from the left, O(c) per
///   chosen row and one look through A for NaN. 16m bytes of tables; 20d while it is made, if weighted.
/// - Source: Drineas, Kannan, Mahoney, "Fast Monte Carlo algorithms for matrices I", SIAM J. Comput.
///   36, 2006.
public struct RowSampling: ElementarySketch {
  public static let law = "rowSampling"
  public let parameters: RowSamplingParameters
  /// The coordinate that each output is taken from.
  public let chosenRows: [Int32]
  /// The factor of each output.
  private let factors: [Double]
  /// The outputs, by their coordinate.
  private let order: [Int32]
  /// pᵢ, unless all are equal.
  private let probabilities: [Double]?

  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1 and weights, if any, are d
  ///   numbers above 0 to be drawn with replacement.
  public init(_ parameters: RowSamplingParameters) throws {
    try parameters.validate()
    let (d, m) = (parameters.inputDimension, parameters.outputDimension)
    let key = RandomKey(seed: parameters.seed).child("RowSampling")
    guard let weights = parameters.weights else {
      let passes = try stride(from: 0, to: m, by: parameters.replacement ? m : d).enumerated().map {
        let stream = key.child("pass", $0).stream
        return parameters.replacement
          ? stream.buckets(length: m, count: d)
          : try stream.sampleWithoutReplacement(min(d, m - $1), from: d).map(Int32.init)
      }
      self.init(parameters, chosenRows: Array(passes.joined()), probabilities: nil)
      return
    }
    try Check.equal(weights.count, d, "number of weights")
    guard parameters.replacement else {
      throw InvalidInput(
        "replacement", found: "false with weights", expected: "weighted draws with replacement")
    }
    let table = try AliasTable(weights: weights)
    let stream = key.child("weighted").stream
    self.init(
      parameters, chosenRows: (0..<m).map { Int32(table.draw(at: UInt64($0), from: stream)) },
      probabilities: (0..<d).map(table.probability))
  }

  /// A uniform sample of m of d rows.
  ///
  /// - Throws: `InvalidInput` unless both dimensions are from 1 to 2³¹ − 1.
  public init(
    inputDimension: Int, outputDimension: Int, replacement: Bool = true, seed: UInt64
  ) throws {
    try self.init(
      RowSamplingParameters(
        inputDimension: inputDimension, outputDimension: outputDimension, seed: seed,
        replacement: replacement))
  }

  /// A sample of m rows with probabilities proportional to `weights`, with replacement.
  ///
  /// - Throws: `InvalidInput` unless m is from 1 to 2³¹ − 1 and all weights are finite and above 0.
  public init(weights: [Double], outputDimension: Int, seed: UInt64) throws {
    try self.init(
      RowSamplingParameters(
        inputDimension: weights.count, outputDimension: outputDimension, seed: seed,
        weights: weights))
  }

  /// The sketch that takes the given rows.
  init(_ parameters: RowSamplingParameters, chosenRows: [Int32], probabilities: [Double]?) {
    self.parameters = parameters
    self.chosenRows = chosenRows
    self.probabilities = probabilities
    let (d, m) = (Double(parameters.inputDimension), Double(parameters.outputDimension))
    factors = chosenRows.map { row in
      (1 / (m * (probabilities?[Int(row)] ?? 1 / d))).squareRoot()
    }
    order = (0..<Int32(chosenRows.count)).sorted {
      (chosenRows[Int($0)], $0) < (chosenRows[Int($1)], $1)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    for i in 0..<rows.rowCount {
      let target = output.row(i)
      switch rows.entries {
      case .dense(let base, let stride):
        let x = base + i * stride
        for k in 0..<outputDimension {
          target[k] = Scalar(factors[k]) * x[Int(chosenRows[k])]
        }
      case .sparse(let view):
        target.update(repeating: 0, count: outputDimension)
        for position in view.positions(ofRow: i) {
          let column = Int(view.columns[position])
          for index in places(of: column..<column + 1) {
            let k = Int(order[index])
            target[k] = Scalar(factors[k]) * view.values[position]
          }
        }
      }
    }
  }

  /// The places in `order` of the outputs taken from some coordinates. Cost: O(log m).
  private func places(of rows: Range<Int>) -> Range<Int> {
    func firstPlace(from row: Int) -> Int {
      var (low, high) = (0, order.count)
      while low < high {
        let middle = (low + high) / 2
        if Int(chosenRows[Int(order[middle])]) < row { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return firstPlace(from: rows.lowerBound)..<firstPlace(from: rows.upperBound)
  }

  /// 1: every output is one product, so nothing is gained by leaving its factor to the end.
  public var scale: Double { 1 }

  /// - Throws: `InvalidInput` if the rows hold NaN or infinity, chosen or not.
  public func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    try rows.validate(columnCount: rows.columnCount, "matrix")
    nonisolated(unsafe) let sum = sum
    let places = places(of: offset..<offset + rows.rowCount)
    try Parallel.forEachBlock(of: places.count, size: 64, on: execution) { part, _ in
      rows.withUnsafeBlock { block in
        for place in part {
          let k = Int(order[places.lowerBound + place])
          addRow(
            Int(chosenRows[k]) - offset, of: block, times: Scalar(factors[k]), to: sum.row(k))
        }
      }
    }
  }

  private var varianceFactor: Double {
    SampledRows.varianceFactor(
      outputDimension, of: inputDimension, replacement: parameters.replacement)
  }

  /// Σᵢ xᵢ²yᵢ²/pᵢ.
  private func weightedSquares(_ pair: PairExpectation) -> Double {
    guard let probabilities else { return Double(inputDimension) * pair.diagonal }
    return zip(pair.squares, probabilities).reduce(0) { $0 + $1.0 / $1.1 }
  }

  /// f (Σᵢ xᵢ²yᵢ²/pᵢ − ⟨x, y⟩²), f as above.
  public func variance(of pair: PairExpectation) -> Double {
    varianceFactor * (weightedSquares(pair) - pair.squaredProduct)
  }

  public func image(of pair: PairExpectation) -> PairExpectation {
    let (squares, m) = (weightedSquares(pair), Double(outputDimension))
    return PairExpectation(
      squaredProduct: pair.squaredProduct + variance(of: pair),
      norms: pair.norms + varianceFactor * (squares - pair.norms),
      squares: Array(repeating: squares / (m * m), count: outputDimension))
  }

  /// The least m of a uniform sample for which the standard deviation of ⟨Sx, Sy⟩ is at most ε|x||y| for
  /// all x and y: the worst are x = y with a single nonzero.
  ///
  /// - Throws: `InvalidInput` unless d is a dimension and ε is above 0 and leaves m below 2³¹.
  public static func dimension(
    forRelativeError epsilon: Double, inputDimension: Int, replacement: Bool = true
  ) throws -> Int {
    try Check.dimension(inputDimension, "input dimension")
    return try Planning.dimension(
      epsilon, worstVariance: Double(inputDimension) - 1,
      population: replacement ? nil : inputDimension)
  }

  /// The same for a weighted sample: the worst are x = y at the coordinate of least probability.
  ///
  /// - Throws: `InvalidInput` unless all weights are finite and above 0 and ε is above 0 and leaves m
  ///   below 2³¹.
  public static func dimension(
    forRelativeError epsilon: Double, weights: [Double]
  ) throws -> Int {
    let table = try AliasTable(weights: weights)
    let least = (0..<table.count).reduce(1) { min($0, table.probability(of: $1)) }
    return try Planning.dimension(epsilon, worstVariance: 1 / least - 1)
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addRow<Scalar: RealScalar>(
  _ i: Int, of rows: RowBlock<Scalar>, times factor: Scalar,
  to target: UnsafeMutablePointer<Scalar>
) {
  switch rows.entries {
  case .dense(let base, let stride):
    let source = base + i * stride
    for j in 0..<rows.columnCount { target[j] += factor * source[j] }
  case .sparse(let view):
    for position in view.positions(ofRow: i) {
      target[Int(view.columns[position])] += factor * view.values[position]
    }
  }
}
