// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The benchmark's report: one page that needs no other file.

import Foundation

extension BenchResults {
  /// The page, with plots where gnuplot is there to draw them.
  var report: String {
    let title = "Sketch against exact"
    let body =
      [
        "<h1>\(title)</h1>",
        paragraph(ceilings.text(threads: threads) + "."),
        """
        <p>The n × D features Z of n points stand in for their exact kernel matrix K by ZZᵀ. ε is the
        smallest number for which (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI). Centred errors
        are those of HKH with H = I − 11ᵀ/n. Figures are medians over seeds, after runs that do not
        count; × exact is the speed over that of the rows of the exact matrix. A method at a
        dimension is on the front (●) if no other has both a smaller ε and a smaller time to fit and
        to map all training rows.</p>
        """,
      ] + dataSets.map(\.section)
      + [scalingSection, peerSection, innerLoopSection].compactMap { $0 }
      + [
        paragraph(
          "Made by \(command) in \(duration(seconds)) on \(threads) threads of \(processor), "
            + "\(peakMegabytes) MB at its peak; seed \(seed).")
      ]
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(title)</title>
      <style>
      body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 90%; }
      th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child { text-align: left; }
      div.wide { overflow-x: auto; }
      figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; }
      </style>
      </head>
      <body>
      \(body.joined(separator: "\n"))
      </body>
      </html>
      """
  }

  private var scalingSection: String? {
    scaling.isEmpty
      ? nil
      : "<h2>How times grow</h2>\n"
        + scaling.map { figure($0.svg) + "\n" + page($0.table) }.joined(separator: "\n")
  }

  private var peerSection: String {
    "<h2>Beside Python libraries</h2>\n"
      + (peers.isEmpty
        ? paragraph("No peers.json in the output folder: `make bench` measures them.")
        : figure(peers.bars) + "\n" + page(peers.table))
  }

  private var innerLoopSection: String? {
    innerLoops.isEmpty ? nil : "<h2>Inner loops beside yardsticks</h2>\n" + page(innerLoops.table)
  }
}

extension BenchResults.DataSet {
  fileprivate var section: String {
    let pictures = plots.map { figure($0.svg) }
    let notes = remarks.isEmpty ? nil : remarks.map(paragraph).joined(separator: "\n")
    return
      ([
        "<h2>\(escaped(name))</h2>", paragraph(description + "."),
        paragraph(comparisonDescription + "."), page(comparisonTable), notes,
        paragraph(modelDescription), modelTable.map(page),
      ].compactMap { $0 } + pictures).joined(separator: "\n")
  }
}

private func figure(_ picture: String?) -> String {
  picture.map { "<figure>\($0)</figure>" }
    ?? "<p>No plot: gnuplot was not found, or there was nothing to draw.</p>"
}

private func paragraph(_ text: String) -> String { "<p>\(escaped(text))</p>" }

private func page(_ table: TextTable) -> String {
  let safe = TextTable(
    head: table.head.map(escaped), rows: table.rows.map { $0.map(escaped) })
  return "<div class=\"wide\">\(safe.html)</div>"
}

/// Text as HTML has it: file names may hold anything.
private func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
}
