// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Nyström maps as stored values: landmarks and weights, so that no other machine's eigenvectors differ.

import LinearAlgebra
import Validation

/// What a Nyström map is made of.
private struct StoredNystromMap<ExactKernel> {
  var law: String
  var kernel: ExactKernel
  var landmarks: StoredRows
  var rank: Int
  var weights: PackedNumbers
}

extension StoredNystromMap: Encodable where ExactKernel: Encodable {}

extension StoredNystromMap: Decodable where ExactKernel: Decodable {}

extension NystromFeatureMap {
  /// The name of the map, as stored.
  public static var law: String { "nystrom(\(ExactKernel.self))" }
}

extension NystromFeatureMap: Encodable where ExactKernel: Encodable {
  public func encode(to encoder: any Encoder) throws {
    try StoredNystromMap(
      law: Self.law, kernel: kernel, landmarks: StoredRows(landmarks), rank: outputDimension,
      weights: PackedNumbers(weights.elements)
    ).encode(to: encoder)
  }
}

extension NystromFeatureMap: Decodable where ExactKernel: Decodable {
  /// - Throws: `InvalidInput` if another map is stored or its parts do not fit together;
  ///   `CancellationError`.
  public init(from decoder: any Decoder) throws {
    try checkLaw(Self.law, in: decoder)
    let stored = try StoredNystromMap<ExactKernel>(from: decoder)
    let landmarks = try stored.landmarks.rows("landmarks")
    if let dimension = stored.kernel.inputDimension {
      try Check.equal(landmarks.columnCount, dimension, "columns of the landmarks")
    }
    let m = landmarks.rowCount
    try Check.dimension(stored.rank, "rank of the landmarks", upTo: m)
    let weights = try Matrix(
      rowCount: m, columnCount: stored.rank,
      elements: stored.weights.values(count: m * stored.rank, "weights of the landmarks"))
    try self.init(stored.kernel, landmarks, weights: weights, on: .allCores)
  }
}

extension NystromFeatureMap: Equatable where ExactKernel: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    guard a.kernel == b.kernel, a.weights == b.weights else { return false }
    return switch (a.landmarks, b.landmarks) {
    case (.dense(let x), .dense(let y)): x == y
    case (.sparse(let x), .sparse(let y)): x == y
    default: false
    }
  }
}

extension NystromFeatureMap: Hashable where ExactKernel: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kernel)
    hasher.combine(landmarks.rowCount)
    hasher.combine(weights.elements)
  }
}
