// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Columns go where they lower the variance most.

import TestSupport
import Testing

@testable import FeatureMaps

@Suite struct ColumnAllocationTests {
  @Test func sumsAndProportions() {
    forAll(cases: 200) { generator in
      (
        columns: generator.int(in: 0...300),
        errors: (0..<generator.int(in: 0...8)).map { _ in max(0, generator.normal()) }
      )
    } _: { columns, errors in
      let counts = allocateColumns(columns, errors: errors)
      let used = errors.indices.filter { counts[$0] > 0 }
      let total = used.reduce(0.0) { $0 + errors[$1] }
      return counts.count == errors.count
        && counts.reduce(0, +) <= columns
        && (used.isEmpty || counts.reduce(0, +) > columns - used.count)
        && used.allSatisfy {
          let share = Double(columns) * errors[$0] / total
          return counts[$0] >= 3 && errors[$0] > 0
            && Double(counts[$0]) <= share + 1e-9 && Double(counts[$0]) > share - 1 - 1e-9
        }
        // Whoever gets nothing has a smaller error than whoever gets something.
        && errors.indices.allSatisfy { i in
          counts[i] > 0 || used.allSatisfy { errors[$0] >= errors[i] }
        }
    }
  }

  @Test func nearlyLeastVariance() {
    forAll(cases: 50) { generator in
      (
        columns: generator.int(in: 12...40),
        errors: (0..<3).map { _ in 0.5 + abs(generator.normal()) }
      )
    } _: { columns, errors in
      func variance(_ counts: [Int]) -> Double {
        zip(errors, counts).reduce(0.0) { $0 + $1.0 * $1.0 / Double($1.1) }
      }
      let counts = allocateColumns(columns, errors: errors, minimum: 1)
      guard counts.allSatisfy({ $0 > 0 }) else { return false }
      // Rounding down costs fewer columns than there are parts.
      let spent = columns - 3
      var best = Double.infinity
      for first in 1..<spent - 1 {
        for second in 1..<spent - first {
          best = min(best, variance([first, second, spent - first - second]))
        }
      }
      return variance(counts) <= best * (1 + 1e-12)
        || variance(counts) <= best * 1.02  // where rounding down lost all three
    }
  }

  @Test func edges() {
    #expect(allocateColumns(10, errors: []) == [])
    #expect(allocateColumns(10, errors: [0, 0]) == [0, 0])
    #expect(allocateColumns(0, errors: [1, 2]) == [0, 0])
    #expect(allocateColumns(2, errors: [1, 2]) == [0, 0])
    #expect(allocateColumns(1, errors: [1, 2], minimum: 1) == [0, 1])
    #expect(allocateColumns(12, errors: [1e200, 3e200]) == [3, 9])
    #expect(allocateColumns(12, errors: [1e-300, 3e-300]) == [3, 9])
  }
}
