// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Sketches
import TestSupport
import Testing
import Validation

@testable import TensorSketches

@Suite struct PolySketchTests {
  /// All powers from one tree, as matrices; nil where not wanted.
  static func powers<Scalar: RealScalar>(
    _ sketch: PolySketch, _ x: Matrix<Scalar>, wanted: [Bool]
  ) -> [Matrix<Scalar>?] {
    let (n, m) = (x.rowCount, sketch.outputDimension)
    var storage = [Scalar](repeating: .nan, count: wanted.count * n * m)
    storage.withUnsafeMutableBufferPointer { buffer in
      let base = buffer.baseAddress!
      Rows.dense(x).withUnsafeBlock { block in
        sketch.powers(
          of: block,
          into: wanted.indices.map {
            wanted[$0] ? RowOutput(base: base + $0 * n * m, stride: m) : nil
          }, workspace: Workspace())
      }
    }
    return wanted.indices.map { j in
      wanted[j]
        ? try? Matrix(
          rowCount: n, columnCount: m, elements: Array(storage[j * n * m..<(j + 1) * n * m])) : nil
    }
  }

  /// A power by the definition of the tree: convolutions written out, halves split at the largest
  /// power of two below.
  static func naive(_ sketch: PolySketch, _ x: [Double], power j: Int) -> [Double] {
    let m = sketch.outputDimension
    func hashed(_ x: [Double], _ hash: SignedHash) -> [Double] {
      var result = [Double](repeating: 0, count: m)
      for (i, value) in x.enumerated() {
        let (bucket, sign) = place(hash.entry(at: i))
        result[bucket] += sign * value
      }
      return result
    }
    func convolved(_ u: [Double], _ v: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: m)
      for i in 0..<m {
        for k in 0..<m { result[(i + k) % m] += u[i] * v[k] }
      }
      return result
    }
    func value(from first: Int, count: Int) -> [Double] {
      if count == 1 {
        guard case .hash(let hash) = sketch.leaves[first] else { return [] }
        return hashed(x, hash)
      }
      var (half, level) = (1, 0)
      while 2 * half < count { (half, level) = (2 * half, level + 1) }
      let left = value(from: first, count: half)
      let right = value(from: first + half, count: count - half)
      if level == 0 { return convolved(left, right) }
      guard case .convolution(let leftHash, let rightHash) = sketch.nodes[level][first / (2 * half)]
      else { return [] }
      return convolved(hashed(left, leftHash), hashed(right, rightHash))
    }
    return value(from: 0, count: j)
  }

  @Test(arguments: [(1, 4), (2, 6), (3, 5), (5, 8), (8, 9), (13, 16), (16, 7), (21, 10)])
  func powersAreThoseOfTheDefinition(q: Int, m: Int) throws {
    let sketch = try PolySketch(inputDimension: 6, degree: q, outputDimension: m, seed: 2)
    var generator = CaseGenerator(seed: 7)
    let x = generator.matrix(3, 6, as: Double.self)
    let powers = Self.powers(sketch, x, wanted: Array(repeating: true, count: q))
    for j in 1...q {
      let expected = try Matrix(
        rows: (0..<3).map { Self.naive(sketch, Array(x.row($0)), power: j) })
      let result = try #require(powers[j - 1])
      #expect(agree(result, expected, .relative(1e-12)), "power \(j) of \(q)")
    }
  }

  @Test func unwantedPowersChangeNothing() throws {
    let q = 11
    let sketch = try PolySketch(
      inputDimension: 9, degree: q, outputDimension: 24, seed: 3, scale: 0.5, offset: 0.5)
    var generator = CaseGenerator(seed: 8)
    let x = generator.matrix(4, 9, as: Float.self)
    let all = Self.powers(sketch, x, wanted: Array(repeating: true, count: q))
    #expect(try all[q - 1] == sketch.apply(to: .dense(x)))
    forAll(cases: 30) { generator in
      (0..<generator.int(in: 0...q)).map { _ in generator.int(in: 0...2) == 0 }
    } _: { wanted in
      zip(Self.powers(sketch, x, wanted: wanted), all).enumerated().allSatisfy { j, pair in
        pair.0 == (wanted[j] ? pair.1 : nil)
      }
    }
    // A lower degree is the same tree with fewer leaves.
    for j in 1...q {
      let lower = try PolySketch(
        inputDimension: 9, degree: j, outputDimension: 24, seed: 3, scale: 0.5, offset: 0.5)
      #expect(try lower.apply(to: .dense(x)) == all[j - 1], "degree \(j)")
    }
  }

  @Test func nodeCounts() {
    for q in 1...70 {
      // Merging the first half of 2 · 2ˡ leaves needs a leaf beyond it.
      var expected: [Int] = []
      for level in 0..<8 {
        let count = (0..<q).filter { (2 * $0 + 1) << level < q }.count
        if count > 0 { expected.append(count) }
      }
      #expect(PolySketch.nodeCounts(degree: q) == expected, "degree \(q)")
    }
  }

  /// Every hash from `size` coordinates to m buckets.
  static func hashes(_ size: Int, _ m: Int) -> [SignedHash] {
    allWords(length: size, base: 2 * m).map { word in
      SignedHash(entries: word.map { Int32($0 - m) }, bucketCount: m)
    }
  }

  static func leaves(_ law: PolySketch.Leaf, _ d: Int, _ m: Int) -> [TreeLeaf] {
    switch law {
    case .countSketch: hashes(d, m).map { .hash($0) }
    case .sparseSign(let nonzeros):
      (0..<nonzeros).reduce([[]]) { sofar, block in
        let (start, end) = (block * m / nonzeros, (block + 1) * m / nonzeros)
        return sofar.flatMap { entries in
          hashes(d, end - start).map { hash in
            let shift = Int32(start)
            return entries + [
              (0..<d).map { hash.entry(at: $0) }.map { $0 < 0 ? $0 - shift : $0 + shift }
            ]
          }
        }
      }.map { (blocks: [[Int32]]) in
        .hash(
          SignedHash(
            entries: (0..<d).flatMap { j in blocks.map { $0[j] } }, bucketCount: m,
            nonzeros: nonzeros))
      }
    case .srht:
      TensorSRHTTests.factors(d: d, count: m, blocks: .independent, isComplex: false)
        .map { .hadamard($0) }
    }
  }

  static func nodes(_ law: PolySketch.Node, _ m: Int) -> [TreeNode] {
    switch law {
    case .tensorSketch:
      allPairs(hashes(m, m)).map { .convolution(left: $0, right: $1) }
    case .tensorSRHT:
      allPairs(TensorSRHTTests.factors(d: m, count: m, blocks: .shared, isComplex: false))
        .map { .product(left: $0, right: $1) }
    }
  }

  static func allPairs<Element>(_ elements: [Element]) -> [(Element, Element)] {
    elements.flatMap { first in elements.map { (first, $0) } }
  }

  struct Case: Sendable {
    let (d, q, m): (Int, Int, Int)
    var leaf = PolySketch.Leaf.countSketch
    var node = PolySketch.Node.tensorSketch
  }

  /// Every choice of all leaves and nodes, listed.
  @Test(arguments: [
    Case(d: 1, q: 1, m: 3), Case(d: 2, q: 1, m: 2), Case(d: 1, q: 3, m: 2), Case(d: 1, q: 4, m: 2),
    Case(d: 2, q: 2, m: 3), Case(d: 2, q: 3, m: 1), Case(d: 2, q: 4, m: 1),
    Case(d: 2, q: 2, m: 2, node: .tensorSRHT), Case(d: 1, q: 3, m: 2, node: .tensorSRHT),
    Case(d: 2, q: 1, m: 3, leaf: .sparseSign(nonzeros: 2)),
    Case(d: 1, q: 2, m: 2, leaf: .sparseSign(nonzeros: 2), node: .tensorSRHT),
    Case(d: 2, q: 2, m: 2, leaf: .sparseSign(nonzeros: 2)),
    Case(d: 2, q: 2, m: 2, leaf: .sparseSign(nonzeros: 2), node: .tensorSRHT),
    Case(d: 2, q: 1, m: 3, leaf: .srht), Case(d: 3, q: 1, m: 2, leaf: .srht),
    Case(d: 2, q: 2, m: 2, leaf: .srht), Case(d: 2, q: 2, m: 2, leaf: .srht, node: .tensorSRHT),
    Case(d: 1, q: 2, m: 2, leaf: .srht, node: .tensorSRHT),
  ])
  func overAllChoices(_ instance: Case) throws {
    let (d, q, m) = (instance.d, instance.q, instance.m)
    let (x, y) = (Array([0.5, -1.5, 0.75][..<d]), Array([1.25, 0.5, 1][..<d]))
    let parameters = PolySketchParameters(
      PolynomialSketchParameters(inputDimension: d, degree: q, outputDimension: m, seed: 0),
      leaf: instance.leaf, node: instance.node)
    let sketch = try PolySketch(parameters)
    let leaves = Self.leaves(instance.leaf, d, m)
    let nodes = Self.nodes(instance.node, m)
    // One choice for every node that there is.
    let shape = sketch.nodes.map(\.count)
    let choices = allWords(length: shape.reduce(0, +), base: nodes.count).map { word in
      var rest = word[...]
      return shape.map { count in
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).map { nodes[$0] }
      }
    }
    let sketches = try allWords(length: q, base: leaves.count).lazy.flatMap { choice in
      try choices.map { nodes in
        try PolySketch(parameters, leaves: choice.map { leaves[$0] }, nodes: nodes)
      }
    }
    try checkExhaustively(
      sketches, x, y, mean: kernel(sketch, x, y), variance: sketch.variance(x, y),
      "\(instance)")
  }

  @Test func refusesImpossibleLeaves() {
    for nonzeros in [0, -1, 5, Int.max] {
      #expect(throws: InvalidInput.self) {
        try PolySketch(
          inputDimension: 3, degree: 2, outputDimension: 4, seed: 0,
          leaf: .sparseSign(nonzeros: nonzeros))
      }
    }
  }

  @Test func powersOfATreeHaveTheVarianceOfTheirOwnTree() throws {
    let (x, y) = ([0.5, 0.25, -1], [1, 0.5, 0.75])
    let tree = try PolySketch(inputDimension: 3, degree: 9, outputDimension: 16, seed: 0)
    for j in 1...9 {
      let own = try PolySketch(inputDimension: 3, degree: j, outputDimension: 16, seed: 0)
      #expect(try tree.variance(ofPower: j, x, y) == own.variance(x, y))
    }
    for j in [0, -1, 10] {
      #expect(throws: InvalidInput.self) { try tree.variance(ofPower: j, x, y) }
    }
    // At degree 12 the tree is far better than one flat convolution.
    let unit = [Double](repeating: 0.25, count: 16)
    let flat = try TensorSketch(inputDimension: 16, degree: 12, outputDimension: 64, seed: 0)
    let deep = try PolySketch(inputDimension: 16, degree: 12, outputDimension: 64, seed: 0)
    #expect(try 10 * deep.variance(unit, unit) < flat.variance(unit, unit))
  }
}
