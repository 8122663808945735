// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Draws from any finite distribution, in constant time each.

import Validation

/// A distribution on `0..<count` with given weights, from which a draw costs O(1).
///
/// A draw picks a column uniformly and then either the column itself or its alias. The chance to stay
/// is rounded to a multiple of 2⁻³², never to zero; `probability(of:)` tells the distribution after that
/// rounding, which draws follow as exactly as their uniform column does (to within 2⁻³²).
///
/// - Source: Walker, "An efficient method for generating discrete random variables with general
///   distributions", ACM TOMS 3, 1977; Vose, 1991, for building it.
public struct AliasTable: Sendable {
  /// In units of 2⁻³²: the chance that column i stays i, from 1 to 2³².
  private let chances: [UInt64]
  private let aliases: [Int32]
  private let probabilities: [Double]

  public var count: Int { chances.count }

  /// - Parameter weights: proportional to the probabilities.
  /// - Throws: `InvalidInput` unless there are 1 to 2³¹ − 1 weights, all finite and above 0, with a
  ///   finite sum. Cost: O(count) time, 20 bytes of memory per weight.
  public init(weights: [Double]) throws {
    try Check.dimension(weights.count, "number of weights")
    for (index, weight) in weights.enumerated() {
      try Check.positive(weight, "weight \(index)")
    }
    let total = weights.reduce(0, +)
    try Check.positive(total, "sum of the weights")
    let unit = 4_294_967_296.0
    let count = Double(weights.count)
    var chances = [UInt64](repeating: 1 << 32, count: weights.count)
    var aliases = (0..<Int32(weights.count)).map { $0 }
    // Columns below the average are filled up by one above it, whose remainder goes on.
    var rest = weights.map { $0 / total * count }
    var small = rest.indices.filter { rest[$0] < 1 }
    var large = rest.indices.filter { rest[$0] >= 1 }
    while let low = small.popLast(), let high = large.last {
      chances[low] = max(1, UInt64((rest[low] * unit).rounded()))
      aliases[low] = Int32(high)
      rest[high] -= 1 - rest[low]
      if rest[high] < 1 {
        large.removeLast()
        small.append(high)
      }
    }
    var units = chances.map { Double($0) }
    for (chance, alias) in zip(chances, aliases) {
      units[Int(alias)] += unit - Double(chance)
    }
    self.chances = chances
    self.aliases = aliases
    probabilities = units.map { $0 / (unit * count) }
  }

  /// The probability with which `index` is drawn.
  public func probability(of index: Int) -> Double { probabilities[index] }

  /// Draw number `position` of a stream: words 2 · `position` and the one after it.
  public func draw(at position: UInt64, from stream: RandomStream) -> Int {
    let words = stream.words(block: position >> 1)
    let (first, second) =
      position & 1 == 0 ? (words.x, words.y) : (words.z, words.w)
    let column = Int((UInt64(first) &* UInt64(count)) >> 32)
    return UInt64(second) < chances[column] ? column : Int(aliases[column])
  }
}
