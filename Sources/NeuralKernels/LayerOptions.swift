// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The options of one layer, taken out of its description by name and type.

import Validation

/// The options of one layer; what is left over at the end is an error.
struct LayerOptions {
  let place: LayerPlace
  private var entries: [Description.Entry]
  private var known: [String] = []

  /// The options under a layer's name; none where it stands alone or over nothing.
  ///
  /// - Throws: `InvalidInput` if they are not a map.
  init(place: LayerPlace, _ description: Description?) throws {
    self.place = place
    switch description?.content {
    case nil, .text(""), .text("null"), .text("~"): entries = []
    case .map(let entries): self.entries = entries
    case _:
      throw InvalidInput(
        LayerPlace.name(place.text, line: description?.line), found: description?.kind ?? "",
        expected: "a map of options")
    }
  }

  /// The number under `key`, or the default where there is none.
  mutating func number(_ key: String, default value: Double? = nil) throws -> Double {
    guard let found = try take(key, required: value == nil) else { return value ?? 0 }
    guard case .number(let number) = found.content else {
      throw wrong(key, found, "a number")
    }
    return number
  }

  /// The whole number under `key`.
  mutating func whole(_ key: String) throws -> Int {
    guard let found = try take(key, required: true) else { return 0 }
    guard case .number(let number) = found.content, let whole = Int(exactly: number) else {
      throw wrong(key, found, "a whole number")
    }
    return whole
  }

  /// The numbers under `key`.
  mutating func numbers(_ key: String) throws -> [Double] {
    guard let found = try take(key, required: true) else { return [] }
    guard case .list(let items) = found.content else {
      throw wrong(key, found, "a list of numbers")
    }
    return try items.map { item in
      guard case .number(let number) = item.content else { throw wrong(key, item, "numbers") }
      return number
    }
  }

  /// The whole numbers under `key`, or nil where there are none and none are required.
  mutating func sizes(_ key: String, required: Bool) throws -> [Int]? {
    guard let found = try take(key, required: required) else { return nil }
    guard case .list(let items) = found.content else {
      throw wrong(key, found, "a list of whole numbers, as [3, 3]")
    }
    return try items.map { item in
      guard case .number(let number) = item.content, let whole = Int(exactly: number) else {
        throw wrong(key, item, "whole numbers, as [3, 3]")
      }
      return whole
    }
  }

  /// The truth value under `key`, or the default where there is none.
  mutating func flag(_ key: String, default value: Bool) throws -> Bool {
    guard let found = try take(key, required: false) else { return value }
    guard case .flag(let flag) = found.content else { throw wrong(key, found, "true or false") }
    return flag
  }

  /// The padding, or the default where there is none.
  mutating func padding(default value: Padding) throws -> Padding {
    guard let found = try take("padding", required: false) else { return value }
    guard case .text(let text) = found.content, let padding = Padding(rawValue: text) else {
      throw wrong(
        "padding", found, Padding.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return padding
  }

  /// Throws if an entry was not taken.
  func finish() throws {
    guard let entry = entries.first else { return }
    throw InvalidInput(
      LayerPlace.name("option of \(place.text)", line: entry.line),
      found: Description.text(entry.key).kind,
      expected: known.isEmpty ? "no options" : "one of " + known.joined(separator: ", ") + ", once")
  }

  private mutating func take(_ key: String, required: Bool) throws -> Description? {
    known.append(key)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      return entries.remove(at: index).value
    }
    if required {
      throw InvalidInput(place.option(key), found: "nothing", expected: "this option")
    }
    return nil
  }

  private func wrong(_ key: String, _ found: Description, _ expected: String) -> InvalidInput {
    InvalidInput(
      LayerPlace.name("\(place.text), \(key)", line: found.line), found: found.kind,
      expected: expected)
  }
}
