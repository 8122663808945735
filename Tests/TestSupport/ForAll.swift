// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Property tests: a statement checked on generated cases, the failing case shrunk and printed.

import LinearAlgebra
import Randomness
import Testing

/// Random choices of one generated case, drawn in order from a seed.
public struct CaseGenerator {
  private let stream: RandomStream
  private var position: UInt64 = 0

  public init(seed: UInt64) {
    stream = RandomKey(seed: seed).child("case").stream
  }

  /// A uniform whole number in `range`.
  public mutating func int(in range: ClosedRange<Int>) -> Int {
    defer { position += 1 }
    return range.lowerBound + stream.bucket(at: position, count: range.count)
  }

  /// A uniform 32-bit seed.
  public mutating func seed() -> UInt64 {
    defer { position += 1 }
    return UInt64(stream.word(at: position))
  }

  /// A standard normal number.
  public mutating func normal() -> Double {
    defer { position += 1 }
    return RandomKey(seed: UInt64(stream.word(at: position))).child("normal").stream.normal(at: 0)
  }

  /// A matrix of standard normal entries, each zero with probability 1 − `density`.
  public mutating func matrix<Scalar: RealScalar>(
    _ rowCount: Int, _ columnCount: Int, density: Double = 1, as type: Scalar.Type
  ) -> Matrix<Scalar> {
    let key = RandomKey(seed: seed())
    let (values, zeros) = (key.child("values").stream, key.child("zeros").stream)
    return Matrix(rowCount: rowCount, columnCount: columnCount) { output in
      for i in 0..<rowCount * columnCount {
        let keep = density >= 1 || zeros.uniform(at: UInt64(i)) < density
        output[i] = keep ? Scalar(values.normal(at: UInt64(i))) : 0
      }
    }
  }
}

/// Checks `property` on cases made by `generate` from seeds 0, 1, 2, …; on failure shrinks the case
/// while it still fails and records seed and smallest case.
public func forAll<Case>(
  cases: Int = 50, _ generate: (inout CaseGenerator) -> Case,
  shrink: (Case) -> [Case] = { _ in [] },
  sourceLocation: SourceLocation = #_sourceLocation,
  _ property: (Case) throws -> Bool
) {
  func fails(_ candidate: Case) -> Bool {
    do { return try !property(candidate) } catch { return true }
  }
  for seed in 0..<UInt64(cases) {
    var generator = CaseGenerator(seed: seed)
    var failing = generate(&generator)
    guard fails(failing) else { continue }
    while let smaller = shrink(failing).first(where: fails) { failing = smaller }
    var thrown = ""
    do { _ = try property(failing) } catch { thrown = ", which throws \(error)" }
    Issue.record(
      "seed \(seed) fails; smallest case: \(failing)\(thrown)", sourceLocation: sourceLocation)
    return
  }
}

/// Smaller values of a whole number, for shrinking: the minimum, the half, one less.
public func smaller(_ value: Int, downTo minimum: Int = 1) -> [Int] {
  value > minimum
    ? Array(Set([minimum, max(minimum, value / 2), value - 1])).sorted() : []
}
