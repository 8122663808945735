// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Passes over contiguous numbers at the speed of memory.

/// Loops over `count` contiguous numbers, compiled for each precision.
public enum Entries {
  /// Whether none of `count` numbers is NaN or infinite.
  public static func areFinite<Scalar: RealScalar>(
    _ count: Int, _ p: UnsafePointer<Scalar>
  ) -> Bool {
    firstNonfinite(count, p) == nil
  }

  /// The position of the first NaN or infinity, if any.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func firstNonfinite<Scalar: RealScalar>(
    _ count: Int, _ p: UnsafePointer<Scalar>
  ) -> Int? {
    // x − x is 0 for finite x and NaN for all else; the lanes keep the pipeline full.
    let whole = count & ~15
    var (first, second) = (SIMD8<Scalar>.zero, SIMD8<Scalar>.zero)
    for i in stride(from: 0, to: whole, by: 16) {
      let x = UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Scalar>.self)
      let y = UnsafeRawPointer(p + i + 8).loadUnaligned(as: SIMD8<Scalar>.self)
      first += x - x
      second += y - y
    }
    var total = (first + second).sum()
    for i in whole..<count { total += p[i] - p[i] }
    guard total != 0 else { return nil }
    for i in 0..<count where !p[i].isFinite { return i }
    return nil
  }

  /// Rounds each number to another precision.
  @specialized(where From == Float, To == Double)
  @specialized(where From == Double, To == Float)
  @specialized(where From == Double, To == Double)
  package static func convert<From: RealScalar, To: RealScalar>(
    _ count: Int, _ input: UnsafePointer<From>, to output: UnsafeMutablePointer<To>
  ) {
    for i in 0..<count { output[i] = To(input[i]) }
  }

  /// Whether the two stretches hold equal numbers (a NaN equals nothing).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func areEqual<Scalar: RealScalar>(
    _ count: Int, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>
  ) -> Bool {
    for i in 0..<count where a[i] != b[i] { return false }
    return true
  }

  /// The number of entries that are not zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func nonzeroCount<Scalar: RealScalar>(
    _ count: Int, _ p: UnsafePointer<Scalar>
  ) -> Int {
    var result = 0
    for i in 0..<count where p[i] != 0 { result += 1 }
    return result
  }

  /// Lists the entries that are not zero, with their positions.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func copyNonzeros<Scalar: RealScalar>(
    _ count: Int, _ p: UnsafePointer<Scalar>, positions: UnsafeMutablePointer<Int32>,
    values: UnsafeMutablePointer<Scalar>
  ) {
    var next = 0
    for i in 0..<count where p[i] != 0 {
      positions[next] = Int32(truncatingIfNeeded: i)
      values[next] = p[i]
      next += 1
    }
  }

  /// Writes each value at its position.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scatter<Scalar: RealScalar>(
    _ count: Int, positions: UnsafePointer<Int32>, values: UnsafePointer<Scalar>,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<count { output[Int(positions[i])] = values[i] }
  }
}
