// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Where in a network a layer stands: what errors name.

import Validation

/// The path to a layer through residual and parallel branches, and its line in the file, if any.
struct LayerPlace {
  /// As "layer 3 (residual), layer 0 (conv)".
  let text: String
  /// Indices of layers, and of branches in between.
  let path: [Int]
  let depth: Int
  /// The lines of the layers of a network file, by path.
  private var lines: [[Int]: Int]

  /// Layers may be nested this deep.
  static let largestDepth = 64

  /// The whole network.
  init(lines: [[Int]: Int] = [:]) {
    self.init(text: "", path: [], depth: 0, lines: lines)
  }

  private init(text: String, path: [Int], depth: Int, lines: [[Int]: Int]) {
    self.text = text
    self.path = path
    self.depth = depth
    self.lines = lines
  }

  /// A layer in this place, of which the name may not yet be known.
  func layer(_ index: Int, _ name: String? = nil) -> LayerPlace {
    inner("layer \(index)" + (name.map { " (\($0))" } ?? ""), index, depth + 1)
  }

  /// A branch of this layer.
  func branch(_ index: Int) -> LayerPlace { inner("branch \(index)", index, depth) }

  private func inner(_ part: String, _ index: Int, _ depth: Int) -> LayerPlace {
    LayerPlace(
      text: text.isEmpty ? part : "\(text), \(part)", path: path + [index], depth: depth,
      lines: lines)
  }

  /// The same place, known to be on a line.
  func on(line: Int?) -> LayerPlace {
    var copy = self
    copy.lines[path] = line
    return copy
  }

  /// The name of one of the layer's options, for errors.
  func option(_ name: String) -> String { "\(full), \(name)" }

  /// The place with its line, for errors.
  var full: String { Self.name(text, line: lines[path]) }

  /// What comes out of the layer, with its line, for errors.
  var output: String { Self.name("output of \(text)", line: lines[path]) }

  /// `text`, in a file after its line.
  static func name(_ text: String, line: Int?) -> String {
    line.map { "line \($0), \(text)" } ?? text
  }

  /// Throws where layers are nested too deeply.
  func checkDepth() throws {
    guard depth <= Self.largestDepth else {
      throw InvalidInput(
        Self.name("network", line: lines[path]), found: "layers nested \(depth) deep",
        expected: "at most \(Self.largestDepth)")
    }
  }
}
