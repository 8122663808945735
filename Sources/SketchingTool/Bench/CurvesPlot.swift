// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Pictures of curves.

import Foundation

extension Curves {
  /// The picture as SVG; nil where gnuplot is missing or there is nothing to show.
  var svg: String? {
    // Guides lie behind what they guide.
    let ordered = curves.filter { $0.colour == .guide } + curves.filter { $0.colour != .guide }
    let drawn = ordered.compactMap { curve in
      let points = zip(curve.x, curve.y).filter { isVisible($0.0, x) && isVisible($0.1, y) }
      return points.isEmpty ? nil : (curve: curve, points: points.map { [$0.0, $0.1] })
    }
    guard !drawn.isEmpty else { return nil }
    let blocks = drawn.enumerated().map { Gnuplot.block("curve\($0)", $1.points) }
    let plots = drawn.enumerated().map { index, part in
      "$curve\(index) using 1:2 with "
        + (part.curve.colour == .guide ? "lines lw 6" : "linespoints lw 2 pt 7 ps 0.7")
        + " lc rgb '\(part.curve.colour.code)' title \(quoted(part.curve.name))"
    }
    let points = drawn.flatMap(\.points)
    return Gnuplot.svg(
      (blocks + [
        "set title \(quoted(title)) noenhanced",
        "set key tmargin center horizontal noenhanced",
        x.setup("x", points.map { $0[0] }),
        y.setup("y", points.map { $0[1] }),
        "plot " + plots.joined(separator: ", "), "",
      ]).joined(separator: "\n"), width: 680, height: 460)
  }

  private func isVisible(_ value: Double, _ axis: Axis) -> Bool {
    value.isFinite && (value > 0 || !axis.isLogarithmic)
  }
}

extension Curves.Axis {
  /// Label, range and tics for values, of which there are some.
  fileprivate func setup(_ name: String, _ values: [Double]) -> String {
    let head = "set \(name)label \(quoted(label)) noenhanced"
    guard isLogarithmic else {
      return head + "\nset offsets graph 0, graph 0, graph 0.05, graph 0.05"
    }
    guard let least = values.min(), let most = values.max() else { return head }
    // What hardly varies is not to look wild.
    let room = most < 1.5 * least ? 2.0 : 1.3
    let (low, high) = (least / room, most * room)
    let places = name == "x" ? Self.separate(values) : nil
    let tics = (places ?? Self.tics(low, high)).map { "\(quoted(Self.text(of: $0))) \($0)" }
    return """
      \(head)
      set logscale \(name)
      set \(name)range [\(low):\(high)]
      set \(name)tics (\(tics.joined(separator: ", "))) noenhanced
      """
  }

  /// The values themselves, where they are few and far between.
  private static func separate(_ values: [Double]) -> [Double]? {
    let places = Set(values).sorted()
    let areFar = zip(places, places.dropFirst()).allSatisfy { $1 > 1.3 * $0 }
    return places.count <= 8 && areFar ? places : nil
  }

  /// Round numbers from `low` to `high`, about four to eight.
  private static func tics(_ low: Double, _ high: Double) -> [Double] {
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    func all(_ steps: [Double]) -> [Double] {
      exponents.flatMap { exponent in steps.map { $0 * pow(10, Double(exponent)) } }
        .filter { low <= $0 && $0 <= high }
    }
    let candidates = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]].map(all)
    return candidates.first { $0.count >= 4 } ?? candidates[candidates.count - 1]
  }

  private static func text(of tic: Double) -> String {
    let exponent = Int(log10(tic * 1.0001).rounded(.down))
    guard exponent < -3 || exponent > 4 else { return String(format: "%g", tic) }
    let digits = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let raised = String(abs(exponent)).compactMap(\.wholeNumberValue).map { digits[$0] }.joined()
    let leading = String(format: "%g", tic / pow(10, Double(exponent)))
    return (leading == "1" ? "" : leading + "·") + "10" + (exponent < 0 ? "⁻" : "") + raised
  }
}

/// Text as gnuplot takes it, which may come from the name of a file.
func quoted(_ text: String) -> String {
  let line = text.map { $0.isNewline ? " " : String($0) }.joined()
  return "'" + line.replacing("'", with: "''") + "'"
}
