// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Activations as trees: names, options and defaults.

extension Activation {
  /// The names of activations in network files.
  static let names = [
    "relu", "leakyRelu", "abRelu", "abs", "sign", "erf", "sigmoidLike", "gelu", "sin", "cos", "rbf",
    "exp", "gaussian", "gabor", "expNormalized", "hermite", "monomial", "polynomial",
    "rectifiedMonomial", "elu", "selu", "tanh", "sigmoid", "softplus", "swish", "mish", "hardTanh",
  ]

  /// The options as a tree; nil where there are none. Swift functions have no file form.
  var options: Description? {
    switch self {
    case .leakyReLU(let slope): .map(["negativeSlope": .number(slope)])
    case .abReLU(let a, let b), .exp(let a, let b), .gaussian(let a, let b):
      .map(["a": .number(a), "b": .number(b)])
    case .erf(let a, let b, let c), .sin(let a, let b, let c), .cos(let a, let b, let c):
      .map(["a": .number(a), "b": .number(b), "c": .number(c)])
    case .rbf(let gamma): .map(["gamma": .number(gamma)])
    case .expNormalized(let gamma, let shift):
      .map(["gamma": .number(gamma), "shift": .number(shift)])
    case .hermite(let degree), .monomial(let degree), .rectifiedMonomial(let degree):
      .map(["degree": .number(Double(degree))])
    case .polynomial(let coefficients):
      .map(["coefficients": .list(coefficients.map { .number($0) })])
    case .elu(let alpha): .map(["alpha": .number(alpha)])
    case .relu, .abs, .sign, .sigmoidLike, .gelu, .gabor, .selu, .tanh, .sigmoid, .softplus,
      .swish, .mish, .hardTanh, .function:
      nil
    }
  }

  /// The activation of a name, its options taken out; nil if no activation has the name.
  ///
  /// - Throws: `InvalidInput` if an option's value is not what it should be.
  init?(_ name: String, _ options: inout LayerOptions) throws {
    switch name {
    case "relu": self = .relu
    case "leakyRelu":
      self = .leakyReLU(negativeSlope: try options.number("negativeSlope", default: 0.01))
    case "abRelu": self = .abReLU(a: try options.number("a"), b: try options.number("b"))
    case "abs": self = .abs
    case "sign": self = .sign
    case "erf":
      let (a, b, c) = try options.scaleRateShift()
      self = .erf(a: a, b: b, c: c)
    case "sigmoidLike": self = .sigmoidLike
    case "gelu": self = .gelu
    case "sin":
      let (a, b, c) = try options.scaleRateShift()
      self = .sin(a: a, b: b, c: c)
    case "cos":
      let (a, b, c) = try options.scaleRateShift()
      self = .cos(a: a, b: b, c: c)
    case "rbf": self = .rbf(gamma: try options.number("gamma", default: 1))
    case "exp":
      self = .exp(
        a: try options.number("a", default: 1), b: try options.number("b", default: 1))
    case "gaussian":
      self = .gaussian(
        a: try options.number("a", default: 1), b: try options.number("b", default: -1))
    case "gabor": self = .gabor
    case "expNormalized":
      self = .expNormalized(
        gamma: try options.number("gamma", default: 1),
        shift: try options.number("shift", default: -1))
    case "hermite": self = .hermite(degree: try options.whole("degree"))
    case "monomial": self = .monomial(degree: try options.whole("degree"))
    case "polynomial": self = .polynomial(try options.numbers("coefficients"))
    case "rectifiedMonomial": self = .rectifiedMonomial(degree: try options.whole("degree"))
    case "elu": self = .elu(alpha: try options.number("alpha", default: 1))
    case "selu": self = .selu
    case "tanh": self = .tanh
    case "sigmoid": self = .sigmoid
    case "softplus": self = .softplus
    case "swish": self = .swish
    case "mish": self = .mish
    case "hardTanh": self = .hardTanh
    default: return nil
    }
  }
}

extension LayerOptions {
  /// a [1], b [1] and c [0].
  fileprivate mutating func scaleRateShift() throws -> (Double, Double, Double) {
    (try number("a", default: 1), try number("b", default: 1), try number("c", default: 0))
  }
}
