// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Means and variances of linear sketches: over all random choices where they can be listed, over many
// seeds elsewhere.

import LinearAlgebra
import TestSupport
import Testing

@testable import Sketches

@Suite struct VarianceTests {
  static let x = [1.0, -2, 4, 3]
  static let y = [3.0, 2, -1, 2]

  /// What is proved of the first d coordinates of x and y, for a variance of `rows(V)/over` with V that
  /// of one row of signs.
  static func moments(
    _ d: Int, unit: Int, over denominator: Int, _ variance: (WholePair) -> Int = \.signVariance
  ) -> ExactMoments {
    let pair = WholePair(x[..<d].map { Int($0) }, y[..<d].map { Int($0) })
    return ExactMoments(
      mean: pair.product, variance: variance(pair), over: denominator, unit: unit)
  }

  static func product(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(arguments: [(1, 3), (2, 3), (3, 2), (4, 2), (3, 3), (2, 1)])
  func countSketchOverAllHashes(d: Int, m: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    let sketches = allWords(length: d, base: 2 * m).lazy.map { word in
      CountSketch(hash: SignedHash(entries: word.map { Int32($0 - m) }, bucketCount: m))
    }
    let variance = try CountSketch(inputDimension: d, outputDimension: m, seed: 0).variance(x, y)
    try checkExactly(
      sketches, x, y, Self.moments(d, unit: 1, over: m), stated: variance, "CountSketch")
  }

  /// All sketches of one sign vector and one ordered choice of rows per block.
  @Test(arguments: [(1, 1), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2), (4, 3), (4, 4), (3, 5)])
  func srhtOverAllChoices(d: Int, m: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    let parameters = SRHTParameters(inputDimension: d, outputDimension: m, seed: 0)
    let size = d == 3 ? 4 : d
    let counts = stride(from: 0, to: m, by: size).map { min(size, m - $0) }
    var choices: [[SRHT.Block]] = [[]]
    for count in counts {
      let rows = allWords(length: count, base: size).filter { Set($0).count == count }
      let blocks = allWords(length: size, base: 2).flatMap { signs in
        // A complete block is the same whatever the order of its rows.
        (count == size ? [Array(0..<size)] : rows).map { rows in
          SRHT.Block(signs: signs.map { Int8(2 * $0 - 1) }, rows: rows.map(Int32.init))
        }
      }
      choices = choices.flatMap { choice in blocks.map { choice + [$0] } }
    }
    let variance = try SRHT(parameters).variance(x, y)
    #expect((variance == 0) == (m % size == 0 || d == 1))
    let rest = m % size
    let moments = Self.moments(d, unit: m, over: m * m * max(1, size - 1)) {
      $0.signVariance * rest * (size - rest)
    }
    try checkExactly(
      choices.lazy.map { SRHT(parameters, blocks: $0) }, x, y, moments, stated: variance, "SRHT")
  }

  /// All sketches of two signs and places per column, in blocks of equal size or not.
  @Test(arguments: [(2, 2, 2), (2, 5, 2), (3, 3, 2), (2, 4, 3), (3, 2, 2), (3, 3, 1)])
  func sparseSignOverAllHashes(d: Int, m: Int, s: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    let sketch = try SparseSignEmbedding(
      inputDimension: d, outputDimension: m, nonzeros: s, seed: 0)
    // V Σ 1/(s²m_b) over blocks of ⌊m/s⌋ rows, and of one more.
    let (least, larger) = (m / s, m % s)
    let moments = Self.moments(d, unit: s, over: s * s * least * (least + 1)) {
      $0.signVariance * ((s - larger) * (least + 1) + larger * least)
    }
    try checkExactly(
      allSparseSigns(d, m, s), x, y, moments, stated: sketch.variance(x, y), "sparse sign")
  }

  /// All sign matrices, each at the first seed that draws it.
  @Test(arguments: [(1, 1), (2, 3), (3, 2), (4, 2), (3, 3)])
  func rademacherOverAllSigns(d: Int, m: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    let axes = try Rows.dense(
      Matrix<Double>(rows: (0..<d).map { i in (0..<d).map { $0 == i ? 1 : 0 } }))
    var sketches: [[Bool]: RademacherSketch] = [:]
    // A matrix is missed by so many seeds in fewer than one run of 10¹⁵.
    for seed in 0..<UInt64(50 << (d * m)) where sketches.count < 1 << (d * m) {
      let sketch = try RademacherSketch(inputDimension: d, outputDimension: m, seed: seed)
      let columns = try sketch.apply(to: axes)
      sketches[(0..<d * m).map { columns[$0 / m, $0 % m] > 0 }] = sketch
    }
    #expect(sketches.count == 1 << (d * m))
    let stated = try RademacherSketch(inputDimension: d, outputDimension: m, seed: 0)
      .variance(x, y)
    try checkExactly(
      sketches.values, x, y, Self.moments(d, unit: m, over: m), stated: stated, "Rademacher")
  }

  @Test(arguments: [(1, 1), (2, 3), (3, 2), (4, 2), (4, 3)])
  func srhtWithReplacementOverAllChoices(d: Int, m: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    let parameters = SRHTParameters(
      inputDimension: d, outputDimension: m, seed: 0, replacement: true)
    let size = d == 3 ? 4 : d
    let sketches = allWords(length: size, base: 2).flatMap { signs in
      allWords(length: m, base: size).map { rows in
        SRHT(
          parameters,
          blocks: [
            SRHT.Block(signs: signs.map { Int8(2 * $0 - 1) }, rows: rows.map(Int32.init))
          ])
      }
    }
    try checkExactly(
      sketches, x, y, Self.moments(d, unit: m, over: m), stated: SRHT(parameters).variance(x, y),
      "SRHT")
  }

  @Test(arguments: [(1, 1), (2, 3), (3, 2), (4, 3), (4, 4), (3, 5), (2, 4)])
  func rowSamplingOverAllChoices(d: Int, m: Int) throws {
    let (x, y) = (Array(Self.x[..<d]), Array(Self.y[..<d]))
    for replacement in [true, false] {
      let parameters = RowSamplingParameters(
        inputDimension: d, outputDimension: m, seed: 0, replacement: replacement)
      let words = allWords(length: m, base: d).filter { word in
        replacement
          || stride(from: 0, to: m, by: d).allSatisfy {
            let pass = word[$0..<min(m, $0 + d)]
            return Set(pass).count == pass.count
          }
      }
      let rest = m % d
      let moments = Self.moments(
        d, unit: m, over: replacement ? m : m * m * max(1, d - 1)
      ) { (d * $0.diagonal - $0.a) * (replacement ? 1 : rest * (d - rest)) }
      try checkExactly(
        words.lazy.map {
          RowSampling(parameters, chosenRows: $0.map(Int32.init), probabilities: nil)
        }, x, y, moments, stated: RowSampling(parameters).variance(x, y), "row sampling")
    }
  }

  /// Weights 1, 1 and 2 as four equally likely cases.
  @Test(arguments: [1, 2, 5]) func weightedRowSamplingOverAllChoices(m: Int) throws {
    let (x, y) = (Array(Self.x[..<3]), Array(Self.y[..<3]))
    let parameters = RowSamplingParameters(
      inputDimension: 3, outputDimension: m, seed: 0, weights: [1, 1, 2])
    let sketches = allWords(length: m, base: 4).lazy.map { word in
      RowSampling(
        parameters, chosenRows: word.map { Int32(min($0, 2)) }, probabilities: [0.25, 0.25, 0.5])
    }
    // Σ xₖ²yₖ²/pₖ − ⟨x, y⟩².
    let moments = Self.moments(3, unit: m, over: m) {
      4 * $0.diagonal - 2 * Int(x[2] * x[2] * y[2] * y[2]) - $0.a
    }
    try checkExactly(
      sketches, x, y, moments, stated: RowSampling(parameters).variance(x, y),
      "weighted row sampling")
  }

  @Test func composedOverAllChoices() throws {
    let (x, y) = (Array(Self.x[..<2]), Array(Self.y[..<2]))
    let hashed = allSparseSigns(2, 3, 2)
    let counts = allWords(length: 3, base: 4).map { word in
      CountSketch(hash: SignedHash(entries: word.map { Int32($0 - 2) }, bucketCount: 2))
    }
    let samples = allWords(length: 2, base: 4).map { word in
      RowSampling(
        RowSamplingParameters(
          inputDimension: 3, outputDimension: 2, seed: 0, weights: [1, 1, 2]),
        chosenRows: word.map { Int32(min($0, 2)) }, probabilities: [0.25, 0.25, 0.5])
    }
    func check<Second: ElementarySketch>(_ seconds: [Second], _ name: String) throws {
      let sketches = try hashed.flatMap { first in
        try seconds.map { try ComposedSketch(first, then: $0) }
      }
      try checkExhaustively(
        sketches, x, y, mean: Self.product(x, y), variance: sketches[0].variance(x, y), name)
    }
    // Var⟨Sx, Sy⟩ + E Var⟨TSx, TSy⟩ with √2 S whole, 81 sketches S in all and blocks of 1 and 2 rows.
    let inner = try hashed.map { sketch in
      let images = try sketch.apply(to: .dense(Matrix(rows: [x, y])))
      let whole = (0..<2).map { images.row($0).map { Int(($0 * 2.0.squareRoot()).rounded()) } }
      return WholePair(whole[0], whole[1]).signVariance
    }
    let count = hashed.count
    let moments = Self.moments(2, unit: 2, over: 8 * count) {
      3 * count * $0.signVariance + inner.reduce(0, +)
    }
    let composed = try hashed.flatMap { first in
      try counts.map { try ComposedSketch(first, then: $0) }
    }
    try checkExactly(
      composed, x, y, moments, stated: composed[0].variance(x, y), "sparse sign, CountSketch")
    // Blocks of unequal size under unequal weights: every coordinate has its own moments.
    try check(samples, "sparse sign, weighted sample")
  }

  @Test func moreCompositionsOverAllChoices() throws {
    let (x, y) = (Array(Self.x[..<3]), Array(Self.y[..<3]))
    let last = allWords(length: 2, base: 4).map { word in
      CountSketch(hash: SignedHash(entries: word.map { Int32($0 - 2) }, bucketCount: 2))
    }
    func check<First: LinearSketch>(_ firsts: [First], _ name: String) throws {
      let sketches = try firsts.flatMap { first in
        try last.map { try ComposedSketch(first, then: $0) }
      }
      try checkExhaustively(
        sketches, x, y, mean: Self.product(x, y), variance: sketches[0].variance(x, y), name)
    }
    for replacement in [true, false] {
      let words = allWords(length: 2, base: 4).filter { replacement || $0[0] != $0[1] }
      try check(
        allWords(length: 4, base: 2).flatMap { signs in
          words.map { rows in
            SRHT(
              SRHTParameters(
                inputDimension: 3, outputDimension: 2, seed: 0, replacement: replacement),
              blocks: [
                SRHT.Block(signs: signs.map { Int8(2 * $0 - 1) }, rows: rows.map(Int32.init))
              ])
          }
        }, "SRHT, CountSketch")
      try check(
        words.filter { $0.allSatisfy { $0 < 3 } }.map { rows in
          RowSampling(
            RowSamplingParameters(
              inputDimension: 3, outputDimension: 2, seed: 0, replacement: replacement),
            chosenRows: rows.map(Int32.init), probabilities: nil)
        }, "row sampling, CountSketch")
    }
    // A direct sum of one coordinate and two.
    let pairs = allWords(length: 1, base: 2).flatMap { word in
      allSparseSigns(2, 1, 1).map { second in
        (CountSketch(hash: SignedHash(entries: word.map { Int32($0 - 1) }, bucketCount: 1)), second)
      }
    }
    let sums = try pairs.map { try DirectSum($0.0, $0.1) }
    try checkExhaustively(
      sums, x, y, mean: Self.product(x, y), variance: sums[0].variance(x, y), "direct sum")
    let samples = (0..<2).map { row in
      RowSampling(
        RowSamplingParameters(inputDimension: 2, outputDimension: 1, seed: 0),
        chosenRows: [Int32(row)], probabilities: nil)
    }
    let sketches = try sums.flatMap { first in
      try samples.map { try ComposedSketch(first, then: $0) }
    }
    try checkExhaustively(
      sketches, x, y, mean: Self.product(x, y), variance: sketches[0].variance(x, y),
      "direct sum, row sampling")
  }

  @Test(arguments: [(4, 1), (4, 3), (4, 8), (9, 16), (13, 5), (16, 16), (11, 35)])
  func overManySeeds(d: Int, m: Int) throws {
    var generator = CaseGenerator(seed: 1)
    let (x, y) = ((0..<d).map { _ in generator.normal() }, (0..<d).map { _ in generator.normal() })
    func check<Sketch: LinearSketch>(
      _ name: String, _ make: (Int, Int, UInt64) throws -> Sketch
    ) throws {
      try checkMoments(
        x, y, mean: Self.product(x, y), variance: make(d, m, 0).variance(x, y),
        "\(name) \(d) to \(m)"
      ) { try make(d, m, $0) }
    }
    try check("CountSketch", CountSketch.init(inputDimension:outputDimension:seed:))
    try check("SRHT") { try SRHT(inputDimension: $0, outputDimension: $1, seed: $2) }
    try check("SRHT with replacement") {
      try SRHT(inputDimension: $0, outputDimension: $1, replacement: true, seed: $2)
    }
    try check("sparse sign") {
      try SparseSignEmbedding(
        inputDimension: $0, outputDimension: $1, nonzeros: min(3, $1), seed: $2)
    }
    try check("Rademacher", RademacherSketch.init(inputDimension:outputDimension:seed:))
    try check("Gaussian", GaussianSketch.init(inputDimension:outputDimension:seed:))
    try check("row sampling") {
      try RowSampling(inputDimension: $0, outputDimension: $1, seed: $2)
    }
    try check("row sampling without replacement") {
      try RowSampling(inputDimension: $0, outputDimension: $1, replacement: false, seed: $2)
    }
    try check("weighted row sampling") {
      try RowSampling(
        weights: (0..<$0).map { 1 + Double($0 % 4) }, outputDimension: $1, seed: $2)
    }
    try check("Gaussian, CountSketch") {
      try ComposedSketch(
        GaussianSketch(inputDimension: $0, outputDimension: 6, seed: $2),
        then: CountSketch(inputDimension: 6, outputDimension: $1, seed: $2))
    }
    try check("Rademacher, sparse sign, row sampling") {
      try ComposedSketch(
        ComposedSketch(
          RademacherSketch(inputDimension: $0, outputDimension: 6, seed: $2),
          then: SparseSignEmbedding(
            inputDimension: 6, outputDimension: 7, nonzeros: 2, seed: $2)),
        then: RowSampling(inputDimension: 7, outputDimension: $1, replacement: false, seed: $2))
    }
  }

  /// ε falls below 4√(s/m), and with m.
  @Test func spectralErrorFalls() throws {
    var generator = CaseGenerator(seed: 2)
    // Points spread over all coordinates: where few carry the weight, CountSketch needs m ≈ s².
    let d = 3000
    var points = generator.matrix(60, d, as: Double.self)
    for i in 0..<60 {
      for j in 0..<d { points[i, j] /= Double(d).squareRoot() * (1 + Double(i) / 5) }
    }
    let exact = gram(points)
    let ridge = 0.05
    func check<Sketch: LinearSketch>(
      _ name: String, _ make: (Int, Int, UInt64) throws -> Sketch
    ) throws {
      var means: [Double] = []
      for m in [128, 512, 2048] {
        var total = 0.0
        for seed in 0..<5 as Range<UInt64> {
          let sketch = try make(d, m, seed)
          let (epsilon, s) = try spectralError(
            of: sketch.apply(to: .dense(points)), exact: exact, ridge: ridge)
          #expect(epsilon < 4 * (s / Double(m)).squareRoot(), "\(name), m = \(m), s = \(s)")
          total += epsilon / 5
        }
        means.append(total)
      }
      #expect(means[1] < 0.75 * means[0] && means[2] < 0.75 * means[1], "\(name): \(means)")
    }
    try check("CountSketch", CountSketch.init(inputDimension:outputDimension:seed:))
    try check("SRHT") { try SRHT(inputDimension: $0, outputDimension: $1, seed: $2) }
    try check("SRHT with replacement") {
      try SRHT(inputDimension: $0, outputDimension: $1, replacement: true, seed: $2)
    }
    try check("sparse sign") {
      try SparseSignEmbedding(
        inputDimension: $0, outputDimension: $1, nonzeros: min(3, $1), seed: $2)
    }
    try check("Rademacher", RademacherSketch.init(inputDimension:outputDimension:seed:))
    try check("row sampling") {
      try RowSampling(inputDimension: $0, outputDimension: $1, seed: $2)
    }
    try check("composed") {
      try ComposedSketch(
        SparseSignEmbedding(inputDimension: $0, outputDimension: 8192, nonzeros: 2, seed: $2),
        then: SRHT(inputDimension: 8192, outputDimension: $1, seed: $2))
    }
    try check("Gaussian", GaussianSketch.init(inputDimension:outputDimension:seed:))
  }
}

/// Every sparse sign embedding, each equally likely.
private func allSparseSigns(_ d: Int, _ m: Int, _ s: Int) -> [SparseSignEmbedding] {
  let column = (0..<s).reduce([[Int32]]()) { words, b in
    let block = Int32(b * m / s)..<Int32((b + 1) * m / s)
    let entries = block.flatMap { [$0, ~$0] }
    return words.isEmpty
      ? entries.map { [$0] } : words.flatMap { word in entries.map { word + [$0] } }
  }
  return allWords(length: d, base: column.count).map { word in
    SparseSignEmbedding(
      SparseSignParameters(inputDimension: d, outputDimension: m, seed: 0, nonzeros: s),
      hash: SignedHash(entries: word.flatMap { column[$0] }, bucketCount: m, nonzeros: s))
  }
}
