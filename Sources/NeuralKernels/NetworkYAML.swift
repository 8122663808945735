// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Network files: YAML, and so JSON.

import Validation
import Yams

extension Network {
  /// The largest network file, in bytes.
  public static let largestYAML = 1 << 20

  /// The network that a YAML or JSON text describes:
  ///
  ///     input: [784]
  ///     layers:
  ///       - dense: {weightStd: 1.4142135623730951, biasStd: 0.1}
  ///       - relu
  ///       - dense
  ///
  /// Layers and their options, with defaults in brackets: `dense` weightStd [1] biasStd [0]; `conv`
  /// filter strides [1 each] padding [same] weightStd [1] biasStd [0]; `averagePool` and `sumPool`
  /// window strides [the window] padding [valid], for the average normalizeEdges [false];
  /// `globalAveragePool`; `globalSumPool`; `flatten`; `layerNorm` epsilon [1e-12]; `dropout` keep;
  /// `residual`, a list of layers; `parallelSum`, a list of such lists; `identity`; and all of
  /// `Activation` but Swift functions, with the options and defaults of its cases. Padding is
  /// `same`, `valid` or `circular`. Layers count from 0 in errors. Anchors and aliases are refused: a
  /// few lines of them describe more layers than any memory holds.
  ///
  /// - Throws: `InvalidInput` if the text is not YAML, too long, or not a valid network.
  public init(yaml text: String) throws {
    guard text.utf8.count <= Network.largestYAML else {
      throw InvalidInput(
        "network", found: "\(text.utf8.count) bytes",
        expected: "at most \(Network.largestYAML) bytes of YAML")
    }
    // What is checked is what is parsed, so no quoting can hide an alias in a comment.
    let lines = Network.linesWithoutComments(text)
    if let index = lines.firstIndex(where: { $0.contains("&") || $0.contains("*") }) {
      throw InvalidInput(
        "network, line \(index + 1)", found: "& or *", expected: "YAML without anchors and aliases")
    }
    let root: Node?
    do {
      root = try Parser(yaml: lines.joined(separator: "\n"), encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw error.invalidInput
    }
    guard let root else {
      throw InvalidInput("network", found: "an empty text", expected: "YAML or JSON")
    }
    try self.init(Description(root))
  }

  /// The network as YAML, from which `init(yaml:)` makes an equal one. Swift functions have no file
  /// form: `init(yaml:)` refuses the names that stand for them.
  public var yaml: String {
    "input: \(Description.sizes(inputShape).flow)\nlayers:\n"
      + layers.map { "  - \($0.description.block)\n" }.joined()
  }

  /// The lines up to a `#` that starts a line or follows a blank. No name has one.
  private static func linesWithoutComments(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
      var previous: Character = " "
      return line.prefix { character in
        defer { previous = character }
        return character != "#" || !previous.isWhitespace
      }
    }
  }
}

extension Description {
  /// The tree of a YAML node. Only unquoted scalars are numbers or flags.
  fileprivate init(_ node: Node, depth: Int = 0) throws {
    let line = node.mark?.line
    try Description.checkDepth(depth, line: line)
    switch node {
    case .scalar(let scalar):
      self = scalar.style == .plain ? Description.plain(scalar.string) : .text(scalar.string)
    case .sequence(let sequence):
      self = .list(try sequence.map { try Description($0, depth: depth + 1) })
    case .mapping(let mapping):
      let entries = try mapping.map { key, value in
        guard let name = key.scalar?.string else {
          throw InvalidInput(
            LayerPlace.name("key in the network", line: key.mark?.line), found: "a list or map",
            expected: "a name")
        }
        return Entry(
          key: name, value: try Description(value, depth: depth + 1), line: key.mark?.line)
      }
      self.init(content: .map(entries))
    case .alias:
      throw InvalidInput(
        LayerPlace.name("network", line: line), found: "an alias",
        expected: "YAML without aliases")
    }
    self.line = line
  }

  private static func plain(_ text: String) -> Description {
    switch text {
    case "true": .flag(true)
    case "false": .flag(false)
    default: Double(text).map { .number($0) } ?? .text(text)
    }
  }

  /// The tree as an item of a block list: a map of one key without braces.
  fileprivate var block: String {
    guard case .map(let entries) = content, entries.count == 1 else { return flow }
    return "\(entries[0].key): \(entries[0].value.flow)"
  }
}

extension YamlError {
  /// What is wrong, and where, without the text itself.
  fileprivate var invalidInput: InvalidInput {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let name = LayerPlace.name("network", line: mark.line)
      guard !problem.contains("nesting level") else {
        return InvalidInput(
          name, found: "lists and maps nested too deep to be read",
          expected: "at most \(LayerPlace.largestDepth) nested layers")
      }
      return InvalidInput(
        name, found: "\(problem) in column \(mark.column)", expected: "YAML or JSON")
    case .reader(let problem, _, _, _):
      return InvalidInput("network", found: problem, expected: "YAML or JSON")
    case .duplicatedKeysInMapping(let keys, let context):
      return InvalidInput(
        LayerPlace.name("network", line: context.mark.line),
        found: "the keys \(keys.joined(separator: ", ")) again", expected: "each key once")
    default:
      return InvalidInput(
        "network", found: "a text that cannot be read", expected: "YAML or JSON")
    }
  }
}
