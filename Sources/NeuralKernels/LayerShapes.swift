// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Which pixels come out of a layer, and whether the layer can be at all.

import Validation

/// The pixels of a signal: none for vectors, `[l]` for sequences, `[h, w]` for images.
struct PixelShape: Hashable {
  let sides: [Int]

  static let vector = PixelShape(sides: [])

  var isVector: Bool { sides.isEmpty }
  var count: Int { sides.reduce(1, *) }

  /// As "8 × 8 pixels", for errors.
  var text: String {
    isVector ? "a vector" : sides.map(String.init).joined(separator: " × ") + " pixels"
  }
}

extension Layer {
  /// The pixels after the layers, from those before.
  ///
  /// - Throws: `InvalidInput` naming the layer, what came in and what it wants.
  static func shape(
    of layers: [Layer], after input: PixelShape, at place: LayerPlace
  ) throws -> PixelShape {
    var shape = input
    for (index, layer) in layers.enumerated() {
      let place = place.layer(index, layer.name)
      try place.checkDepth()
      shape = try layer.shape(after: shape, at: place)
    }
    return shape
  }

  private func shape(after input: PixelShape, at place: LayerPlace) throws -> PixelShape {
    switch self {
    case .dense(let weightStd, let biasStd):
      try checkDeviations(weightStd, biasStd, place)
      return input
    case .convolution(let convolution):
      try checkDeviations(convolution.weightStd, convolution.biasStd, place)
      let output = try convolution.window.shape(after: input, "filter", at: place)
      let size = convolution.window.size
      guard size.reduce(1.0, { $0 * Double($1) }) <= Double(Convolution.largestFilter) else {
        throw InvalidInput(
          place.option("filter"), found: "\(size)",
          expected: "at most \(Convolution.largestFilter) pixels")
      }
      return output
    case .pool(let pooling):
      return try pooling.window.shape(after: input, "window", at: place)
    case .globalAveragePool, .globalSumPool:
      guard !input.isVector else {
        throw InvalidInput(place.full, found: input.text, expected: "pixels as its input")
      }
      return .vector
    case .flatten:
      return .vector
    case .layerNorm(let epsilon):
      try Check.nonnegative(epsilon, place.option("epsilon"))
      return input
    case .dropout(let keep):
      guard keep > 0, keep <= 1 else {
        throw InvalidInput(
          place.option("keep"), found: "\(keep)", expected: "a number above 0, at most 1")
      }
      return input
    case .residual(let layers):
      let output = try Layer.shape(of: layers, after: input, at: place)
      guard output == input else {
        throw InvalidInput(
          place.full, found: "\(output.text) out of its layers",
          expected: "\(input.text), as at its input")
      }
      return input
    case .parallelSum(let branches):
      guard let first = branches.first else {
        throw InvalidInput(place.full, found: "no branches", expected: "at least one")
      }
      let output = try Layer.shape(of: first, after: input, at: place.branch(0))
      for (index, branch) in branches.enumerated().dropFirst() {
        let other = try Layer.shape(of: branch, after: input, at: place.branch(index))
        guard other == output else {
          throw InvalidInput(
            place.full, found: "\(other.text) out of branch \(index)",
            expected: "\(output.text), as out of branch 0")
        }
      }
      return output
    case .activation(let activation):
      try activation.check(at: place)
      return input
    case .identity:
      return input
    }
  }

  private func checkDeviations(
    _ weightStd: Double, _ biasStd: Double, _ place: LayerPlace
  ) throws {
    try Check.nonnegative(weightStd, place.option("weightStd"))
    try Check.nonnegative(biasStd, place.option("biasStd"))
  }
}

extension Window {
  fileprivate func shape(
    after input: PixelShape, _ name: String, at place: LayerPlace
  ) throws -> PixelShape {
    guard !input.isVector else {
      throw InvalidInput(place.full, found: "a vector", expected: "pixels as its input")
    }
    let wanted =
      (input.sides.count == 1 ? "one number" : "two numbers")
      + " from 1 to \(Check.largestDimension)"
    for (option, values) in [(name, size), ("strides", strides)] {
      guard values.count == input.sides.count,
        values.allSatisfy({ (1...Check.largestDimension).contains($0) })
      else {
        throw InvalidInput(
          place.option(option), found: "\(values)", expected: "\(wanted), as \(input.text) came in")
      }
    }
    let sides = try zip(input.sides, 0...).map { count, axis in
      guard let placement = placement(over: count, axis: axis) else {
        throw InvalidInput(
          place.option(name), found: "\(size) on \(input.text)",
          expected: "at most the image's size, or padding other than valid")
      }
      return placement.outputCount
    }
    return PixelShape(sides: sides)
  }
}

extension Activation {
  /// Throws unless all parameters are within their ranges.
  func check(at place: LayerPlace) throws {
    func finite(_ values: (String, Double)...) throws {
      for (name, value) in values where !value.isFinite {
        throw InvalidInput(place.option(name), found: "\(value)", expected: "a finite number")
      }
    }
    switch self {
    case .leakyReLU(let slope): try finite(("negativeSlope", slope))
    case .abReLU(let a, let b): try finite(("a", a), ("b", b))
    case .erf(let a, let b, let c), .sin(let a, let b, let c), .cos(let a, let b, let c):
      try finite(("a", a), ("b", b), ("c", c))
    case .rbf(let gamma): try Check.nonnegative(gamma, place.option("gamma"))
    case .exp(let a, let b), .gaussian(let a, let b): try finite(("a", a), ("b", b))
    case .expNormalized(let gamma, let shift):
      try Check.nonnegative(gamma, place.option("gamma"))
      try finite(("shift", shift))
    case .elu(let alpha): try finite(("alpha", alpha))
    case .hermite(let degree), .monomial(let degree), .rectifiedMonomial(let degree):
      guard (0...Activation.largestDegree).contains(degree) else {
        throw InvalidInput(
          place.option("degree"), found: "\(degree)",
          expected: "a whole number from 0 to \(Activation.largestDegree)")
      }
    case .polynomial(let coefficients):
      guard (1...Activation.largestDegree + 1).contains(coefficients.count),
        coefficients.allSatisfy(\.isFinite)
      else {
        throw InvalidInput(
          place.option("coefficients"), found: "\(coefficients.prefix(8))",
          expected: "1 to \(Activation.largestDegree + 1) finite numbers")
      }
    case .function(let function):
      guard function.kinks.allSatisfy(\.isFinite) else {
        throw InvalidInput(
          place.option("kinks"), found: "\(function.kinks.prefix(8))", expected: "finite numbers")
      }
    case .relu, .abs, .sign, .sigmoidLike, .gelu, .gabor, .selu, .tanh, .sigmoid, .softplus,
      .swish, .mish, .hardTanh:
      break
    }
  }
}
