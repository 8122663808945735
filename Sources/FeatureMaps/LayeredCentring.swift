// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Where the layers of a map that needs no sample take their directions from.

import LinearAlgebra
import NeuralKernels
import Randomness
import Validation

extension LayeredBudget.Method {
  /// Whether landmarks stand for the sample, not for a direction.
  var needsSample: Bool { self == .nystrom || self == .hybrid }

  /// Throws `InvalidInput` unless maps of this method can be centred so.
  func validate(_ centring: Centring) throws {
    guard centring == .sample || !needsSample else {
      throw InvalidInput(
        "centring", found: "\(centring.name) with method \(rawValue)",
        expected: "sample, as landmarks are points of it, or method random or sketch")
    }
  }
}

extension LayeredBudget {
  /// Throws `InvalidInput` unless maps of this budget can be centred so: without landmarks of the sample
  /// every layer needs a remainder.
  func validate(_ centring: Centring) throws {
    guard centring == .sample || layers.allSatisfy({ $0.remainder > 0 }) else {
      throw InvalidInput(
        "centring", found: "\(centring.name) with a layer of landmarks alone",
        expected: "sample, as landmarks are points of it, or a remainder in every layer")
    }
  }
}

extension Centring {
  /// The vector as a point; nil if there is none.
  ///
  /// - Throws: `InvalidInput` unless it has so many finite entries, not all of them 0.
  func point(columnCount: Int) throws -> Rows<Double>? {
    guard case .vector(let given) = self else { return nil }
    try Check.equal(given.count, columnCount, "entries of the centring vector")
    guard normalized(given) != nil else {
      throw InvalidInput(
        "centring vector", found: "zero or not finite", expected: "a finite nonzero vector")
    }
    return .dense(try Matrix(rows: [given]))
  }
}

extension LayeredFitter {
  /// The patches that the directions of an activation come from, if not those of the sample: those of
  /// the centre, or where there is to be no direction one that is 0.
  func centre(
    of signal: SampleSignal, _ part: ActivationPart, _ coordinates: PatchCoordinates,
    count: Int, key: RandomKey
  ) throws -> PatchSample? {
    switch centring {
    case .sample: return nil
    case .none:
      let excess = signal.shape.hasExcess ? 1 : 0
      return PatchSample(
        nngp: Matrix(rowCount: 1, columnCount: coordinates.nngp + excess),
        ntk: Matrix(rowCount: 1, columnCount: coordinates.ntk), weights: [1])
    case .vector:
      return try PatchSample(
        part, coordinates, signal.centres[0], count: count, key: key, "centring vector")
    }
  }
}
