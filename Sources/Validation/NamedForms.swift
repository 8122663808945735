// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Things named in a line of text with their parameters: `NAME` or `NAME:key=value,…`.

/// What can be named by text of the form `NAME` or `NAME:key=value,…`, and how it is made.
public struct NamedForms<Product>: Sendable {
  /// A name, its parameters with the values that they take if left out, and what it stands for.
  public struct Form: Sendable {
    public let name: String
    public let defaults: [(key: String, value: Double)]
    let make: @Sendable ([String: Double]) throws -> Product

    /// - Parameter make: receives a value for every key of `defaults`.
    public init(
      _ name: String, _ defaults: KeyValuePairs<String, Double> = [:],
      make: @escaping @Sendable ([String: Double]) throws -> Product
    ) {
      self.name = name
      self.defaults = defaults.map { ($0.key, $0.value) }
      self.make = make
    }

    /// The name with all parameters.
    var example: String {
      guard !defaults.isEmpty else { return name }
      return name + ":" + defaults.map { "\($0.key)=\($0.value.shortest)" }.joined(separator: ",")
    }
  }

  private let kind: String
  private let forms: [Form]

  /// - Parameter kind: what the forms name, for error messages: "kernel".
  public init(_ kind: String, _ forms: [Form]) {
    self.kind = kind
    self.forms = forms
  }

  /// All names, with their parameters and defaults.
  public var examples: [String] { forms.map(\.example) }

  /// What `text` names.
  ///
  /// - Throws: `InvalidInput` if the name or a key is unknown (it lists the known ones), a key is
  ///   repeated, or a value is no number; what making it throws.
  public func callAsFunction(_ text: String) throws -> Product {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let form = forms.first(where: { $0.name == parts[0] }) else {
      throw InvalidInput(
        kind, found: "\"\(text.excerpt)\"", expected: "one of " + examples.joined(separator: "; "))
    }
    var values = Dictionary(uniqueKeysWithValues: form.defaults.map { ($0.key, $0.value) })
    var seen: Set<String> = []
    for option in parts.count > 1 ? parts[1].split(separator: ",") : [] {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(pair[0])
      guard values[key] != nil else {
        throw InvalidInput(
          "\(kind) \(form.name)", found: "the unknown parameter \"\(key.excerpt)\"",
          expected: form.defaults.isEmpty
            ? "no parameters" : "only " + form.defaults.map(\.key).joined(separator: ", "))
      }
      guard seen.insert(key).inserted, pair.count == 2 else {
        throw InvalidInput(
          "\(kind) \(form.name)", found: "\"\(String(option).excerpt)\"",
          expected: "each key at most once, as in " + form.example)
      }
      guard let value = Double(pair[1]) else {
        throw InvalidInput(
          "\(kind) \(form.name), \(key)", found: "\"\(String(pair[1]).excerpt)\"",
          expected: "a number")
      }
      values[key] = value
    }
    return try form.make(values)
  }
}

extension Check {
  /// The whole number that `value` is, or `InvalidInput`.
  public static func whole(_ value: Double, _ name: String) throws -> Int {
    guard let number = Int(exactly: value) else {
      throw InvalidInput(name, found: "\(value)", expected: "a whole number")
    }
    return number
  }
}

extension Double {
  /// The number without a needless ".0".
  fileprivate var shortest: String {
    Int(exactly: self).map(String.init) ?? "\(self)"
  }
}

extension String {
  /// The first characters, for error messages.
  fileprivate var excerpt: String { count > 60 ? prefix(60) + "…" : self }
}
