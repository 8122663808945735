// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How many columns each part of a feature vector gets.

/// Columns shared among independent sketches so that the total variance Σ eᵢ²/Dᵢ is least:
/// Dᵢ ∝ eᵢ, rounded down, where eᵢ² is the variance that part i would have with one column.
///
/// Parts that would get fewer columns than their minimum get none, the furthest below it first: what they
/// stand for is lost, which costs less than taking columns from the rest.
///
/// - Source: Lagrange's condition for Σ eᵢ²/Dᵢ under Σ Dᵢ = D; Wacker, Ohana, Filippone 2022.
func allocateColumns(_ columnCount: Int, errors: [Double], minimums: [Int]) -> [Int] {
  let largest = errors.max() ?? 0
  guard largest > 0 else { return errors.map { _ in 0 } }
  var active = errors.indices.filter { errors[$0] > 0 }
  var result = [Int](repeating: 0, count: errors.count)
  while !active.isEmpty {
    let total = active.reduce(0.0) { $0 + errors[$1] / largest }
    for index in active {
      result[index] = Int(Double(columnCount) * (errors[index] / largest / total))
    }
    func share(_ index: Int) -> Double { Double(result[index]) / Double(max(1, minimums[index])) }
    guard let least = active.min(by: { share($0) < share($1) }), share(least) < 1 else { break }
    result[least] = 0
    active.removeAll { $0 == least }
  }
  return result
}

/// The same with one minimum for all.
func allocateColumns(_ columnCount: Int, errors: [Double], minimum: Int = 3) -> [Int] {
  allocateColumns(columnCount, errors: errors, minimums: errors.map { _ in minimum })
}
