// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What a layered map is made of, in words.

extension LayeredFeatureMap {
  /// For each activation its landmarks, the directions kept of φ and of ψ, and the columns for the rest;
  /// then the directions kept of whole images or points.
  public var structure: String {
    var layers: [(text: String, count: Int)] = []
    let activations = stages.flatMap(\.activations)
    for text in activations.map(\.structure) {
      if layers.last?.text == text {
        layers[layers.count - 1].count += 1
      } else {
        layers.append((text, 1))
      }
    }
    let inputs = inputSketch.map {
      ["the input sketched to \(counted($0.outputDimension, "column"))"]
    }
    var first = 1
    let texts = layers.map { text, count in
      defer { first += count }
      return count == 1
        ? "activation \(first): \(text)"
        : "activations \(first) to \(first + count - 1): \(text) each"
    }
    let outputs = directions.map { directions in
      let first =
        directions.prefix > 0 ? ["the first \(counted(directions.prefix, "column"))"] : []
      let others = "\(counted(directions.others.columnCount, "direction"))"
      return [(first + [others]).joined(separator: " and ") + " kept of the output"]
    }
    return
      ((inputs ?? []) + texts + (outputs ?? ["\(counted(outputDimension, "column")) of output"]))
      .joined(separator: "; ")
  }
}

extension LayeredStage {
  /// The activations in order, those of parallel branches one branch after the other.
  fileprivate var activations: [ActivationStage] {
    switch self {
    case .activation(let stage): [stage]
    case .sum(let branches, _): branches.flatMap { $0.flatMap(\.activations) }
    case .linear, .pool, .flatten, .normalize, .dropout: []
    }
  }
}

extension ActivationStage {
  fileprivate var structure: String {
    func part(_ name: String, _ kept: Int, _ rest: Int) -> String {
      rest > 0 ? "\(kept) + \(rest) columns of \(name)" : "\(counted(kept, "column")) of \(name)"
    }
    let nngp = part("φ", fit.nngp.columnCount, remainder.nngpCount)
    let ntk = withTangents ? [part("ψ", fit.ntk.columnCount, remainder.ntkCount)] : []
    let rest =
      remainder.nngpCount == 0 ? "" : fit.sketch == nil ? " (+ random)" : " (+ sketched)"
    return "\(counted(landmarkCount, "landmark")) for "
      + ([nngp] + ntk).joined(separator: " and ") + rest
  }
}
