// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Feature maps by method and kernel, and as files of JSON.

import ArgumentParser
import Foundation
import Sketching

/// How features are made.
enum FeatureMethod: String, CaseIterable, ExpressibleByArgument {
  /// The best known: a sketch.
  case auto
  /// A power series whose terms are sketched.
  case sketch
}

/// A feature map of any kind that can be stored.
enum StoredMap: Codable {
  case network(NetworkFeatureMap)
  case polynomial(PolynomialFeatureMap)
  case gaussian(GaussianSeriesMap)
  case dotProduct(DotProductFeatureMap)

  /// The map of a kernel, shaped by some of the points.
  ///
  /// - Throws: `InvalidInput` if there is no map for the kernel, or the dimension does not do;
  ///   `FileError` if the points cannot be read or are too large for any features.
  init(
    _ specification: KernelSpecification, _ method: FeatureMethod, dimension: Int, seed: UInt64,
    sample points: Points
  ) throws {
    try MemoryBudget.require(
      Double(dimension) * 1024 * 8, "--dimension", found: "\(dimension)")
    let sample = try points.sample()
    // Of points whose kernel overflows no map can be made.
    let kernel = try specification.kernel()
    try naming(points.path) { _ = try kernel.diagonal(sample, on: Execution(threads: 1)) }
    switch specification {
    case .network(let kernel):
      self = .network(
        try NetworkFeatureMap(kernel, dimension: dimension, seed: seed, sample: sample))
    case .closedForm(let text):
      switch kernel {
      case let kernel as PolynomialKernel:
        self = .polynomial(
          try PolynomialFeatureMap(kernel, dimension: dimension, seed: seed, sample: sample))
      case let kernel as GaussianKernel:
        self = .gaussian(
          try GaussianSeriesMap(kernel, dimension: dimension, seed: seed, sample: sample))
      case let kernel as ExponentialDotKernel:
        self = .dotProduct(
          try DotProductFeatureMap(kernel, dimension: dimension, seed: seed, sample: sample))
      default:
        throw InvalidInput(
          "--method \(method)", found: "the kernel \(text)",
          expected: "--kernel polynomial:…, gaussian:… or exponentialDot:…, or --network FILE")
      }
    }
    guard map.outputDimension > 0 else {
      throw FileError(
        points.path, found: "points whose features are zero or overflow",
        expected: "points of moderate norm")
    }
  }

  var map: any FeatureMap {
    switch self {
    case .network(let map): map
    case .polynomial(let map): map
    case .gaussian(let map): map
    case .dotProduct(let map): map
    }
  }

  private enum CodingKeys: String, CodingKey {
    case format, version, network, polynomial, gaussian, dotProduct
  }

  private static let format = "swift-sketching feature map"

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try checkFormat(
      container.decode(String.self, forKey: .format), Self.format,
      version: container.decode(Int.self, forKey: .version))
    if let map = try container.decodeIfPresent(NetworkFeatureMap.self, forKey: .network) {
      self = .network(map)
    } else if let map = try container.decodeIfPresent(GaussianSeriesMap.self, forKey: .gaussian) {
      self = .gaussian(map)
    } else if let map = try container.decodeIfPresent(
      DotProductFeatureMap.self, forKey: .dotProduct)
    {
      self = .dotProduct(map)
    } else {
      self = .polynomial(try container.decode(PolynomialFeatureMap.self, forKey: .polynomial))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.format, forKey: .format)
    try container.encode(1, forKey: .version)
    switch self {
    case .network(let map): try container.encode(map, forKey: .network)
    case .polynomial(let map): try container.encode(map, forKey: .polynomial)
    case .gaussian(let map): try container.encode(map, forKey: .gaussian)
    case .dotProduct(let map): try container.encode(map, forKey: .dotProduct)
    }
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
/// - Throws: `FileError` if the file cannot be read or does not describe such a value.
func decodeJSON<Value: Decodable>(_ type: Value.Type, path: String, _ name: String) throws -> Value
{
  let text = try TextFile.contents(of: path)
  do {
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
