// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random maps as values: a law and its parameters, seed included, and nothing else.

import LinearAlgebra
import Validation

/// A random map of rows that is wholly described by its law and a few parameters.
///
/// The description is what is compared, hashed and stored (as `{"law": …}` beside the parameters);
/// tables are rebuilt from it. Equal values are equal maps on every machine. A conforming type gives
/// the members below and gets `Codable` and `Hashable` from them.
public protocol SeededMap: RowMap, Codable, Hashable {
  associatedtype Parameters: Codable, Hashable, Sendable

  /// The name of the law, as stored.
  static var law: String { get }

  /// All that the map depends on, with its seed.
  var parameters: Parameters { get }

  /// - Throws: `InvalidInput` if there is no such map.
  init(_ parameters: Parameters) throws
}

private enum LawKey: String, CodingKey {
  case law
}

extension SeededMap {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: LawKey.self)
    try container.encode(Self.law, forKey: .law)
    try parameters.encode(to: encoder)
  }

  /// - Throws: `InvalidInput` if another law is stored or the parameters are out of range.
  public init(from decoder: any Decoder) throws {
    let law = try decoder.container(keyedBy: LawKey.self).decode(String.self, forKey: .law)
    guard law == Self.law else {
      throw InvalidInput("law", found: law, expected: Self.law)
    }
    try self.init(Parameters(from: decoder))
  }

  public static func == (a: Self, b: Self) -> Bool { a.parameters == b.parameters }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(parameters)
  }
}
