// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import TestSupport
import Testing
import Transforms

@testable import TensorSketches

@Suite struct TensorSRHTTests {
  /// All ordered choices of `count` members of 0 ..< `population`.
  static func arrangements(_ count: Int, of population: Int) -> [[Int]] {
    allWords(length: count, base: population).filter { Set($0).count == count }
  }

  /// All lists that join one word of each set.
  static func joined(_ sets: [[[Int]]]) -> [[Int]] {
    sets.reduce([[]]) { words, set in words.flatMap { word in set.map { word + $0 } } }
  }

  /// Every choice of signs and rows for `count` columns.
  static func factors(
    d: Int, count: Int, blocks: TensorSRHT.Blocks, isComplex: Bool
  ) -> [HadamardFactor] {
    let length = WalshHadamard.paddedLength(d)
    let copies = (count + length - 1) / length
    let blockCount = blocks == .shared ? 1 : copies
    let signs = allWords(length: blockCount * d, base: isComplex ? 4 : 2)
    let rows =
      blocks == .shared
      ? arrangements(count, of: copies * length).map { $0.map { $0 % length } }
      : joined(
        (0..<copies).map { arrangements(min(length, count - $0 * length), of: length) })
    return signs.flatMap { word in
      let parts: [Int8] = [1, 0, -1, 0]  // Real parts of 1, i, −1, −i; shifted, imaginary ones.
      let made = (0..<blockCount).map { block in
        let word = word[block * d..<(block + 1) * d]
        return HadamardFactor.Block(
          signs: isComplex
            ? word.map { parts[$0] } + word.map { parts[($0 + 3) % 4] }
            : word.map { Int8(1 - 2 * $0) })
      }
      return rows.map {
        HadamardFactor(
          dimension: d, isComplex: isComplex, blocks: made, rows: $0.map(Int32.init))
      }
    }
  }

  struct Case: Sendable {
    let (d, q, m): (Int, Int, Int)
    let blocks: TensorSRHT.Blocks
    let isComplex: Bool
    var offset = 0.0
  }

  @Test(arguments: [
    Case(d: 2, q: 1, m: 3, blocks: .shared, isComplex: false),
    Case(d: 2, q: 2, m: 1, blocks: .shared, isComplex: false),
    Case(d: 2, q: 2, m: 2, blocks: .shared, isComplex: false),
    Case(d: 2, q: 2, m: 3, blocks: .shared, isComplex: false),
    Case(d: 3, q: 2, m: 2, blocks: .shared, isComplex: false),
    Case(d: 1, q: 2, m: 3, blocks: .shared, isComplex: false),
    Case(d: 1, q: 3, m: 2, blocks: .shared, isComplex: false, offset: 0.5),
    Case(d: 2, q: 1, m: 5, blocks: .independent, isComplex: false),
    Case(d: 2, q: 2, m: 3, blocks: .independent, isComplex: false),
    Case(d: 2, q: 2, m: 4, blocks: .independent, isComplex: false),
    Case(d: 1, q: 2, m: 3, blocks: .independent, isComplex: false, offset: 2),
    Case(d: 2, q: 1, m: 6, blocks: .shared, isComplex: true),
    Case(d: 2, q: 2, m: 4, blocks: .shared, isComplex: true),
    Case(d: 2, q: 2, m: 5, blocks: .shared, isComplex: true),
    Case(d: 2, q: 1, m: 6, blocks: .independent, isComplex: true),
    Case(d: 1, q: 2, m: 4, blocks: .independent, isComplex: true, offset: 0.5),
  ])
  func overAllSignsAndRows(_ instance: Case) throws {
    let (d, q) = (instance.d, instance.q)
    let (x, y) = (Array([0.5, -1.5, 0.75][..<d]), Array([1.25, 0.5, 1.0][..<d]))
    let parameters = TensorSRHTParameters(
      PolynomialSketchParameters(
        inputDimension: d, degree: q, outputDimension: instance.m, seed: 0, scale: 1.5,
        offset: instance.offset), blocks: instance.blocks, isComplex: instance.isComplex)
    let factors = Self.factors(
      d: d + (instance.offset > 0 ? 1 : 0), count: instance.m / (instance.isComplex ? 2 : 1),
      blocks: instance.blocks, isComplex: instance.isComplex)
    let sketches = allWords(length: q, base: factors.count).lazy.map { choice in
      TensorSRHT(parameters, factors: choice.map { factors[$0] })
    }
    let sketch = try TensorSRHT(parameters)
    try checkExhaustively(
      sketches, x, y, mean: kernel(sketch, x, y), variance: sketch.variance(x, y),
      "\(instance)")
  }

  @Test func completeTransformsAreExact() throws {
    var generator = CaseGenerator(seed: 6)
    let x = generator.matrix(4, 5, as: Double.self)
    for (m, blocks, isComplex) in [
      (8, TensorSRHT.Blocks.shared, false), (24, .independent, false), (16, .shared, true),
      (48, .independent, true),
    ] {
      let sketch = try TensorSRHT(
        inputDimension: 5, degree: 1, outputDimension: m, seed: 3, blocks: blocks,
        isComplex: isComplex)
      #expect(try agree(gram(sketch.apply(to: .dense(x))), gram(x), .relative(1e-14)))
      #expect(try sketch.variance(Array(x.row(0)), Array(x.row(1))) == 0)
    }
  }

  @Test func oddLastFeatureIsZero() throws {
    let sketch = try TensorSRHT(
      inputDimension: 5, degree: 2, outputDimension: 7, seed: 3, isComplex: true)
    var generator = CaseGenerator(seed: 6)
    // New memory may hold zeros anyway, so it goes where there are others.
    var z = Matrix<Double>(repeating: 9, rowCount: 3, columnCount: 7)
    z.withUnsafeMutablePointer { base in
      Rows.dense(generator.matrix(3, 5, as: Double.self)).withUnsafeBlock {
        sketch.map($0, into: RowOutput(base: base, stride: 7), workspace: Workspace())
      }
    }
    for i in 0..<3 { #expect(z[i, 6] == 0 && z[i, 5] != 0 && z[i, 5] != 9) }
  }

  @Test func constantUsesThePadding() throws {
    // With 7 coordinates the constant is the eighth: no longer transform, and the same as given.
    let (plain, shifted) = try (
      TensorSRHT(inputDimension: 8, degree: 3, outputDimension: 12, seed: 5),
      TensorSRHT(inputDimension: 7, degree: 3, outputDimension: 12, seed: 5, offset: 2.25)
    )
    let x = [0.5, -1, 2, 0.25, 1, -0.75, 1.5]
    let a = try plain.apply(to: .dense(Matrix(rows: [x + [1.5]])))
    let b = try shifted.apply(to: .dense(Matrix(rows: [x])))
    #expect(agree(a, b, .relative(1e-14)))
  }

  @Test(arguments: [TensorSRHT.Blocks.shared, .independent], [false, true])
  func fewNonzerosMakeTheBitsOfWholeTransforms(
    blocks: TensorSRHT.Blocks, isComplex: Bool
  ) throws {
    var generator = CaseGenerator(seed: 8)
    let (d, m) = (2000, 2 * 2500)
    var x = Matrix<Float>(rowCount: 4, columnCount: d)
    for i in 1..<4 {
      for _ in 0..<i { x[i, generator.int(in: 0...d - 1)] = Float(generator.normal()) }
    }
    for (m, offset) in [(24, 0.0), (24, 0.5), (m, 0.5)] {
      let sketch = try TensorSRHT(
        inputDimension: d, degree: 2, outputDimension: m, seed: 3, offset: offset, blocks: blocks,
        isComplex: isComplex)
      #expect(
        try sketch.apply(to: .sparse(SparseMatrix(x))) == sketch.apply(to: .dense(x)),
        "\(m) \(offset)")
    }
  }
}
