// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Layers as trees: names, options and defaults.

import Validation

extension Layer {
  /// The names of layers that network files may hold.
  static let names =
    [
      "dense", "conv", "averagePool", "sumPool", "globalAveragePool", "globalSumPool", "flatten",
      "layerNorm", "dropout", "residual", "parallelSum", "identity",
    ] + Activation.names

  /// The layer as a tree: a bare name, or a map of its name to its options.
  var description: Description {
    options.map { .map([name: $0]) } ?? .text(name)
  }

  private var options: Description? {
    switch self {
    case .dense(let weightStd, let biasStd):
      .map(["weightStd": .number(weightStd), "biasStd": .number(biasStd)])
    case .convolution(let convolution):
      .map([
        "filter": .sizes(convolution.window.size),
        "strides": .sizes(convolution.window.strides),
        "padding": .text(convolution.window.padding.rawValue),
        "weightStd": .number(convolution.weightStd), "biasStd": .number(convolution.biasStd),
      ])
    case .pool(let pooling):
      switch pooling.reduction {
      case .sum:
        .map([
          "window": .sizes(pooling.window.size), "strides": .sizes(pooling.window.strides),
          "padding": .text(pooling.window.padding.rawValue),
        ])
      case .average(let normalizeEdges):
        .map([
          "window": .sizes(pooling.window.size), "strides": .sizes(pooling.window.strides),
          "padding": .text(pooling.window.padding.rawValue),
          "normalizeEdges": .flag(normalizeEdges),
        ])
      }
    case .layerNorm(let epsilon): .map(["epsilon": .number(epsilon)])
    case .dropout(let keep): .map(["keep": .number(keep)])
    case .residual(let layers): .list(layers.map(\.description))
    case .parallelSum(let branches): .list(branches.map { .list($0.map(\.description)) })
    case .activation(let activation): activation.options
    case .globalAveragePool, .globalSumPool, .flatten, .identity: nil
    }
  }

  /// The layers that a list of trees describes. Notes the line of each layer under its path.
  ///
  /// - Throws: `InvalidInput` if the description is not a list of layers, or one of them cannot be
  ///   read.
  static func layers(
    _ description: Description, at place: LayerPlace, lines: inout [[Int]: Int]
  ) throws -> [Layer] {
    guard case .list(let items) = description.content else {
      throw InvalidInput(
        LayerPlace.name(
          place.text.isEmpty ? "layers of the network" : place.text, line: description.line),
        found: description.kind, expected: "a list of layers")
    }
    return try items.enumerated().map { index, item in
      let inner = place.layer(index)
      lines[inner.path] = item.line
      return try Layer(item, index: index, in: place, lines: &lines)
    }
  }

  /// The layer that a tree describes, the `index`-th in its place.
  ///
  /// - Throws: `InvalidInput` if the name or an option is unknown (it lists the known ones) or an
  ///   option's value is not what it should be.
  private init(
    _ description: Description, index: Int, in outer: LayerPlace, lines: inout [[Int]: Int]
  ) throws {
    let (name, value): (String, Description?)
    switch description.content {
    case .text(let text): (name, value) = (text, nil)
    case .map(let entries) where entries.count == 1:
      (name, value) = (entries[0].key, entries[0].value)
    default:
      throw InvalidInput(
        LayerPlace.name(outer.layer(index).text, line: description.line), found: description.kind,
        expected: "a layer's name, or a map of one name to its options")
    }
    let place = outer.layer(index, name)
    try place.on(line: description.line).checkDepth()
    switch name {
    case "residual":
      self = .residual(
        try Layer.layers(value ?? .text("nothing"), at: place, lines: &lines))
    case "parallelSum":
      guard let value, case .list(let branches) = value.content else {
        throw InvalidInput(
          LayerPlace.name(place.text, line: description.line), found: value?.kind ?? "nothing",
          expected: "a list of branches, each a list of layers")
      }
      self = .parallelSum(
        try branches.enumerated().map {
          try Layer.layers($1, at: place.branch($0), lines: &lines)
        })
    default:
      var options = try LayerOptions(place: place.on(line: description.line), value)
      guard let layer = try Layer(name, &options) else {
        throw InvalidInput(
          LayerPlace.name(outer.layer(index).text, line: description.line),
          found: Description.text(name).kind,
          expected: "one of " + Layer.names.joined(separator: ", "))
      }
      self = layer
      try options.finish()
    }
  }

  /// A layer without inner layers; nil if none has the name.
  private init?(_ name: String, _ options: inout LayerOptions) throws {
    switch name {
    case "dense":
      self = .dense(
        weightStd: try options.number("weightStd", default: 1),
        biasStd: try options.number("biasStd", default: 0))
    case "conv":
      self = .conv(
        filter: try options.sizes("filter", required: true) ?? [],
        strides: try options.sizes("strides", required: false),
        padding: try options.padding(default: .same),
        weightStd: try options.number("weightStd", default: 1),
        biasStd: try options.number("biasStd", default: 0))
    case "averagePool":
      self = .averagePool(
        window: try options.sizes("window", required: true) ?? [],
        strides: try options.sizes("strides", required: false),
        padding: try options.padding(default: .valid),
        normalizeEdges: try options.flag("normalizeEdges", default: false))
    case "sumPool":
      self = .sumPool(
        window: try options.sizes("window", required: true) ?? [],
        strides: try options.sizes("strides", required: false),
        padding: try options.padding(default: .valid))
    case "globalAveragePool": self = .globalAveragePool
    case "globalSumPool": self = .globalSumPool
    case "flatten": self = .flatten
    case "layerNorm": self = .layerNorm(epsilon: try options.number("epsilon", default: 1e-12))
    case "dropout": self = .dropout(keep: try options.number("keep"))
    case "identity": self = .identity
    default:
      guard let activation = try Activation(name, &options) else { return nil }
      self = .activation(activation)
    }
  }
}
