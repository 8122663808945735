// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Means and variances of sketched inner products of whole numbers, in whole numbers.

import LinearAlgebra
import Testing

/// What is proved of ⟨Sx, Sy⟩ for vectors of whole numbers: a whole mean, and a variance
/// `numerator/denominator`.
public struct ExactMoments: Sendable {
  public let mean: Int
  public let numerator: Int
  public let denominator: Int
  /// `unit`⟨Sx, Sy⟩ is a whole number whatever S.
  public let unit: Int

  public init(mean: Int, variance numerator: Int, over denominator: Int, unit: Int) {
    (self.mean, self.numerator, self.denominator, self.unit) = (mean, numerator, denominator, unit)
  }

  public var variance: Double { Double(numerator) / Double(denominator) }
}

/// a = ⟨x, y⟩², b = |x|²|y|² − Σ xₖ²yₖ² and c = a − Σ xₖ²yₖ², of which the variances of sketches are
/// made.
public struct WholePair: Sendable {
  public let (product, a, b, c, diagonal): (Int, Int, Int, Int, Int)

  public init(_ x: [Int], _ y: [Int]) {
    func sum(_ terms: [Int]) -> Int { terms.reduce(0, +) }
    product = sum(zip(x, y).map(*))
    diagonal = sum(zip(x, y).map { $0 * $0 * $1 * $1 })
    a = product * product
    b = sum(x.map { $0 * $0 }) * sum(y.map { $0 * $0 }) - diagonal
    c = a - diagonal
  }

  /// The variance of one row of signs, |x|²|y|² + ⟨x, y⟩² − 2 Σ xₖ²yₖ².
  public var signVariance: Int { b + c }
}

/// n^q.
public func wholePower(_ n: Int, _ q: Int) -> Int { (0..<q).reduce(1) { power, _ in power * n } }

extension ExactMoments {
  /// The moments of m columns of TensorSketch of the product of the pairs.
  public static func tensorSketch(_ pairs: [WholePair], columns m: Int) -> ExactMoments {
    func product(_ factor: (WholePair) -> Int) -> Int { pairs.map(factor).reduce(1, *) }
    let a = product { $0.a }
    let (ab, ac) = (product { $0.a + $0.b }, product { $0.a + $0.c })
    let all = product { $0.a + $0.b + $0.c }
    return ExactMoments(
      mean: product { $0.product },
      variance: m * (ab + ac - 2 * a) + (m % 2 == 0 ? 2 : 1) * (all - ab - ac + a), over: m * m,
      unit: 1)
  }
}

/// Checks mean and variance of ⟨Sx, Sy⟩ over all maps of a law, each equally likely: equal to what is
/// proved as whole numbers are equal, and to the variance that the code states.
///
/// Each `unit`⟨Sx, Sy⟩ has to be a whole number to within 10⁻⁶, and is rounded to it.
public func checkExactly<Maps: Sequence>(
  _ maps: Maps, _ x: [Double], _ y: [Double], _ expected: ExactMoments, stated: Double,
  _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws where Maps.Element: RowMap {
  var (count, sum, squares) = (Int128(0), Int128(0), Int128(0))
  var farthest = 0.0
  for map in maps {
    let product = try sketchedProduct(map, x, y) * Double(expected.unit)
    farthest = max(farthest, abs(product - product.rounded()))
    let whole = Int128(product.rounded())
    count += 1
    sum += whole
    squares += whole * whole
  }
  #expect(farthest < 1e-6, "\(name): \(farthest) off", sourceLocation: sourceLocation)
  let unit = Int128(expected.unit)
  #expect(
    sum == count * unit * Int128(expected.mean), "\(name): mean \(sum)/\(count * unit)",
    sourceLocation: sourceLocation)
  #expect(
    (count * squares - sum * sum) * Int128(expected.denominator)
      == Int128(expected.numerator) * (unit * count) * (unit * count),
    "\(name): variance \(count * squares - sum * sum)/\((unit * count) * (unit * count))",
    sourceLocation: sourceLocation)
  #expect(
    abs(stated - expected.variance) <= 1e-12 * (abs(expected.variance) + 1e-12),
    "\(name): states \(stated), not \(expected.variance)", sourceLocation: sourceLocation)
}
