// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How much the benchmark measures.

import Sketching

struct BenchSettings {
  /// Minutes in place of seconds are for reports; `--quick` is for a first look.
  var isQuick: Bool
  /// The methods asked for; nil for all that a kernel has.
  var methods: [FeatureMethod]?
  var dimensions: [Int]
  /// How many seeds each map is fitted with.
  var seeds: Int
  /// On how many held-out points features are compared with the exact kernel.
  var points: Int
  var seed: UInt64

  init(
    isQuick: Bool, methods: [FeatureMethod]?, dimensions: [Int]?, seeds: Int?, points: Int?,
    seed: UInt64
  ) {
    self.isQuick = isQuick
    self.methods = methods
    self.dimensions = dimensions ?? (isQuick ? [128, 512, 1024] : [512, 2048, 8192])
    self.seeds = seeds ?? (isQuick ? 2 : 3)
    self.points = points ?? (isQuick ? 1000 : 2000)
    self.seed = seed
  }

  /// λ as a share of the trace of K, for ε and the statistical dimension.
  static let ridgePerTrace = 1e-3

  /// What is tried: without `auto` in a hurry, as it fits all the others.
  var triedMethods: [FeatureMethod] {
    methods ?? FeatureMethod.allCases.filter { !isQuick || ![.auto, .leverage].contains($0) }
  }

  /// No further seeds of maps that take longer to fit.
  var patience: Double { isQuick ? 4 : 20 }
  /// Seconds of a timed run of features.
  var speedBudget: Double { isQuick ? 0.2 : 1 }
  /// Operations for the exact kernel of held-out images.
  var exactOperations: Double { isQuick ? 1e9 : 1e10 }

  /// The columns of the features that learn.
  var learningDimension: Int {
    dimensions.last { $0 <= (isQuick ? 1024 : 2048) } ?? dimensions[0]
  }
  /// Seconds to map the rows that one model learns from, and for the kernel of an exact one.
  var learningBudget: Double { isQuick ? 20 : 120 }
  /// The most points that the exact kernel learns from.
  var exactRows: Int { isQuick ? 2000 : 5000 }

  /// From how many of so many rows to learn in turn.
  func learningCounts(of rowCount: Int) -> [Int] {
    let counts = isQuick ? [500, 2000, 10_000] : [500, 1000, 2000, 5000, 10_000, 20_000, 50_000]
    return counts.filter { $0 < rowCount } + [rowCount]
  }
}
