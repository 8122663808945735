// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sampling without replacement.

import Validation

extension RandomStream {
  /// `count` different members of `0..<population`, in random order; every ordered choice is equally
  /// likely (to within 2⁻³² per draw).
  ///
  /// A Fisher-Yates shuffle stopped after `count` steps. For small samples of large populations only
  /// the moved entries are kept, so the memory is O(min(population, count)).
  ///
  /// - Throws: `InvalidInput` if `count` is not in `0...population` or the population exceeds 2³².
  /// - Complexity: O(count) time, plus O(population) where more than an eighth of it is drawn.
  public func sampleWithoutReplacement(_ count: Int, from population: Int) throws -> [Int] {
    guard population >= 0, population <= 1 << 32 else {
      throw InvalidInput("population", found: "\(population)", expected: "0 to 2³²")
    }
    guard count >= 0, count <= population else {
      throw InvalidInput(
        "sample size", found: "\(count)", expected: "0 to the population \(population)")
    }
    var sample: [Int] = []
    sample.reserveCapacity(count)
    if count > population / 8 {
      var members = Array(0..<population)
      for step in 0..<count {
        members.swapAt(step, step + bucket(at: UInt64(step), count: population - step))
        sample.append(members[step])
      }
    } else {
      var moved: [Int: Int] = [:]
      for step in 0..<count {
        let pick = step + bucket(at: UInt64(step), count: population - step)
        sample.append(moved[pick] ?? pick)
        moved[pick] = moved[step] ?? step
      }
    }
    return sample
  }
}
