// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Normal numbers by Box-Muller with our own logarithm, sine and cosine, so that every machine
// computes the same bits (system mathematics libraries differ in the last one).

extension RandomStream {
  /// The four independent standard normal numbers of block number `block`.
  ///
  /// Words (w₀, w₁) give √(−2 ln u)·(cos 2πv, sin 2πv) with u = (w₀ + ½)/2³², v = w₁/2³², and
  /// (w₂, w₃) the other two. No number exceeds √(2 ln 2³³) ≈ 6.77 in size; the lost tail has
  /// probability below 2⁻³². Only correctly rounded operations are used, in a fixed order.
  /// Accuracy: a few units in the last place of a `Double`.
  ///
  /// - Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
  @inlinable
  public func normals(block: UInt64) -> SIMD4<Double> {
    let words = words(block: block)
    let radius = SIMD2(
      portableRadius((Double(words.x) + 0.5) * 0x1p-32),
      portableRadius((Double(words.z) + 0.5) * 0x1p-32))
    let (cosine0, sine0) = portableTurn(words.y)
    let (cosine1, sine1) = portableTurn(words.w)
    return SIMD4(
      radius.x * cosine0, radius.x * sine0, radius.y * cosine1, radius.y * sine1)
  }

  /// Number `index` of a sequence of independent standard normal numbers.
  @inlinable
  public func normal(at index: UInt64) -> Double {
    normals(block: index >> 2)[Int(index & 3)]
  }
}

/// √(−2 ln u) for u in (0, 1).
@inlinable
func portableRadius(_ u: Double) -> Double {
  // u = 2ᵉ m with m in [√½, √2); ln m = 2 artanh(t), t = (m − 1)/(m + 1), |t| ≤ 0.1716.
  // (`exponent` and `significand` are calls into the standard library and twice as slow.)
  var exponent = Double(Int(u.bitPattern >> 52) - 1023)
  var m = Double(bitPattern: u.bitPattern & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
  if m > 1.4142135623730951 {
    m *= 0.5
    exponent += 1
  }
  let t = (m - 1) / (m + 1)
  let s = t * t
  var p = 1.0 / 21
  p = p * s + 1.0 / 19
  p = p * s + 1.0 / 17
  p = p * s + 1.0 / 15
  p = p * s + 1.0 / 13
  p = p * s + 1.0 / 11
  p = p * s + 1.0 / 9
  p = p * s + 1.0 / 7
  p = p * s + 1.0 / 5
  p = p * s + 1.0 / 3
  let logarithm = exponent * 0.6931471805599453 + 2 * (t + t * (s * p))
  return (-2 * logarithm).squareRoot()
}

/// (cos 2πv, sin 2πv) for v = word/2³².
@inlinable
func portableTurn(_ word: UInt32) -> (cosine: Double, sine: Double) {
  // The nearest quarter turn, and what remains in [−⅛, ⅛) of a turn; both are exact.
  let quarter = (word &+ 0x2000_0000) >> 30
  let rest = Double(Int32(bitPattern: word &- (quarter << 30))) * 0x1p-32
  let x = rest * 6.283185307179586
  let s = x * x
  var p = -1.0 / 1_307_674_368_000
  p = p * s + 1.0 / 6_227_020_800
  p = p * s - 1.0 / 39_916_800
  p = p * s + 1.0 / 362_880
  p = p * s - 1.0 / 5_040
  p = p * s + 1.0 / 120
  p = p * s - 1.0 / 6
  let sine = x + x * (s * p)
  var q = 1.0 / 20_922_789_888_000
  q = q * s - 1.0 / 87_178_291_200
  q = q * s + 1.0 / 479_001_600
  q = q * s - 1.0 / 3_628_800
  q = q * s + 1.0 / 40_320
  q = q * s - 1.0 / 720
  q = q * s + 1.0 / 24
  let cosine = 1 - 0.5 * s + s * (s * q)
  switch quarter & 3 {
  case 0: return (cosine, sine)
  case 1: return (-sine, cosine)
  case 2: return (-cosine, -sine)
  default: return (sine, -cosine)
  }
}
