// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Networks as trees, and so as Codable values.

import Validation

extension Network {
  /// The network as a tree with the keys `input` and `layers`.
  var description: Description {
    .map(["input": .sizes(inputShape), "layers": .list(layers.map(\.description))])
  }

  /// The network that a tree describes.
  ///
  /// - Throws: `InvalidInput` naming the key or the layer, and its line if the tree has lines.
  init(_ description: Description) throws {
    let expected = "a map with the keys input and layers, each once"
    guard case .map(let entries) = description.content else {
      throw InvalidInput("network", found: description.kind, expected: expected)
    }
    var values: [String: Description] = [:]
    for entry in entries {
      guard ["input", "layers"].contains(entry.key),
        values.updateValue(entry.value, forKey: entry.key) == nil
      else {
        throw InvalidInput(
          LayerPlace.name("key of the network", line: entry.line),
          found: Description.text(entry.key).kind, expected: expected)
      }
    }
    guard let input = values["input"], let layers = values["layers"] else {
      throw InvalidInput(
        "network", found: values.isEmpty ? "no keys" : "only \(values.keys.first!)",
        expected: expected)
    }
    let inputName = LayerPlace.name("input of the network", line: input.line)
    guard case .list(let sizes) = input.content else {
      throw InvalidInput(inputName, found: input.kind, expected: "a list of sizes, as [784]")
    }
    let shape = try sizes.map { size in
      guard case .number(let number) = size.content, let whole = Int(exactly: number) else {
        throw InvalidInput(inputName, found: size.kind, expected: "whole numbers, as [784]")
      }
      return whole
    }
    var lines: [[Int]: Int] = [:]
    let list = try Layer.layers(layers, at: LayerPlace(), lines: &lines)
    guard !list.isEmpty else {
      throw InvalidInput(
        LayerPlace.name("layers of the network", line: layers.line), found: "none",
        expected: "at least one")
    }
    try self.init(
      input: shape, layers: list, place: LayerPlace(lines: lines), inputName: inputName)
  }
}

/// The coded form is that of network files, in any coder's syntax.
extension Network: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(Description(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}
