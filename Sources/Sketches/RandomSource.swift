// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Where the randomness of a sketch comes from, so that parts which must be independent are.

import Validation

/// The seed of a law: sketches that share none are independent of each other.
public struct RandomSource: Hashable, Sendable {
  public let law: String
  public let seed: UInt64

  public init(law: String, seed: UInt64) {
    self.law = law
    self.seed = seed
  }

  /// Throws `InvalidInput` if two sketches share a source.
  static func requireIndependent(
    _ first: some LinearSketch, _ second: some LinearSketch
  ) throws {
    if let shared = first.randomSources.intersection(second.randomSources).first {
      throw InvalidInput(
        "seed", found: "\(shared.seed) in two sketches of the law \(shared.law)",
        expected: "a seed of its own for each, since the two must be independent")
    }
  }
}
