// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The laws that every polynomial sketch obeys: a law inherits these checks by naming itself.

import LinearAlgebra
import TestSupport
import Testing
import Validation

@testable import TensorSketches

/// (γ⟨x, y⟩ + r)^q.
func kernel(_ sketch: some PolynomialSketch, _ x: [Double], _ y: [Double]) -> Double {
  let product = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  return power(
    sketch.parameters.polynomial.scale * product + sketch.parameters.polynomial.offset,
    sketch.degree)
}

/// √scale x with the coordinate √offset if there is an offset; both of them squares.
func padded(_ x: [Double], scale: Double, _ offset: Int) -> [Int] {
  x.map { Int($0 * scale.squareRoot()) }
    + (offset > 0 ? [Int(Double(offset).squareRoot())] : [])
}

/// A law under test, and what it promises.
struct LawUnderTest<Sketch: PolynomialSketch>: Sendable {
  let name: String
  var batches = Agreement.bits
  /// The least output dimension.
  var leastDimension = 1
  /// Whether a feature of a unit vector has norm 1 / √m.
  var keepsNorms = true
  /// c in ε ≤ c √(s/m) for degree 3: more where the variance grows as 3^q.
  var spectralConstant = 4.0
  /// The degrees whose variances can be told from few draws.
  var degrees = [1, 2, 3, 4]
  let make: @Sendable (PolynomialSketchParameters) throws -> Sketch

  func callAsFunction(
    inputDimension: Int, degree: Int, outputDimension: Int, seed: UInt64, scale: Double = 1,
    offset: Double = 0
  ) throws -> Sketch {
    try make(
      PolynomialSketchParameters(
        inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
        seed: seed, scale: scale, offset: offset))
  }

  func checkAll(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try checkLaws(self, sourceLocation)
    try checkStatistics(self, sourceLocation)
  }
}

private func checkLaws<Sketch: PolynomialSketch>(
  _ law: LawUnderTest<Sketch>, _ sourceLocation: SourceLocation
) throws {
  let cases = [
    (1, 1, 1, 0.0), (1, 3, 5, 0.0), (9, 1, 4, 0.0), (7, 1, 4, 0.5), (20, 2, 16, 0.0),
    (5, 3, 9, 1.5), (13, 4, 32, 0.0), (6, 5, 25, 0.25), (17, 7, 40, 0.0), (4, 8, 64, 1.0),
  ]
  for (d, q, m, offset) in cases where m >= law.leastDimension {
    let sketch = try law(
      inputDimension: d, degree: q, outputDimension: m, seed: 3, scale: 0.5, offset: offset)
    #expect(sketch.inputDimension == d && sketch.outputDimension == m && sketch.degree == q)
    try checkRowMapLaws(
      sketch, batches: law.batches, single: 1e-3, sourceLocation: sourceLocation)
    if q == 1, offset == 0 { try checkLinearity(sketch, sourceLocation: sourceLocation) }
    var parameters = sketch.parameters
    parameters.polynomial.seed = 4
    let other = try Sketch(parameters)
    #expect(other != sketch, sourceLocation: sourceLocation)
    if m > 4, d > 1 {
      // The seed matters.
      var generator = CaseGenerator(seed: 1)
      let x = Rows.dense(generator.matrix(2, d, as: Double.self))
      #expect(try other.apply(to: x) != sketch.apply(to: x), sourceLocation: sourceLocation)
    }
  }
  checkDimensionLaws(sourceLocation: sourceLocation) {
    try law(
      inputDimension: $0, degree: 3, outputDimension: $1 == 1 ? law.leastDimension : $1, seed: 0)
  }
  for degree in [0, -1, 1_000_000_000_000] {
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try law(inputDimension: 3, degree: degree, outputDimension: 4, seed: 0)
    }
  }
  for (scale, offset) in [
    (0.0, 1.0), (-1, 1), (1, -0.5), (.nan, 0), (1, .infinity), (1e-200, 1e200),
  ] {
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try law(
        inputDimension: 3, degree: 2, outputDimension: 4, seed: 0, scale: scale, offset: offset)
    }
  }
  let sketch = try law(inputDimension: 3, degree: 2, outputDimension: 4, seed: 0)
  for (x, y) in [([1.0, 2], [1.0, 2, 3]), ([1, 2, 3], [1, .nan, 3])] {
    #expect(throws: InvalidInput.self, sourceLocation: sourceLocation) {
      try sketch.variance(x, y)
    }
  }
  try checkRange(law, sourceLocation)
  try checkDegrees(law, sourceLocation)
  try checkManyCoordinates(law, sourceLocation)
}

/// Sparse rows of many coordinates have the features of the dense ones, at the cost of their nonzeros:
/// of ten million numbers for each factor and row, these would take minutes.
private func checkManyCoordinates<Sketch: PolynomialSketch>(
  _ law: LawUnderTest<Sketch>, _ location: SourceLocation
) throws {
  func rows(_ d: Int, _ factor: Double) throws -> SparseMatrix<Double> {
    let last = Int32(d - 1)
    return try SparseMatrix(
      columnCount: d, rowOffsets: [0, 3, 3, 4],
      columnIndices: [3, last / 2, last, last - 1],
      values: [0.5, 1, -0.25, 2].map { factor * $0 })
  }
  for offset in [0, 0.25] {
    let short = try law(
      inputDimension: 3000, degree: 3, outputDimension: 12, seed: 4, scale: 0.5, offset: offset)
    let x = try rows(3000, 1)
    #expect(
      try agree(
        short.apply(to: .sparse(x)), short.apply(to: .dense(x.dense)), .relative(1e-13)),
      "\(law.name), offset \(offset)", sourceLocation: location)
  }
  let d = 10_000_000
  let sketch = try law(inputDimension: d, degree: 3, outputDimension: 12, seed: 4)
  let z = try sketch.apply(to: .sparse(rows(d, 1)))
  #expect(z.elements.allSatisfy { $0.isFinite }, sourceLocation: location)
  for i in [0, 2] { #expect(z.row(i).contains { $0 != 0 }, sourceLocation: location) }
  #expect(z.row(1).allSatisfy { $0 == 0 }, sourceLocation: location)
  let doubled = try sketch.apply(to: .sparse(rows(d, 2)))
  #expect(doubled.elements == z.elements.map { 8 * $0 }[...], sourceLocation: location)
}

/// Every degree up to 64 makes finite features.
private func checkDegrees<Sketch: PolynomialSketch>(
  _ law: LawUnderTest<Sketch>, _ location: SourceLocation
) throws {
  let x = try Matrix<Double>(rows: [[0.5, 0.25, 0.5, 0.125]])
  for degree in [16, 33, 64] {
    let sketch = try law(
      inputDimension: 4, degree: degree, outputDimension: 64, seed: 1, offset: 0.25)
    let image = try sketch.apply(to: .dense(x))
    #expect(image.elements.contains { $0 != 0 }, "degree \(degree)", sourceLocation: location)
    let variance = try sketch.variance(Array(x.row(0)), Array(x.row(0)))
    #expect(variance > 0 && variance.isFinite, "degree \(degree)", sourceLocation: location)
  }
}

/// Rows are scaled by powers of two, so their features scale exactly, until they leave the range.
private func checkRange<Sketch: PolynomialSketch>(
  _ law: LawUnderTest<Sketch>, _ location: SourceLocation
) throws {
  let sketch = try law(inputDimension: 30, degree: 6, outputDimension: 32, seed: 1)
  var generator = CaseGenerator(seed: 2)
  let x = generator.matrix(2, 30, as: Float.self)
  func scaled(_ matrix: Matrix<Float>, _ factor: Float) throws -> Matrix<Float> {
    try Matrix(
      rowCount: matrix.rowCount, columnCount: matrix.columnCount,
      elements: matrix.elements.map { factor * $0 })
  }
  let plain = try sketch.apply(to: .dense(x))
  for exponent in [-18, 15] {
    let factor = Float(sign: .plus, exponent: exponent, significand: 1)
    let power = Float(sign: .plus, exponent: 6 * exponent, significand: 1)
    #expect(
      try sketch.apply(to: .dense(scaled(x, factor))) == scaled(plain, power),
      "2^\(exponent)", sourceLocation: location)
  }
  #expect(throws: InvalidInput.self, "overflow", sourceLocation: location) {
    try sketch.apply(to: .dense(scaled(x, 1e9)))
  }
  // A scale whose own power is out of range does not matter where the kernel is in range.
  let faint = try law(
    inputDimension: 1, degree: 6, outputDimension: law.leastDimension, seed: 1, scale: 1e-200,
    offset: 1)
  let one = try faint.apply(to: .dense(Matrix<Double>(rows: [[1]])))
  let norm = one.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
  #expect(
    law.keepsNorms ? abs(norm - 1) < 1e-12 : norm > 0 && norm.isFinite, sourceLocation: location)
  let zero = try sketch.apply(to: .dense(Matrix<Float>(rowCount: 1, columnCount: 30)))
  #expect(zero.elements.allSatisfy { $0 == 0 }, sourceLocation: location)
}

/// Mean and variance over many seeds, and ε against c√(s/m).
private func checkStatistics<Sketch: PolynomialSketch>(
  _ law: LawUnderTest<Sketch>, _ sourceLocation: SourceLocation
) throws {
  let name = law.name
  var generator = CaseGenerator(seed: 1)
  func unit(_ d: Int) -> [Double] {
    let x = (0..<d).map { _ in abs(generator.normal()) }
    let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return x.map { $0 / norm }
  }
  for q in law.degrees {
    for (d, m, offset) in [(5, 8, 0.0), (8, 15, 0.0), (4, 32, 0.3)] {
      let (x, y) = (unit(d), unit(d))
      func make(_ seed: UInt64) throws -> Sketch {
        try law(
          inputDimension: d, degree: q, outputDimension: m, seed: seed, scale: 0.7,
          offset: offset)
      }
      let first = try make(0)
      try checkMoments(
        draws: 3000, x, y, mean: kernel(first, x, y), variance: first.variance(x, y),
        "\(name) degree \(q), \(d) to \(m), offset \(offset)", sourceLocation: sourceLocation,
        make)
    }
  }
  var points = generator.matrix(40, 12, as: Double.self)
  for i in 0..<40 {
    for j in 0..<12 { points[i, j] = 0.3 + points[i, j] / Double(2 + 3 * j) }
  }
  let linear = gram(points)
  let exact = Matrix<Double>(rowCount: 40, columnCount: 40) { output in
    for i in 0..<40 {
      for j in 0..<40 { output[40 * i + j] = power(linear[i, j], 3) }
    }
  }
  let ridge = 0.005 * (0..<40).reduce(0) { $0 + exact[$1, $1] }
  var means: [Double] = []
  for m in [128, 512, 2048] {
    var (total, bound) = (0.0, 0.0)
    for seed in 0..<5 as Range<UInt64> {
      let sketch = try law(inputDimension: 12, degree: 3, outputDimension: m, seed: seed)
      let (epsilon, s) = try spectralError(
        of: sketch.apply(to: .dense(points)), exact: exact, ridge: ridge)
      total += epsilon / 5
      bound = law.spectralConstant * (s / Double(m)).squareRoot()
    }
    #expect(
      total < bound, "\(name), m = \(m): \(total), not \(bound)", sourceLocation: sourceLocation)
    means.append(total)
  }
  #expect(means[1] < 0.75 * means[0] && means[2] < 0.75 * means[1], "\(name): \(means)")
}

@Suite struct PolynomialSketchTests {
  @Test func tensorSketch() throws {
    try LawUnderTest(name: "TensorSketch") { try TensorSketch($0) }.checkAll()
  }

  @Test func polySketch() throws {
    try LawUnderTest(name: "PolySketch", degrees: [1, 2, 3, 4, 5, 7, 8]) {
      try PolySketch(PolySketchParameters($0))
    }
    .checkAll()
  }

  @Test(
    arguments: [PolySketch.Leaf.countSketch, .sparseSign(nonzeros: 3), .srht],
    [PolySketch.Node.tensorSketch, .tensorSRHT])
  func polySketchPairings(leaf: PolySketch.Leaf, node: PolySketch.Node) throws {
    guard leaf != .countSketch || node != .tensorSketch else { return }
    try LawUnderTest(
      name: "PolySketch \(leaf) \(node)",
      leastDimension: leaf == .sparseSign(nonzeros: 3) ? 3 : 1,
      keepsNorms: leaf != .sparseSign(nonzeros: 3), degrees: [1, 2, 3, 6]
    ) {
      try PolySketch(PolySketchParameters($0, leaf: leaf, node: node))
    }.checkAll()
  }

  @Test(arguments: [TensorSRHT.Blocks.shared, .independent], [false, true])
  func tensorSRHT(blocks: TensorSRHT.Blocks, isComplex: Bool) throws {
    try LawUnderTest(
      name: "TensorSRHT \(blocks) \(isComplex)", leastDimension: isComplex ? 2 : 1,
      spectralConstant: isComplex ? 4 : 6
    ) {
      try TensorSRHT(TensorSRHTParameters($0, blocks: blocks, isComplex: isComplex))
    }.checkAll()
  }

  @Test func complexTensorSketch() throws {
    try LawUnderTest(name: "ComplexTensorSketch", leastDimension: 2) {
      try ComplexTensorSketch(ComplexTensorSketchParameters($0))
    }.checkAll()
  }

  @Test(arguments: [ProductSketch.Weights.gaussian, .rademacher], [false, true])
  func productSketch(weights: ProductSketch.Weights, isComplex: Bool) throws {
    try LawUnderTest(
      name: "ProductSketch \(weights) \(isComplex)", batches: .relative(1e-5),
      leastDimension: isComplex ? 2 : 1, keepsNorms: weights == .rademacher,
      spectralConstant: isComplex ? 4 : weights == .gaussian ? 8 : 6,
      degrees: weights == .gaussian ? [1, 2] : [1, 2, 3]
    ) {
      try ProductSketch(ProductSketchParameters($0, weights: weights, isComplex: isComplex))
    }.checkAll()
  }

  @Test func complexFormsNeedTwoFeatures() {
    let parameters = PolynomialSketchParameters(
      inputDimension: 3, degree: 2, outputDimension: 1, seed: 0)
    #expect(throws: InvalidInput.self) {
      try TensorSRHT(TensorSRHTParameters(parameters, isComplex: true))
    }
    #expect(throws: InvalidInput.self) {
      try ComplexTensorSketch(ComplexTensorSketchParameters(parameters))
    }
    #expect(throws: InvalidInput.self) {
      try ProductSketch(
        ProductSketchParameters(parameters, weights: .rademacher, isComplex: true))
    }
  }
}
