// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The figures of the benchmark as tables of text.

import Foundation
import Sketching

extension BenchResults {
  /// All tables with what they mean.
  var summary: String {
    let growth = scaling.map { $0.title + "\n\n" + $0.table.text }
    let peerTables = [
      peers.isEmpty ? nil : "Speed beside Python libraries\n\n" + peers.table.text,
      innerLoops.isEmpty ? nil : "Inner loops beside yardsticks\n\n" + innerLoops.table.text,
    ].compactMap { $0 }
    let end = "This run: \(duration(seconds)), \(peakMegabytes) MB at its peak."
    let parts =
      [ceilings.text(threads: threads)] + dataSets.map(\.summary) + growth + peerTables + [end]
    return parts.joined(separator: "\n\n")
  }
}

extension MachineCeilings {
  func text(threads: Int) -> String {
    "The machine on \(threads) threads: copy \(number(copyGigabytesPerSecond, 1)) GB/s; products of "
      + "matrices \(number(singleProductGigaflops, 0)) GFLOP/s in single and "
      + "\(number(doubleProductGigaflops, 0)) in double precision; real Fourier transforms of 4096 "
      + "numbers \(number(transformsPerSecond, 0)) a second"
  }
}

extension BenchResults.DataSet {
  var description: String {
    "\(name): \(trainingRows) training and \(testRows) test rows of \(columns) numbers; \(kernel)"
  }

  var comparisonDescription: String {
    "Features against the exact kernel of \(comparison.points) test rows: ridge λ = "
      + "\(significant(comparison.ridge)), a thousandth of the trace; statistical dimension "
      + "\(number(comparison.statisticalDimension, 1)); \(shortTime(comparison.exactSecondsPerRow)) "
      + "for a row of the exact matrix"
  }

  var comparisonTable: TextTable {
    TextTable(
      head: [
        "method", "D", "seeds", "ε", "‖ZZᵀ−K‖/‖K‖", "centred", "fit", "rows/s", "× exact", "front",
      ],
      rows: comparison.measures.map {
        [
          $0.method.rawValue, "\($0.columns)", "\($0.seeds)", significant($0.epsilon),
          significant($0.relativeFrobenius), $0.centredFrobenius.map(significant) ?? "-",
          shortTime($0.fitSeconds), number($0.rowsPerSecond, 0), significant($0.timesExact),
          $0.isOnFront ? "●" : "",
        ]
      })
  }

  /// What `auto` and `hybrid` chose, and which maps could not be made.
  var remarks: [String] {
    let chosen = comparison.measures.filter { [.auto, .hybrid].contains($0.method) }
      .map { measure in
        let name = measure.method.rawValue
        let form = measure.form.replacing(name + ", ", with: "")
        return "\(name), D = \(measure.dimension): \(form)"
      }
    let refused = comparison.refusals.map {
      "\($0.method.rawValue), D = \($0.dimension): no features, \($0.reason)"
    }
    return chosen + refused
  }

  var modelTable: TextTable? {
    guard let score, !models.isEmpty else { return nil }
    return TextTable(
      head: ["model", "training rows", "test \(score.rawValue)", "ridge", "fit", "predict"],
      rows: models.map {
        [
          $0.name, "\($0.trainingRows)", number($0.score, 4), significant($0.ridge),
          shortTime($0.fitSeconds), shortTime($0.predictSeconds),
        ]
      })
  }

  /// Why there are no models, or what they are.
  var modelDescription: String {
    score == nil
      ? "There are no targets, so nothing was learned."
      : "Ridge regression on features and with the exact kernel, on \(testRows) test rows"
  }

  fileprivate var summary: String {
    [
      description, comparisonDescription, comparisonTable.text,
      remarks.isEmpty ? nil : remarks.joined(separator: "\n"), modelDescription, modelTable?.text,
    ].compactMap { $0 }.joined(separator: "\n\n")
  }
}

extension Curves {
  /// A row for each place on the axis where a curve was measured.
  var table: TextTable {
    let measured = curves.filter { $0.colour != .guide }
    let places = Set(measured.flatMap(\.x)).sorted()
    return TextTable(
      head: [x.label] + measured.map { "\($0.name): \(y.label)" },
      rows: places.map { place in
        [String(format: "%.0f", place)]
          + measured.map { curve in
            curve.x.firstIndex(of: place).map { significant(curve.y[$0]) } ?? "-"
          }
      })
  }
}

extension [PeerFigures.Comparison] {
  var table: TextTable {
    TextTable(
      head: ["work", "ours", "peer", "theirs", "times as fast"],
      rows: map {
        [
          $0.title, $0.ours.map { shortTime($0.seconds) } ?? "-", $0.peer ?? "-",
          $0.theirs.map { shortTime($0.seconds) } ?? "-", $0.ratio.map(significant) ?? "-",
        ]
      })
  }
}

extension [PeerFigures.InnerLoop] {
  var table: TextTable {
    TextTable(
      head: ["work", "threads", "speed", "against", "ratio"],
      rows: map {
        [
          $0.work, "\($0.threads)", significant($0.speed) + " " + $0.unit, $0.yardstick,
          $0.ratio > 0 ? number($0.ratio, 2) : "-",
        ]
      })
  }
}

/// A number with three digits, without exponent up to millions.
private func significant(_ value: Double) -> String {
  abs(value) >= 1000 && abs(value) < 1e7
    ? String(format: "%.0f", value) : String(format: "%.3g", value)
}

/// A time down to microseconds.
private func shortTime(_ seconds: Double) -> String {
  switch seconds {
  case ..<1e-3: String(format: "%.3g µs", 1e6 * seconds)
  case ..<1: String(format: "%.3g ms", 1e3 * seconds)
  default: duration(seconds)
  }
}
