// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// From (γ⟨x, y⟩ + r)^q to a plain power: one more coordinate, and exact scaling of every row.

import LinearAlgebra
import Sketches

/// Sees a point x as x⁺ = (x, √(r/γ)), so that (γ⟨x, y⟩ + r)^j = γʲ⟨x⁺, y⁺⟩ʲ.
///
/// Rows are brought to norm 1 to 2 by a power of two before they are multiplied together, so that
/// intermediate numbers neither overflow nor vanish; being exact, this changes no bits otherwise.
struct Homogenization: Sendable {
  /// d, without the extra coordinate.
  let inputDimension: Int
  /// √(r/γ); 0 where there is no extra coordinate.
  var extra: Double
  private let parameters: PolynomialSketchParameters

  init(_ parameters: PolynomialSketchParameters) {
    self.parameters = parameters
    inputDimension = parameters.inputDimension
    extra = (parameters.offset / parameters.scale).squareRoot()
  }

  /// - Throws: `InvalidInput` if there are no such sketches.
  init(validated parameters: PolynomialSketchParameters) throws {
    try parameters.validate()
    self.init(parameters)
  }

  /// The number of entries of x⁺.
  var dimension: Int { inputDimension + (extra > 0 ? 1 : 0) }

  /// e with |x⁺| between 2ᵉ and 2ᵉ⁺¹; 0 for a zero row.
  func exponent<Scalar: RealScalar>(ofRow i: Int, of rows: RowBlock<Scalar>) -> Int {
    let square = rows.squaredNorm(ofRow: i) + extra * extra
    return Homogenization.exponent(square: square, Scalar.self)
  }

  /// e with |x| between 2ᵉ and 2ᵉ⁺¹ from |x|²; 0 for 0.
  static func exponent<Scalar: RealScalar>(square: Double, _ type: Scalar.Type) -> Int {
    let limit = Int(Scalar.greatestFiniteMagnitude.exponent) - 1
    guard square > 0 else { return 0 }
    return square.isFinite ? max(-limit, min(limit, Int(square.exponent) >> 1)) : limit
  }

  /// Adds 2⁻ᵉ times the CountSketch of x⁺ for row `i` to `output`.
  func add<Scalar: RealScalar>(
    row i: Int, of rows: RowBlock<Scalar>, exponent: Int, by hash: SignedHash,
    to output: UnsafeMutablePointer<Scalar>
  ) {
    let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    hash.add(row: i, of: rows, scale: Scalar(scale), to: output)
    if extra > 0 { hash.add(Scalar(extra * scale), at: inputDimension, to: output) }
  }

  /// What a sketch of the j-th power of 2⁻ᵉ x⁺ must be multiplied by: (2ᵉ√γ)ʲ.
  func factor<Scalar: RealScalar>(ofPower j: Int, exponent: Int) -> Scalar {
    let root = parameters.scale.squareRoot()
    return Scalar(power(root * Double(sign: .plus, exponent: exponent, significand: 1), j))
  }

  /// The moments of the pair (√γ x, √r), (√γ y, √r).
  func moments(_ x: [Double], _ y: [Double]) throws -> PairMoments {
    let (g, r) = (parameters.scale, parameters.offset)
    // The norms enter as a product, so they are taken one at a time.
    let plain = try PairMoments(x, y, dimension: inputDimension)
    let squareX = try PairMoments(x, x, dimension: inputDimension).product
    let squareY = try PairMoments(y, y, dimension: inputDimension).product
    return PairMoments(
      product: g * plain.product + r, norms: (g * squareX + r) * (g * squareY + r),
      diagonal: g * g * plain.diagonal + r * r)
  }
}
