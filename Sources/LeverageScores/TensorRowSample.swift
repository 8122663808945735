// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows drawn from tensor powers of data, and the monomials that they are.

/// Rows drawn independently, with replacement, from A = ⊕_j √c_j X^{⊗j} (column i of X holds point xᵢ),
/// which has a column for each point and AᵀA = K.
///
/// The row of a tuple (i₁, …, i_j) holds √c_j x_{i₁} ⋯ x_{i_j} for every point x. With rows r drawn with
/// probabilities p, the matrix B of the rows r/√(s p), s draws in all, has E BᵀB = K.
public struct TensorRowSample: Hashable, Codable, Sendable {
  /// λ of the leverage scores.
  public let ridge: Double
  /// The sampler's estimate of s_λ.
  public let statisticalDimension: Double
  /// The column of each factor, draw by draw.
  public let tuples: [[Int]]
  /// The probability p with which each tuple was drawn: exactly the one used, whatever the sampler's
  /// error.
  public let probabilities: [Double]
  /// c_j/(s p): what x_{i₁}² ⋯ x_{i_j}² counts in K(x, x).
  public let weights: [Double]

  /// The draws as monomials, permuted tuples and repeated draws merged: BᵀB stays the same.
  ///
  /// Only for powers of one factor. In order of degree, then of indices.
  public var monomials: [Monomial] {
    var merged: [[Int]: Double] = [:]
    for (tuple, weight) in zip(tuples, weights) { merged[tuple.sorted(), default: 0] += weight }
    return merged.map { Monomial(indices: $0.key, weight: $0.value) }.sorted { a, b in
      a.degree != b.degree
        ? a.degree < b.degree : a.indices.lexicographicallyPrecedes(b.indices)
    }
  }
}

/// √weight · x_{i₁} ⋯ x_{i_j} as a feature of x.
public struct Monomial: Hashable, Codable, Sendable {
  /// i₁ ≤ … ≤ i_j, from 0; none for the constant.
  public let indices: [Int]
  /// The square of the factor before the product.
  public let weight: Double

  public init(indices: [Int], weight: Double) {
    self.indices = indices.sorted()
    self.weight = weight
  }

  public var degree: Int { indices.count }

  /// The product as text, such as `age² height`, with the names of columns or x0, x1, …
  public func description(names: [String]? = nil) -> String {
    guard !indices.isEmpty else { return "1" }
    let powers = Dictionary(grouping: indices) { $0 }
    return powers.keys.sorted().map { index in
      let name = names.flatMap { index < $0.count ? $0[index] : nil } ?? "x\(index)"
      let power = powers[index]?.count ?? 1
      return power == 1 ? name : name + String(power).map(superscript).joined()
    }.joined(separator: " ")
  }

  private func superscript(_ digit: Character) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return digit.wholeNumberValue.map { String(digits[$0]) } ?? ""
  }
}
