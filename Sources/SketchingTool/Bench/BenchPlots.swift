// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The pictures of the benchmark's report.

import Foundation
import Sketching

extension BenchResults.DataSet {
  /// Errors against dimension, error against time, and scores against rows.
  var plots: [Curves] {
    [
      errorPlot("ε at ridge 10⁻³ tr K", "ε") { $0.epsilon },
      errorPlot("Error of the centred kernel", "centred relative Frobenius error") {
        $0.centredFrobenius ?? .nan
      },
      timePlot, scorePlot,
    ].compactMap { $0 }
  }

  private func curves(
    _ x: (BenchResults.Measure) -> Double, _ y: (BenchResults.Measure) -> Double
  ) -> [Curves.Curve] {
    FeatureMethod.allCases.compactMap { method in
      let measures = comparison.measures.filter { $0.method == method }
      return measures.isEmpty
        ? nil
        : Curves.Curve(
          name: method.rawValue, x: measures.map(x), y: measures.map(y), colour: .method(method))
    }
  }

  private func errorPlot(
    _ title: String, _ label: String, _ error: (BenchResults.Measure) -> Double
  ) -> Curves {
    Curves(
      title: "\(title), \(comparison.points) held-out rows of \(name)",
      x: Curves.Axis(label: "columns of the features D"), y: Curves.Axis(label: label),
      curves: curves({ Double($0.columns) }, error))
  }

  private var timePlot: Curves {
    let front = comparison.measures.filter(\.isOnFront).sorted { $0.totalSeconds < $1.totalSeconds }
    return Curves(
      title: "ε against time, \(name)",
      x: Curves.Axis(label: "seconds to fit and to map the \(trainingRows) training rows"),
      y: Curves.Axis(label: "ε at ridge 10⁻³ tr K"),
      curves: curves(\.totalSeconds, \.epsilon) + [
        Curves.Curve(
          name: "Pareto front of all methods", x: front.map(\.totalSeconds),
          y: front.map(\.epsilon), colour: .guide)
      ])
  }

  private var scorePlot: Curves? {
    guard let score, !models.isEmpty else { return nil }
    let methods: [FeatureMethod?] = [nil] + FeatureMethod.allCases
    return Curves(
      title: "Test \(score.rawValue) against training rows, \(name)",
      x: Curves.Axis(label: "training rows n"),
      y: Curves.Axis(label: "test \(score.rawValue)", isLogarithmic: false),
      curves: methods.compactMap { method in
        let models = models.filter { $0.method == method }
        guard let first = models.first else { return nil }
        return Curves.Curve(
          name: first.name, x: models.map { Double($0.trainingRows) }, y: models.map(\.score),
          colour: method.map { .method($0) } ?? .exact)
      })
  }
}

extension BenchResults.Model {
  var name: String {
    guard let method, let columns else { return "exact kernel" }
    return "\(method.rawValue), D = \(columns)"
  }
}

extension [PeerFigures.Comparison] {
  /// Bars of how many times as fast as their peers we are; nil without figures or gnuplot.
  var bars: String? {
    let rows = compactMap { row in row.ratio.map { (row, $0) } }
      .filter { $0.1 > 0 && $0.1.isFinite }
    guard let least = rows.map(\.1).min(), let most = rows.map(\.1).max() else { return nil }
    let names = rows.enumerated().map { "\(quoted("\($1.0.title) (\($1.0.peer ?? ""))")) \($0)" }
    // gnuplot's own margin takes the widest letters for granted.
    let width = 860
    let longest = names.map(\.count).max() ?? 0
    let values = rows.enumerated().map { [$1.1, Double($0)] }
    return Gnuplot.svg(
      Gnuplot.block("bars", values)
        + """
        set title 'Speed beside Python libraries, on all cores'
        set xlabel 'times as fast'
        set logscale x
        set xrange [\(Swift.min(0.8, least / 1.5)):\(most * 3)]
        set yrange [\(Double(rows.count) - 0.4):-0.6]
        set ytics (\(names.joined(separator: ", "))) noenhanced
        set style fill solid
        unset key
        set grid noytics
        set lmargin at screen \(Swift.min(0.6, 7 * Double(longest) / Double(width)))
        set rmargin at screen 0.97
        plot $bars using 1:2:(1):1:($2-0.33):($2+0.33) with boxxyerror lc rgb '#0072b2', \
          $bars using 1:2:(sprintf($1 < 10 ? '%.1f' : '%.0f', $1)) with labels left offset 0.7,0

        """, width: width, height: 110 + 26 * rows.count)
  }
}
