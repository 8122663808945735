// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Patches of a sample that has few different ones.

import LinearAlgebra
import Randomness

extension PatchSample {
  /// Patches nearer to each other than this, relative to the longest, count as one.
  private static let nearness = 1e-8

  /// One patch for each group of equal ones, in the order of the sample, with the group's weight; nil if
  /// there are more than `count` groups.
  ///
  /// A random sample of repeated patches may miss some; as landmarks these leave nothing of the sample.
  /// Equal patches have equal projections on a random direction, so that sorted projections tell the
  /// groups.
  ///
  /// - Complexity: patches · coordinates operations.
  func distinct(upTo count: Int, key: RandomKey) -> PatchSample? {
    let points = [nngp, ntk].map { ($0, $0.rowNorms.max() ?? 0) }.filter { $0.1 > 0 }
    let stream = key.child("distinct").stream
    var (place, projections) = (0, [Double](repeating: 0, count: self.count))
    for (matrix, largest) in points {
      let direction = (0..<matrix.columnCount).map { stream.normal(at: UInt64(place + $0)) }
      place += matrix.columnCount
      for (i, value) in matrix.times(direction).enumerated() {
        projections[i] += value / largest
      }
    }
    let order = projections.indices.sorted { (projections[$0], $0) < (projections[$1], $1) }
    var groups: [(first: Int, members: [Int], projection: Double)] = []
    for index in order {
      if let last = groups.last, projections[index] - last.projection <= Self.nearness {
        groups[groups.count - 1].members.append(index)
        groups[groups.count - 1].first = min(last.first, index)
      } else {
        guard groups.count < count else { return nil }
        groups.append((index, [index], projections[index]))
      }
    }
    groups.sort { $0.first < $1.first }
    for (matrix, largest) in points {
      for group in groups {
        for member in group.members
        where !matrix.isNear(member, group.first, within: Self.nearness * largest) { return nil }
      }
    }
    let firsts = groups.map(\.first)
    return PatchSample(
      nngp: nngp.rows(at: firsts), ntk: ntk.rows(at: firsts),
      weights: groups.map { group in group.members.reduce(0) { $0 + weights[$1] } })
  }
}

extension Matrix<Double> {
  /// Whether no entries of two rows differ by more than `limit`.
  fileprivate func isNear(_ first: Int, _ second: Int, within limit: Double) -> Bool {
    first == second
      || withUnsafePointer { base in
        let (a, b) = (base + first * columnCount, base + second * columnCount)
        for j in 0..<columnCount where abs(a[j] - b[j]) > limit { return false }
        return true
      }
  }
}
