// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How many columns each part of a feature vector gets.

/// Columns shared among independent sketches so that the total variance Σ eᵢ²/Dᵢ is least:
/// Dᵢ ∝ eᵢ, rounded down, where eᵢ² is the variance that part i would have with one column.
///
/// Parts that would get fewer than `minimum` columns get none: what they stand for is lost, which
/// costs less than taking columns from the rest.
///
/// - Source: Lagrange's condition for Σ eᵢ²/Dᵢ under Σ Dᵢ = D; Wacker, Ohana, Filippone 2022.
func allocateColumns(_ columnCount: Int, errors: [Double], minimum: Int = 3) -> [Int] {
  let largest = errors.max() ?? 0
  guard largest > 0 else { return errors.map { _ in 0 } }
  var active = errors.indices.filter { errors[$0] > 0 }
  var result = [Int](repeating: 0, count: errors.count)
  while !active.isEmpty {
    let total = active.reduce(0.0) { $0 + errors[$1] / largest }
    for index in active {
      result[index] = Int(Double(columnCount) * (errors[index] / largest / total))
    }
    guard let least = active.min(by: { result[$0] < result[$1] }), result[least] < minimum else {
      break
    }
    result[least] = 0
    active.removeAll { $0 == least }
  }
  return result
}
