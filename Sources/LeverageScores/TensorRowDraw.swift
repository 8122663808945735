// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tuples drawn index by index, with known probabilities.

import LinearAlgebra
import Randomness
import Validation

/// The law of tuples under which index after index is drawn from its mass given the ones before.
///
/// A prefix i₁, …, i_t of a tuple of degree j stands for the vector P = √c_j w ∘ x_{i₁} ∘ ⋯ ∘ x_{i_t} over the
/// points. The mass of all tuples that begin with it is ‖F_u P‖² with u = j − t and any F_u for which
/// F_uᵀF_u is, or estimates, (X₁ᵀX₁ ∘ ⋯ over the u factors to come) ∘ W; then with an exact F the tuple I has
/// the probability r_I W r_Iᵀ / tr(A W Aᵀ).
///
/// - Source: Woodruff, Zandieh, "Near input sparsity time kernel embeddings via adaptive sampling", ICML
///   2020, and "Leverage score sampling for tensor product matrices in input sparsity time", ICML 2022.
struct TensorRowDraw {
  /// Tuples of one degree.
  struct Block {
    let degree: Int
    /// √c_j w.
    let start: [Double]
  }

  /// Prefixes drawn so far that are the same: equal vectors P.
  private struct Group {
    let block: Int
    /// Places of columns in their factors.
    let prefix: [Int]
    let members: [Int]
  }

  /// One for all factors of a power, or one for each.
  let factors: [FactorColumns]
  let blocks: [Block]
  /// F_u as n × R, for u = 0, 1, … up to the largest degree.
  let suffixes: [Matrix<Double>]

  private var arePowers: Bool { factors.count == 1 }

  private func factor(_ index: Int) -> FactorColumns { factors[arePowers ? 0 : index] }

  /// The mass of every block.
  func blockMasses() -> [Double] {
    let workspace = Workspace()
    return blocks.map { block in
      withPrefix(block, [], suffixes[block.degree], workspace) { prefix in
        // The only column of a block is the vector of ones.
        let ones = Matrix<Double>(
          repeating: 1, rowCount: block.start.count, columnCount: 1)
        return ColumnScan.dense(ones, prefix, workspace: workspace)[0]
      }
    }
  }

  /// Draws `count` tuples.
  ///
  /// Draws with the same prefix, in any order of its indices, share one scan.
  func draw(
    count: Int, masses: [Double], key: RandomKey, on execution: Execution
  ) throws -> (blocks: [Int], tuples: [[Int]], probabilities: [Double]) {
    var probabilities = [Double](repeating: 1, count: count)
    var places = [[Int]](repeating: [], count: count)
    let first = Choice(masses)
    let stream = key.child("degree")
    var blockOf = [Int](repeating: 0, count: count)
    for member in 0..<count {
      let (index, probability) = first.draw(stream, member)
      (blockOf[member], probabilities[member]) = (index, probability)
    }
    var groups = Dictionary(grouping: 0..<count) { blockOf[$0] }.sorted { $0.key < $1.key }.map {
      Group(block: $0.key, prefix: [], members: $0.value)
    }
    var step = 0
    while true {
      groups.removeAll { blocks[$0.block].degree == $0.prefix.count }
      guard !groups.isEmpty else { break }
      let drawn = try next(groups, count: count, key: key.child("step", step), on: execution)
      for group in groups {
        for member in group.members {
          places[member].append(drawn.places[member])
          probabilities[member] *= drawn.probabilities[member]
        }
      }
      groups = regroup(groups, places)
      step += 1
    }
    let tuples = places.map { tuple in
      tuple.enumerated().map { factor($0).labels[$1] }
    }
    return (blockOf, tuples, probabilities)
  }

  /// The next index of every member of every group, and its conditional probability.
  private func next(
    _ groups: [Group], count: Int, key: RandomKey, on execution: Execution
  ) throws -> (places: [Int], probabilities: [Double]) {
    var places = [Int](repeating: 0, count: count)
    var probabilities = [Double](repeating: 1, count: count)
    try places.withUnsafeMutableBufferPointer { places in
      try probabilities.withUnsafeMutableBufferPointer { probabilities in
        nonisolated(unsafe) let (places, probabilities) = (places, probabilities)
        try Parallel.forEachBlock(of: groups.count, size: 4, on: execution.silent) {
          range, workspace in
          for group in groups[range] {
            draw(group, key: key, workspace) { member, place, probability in
              places[member] = place
              probabilities[member] = probability
            }
          }
        }
      }
    }
    return (places, probabilities)
  }

  private func draw(
    _ group: Group, key: RandomKey, _ workspace: Workspace,
    _ record: (_ member: Int, _ place: Int, _ probability: Double) -> Void
  ) {
    let block = blocks[group.block]
    let factor = factor(group.prefix.count)
    let suffix = suffixes[block.degree - group.prefix.count - 1]
    withPrefix(block, group.prefix, suffix, workspace) { prefix in
      let buckets = Choice(factor.bucketMasses(prefix, workspace: workspace))
      let bucketKey = key.child("bucket")
      let picked = group.members.map { buckets.draw(bucketKey, $0) }
      let byBucket = Dictionary(grouping: group.members.indices) { picked[$0].index }
      for (bucket, positions) in byBucket.sorted(by: { $0.key < $1.key }) {
        let found = factor.masses(inBucket: bucket, prefix, workspace: workspace)
        let choice = Choice(found.masses)
        for position in positions {
          let member = group.members[position]
          let (index, probability) = choice.draw(key, member)
          // Nothing to choose from is a prefix that vanishes at all points.
          let place = found.places.isEmpty ? factor.starts[bucket] : found.places[index]
          record(member, place, picked[position].probability * probability)
        }
      }
    }
  }

  /// The groups one index further on, in the order of their first members.
  private func regroup(_ groups: [Group], _ places: [[Int]]) -> [Group] {
    var result: [Group] = []
    for (block, parts) in Dictionary(grouping: groups, by: \.block).sorted(by: { $0.key < $1.key })
    {
      let members = parts.flatMap(\.members).sorted()
      let prefixes = Dictionary(grouping: members) { member in
        arePowers ? places[member].sorted() : places[member]
      }
      result += prefixes.sorted { $0.value[0] < $1.value[0] }.map {
        Group(block: block, prefix: $0.key, members: $0.value)
      }
    }
    return result
  }

  /// The probabilities of every next column after a prefix, by their numbers; zero for others.
  func conditional(_ block: Block, after prefix: [Int]) -> [Int: Double] {
    let factor = factor(prefix.count)
    let workspace = Workspace()
    let places = prefix.enumerated().map { index, label in
      self.factor(index).labels.firstIndex(of: label) ?? 0
    }
    let suffix = suffixes[block.degree - prefix.count - 1]
    return withPrefix(block, places, suffix, workspace) { prefix in
      let buckets = Choice(factor.bucketMasses(prefix, workspace: workspace))
      var result: [Int: Double] = [:]
      for bucket in 0..<factor.bucketCount {
        let found = factor.masses(inBucket: bucket, prefix, workspace: workspace)
        let choice = Choice(found.masses)
        for (index, place) in found.places.enumerated() {
          result[factor.labels[place]] = buckets.probability(bucket) * choice.probability(index)
        }
      }
      return result
    }
  }

  /// Lends P_j F_j for the points j at which P is not zero.
  private func withPrefix<Result>(
    _ block: Block, _ places: [Int], _ suffix: Matrix<Double>, _ workspace: Workspace,
    _ body: (PrefixProduct) -> Result
  ) -> Result {
    let (n, width) = (block.start.count, suffix.columnCount)
    return workspace.withScratch(Double.self, 2 * n) { values in
      for j in 0..<n { values[j] = block.start[j] }
      for (index, place) in places.enumerated() {
        factor(index).multiply(values, byColumnAt: place, values + n)
      }
      let support = (0..<Int32(n)).filter { values[Int($0)] != 0 }
      return workspace.withScratch(Double.self, support.count * width) { rows in
        suffix.withUnsafePointer { suffix in
          for (row, j) in support.enumerated() {
            let (value, source) = (values[Int(j)], suffix + Int(j) * width)
            let target = rows + row * width
            for r in 0..<width { target[r] = value * source[r] }
          }
        }
        return body(PrefixProduct(support: support, rows: UnsafePointer(rows), width: width))
      }
    }
  }
}

/// A draw among numbered things with given masses; uniform where no mass can be told.
private struct Choice {
  /// Sums of the masses up to each, the last of which is their total.
  private let sums: [Double]
  private let masses: [Double]

  init(_ masses: [Double]) {
    let total = masses.reduce(0, +)
    let usable = total > 0 && total.isFinite
    let masses = usable ? masses : masses.map { _ in 1 }
    var sum = 0.0
    sums = masses.map { mass in
      sum += mass
      return sum
    }
    self.masses = masses
  }

  func probability(_ index: Int) -> Double { masses[index] / (sums.last ?? 1) }

  /// Draw number `position` of a key.
  func draw(_ key: RandomKey, _ position: Int) -> (index: Int, probability: Double) {
    guard let total = sums.last else { return (0, 1) }
    let words = key.stream.words(block: UInt64(position))
    let target = total * Double(UInt64(words.x) << 21 | UInt64(words.y) >> 11) * 0x1p-53
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > target { high = middle } else { low = middle + 1 }
    }
    // Rounding may end in a place without mass.
    while masses[low] == 0, low > 0 { low -= 1 }
    return (low, probability(low))
  }
}
