// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Measured curves over one axis, to be stored and drawn.

import Sketching

/// Some curves with common axes.
struct Curves: Encodable {
  struct Curve: Encodable {
    var name: String
    var x: [Double]
    var y: [Double]
    var colour: Colour
  }

  struct Axis: Encodable {
    /// With its unit.
    var label: String
    var isLogarithmic = true
  }

  /// What a curve is of; equal things look alike in all pictures.
  enum Colour: Hashable {
    case exact
    case method(FeatureMethod)
    /// A broad line without marks, for comparison.
    case guide
  }

  var title: String
  var x: Axis
  var y: Axis
  var curves: [Curve]
}

extension Curves.Colour: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  private var name: String {
    switch self {
    case .exact: "exact"
    case .method(let method): method.rawValue
    case .guide: "guide"
    }
  }

  /// As gnuplot has it; colours that the colour-blind can tell apart.
  var code: String {
    switch self {
    case .exact: "#000000"
    case .method(.auto): "#e69f00"
    case .method(.sketch): "#0072b2"
    case .method(.random): "#cc79a7"
    case .method(.nystrom): "#009e73"
    case .method(.hybrid): "#d55e00"
    case .method(.leverage): "#56b4e9"
    case .guide: "#cccccc"
    }
  }
}
