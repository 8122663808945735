// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The exact variance of the tree, by three moments that close under its leaves and nodes.

import Sketches
import Transforms
import Validation

/// Expected second moments of the images u of x and u′ of y under some part of a tree.
struct TreeMoments {
  /// E⟨u, u′⟩².
  var product: Double
  /// E|u|²|u′|².
  var norms: Double
  /// E Σₖ uₖ²u′ₖ².
  var diagonal: Double

  /// E Σ_{i≠k} uᵢ²u′ₖ² and E Σ_{i≠k} uᵢu′ᵢuₖu′ₖ.
  private var apart: Double { norms - diagonal }
  private var crossed: Double { product - diagonal }

  /// E⟨w, u⟩²⟨w, u′⟩² for random signs w.
  private var signed: Double { norms + 2 * crossed }

  /// The moments after an independent leaf to m numbers.
  func sketched(by leaf: PolySketch.Leaf, dimension: Int, to m: Int) -> TreeMoments {
    switch leaf {
    case .countSketch: hashed(to: m, nonzeros: 1)
    case .sparseSign(let nonzeros): hashed(to: m, nonzeros: nonzeros)
    case .srht: transformed(dimension: dimension, to: m)
    }
  }

  /// After CountSketches to as many blocks of m numbers, over the square root of their number.
  private func hashed(to m: Int, nonzeros: Int) -> TreeMoments {
    let blocks = Double(nonzeros)
    let collisions = SignedHash.varianceFactor(nonzeros: nonzeros, bucketCount: m)
    return TreeMoments(
      product: product + (apart + crossed) * collisions,
      norms: norms + 2 * crossed * collisions,
      diagonal: diagonal / blocks + (apart + 2 * crossed) * collisions)
  }

  /// After an SRHT from `dimension`, in blocks of L outputs.
  private func transformed(dimension: Int, to m: Int) -> TreeMoments {
    let length = Double(WalshHadamard.paddedLength(dimension))
    let count = Double(m)
    let rest = count.truncatingRemainder(dividingBy: length)
    // Ordered pairs of outputs of one block, in which rows of H are never the same.
    let within = (count - rest) * (length - 1) + rest * (rest - 1)
    let weight = within / max(1, length - 1)
    return TreeMoments(
      product: product + (count - weight) * (apart + crossed) / (count * count),
      norms: norms + 2 * (count - weight) * crossed / (count * count),
      diagonal: signed / count)
  }

  /// The moments after a node to m numbers of u and an independent v.
  static func joined(
    _ u: TreeMoments, _ v: TreeMoments, by node: PolySketch.Node, to m: Int
  ) -> TreeMoments {
    switch node {
    case .tensorSketch: tensorSketched(u, v, to: m)
    case .tensorSRHT: tensorTransformed(u, v, to: m)
    }
  }

  /// After a degree-2 TensorSketch.
  ///
  /// In each factor the signs let four indices survive only if all are equal or they pair off in one
  /// of three ways. Two pairings of one kind collide with probability 1/m; pairings of two kinds must
  /// meet two conditions, U + V = 0 and U − V = 0, which hold with probability κ/m².
  static func tensorSketched(_ u: TreeMoments, _ v: TreeMoments, to m: Int) -> TreeMoments {
    let kappa = m % 2 == 0 ? 2.0 : 1.0
    let m = Double(m)
    let crossing = u.crossed * v.crossed
    let mixed = u.apart * v.crossed + u.crossed * v.apart
    return TreeMoments(
      product: u.product * v.product
        + (u.product * (v.apart + v.crossed) + (u.apart + u.crossed) * v.product
          + u.apart * v.apart + crossing) / m + kappa * mixed / (m * m),
      norms: u.norms * v.norms
        + 2 * (u.norms * v.crossed + u.crossed * v.norms + crossing) / m
        + 2 * kappa * crossing / (m * m),
      diagonal: u.diagonal * v.diagonal
        + (u.diagonal * (v.apart + 2 * v.crossed) + (u.apart + 2 * u.crossed) * v.diagonal
          + u.apart * v.apart + 2 * crossing) / m + 2 * (mixed + crossing) / (m * m))
  }

  /// After a degree-2 TensorSRHT: entries with themselves, and pairs of entries, which never share
  /// their rows of H on either side.
  private static func tensorTransformed(
    _ u: TreeMoments, _ v: TreeMoments, to m: Int
  ) -> TreeMoments {
    let weight = 1 / Double(max(1, WalshHadamard.paddedLength(m) - 1))
    let alone = u.signed * v.signed / Double(m)
    let pairs = Double(m - 1) / Double(m)
    func product(_ u: TreeMoments) -> Double { u.product - weight * (u.apart + u.crossed) }
    func norms(_ u: TreeMoments) -> Double { u.norms - 2 * weight * u.crossed }
    return TreeMoments(
      product: alone + pairs * product(u) * product(v),
      norms: alone + pairs * norms(u) * norms(v), diagonal: alone)
  }
}

extension PolySketch {
  /// The exact variance of the top power. Cost: O(d + log q).
  public static func variance(
    _ x: [Double], _ y: [Double], parameters: PolySketchParameters
  ) throws -> Double {
    try variance(ofPower: parameters.polynomial.degree, x, y, parameters: parameters)
  }

  /// The exact variance of power j, `1 ≤ j ≤ q`, over all random choices of the tree.
  ///
  /// - Throws: `InvalidInput` if j is out of range, or x or y does not have d entries, all finite.
  public func variance(ofPower j: Int, _ x: [Double], _ y: [Double]) throws -> Double {
    try PolySketch.variance(ofPower: j, x, y, parameters: parameters)
  }

  private static func variance(
    ofPower j: Int, _ x: [Double], _ y: [Double], parameters: PolySketchParameters
  ) throws -> Double {
    try parameters.validate()
    try Check.dimension(j, "power", upTo: parameters.polynomial.degree)
    let moments = try Homogenization(parameters.polynomial).moments(x, y)
    return variance(moments, power: j, parameters: parameters)
  }

  /// The same for a pair of points of which only the moments are known.
  package static func variance(
    _ pair: PairMoments, power j: Int, parameters: PolySketchParameters
  ) -> Double {
    let m = parameters.polynomial.outputDimension
    let point = TreeMoments(
      product: pair.product * pair.product, norms: pair.norms, diagonal: pair.diagonal)
    let leaf = point.sketched(
      by: parameters.leaf, dimension: Homogenization(parameters.polynomial).dimension, to: m)
    var complete = [leaf]
    while 1 << complete.count <= j {
      let half =
        complete.count == 1 && parameters.joinsLeavesDirectly ? point : complete.last!
      complete.append(.joined(half, half, by: parameters.node, to: m))
    }
    var moments = complete[j.trailingZeroBitCount]
    var rest = j & (j - 1)
    while rest > 0 {
      moments = .joined(
        complete[rest.trailingZeroBitCount], moments, by: parameters.node, to: m)
      rest &= rest - 1
    }
    return max(0, moments.product - TensorSketches.power(pair.product * pair.product, j))
  }
}
