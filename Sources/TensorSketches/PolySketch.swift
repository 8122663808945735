// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// PolySketch: a tree of degree-2 sketches, which tames high powers.

import LinearAlgebra
import Randomness
import Sketches
import Transforms
import Validation

/// The parameters of a `PolySketch`.
public struct PolySketchParameters: PolynomialParameters, Codable, Hashable, Sendable {
  public var polynomial: PolynomialSketchParameters
  public var leaf: PolySketch.Leaf
  public var node: PolySketch.Node

  public init(
    _ polynomial: PolynomialSketchParameters, leaf: PolySketch.Leaf = .countSketch,
    node: PolySketch.Node = .tensorSketch
  ) {
    self.polynomial = polynomial
    self.leaf = leaf
    self.node = node
  }

  public var leastOutputDimension: Int {
    if case .sparseSign(let nonzeros) = leaf { nonzeros } else { 1 }
  }

  func validate() throws {
    try polynomial.validate()
    switch leaf {
    case .countSketch: break
    case .sparseSign(let nonzeros):
      try Check.dimension(nonzeros, "nonzeros", upTo: polynomial.outputDimension)
    case .srht:
      try Check.dimension(polynomial.inputDimension, "input dimension", upTo: (1 << 26) - 1)
    }
  }

  /// Whether the lowest nodes convolve the leaves as they are: CountSketches need no further hash.
  var joinsLeavesDirectly: Bool { leaf == .countSketch && node == .tensorSketch }
}

/// The tree sketch of a power: linear sketches at the leaves, degree-2 tensor sketches at the nodes.
///
/// E⟨Sx, Sy⟩ = (γ⟨x, y⟩ + r)^q, with a variance that grows linearly in q where a flat TensorSketch's
/// grows exponentially. Leaves stand in a row; those 2ˡ at a time form complete trees, and power j is
/// made of the complete trees of its binary digits, merged from the smallest up. So one tree of q
/// leaves holds all powers 1 … q (`powers(of:into:workspace:)`), with no padding to a power of two.
/// Power 0 is the constant 1 and is not computed. The sketches of different powers share randomness:
/// each alone is unbiased.
///
/// CountSketch leaves with TensorSketch nodes, the default, have mostly the least variance and cost
/// least on sparse rows; a node hashes both children anew and convolves them, the lowest nodes
/// convolve the leaves as they are. Rows are computed one by one, so their bits are the same for any
/// batch and tile.
///
/// - Complexity: per row q leaves and O(q m log m) for the top power; each further power adds at most
///   log₂ q nodes of O(m log m). A leaf costs s additions per nonzero (s = 1 for CountSketch) or, as
///   an SRHT, O(⌈m/L⌉ L log L) with L = d rounded up to a power of two, or O(m nonzeros) where that is
///   less. Tables of 4q(sd + m) bytes (hashes of d entries not beyond 4 MB), for SRHT leaves
///   q(d + 4m) bytes.
/// - Source: Ahle, Kapralov, Knudsen, Pagh, Velingker, Woodruff, Zandieh, "Oblivious sketching of
///   high-degree polynomial kernels", SODA 2020.
public struct PolySketch: PolynomialSketch {
  public static let law = "polySketch"
  public let parameters: PolySketchParameters
  let input: Homogenization
  let transform: FourierTransform
  let leaves: [TreeLeaf]
  /// The nodes of level l = 0, 1, … at index l; node i merges the complete tree of the leaves from
  /// 2i · 2ˡ on with what follows it. Level 0 is empty where leaves are convolved as they are.
  let nodes: [[TreeNode]]

  /// The sketch from d to m at a leaf.
  public enum Leaf: Codable, Hashable, Sendable {
    case countSketch
    /// So many entries ±1/√nonzeros in every column, one in each of as many blocks of rows.
    case sparseSign(nonzeros: Int)
    case srht
  }

  /// The sketch from m² to m at a node.
  public enum Node: String, Codable, Hashable, Sendable {
    case tensorSketch, tensorSRHT
  }

  /// - Throws: `InvalidInput` if a parameter is out of the range told at
  ///   `PolynomialSketchParameters`, there are not 1 to m nonzeros, or d ≥ 2²⁶ for SRHT leaves.
  public init(_ parameters: PolySketchParameters) throws {
    try parameters.validate()
    let polynomial = parameters.polynomial
    let (degree, m) = (polynomial.degree, polynomial.outputDimension)
    let key = RandomKey(seed: polynomial.seed).child("PolySketch")
    let dimension = Homogenization(polynomial).dimension
    let leaves = try (0..<degree).map {
      try TreeLeaf(
        parameters.leaf, key: key.child("leaf", $0), inputDimension: dimension, outputDimension: m,
        tabulated: dimension * degree <= SignedHash.sharedTableLimit)
    }
    let nodes = try PolySketch.nodeCounts(degree: degree).enumerated().map { level, count in
      try (0..<(level == 0 && parameters.joinsLeavesDirectly ? 0 : count)).map { index in
        try TreeNode(
          parameters.node, key: key.child("level", level).child("node", index), dimension: m,
          tabulated: m * degree <= SignedHash.sharedTableLimit)
      }
    }
    try self.init(parameters, leaves: leaves, nodes: nodes)
  }

  /// The tree with the given leaves and nodes.
  init(_ parameters: PolySketchParameters, leaves: [TreeLeaf], nodes: [[TreeNode]]) throws {
    self.parameters = parameters
    self.leaves = leaves
    self.nodes = nodes
    input = Homogenization(parameters.polynomial)
    transform = try FourierTransform(length: parameters.polynomial.outputDimension)
  }

  /// How many nodes the levels 0, 1, … have: those whose right child has a leaf.
  static func nodeCounts(degree: Int) -> [Int] {
    var counts: [Int] = []
    var width = 1
    while width < degree {
      // Node i needs (2i + 1) · width < degree.
      counts.append((degree - width - 1) / (2 * width) + 1)
      width *= 2
    }
    return counts
  }

  public var passesOnNonfinite: Bool { true }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    map(rows, minus: nil, into: output, workspace: workspace)
  }

  /// What `map` takes off rows that are to be sketched less multiples of m, a row of d entries.
  package func leafImages(of m: RowBlock<Double>) -> LeafImages {
    LeafImages(leaves.flatMap { $0.image(of: m, under: input) }, count: outputDimension)
  }

  /// Writes the images of the rows less multiples of one vector.
  package func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, minus multiples: Multiples?, into output: RowOutput<Scalar>,
    workspace: Workspace
  ) {
    powers(
      of: rows, minus: multiples, into: Array(repeating: nil, count: degree - 1) + [output],
      workspace: workspace)
  }
}

extension PolynomialSketch where Parameters == PolySketchParameters {
  /// The sketch of (γ⟨x, y⟩ + r)^q with γ = `scale` and r = `offset`, drawn by `seed`.
  ///
  /// - Throws: `InvalidInput` as `init(_:)` does.
  public init(
    inputDimension: Int, degree: Int, outputDimension: Int, seed: UInt64, scale: Double = 1,
    offset: Double = 0, leaf: PolySketch.Leaf = .countSketch,
    node: PolySketch.Node = .tensorSketch
  ) throws {
    try self.init(
      PolySketchParameters(
        PolynomialSketchParameters(
          inputDimension: inputDimension, degree: degree, outputDimension: outputDimension,
          seed: seed, scale: scale, offset: offset),
        leaf: leaf, node: node))
  }
}
