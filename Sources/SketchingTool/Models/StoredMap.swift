// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps as files of JSON, and how values are read from such files.

import Foundation
import Sketching

/// A feature map of any type as it is stored: under a header that says what the file is.
struct StoredMap: Codable {
  let map: any StorableFeatureMap

  private enum CodingKeys: String, CodingKey {
    case format, version, map
  }

  private static let format = "swift-sketching feature map"

  init(_ map: any StorableFeatureMap) {
    self.map = map
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try checkFormat(
      container.decode(String.self, forKey: .format), Self.format,
      version: container.decode(Int.self, forKey: .version))
    map = try container.decode(AnyFeatureMap.self, forKey: .map).map
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.format, forKey: .format)
    try container.encode(1, forKey: .version)
    try container.encode(AnyFeatureMap(map), forKey: .map)
  }
}

/// Throws `InvalidInput` unless a file says that it is of this format, in version 1.
func checkFormat(_ found: String, _ expected: String, version: Int) throws {
  guard found == expected, version == 1 else {
    throw InvalidInput(
      "format", found: "\(found), version \(version)", expected: "\(expected), version 1")
  }
}

/// Reads a value from a file of JSON.
///
/// - Parameter isSealed: whether the file has a checksum.
/// - Throws: `FileError` if the file cannot be read, does not describe such a value, or was changed since it
///   was sealed.
func decodeJSON<Value: Decodable>(
  _ type: Value.Type, path: String, _ name: String, isSealed: Bool = false
) throws -> Value {
  let text = try TextFile.contents(of: path)
  do {
    if isSealed { try SealedText.check(text) }
    return try JSONDecoder().decode(type, from: Data(text.utf8))
  } catch let error as InvalidInput {
    throw FileError(path, at: error.name, found: error.found, expected: error.expected)
  } catch let error as DecodingError {
    throw FileError(path, found: error.reason, expected: "a whole \(name)")
  }
}

extension DecodingError {
  fileprivate var reason: String {
    switch self {
    case .keyNotFound(let key, _): "no key \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "text that is no JSON of the right form"
        : "a wrong value at " + context.codingPath.map(\.stringValue).joined(separator: ".")
    @unknown default: "text that cannot be read"
    }
  }
}
