// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The figures of the demo as tables of text.

import Foundation

/// A table: a head and rows of cells, the first column to the left and the rest to the right.
struct TextTable {
  var head: [String]
  var rows: [[String]]

  var text: String {
    let widths = head.indices.map { column in
      ([head] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
    return ([line(head), rule] + rows.map(line)).joined(separator: "\n")
  }

  var html: String {
    func cells(_ row: [String], _ tag: String) -> String {
      "<tr>" + row.map { "<\(tag)>\($0)</\(tag)>" }.joined() + "</tr>"
    }
    return "<table>\n" + cells(head, "th") + "\n"
      + rows.map { cells($0, "td") }.joined(separator: "\n") + "\n</table>"
  }
}

extension DemoResults {
  /// How near the features are to the exact kernel.
  var approximationTable: TextTable {
    TextTable(
      head: ["features D", "ε", "‖ZZᵀ−K‖/‖K‖", "centred", "spectral", "images/s"],
      rows: approximations.map {
        [
          "\($0.columns)", number($0.epsilon, 3), number($0.relativeFrobenius, 4),
          number($0.centredFrobenius, 4), number($0.relativeSpectral, 4),
          number($0.imagesPerSecond, 0),
        ]
      })
  }

  /// How well the classifiers do, and how long they take.
  var classifierTable: TextTable {
    TextTable(
      head: ["NTK classifier", "training images", "test accuracy", "ridge", "fit", "predict"],
      rows: classifiers.map {
        [
          $0.method == .exact ? "exact kernel" : "sketch, D = \($0.columns ?? 0)",
          "\($0.trainingImages)", number($0.accuracy, 4), number($0.ridge, 3),
          duration($0.fitSeconds), duration($0.predictSeconds),
        ]
      })
  }

  /// The classifier on the convolutional network's features.
  var convolutionalTable: TextTable {
    let figures = convolutional
    return TextTable(
      head: [
        "CNTK classifier", "training images", "test accuracy", "ridge", "images/s", "map", "fit",
        "predict",
      ],
      rows: [
        [
          "features, D = \(figures.columns)", "\(figures.trainingImages)",
          number(figures.accuracy, 4), number(figures.ridge, 3),
          number(figures.imagesPerSecond, 0), duration(figures.mapSeconds),
          duration(figures.fitSeconds), duration(figures.predictSeconds),
        ]
      ])
  }

  /// What the exact convolutional kernel would take: measured, and multiplied.
  var exactConvolutional: String {
    let figures = convolutional
    let pairs = figures.exactPairsNeeded(testImages: testImages)
    return """
      The exact kernel takes \(number(1e3 * figures.exactSecondsPerPair, 2)) ms for a pair of images \
      (measured on \(figures.exactPairsMeasured) pairs). Training
      on as many images and classifying the test images needs \
      \(String(format: "%.1e", pairs)) pairs: \(years(pairs * figures.exactSecondsPerPair))
      (multiplied). All of the row above took \(duration(figures.seconds)).
      """
  }

  /// The tables with what they mean.
  var summary: String {
    let first = approximations.first
    let exact = exactOnAll
    return """
      The NTK of a network with three hidden ReLU layers on Fashion-MNIST

      Sketched features against the exact kernel matrix of \(first?.images ?? 0) test images
      (ridge λ = \(number(first?.ridge ?? 0, 2)), statistical dimension \
      \(number(first?.statisticalDimension ?? 0, 0)); \(threads) threads)

      \(approximationTable.text)

      Ridge classifiers, on \(testImages) test images

      \(classifierTable.text)

      The exact kernel on all \(exact.trainingImages) images would take a matrix of \
      \(number(exact.gigabytes, 1)) GB and about \(duration(exact.seconds))
      (scaled up from the row above).

      The NTK of a convolutional network, Myrtle-5 with average pooling of 3 × 3 regions at its end, on
      the same images

      \(convolutionalTable.text)

      \(exactConvolutional)

      This run: \(duration(seconds)), \
      \(peakMegabytes) MB at its peak.
      """
  }
}

/// A number with so many decimals; very small ones in scientific form.
func number(_ value: Double, _ decimals: Int) -> String {
  let tiny = value != 0 && abs(value) < 0.5 * Double.pow(10, -decimals)
  return String(format: tiny ? "%.1e" : "%.\(decimals)f", value)
}

/// A long time in days and years.
func years(_ seconds: Double) -> String {
  let days = seconds / 86400
  return days < 2
    ? duration(seconds)
    : String(
      format: days < 100 ? "%.1f days, %.2f years" : "%.0f days, %.1f years", days, days / 365.25)
}

/// A time in words that fit its size.
func duration(_ seconds: Double) -> String {
  switch seconds {
  case ..<0.0995: String(format: "%.0f ms", seconds * 1000)
  case ..<99.5: String(format: "%.1f s", seconds)
  case ..<5940: String(format: "%.0f min", seconds / 60)
  case ..<172_800: String(format: "%.1f h", seconds / 3600)
  default: String(format: "%.1f days", seconds / 86400)
  }
}
