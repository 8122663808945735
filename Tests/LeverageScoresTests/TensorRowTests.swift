// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of tensor powers: exact probabilities, unbiased weights, small error.

import Kernels
import LinearAlgebra
import Randomness
import TestSupport
import Testing
import Validation

@testable import LeverageScores

@Suite struct TensorRowTests {
  private let key = RandomKey(seed: 1)

  /// Points of unequal norms, one of them zero and two equal.
  private func points(_ n: Int, _ d: Int) -> Matrix<Double> {
    var points = DataSet.clustered.points(n, d, seed: 3)
    for j in 0..<d {
      points[1, j] = 0
      points[3, j] = points[2, j]
      for i in 0..<n { points[i, j] *= 0.2 + 0.3 * Double(i % 5) }
    }
    return points
  }

  /// All tuples of a number of indices.
  private func tuples(_ degree: Int, _ d: Int) -> [[Int]] {
    (0..<degree).reduce([[]]) { tuples, _ in
      tuples.flatMap { tuple in (0..<d).map { tuple + [$0] } }
    }
  }

  /// Laws of all kinds with the rows of A that they stand for: √c_j w ∘ x_{i₁} ∘ ⋯.
  private func laws(
    _ n: Int, _ d: Int, bucketCount: Int? = nil, sparse: Bool = false
  ) throws -> [(law: TensorRowLaw, factors: [Matrix<Double>], series: [Double], weights: [Double])]
  {
    var points = points(n, d)
    if sparse {
      for i in 0..<n {
        for j in 0..<d where (i + 2 * j) % 5 != 0 { points[i, j] = 0 }
      }
    }
    let rows = sparse ? Rows.sparse(SparseMatrix(points)) : Rows.dense(points)
    let others = [points, DataSet.even.points(n, 3), DataSet.coherent.points(n, d)]
    let weights = (0..<n).map { 0.5 + Double($0 % 3) }
    let ones = [Double](repeating: 1, count: n)
    let series: [[Double]] = [[0, 0, 0, 1], [2, 0.5, 0, 0.25]]
    let execution = Execution.allCores
    return try [
      (
        TensorRowLaw(
          series: series[0], of: rows, pointWeights: nil, bucketCount: bucketCount, key: key,
          on: execution), [points], series[0], ones
      ),
      (
        TensorRowLaw(
          series: series[1], of: rows, pointWeights: weights, bucketCount: bucketCount, key: key,
          on: execution), [points], series[1], weights
      ),
      (
        TensorRowLaw(
          factors: others.map { .dense($0) }, bucketCount: bucketCount, key: key, on: execution),
        others, series[0], ones
      ),
    ]
  }

  private func row(
    _ tuple: [Int], _ factors: [Matrix<Double>], _ series: [Double], _ weights: [Double]
  ) -> [Double] {
    weights.indices.map { i in
      tuple.enumerated().reduce(series[tuple.count].squareRoot() * weights[i]) {
        $0 * factors[factors.count == 1 ? 0 : $1.offset][i, $1.element]
      }
    }
  }

  /// The product of the conditionals is leverage/total for every tuple, and the leverages add up to s_λ.
  @Test(arguments: [false, true])
  func exactProbabilities(_ sparse: Bool) throws {
    for (law, factors, series, weights) in try laws(12, 5, sparse: sparse) {
      let kernel = try law.kernelMatrix(on: .allCores)
      let ridge = 0.05 / 12
      let inverse = try Cholesky(kernel, addingToDiagonal: ridge).solve(.identity(12))
      func leverage(_ tuple: [Int]) throws -> Double {
        let row = try Matrix(
          rows: [row(tuple, factors, series, weights).map { $0 / law.unit.squareRoot() }])
        return try row.multiplied(by: inverse).multiplied(byTransposeOf: row)[0, 0]
      }
      let draw = TensorRowDraw(
        factors: law.factors, blocks: law.blocks,
        suffixes: try law.exactSuffixes(ridge: ridge, on: .allCores))
      let masses = draw.blockMasses()
      let constant = series[0] > 0 ? try leverage([]) : 0
      let total = masses.reduce(0, +)
      let exact = try RidgeLeverageScores(kernelMatrix: kernel, ridge: ridge)
      #expect(abs(total + constant - exact.statisticalDimension) < 1e-10)
      for (block, mass) in zip(draw.blocks, masses) {
        let sizes = (0..<block.degree).map { factors[factors.count == 1 ? 0 : $0].columnCount }
        var known: [[Int]: [Int: Double]] = [:]
        for tuple in tuples(block.degree, 5) {
          guard zip(tuple, sizes).allSatisfy({ $0 < $1 }) else { continue }
          var probability = mass / total
          for step in 0..<block.degree {
            let prefix = Array(tuple[..<step])
            let conditional = known[prefix] ?? draw.conditional(block, after: prefix)
            known[prefix] = conditional
            probability *= conditional[tuple[step]] ?? 0
          }
          #expect(abs(probability - (try leverage(tuple)) / total) < 1e-12)
        }
      }
    }
  }

  /// The probabilities that draws report are the products of the conditionals, also with buckets, and
  /// tuples come as often as these say.
  @Test(arguments: [nil, 3], [false, true])
  func drawnProbabilities(_ bucketCount: Int?, _ sparse: Bool) throws {
    for (law, _, _, _) in try laws(10, 5, bucketCount: bucketCount, sparse: sparse) {
      let powers = try SketchedPowers(
        law, featureCount: 64, scanCount: 16, key: key, on: .allCores)
      let draw = TensorRowDraw(
        factors: law.factors, blocks: law.blocks,
        suffixes: try powers.suffixMatrices(
          features: powers.features, ridge: 0.02, key: key, on: .allCores))
      let masses = draw.blockMasses()
      let count = 20000
      let found = try draw.draw(count: count, masses: masses, key: key, on: .allCores)
      var counts: [[Int]: Double] = [:]
      var expected: [[Int]: Double] = [:]
      for (index, tuple) in found.tuples.enumerated() {
        counts[tuple, default: 0] += 1
        expected[tuple] = found.probabilities[index]
        guard index < 50 else { continue }
        let block = draw.blocks[found.blocks[index]]
        #expect(block.degree == tuple.count)
        var probability = masses[found.blocks[index]] / masses.reduce(0, +)
        for step in 0..<tuple.count {
          probability *=
            draw.conditional(block, after: Array(tuple[..<step]))[tuple[step]] ?? 0
        }
        #expect(abs(probability - found.probabilities[index]) < 1e-12)
      }
      let threshold = scoreThreshold(comparisons: counts.count)
      for (tuple, times) in counts {
        let p = expected[tuple] ?? 0
        let error = (p * (1 - p) * Double(count)).squareRoot()
        #expect(abs(times - p * Double(count)) < threshold * max(error, 1))
      }
    }
  }

  private func gram(
    _ sample: TensorRowSample, _ factors: [Matrix<Double>], _ series: [Double],
    _ weights: [Double]
  ) throws -> Matrix<Double> {
    let unit = series.map { $0 > 0 ? 1.0 : 0 }
    let rows = zip(sample.tuples, sample.weights).map { tuple, weight in
      row(tuple, factors, unit, weights).map { weight.squareRoot() * $0 }
    }
    return try Matrix(rows: rows).gram()
  }

  /// The mean of BᵀB over seeds is K without the constant, even where the sketches are bad.
  @Test(arguments: TensorRowSampling.Method.allCases)
  func weightsAreUnbiased(_ method: TensorRowSampling.Method) throws {
    for (law, factors, series, weights) in try laws(8, 4) {
      var exact = try law.kernelMatrix(on: .allCores)
      for i in 0..<8 {
        for j in 0..<8 {
          exact[i, j] = law.unit * exact[i, j] - series[0] * weights[i] * weights[j]
        }
      }
      let ridge = 0.02 * law.unit
      var values = [[Double]](repeating: [], count: 64)
      for seed in 0..<400 as Range<UInt64> {
        let sampling = TensorRowSampling(
          ridge: ridge, count: 40, method: method, seed: seed, sketchDimension: 16,
          scanDimension: 8)
        let points = factors.map { Rows.dense($0) }
        let sample =
          factors.count == 1
          ? try sampling.rows(ofSeries: series, of: points[0], pointWeights: weights)
          : try sampling.rows(ofFactors: points)
        for (k, value) in try gram(sample, factors, series, weights).elements.enumerated() {
          values[k].append(value)
        }
      }
      for (k, value) in exact.elements.enumerated() {
        // Zero points have zero features; their entry of K is the constant, taken off again.
        let score = Moments(values[k]).meanScore(abs(value) < 1e-9 ? 0 : value)
        #expect(abs(score) < 4.5, "\(method), entry \(k): \(score)")
      }
    }
  }

  /// On data of a few heavy directions, all methods come near the error of exact leverage, which is far
  /// below that of uniform rows; and they tell s_λ.
  @Test func spectralError() throws {
    var data = points(40, 8)
    for i in 0..<40 {
      for j in 4..<8 { data[i, j] *= 0.05 }
    }
    let kernel = try PolynomialKernel(degree: 3).matrix(.dense(data))
    let trace = (0..<40).reduce(0) { $0 + kernel[$1, $1] }
    let ridge = 1e-3 * trace
    let s = try RidgeLeverageScores(kernelMatrix: kernel, ridge: ridge).statisticalDimension
    func median(_ make: (UInt64) throws -> Matrix<Double>) throws -> Double {
      try (0..<9 as Range<UInt64>).map { try epsilon(make($0), kernel, ridge: ridge) }.sorted()[4]
    }
    let ones = [Double](repeating: 1, count: 40)
    let uniform = try median { seed in
      let stream = RandomKey(seed: seed).stream
      let tuples = (0..<240).map { draw in
        (0..<3).map { stream.bucket(at: UInt64(3 * draw + $0), count: 8) }
      }
      let sample = TensorRowSample(
        ridge: ridge, statisticalDimension: 0, tuples: tuples, probabilities: [],
        weights: tuples.map { _ in 512.0 / 240 })
      return try gram(sample, [data], [0, 0, 0, 1], ones)
    }
    var errors: [Double] = []
    for method in TensorRowSampling.Method.allCases {
      errors.append(
        try median { seed in
          let sample = try TensorRowSampling(
            ridge: ridge, count: 240, method: method, seed: seed, sketchDimension: 256
          ).rows(ofPower: 3, of: Rows.dense(data))
          #expect(abs(sample.statisticalDimension / s - 1) < 0.6)
          return try gram(sample, [data], [0, 0, 0, 1], ones)
        })
    }
    #expect(errors[0] < 0.6, "\(errors)")
    #expect(errors[1] < 1.7 * errors[0] && errors[2] < 1.7 * errors[0], "\(errors)")
    #expect(uniform > 5 * errors[0], "\(uniform)")
  }

  @Test func mergedMonomials() throws {
    let data = points(20, 4)
    let sample = try TensorRowSampling(ridge: 1, count: 200).rows(
      ofSeries: [1, 0.5, 0.25, 0.125], of: Rows.dense(data))
    let monomials = sample.monomials
    #expect(monomials.count < 40)
    #expect(Set(monomials.map(\.indices)).count == monomials.count)
    #expect(monomials.allSatisfy { $0.indices == $0.indices.sorted() && 1...3 ~= $0.degree })
    #expect(monomials.map(\.degree) == monomials.map(\.degree).sorted())
    let ones = [Double](repeating: 1, count: 20)
    let merged = TensorRowSample(
      ridge: 1, statisticalDimension: 0, tuples: monomials.map(\.indices), probabilities: [],
      weights: monomials.map(\.weight))
    let unit = [1.0, 1, 1, 1]
    #expect(
      agree(
        try gram(merged, [data], unit, ones), try gram(sample, [data], unit, ones),
        .relative(1e-12)))
    #expect(Monomial(indices: [2, 0, 2], weight: 1).description() == "x0 x2²")
    #expect(
      Monomial(indices: [1, 0], weight: 1).description(names: ["age", "height"]) == "age height")
    #expect(Monomial(indices: [], weight: 1).description() == "1")
    let high = Monomial(indices: Array(repeating: 5, count: 12), weight: 1)
    #expect(high.description(names: ["a"]) == "x5¹²")
  }

  @Test func threadsDoNotMatter() throws {
    let sparse = SparseMatrix(CaseMatrix.sparse(300, 400))
    for rows in [Rows.dense(points(60, 6)), .sparse(sparse)] {
      for method in [TensorRowSampling.Method.sketch, .halving] {
        let sampling = TensorRowSampling(ridge: 0.5, count: 50, method: method)
        let found = try [1, 2, 3].map {
          try sampling.rows(ofSeries: [1, 1, 0.5], of: rows, on: Execution(threads: $0))
        }
        #expect(Set(found).count == 1)
      }
    }
  }

  @Test func unusualPoints() throws {
    for method in TensorRowSampling.Method.allCases {
      func sample(_ rows: [[Double]], ridge: Double = 1, degree: Int = 3) throws -> TensorRowSample
      {
        try TensorRowSampling(ridge: ridge, count: 30, method: method).rows(
          ofPower: degree, of: Rows.dense(try Matrix(rows: rows)))
      }
      // One point, one column: one tuple, of probability 1.
      let one = try sample([[2]])
      #expect(one.monomials.count == 1)
      #expect(abs(one.monomials[0].weight - 1) < 1e-12)
      #expect(one.tuples.allSatisfy { $0 == [0, 0, 0] })
      // Rank 1, of many draws; equal points; columns and rows of zeros.
      let line = try sample(Array(repeating: [0, 1, 0, 2], count: 7) + [[0, 0, 0, 0]])
      #expect(line.tuples.joined().allSatisfy { $0 == 1 || $0 == 3 })
      #expect(line.probabilities.allSatisfy { $0 > 0 && $0 <= 1 })
      // Very large and very small points.
      for scale in [1e-70, 1e60] {
        let found = try sample(
          [[scale, 2 * scale], [scale, -scale]], ridge: pow(scale, 4), degree: 2)
        #expect(found.weights.allSatisfy { $0.isFinite && $0 > 0 })
      }
      let high = try sample([[1, 2, 0.5], [0.5, 0.1, 2]], degree: 16)
      #expect(high.weights.allSatisfy { $0.isFinite && $0 > 0 })
    }
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test func badInput() throws {
    let rows = Rows.dense(points(10, 3))
    let sampling = TensorRowSampling(ridge: 1, count: 5)
    for ridge in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) {
        try TensorRowSampling(ridge: ridge, count: 5).rows(ofPower: 2, of: rows)
      }
    }
    // A ridge that rounding hides, before λ is halved a thousand times.
    for method in TensorRowSampling.Method.allCases {
      let error = #expect(throws: InvalidInput.self) {
        try TensorRowSampling(ridge: 1e-300, count: 5, method: method).rows(ofPower: 2, of: rows)
      }
      #expect(error?.found.contains("below the rounding of the kernel matrix") == true)
    }
    for (count, sketch, scan) in [(0, 64, 8), (5, 0, 0), (5, 64, 65), (5, 64, 0)] {
      #expect(throws: InvalidInput.self) {
        try TensorRowSampling(
          ridge: 1, count: count, sketchDimension: sketch, scanDimension: scan
        ).rows(ofPower: 2, of: rows)
      }
    }
    for degree in [0, -1, 65] {
      #expect(throws: InvalidInput.self) { try sampling.rows(ofPower: degree, of: rows) }
    }
    for series in [[], [1.0], [1, 0, 0], [1, -1], [0, .nan]] {
      #expect(throws: InvalidInput.self) { try sampling.rows(ofSeries: series, of: rows) }
    }
    for weights in [[1.0], [Double](repeating: .nan, count: 10), [Double](repeating: 0, count: 10)]
    {
      #expect(throws: InvalidInput.self) {
        try sampling.rows(ofSeries: [0, 1], of: rows, pointWeights: weights)
      }
    }
    let zeros = Rows.dense(Matrix<Double>(rowCount: 4, columnCount: 2))
    let nan = Rows.dense(Matrix<Double>(repeating: .nan, rowCount: 4, columnCount: 2))
    let huge = Rows.dense(Matrix<Double>(repeating: 1e200, rowCount: 4, columnCount: 2))
    for bad in [zeros, nan, huge, rows.rows(0..<0)] {
      for method in TensorRowSampling.Method.allCases {
        #expect(throws: InvalidInput.self) {
          try TensorRowSampling(ridge: 1, count: 5, method: method).rows(ofPower: 3, of: bad)
        }
      }
    }
    #expect(throws: InvalidInput.self) { try sampling.rows(ofFactors: [Rows<Double>]()) }
    #expect(throws: InvalidInput.self) { try sampling.rows(ofFactors: [rows, rows.rows(0..<4)]) }
    #expect(throws: InvalidInput.self) { try sampling.rows(ofFactors: [rows, zeros]) }
  }
}

enum CaseMatrix {
  /// A matrix of which one entry in ten is not zero.
  static func sparse(_ rowCount: Int, _ columnCount: Int) -> Matrix<Double> {
    var generator = CaseGenerator(seed: 7)
    return generator.matrix(rowCount, columnCount, density: 0.1, as: Double.self)
  }
}
