// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The tree behind network files: what YAML, JSON and Codable have in common.

import Validation

/// A tree of names, numbers, flags, lists and maps, with line numbers where it comes from a file.
struct Description: Sendable {
  enum Content: Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([Description])
    case map([Entry])
  }

  /// A key and its value; maps keep their order.
  struct Entry: Sendable {
    let key: String
    let value: Description
    /// That of the key.
    var line: Int?
  }

  let content: Content
  var line: Int?

  /// Trees may be this deep: more than layers may be nested.
  static let largestDepth = 4 * LayerPlace.largestDepth

  static func text(_ text: String) -> Description { Description(content: .text(text)) }
  static func number(_ number: Double) -> Description { Description(content: .number(number)) }
  static func flag(_ flag: Bool) -> Description { Description(content: .flag(flag)) }
  static func list(_ items: [Description]) -> Description { Description(content: .list(items)) }

  static func sizes(_ sizes: [Int]) -> Description { list(sizes.map { .number(Double($0)) }) }

  static func map(_ entries: KeyValuePairs<String, Description>) -> Description {
    Description(content: .map(entries.map { Entry(key: $0.key, value: $0.value) }))
  }

  /// What it is, for error messages.
  var kind: String {
    switch content {
    case .text(let text): "\"\(text.count > 60 ? text.prefix(60) + "…" : text)\""
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let items): "a list of \(items.count)"
    case .map(let entries): "a map of \(entries.count)"
    }
  }

  /// The tree in YAML's flow style, on one line.
  var flow: String {
    switch content {
    case .text(let text): text
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let items): "[" + items.map(\.flow).joined(separator: ", ") + "]"
    case .map(let entries):
      "{" + entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", ") + "}"
    }
  }

  /// Throws where a tree is too deep.
  static func checkDepth(_ depth: Int, line: Int? = nil) throws {
    guard depth <= largestDepth else {
      throw InvalidInput(
        LayerPlace.name("network", line: line), found: "nesting more than \(largestDepth) deep",
        expected: "at most \(LayerPlace.largestDepth) nested layers")
    }
  }
}

extension Description: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    try Description.checkDepth(decoder.codingPath.count)
    if let map = try? decoder.container(keyedBy: Key.self) {
      let entries = try map.allKeys.map {
        Entry(key: $0.stringValue, value: try map.decode(Description.self, forKey: $0))
      }
      self.init(content: .map(entries))
    } else if var list = try? decoder.unkeyedContainer() {
      var items: [Description] = []
      while !list.isAtEnd { items.append(try list.decode(Description.self)) }
      self = .list(items)
    } else {
      let single = try decoder.singleValueContainer()
      if let flag = try? single.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? single.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try single.decode(String.self))
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch content {
    case .text(let text):
      var single = encoder.singleValueContainer()
      try single.encode(text)
    case .number(let number):
      var single = encoder.singleValueContainer()
      try single.encode(number)
    case .flag(let flag):
      var single = encoder.singleValueContainer()
      try single.encode(flag)
    case .list(let items):
      var list = encoder.unkeyedContainer()
      for item in items { try list.encode(item) }
    case .map(let entries):
      var map = encoder.container(keyedBy: Key.self)
      for entry in entries { try map.encode(entry.value, forKey: Key(stringValue: entry.key)) }
    }
  }
}
