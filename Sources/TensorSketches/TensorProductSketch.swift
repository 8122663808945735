// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// TensorSketch of the tensor product of different vectors.

import LinearAlgebra
import Randomness
import Sketches
import Transforms
import Validation

/// The dimensions and the seed of a `TensorProductSketch`.
public struct TensorProductParameters: Codable, Hashable, Sendable {
  /// d₁, …, d_q.
  public var inputDimensions: [Int]
  /// m.
  public var outputDimension: Int
  public var seed: UInt64

  public init(inputDimensions: [Int], outputDimension: Int, seed: UInt64) {
    self.inputDimensions = inputDimensions
    self.outputDimension = outputDimension
    self.seed = seed
  }

  func validate() throws {
    try Check.dimension(inputDimensions.count, "number of factors", upTo: 1024)
    var width = 0
    for dimension in inputDimensions {
      try Check.dimension(dimension, "input dimension", upTo: Check.largestDimension - width)
      width += dimension
    }
    try Check.dimension(outputDimension, "output dimension", upTo: 1 << 26)
  }
}

/// TensorSketch of x₁ ⊗ … ⊗ x_q for vectors of different dimensions: the circular convolution of one
/// independent CountSketch of each.
///
/// E⟨S(x₁ ⊗ … ⊗ x_q), S(y₁ ⊗ … ⊗ y_q)⟩ = ∏ ⟨x_t, y_t⟩. With k, N, s of each pair (x_t, y_t) as at
/// `TensorSketch` and a = k², b = N − s, c = k² − s, the products running over t,
///
///     Var = [∏(a+b) + ∏(a+c) − 2∏a]/m + κ[∏(a+b+c) − ∏(a+b) − ∏(a+c) + ∏a]/m².
///
/// As a map of rows it takes (x₁, …, x_q) side by side. Where all x_t are one vector of one
/// dimension it is the `TensorSketch` of the same seed, to the bit. Every row is computed alone.
///
/// - Complexity: O(nonzeros + q m log m) per row; tables of 4 Σ d_t bytes (none beyond 4 MB).
/// - Source: Pagh, "Compressed matrix multiplication", ACM TOCT 5, 2013; Pham, Pagh, KDD 2013.
public struct TensorProductSketch: SeededMap {
  public static let law = "tensorProductSketch"
  public let parameters: TensorProductParameters
  public let inputDimension: Int
  private let hashes: [SignedHash]
  private let transform: FourierTransform

  /// - Throws: `InvalidInput` unless there are 1 to 1024 factors of dimensions from 1 on with a sum
  ///   below 2³¹, and `1 ≤ outputDimension ≤ 2²⁶`.
  public init(_ parameters: TensorProductParameters) throws {
    try parameters.validate()
    try self.init(
      parameters,
      hashes: TensorSketch.hashes(
        dimensions: parameters.inputDimensions, outputDimension: parameters.outputDimension,
        seed: parameters.seed))
  }

  /// The sketch with the given hashes, one per factor.
  init(_ parameters: TensorProductParameters, hashes: [SignedHash]) throws {
    self.parameters = parameters
    self.hashes = hashes
    inputDimension = parameters.inputDimensions.reduce(0, +)
    transform = try FourierTransform(length: parameters.outputDimension)
  }

  public init(inputDimensions: [Int], outputDimension: Int, seed: UInt64) throws {
    try self.init(
      TensorProductParameters(
        inputDimensions: inputDimensions, outputDimension: outputDimension, seed: seed))
  }

  public var outputDimension: Int { parameters.outputDimension }
  /// The seed of all its random choices.
  public var seed: UInt64 { parameters.seed }

  /// The sketches of x₁ ⊗ … ⊗ x_q, `n × m`, for rows x_t of `factors[t − 1]`, `n × d_t` each.
  ///
  /// Equal bits for any number of threads.
  ///
  /// - Throws: `InvalidInput` if there are not q factors of n rows and d_t columns, all finite, or
  ///   products exceed the range of `Scalar`; `CancellationError`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func apply<Scalar: RealScalar>(
    to factors: [Rows<Scalar>], on execution: Execution = .allCores
  ) throws -> Matrix<Scalar> {
    try Check.equal(factors.count, hashes.count, "number of factors")
    let rowCount = factors[0].rowCount
    for (t, factor) in factors.enumerated() {
      try Check.equal(factor.rowCount, rowCount, "rows of factor \(t + 1)")
      try factor.validate(columnCount: hashes[t].inputDimension, "factor \(t + 1)")
    }
    _ = try Check.count([rowCount, outputDimension], "shape of the output")
    let result = try Matrix<Scalar>(rowCount: rowCount, columnCount: outputDimension) { base in
      nonisolated(unsafe) let output = RowOutput(base: base, stride: outputDimension)
      try Parallel.forEachBlock(of: rowCount, size: blockRowCount, on: execution) {
        range, workspace in
        let convolution = Convolution<Scalar>(transform, factorCount: hashes.count)
        convolution.withScratch(workspace) { scratch in
          for i in range {
            var exponent = 0
            convolution.write(output.row(i), scratch) { t, sketch in
              factors[t].rows(i..<i + 1).withUnsafeBlock { row in
                let e = Homogenization.exponent(square: row.squaredNorm(ofRow: 0), Scalar.self)
                exponent += e
                hashes[t].add(row: 0, of: row, scale: .powerOfTwo(-e), to: sketch)
              }
            } factor: {
              .powerOfTwo(exponent)
            }
          }
        }
      }
    }
    if let place = result.firstNonfinite {
      throw InvalidInput(
        "row \(place.row)", found: "entries whose product exceeds the number type",
        expected: "vectors of smaller norm, or a higher precision")
    }
    return result
  }

  public var passesOnNonfinite: Bool { true }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let convolution = Convolution<Scalar>(transform, factorCount: hashes.count)
    convolution.withScratch(workspace) { scratch in
      for i in 0..<rows.rowCount {
        var (exponent, start) = (0, 0)
        convolution.write(output.row(i), scratch) { t, sketch in
          let range = start..<start + hashes[t].inputDimension
          exponent += add(row: i, of: rows, columns: range, by: hashes[t], to: sketch)
          start = range.upperBound
        } factor: {
          .powerOfTwo(exponent)
        }
      }
    }
  }

  /// Adds the CountSketch of 2⁻ᵉ x for the part x of row `i` in `columns`, and returns e.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add<Scalar: RealScalar>(
    row i: Int, of rows: RowBlock<Scalar>, columns: Range<Int>, by hash: SignedHash,
    to sketch: UnsafeMutablePointer<Scalar>
  ) -> Int {
    switch rows.entries {
    case .dense(let base, let stride):
      let part = RowBlock(
        rowCount: 1, columnCount: columns.count,
        entries: .dense(base: base + i * stride + columns.lowerBound, stride: stride))
      let e = Homogenization.exponent(square: part.squaredNorm(ofRow: 0), Scalar.self)
      hash.add(row: 0, of: part, scale: .powerOfTwo(-e), to: sketch)
      return e
    case .sparse(let view):
      let positions = view.positions(ofRow: i)
      func position(of column: Int) -> Int {
        var (low, high) = (positions.lowerBound, positions.upperBound)
        while low < high {
          let middle = (low + high) / 2
          if Int(view.columns[middle]) < column { low = middle + 1 } else { high = middle }
        }
        return low
      }
      let part = position(of: columns.lowerBound)..<position(of: columns.upperBound)
      var square = SIMD4<Double>.zero
      for p in part {
        let x = Double(view.values[p])
        square[(Int(view.columns[p]) - columns.lowerBound) & 3] += x * x
      }
      let e = Homogenization.exponent(
        square: (square.x + square.y) + (square.z + square.w), Scalar.self)
      let scale = Scalar.powerOfTwo(-e)
      for p in part {
        hash.add(
          scale * view.values[p], at: Int(view.columns[p]) - columns.lowerBound, to: sketch)
      }
      return e
    }
  }

  /// The formula above, for x₁, …, x_q and y₁, …, y_q. Cost: O(Σ d_t).
  ///
  /// - Throws: `InvalidInput` unless there are q vectors of d_t entries each, all finite.
  public func variance(_ x: [[Double]], _ y: [[Double]]) throws -> Double {
    try Check.equal(x.count, hashes.count, "vectors in x")
    try Check.equal(y.count, hashes.count, "vectors in y")
    let pairs = try hashes.indices.map {
      try PairMoments(x[$0], y[$0], dimension: hashes[$0].inputDimension)
    }
    return TensorProductSketch.variance(pairs, outputDimension: outputDimension)
  }

  /// The formula above, factor by factor: each difference of products follows from those before.
  static func variance(_ pairs: some Sequence<PairMoments>, outputDimension: Int) -> Double {
    let m = Double(outputDimension)
    let kappa = outputDimension % 2 == 0 ? 2.0 : 1.0
    var (plain, changeB, changeC, mixed) = (1.0, 0.0, 0.0, 0.0)
    for pair in pairs {
      let a = pair.product * pair.product
      let (b, c) = (pair.norms - pair.diagonal, a - pair.diagonal)
      mixed = mixed * (a + b + c) + changeB * c + changeC * b
      changeB = changeB * (a + b) + plain * b
      changeC = changeC * (a + c) + plain * c
      plain *= a
    }
    return max(0, (changeB + changeC) / m + kappa * mixed / (m * m))
  }
}
