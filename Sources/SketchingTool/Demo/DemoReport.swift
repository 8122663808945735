// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The demo's report: one page that needs no other file.

import Foundation

extension DemoResults {
  /// The page, with plots where gnuplot is there to draw them.
  var report: String {
    let pictures = [errorPlot, accuracyPlot].compactMap { $0 }
    let plots =
      pictures.isEmpty
      ? "<p>gnuplot was not found, so there are no plots.</p>"
      : pictures.map { "<figure>\($0)</figure>" }.joined(separator: "\n")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>Sketched NTK on Fashion-MNIST</title>
      <style>
      body { font: 16px/1.5 sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; margin: 1rem 0; }
      th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child { text-align: left; }
      figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; }
      </style>
      </head>
      <body>
      <h1>Sketched NTK on Fashion-MNIST</h1>
      <p>The neural tangent kernel of a network with three hidden ReLU layers. Each of D sketched
      features stands in for the exact kernel; ε is the smallest number for which
      (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI), with λ a thousandth of the trace.</p>
      <h2>Features against the exact kernel</h2>
      \(approximationTable.html)
      <h2>Classifiers</h2>
      \(classifierTable.html)
      <p>The exact kernel on all \(exactOnAll.trainingImages) images would take a matrix of
      \(number(exactOnAll.gigabytes, 1)) GB and about \(duration(exactOnAll.seconds)), scaled up from
      the measured fit.</p>
      \(plots)
      <h2>The kernel of a convolutional network</h2>
      <p>The NTK of Myrtle-5 with average pooling of 3 × 3 regions at its end, on the same images, through
      features made layer by layer from landmark patches.</p>
      \(convolutionalTable.html)
      <p>\(exactConvolutional)</p>
      <p>Made by <code>\(command)</code> in \(duration(seconds)) on \(threads) threads of
      \(processor), \(peakMegabytes) MB at its peak; seed \(seed).</p>
      </body>
      </html>
      """
  }

  /// Errors against the number of features.
  private var errorPlot: String? {
    Gnuplot.svg(
      Gnuplot.block(
        "errors",
        approximations.map {
          [Double($0.columns), $0.epsilon, $0.relativeFrobenius, $0.relativeSpectral]
        })
          + """
          set title 'Error against the number of features'
          set logscale xy
          set xlabel 'features D'
          set format y '%g'
          plot $errors using 1:2 with linespoints lw 2 pt 7 title 'ε', \
            $errors using 1:3 with linespoints lw 2 pt 5 title 'relative Frobenius', \
            $errors using 1:4 with linespoints lw 2 pt 9 title 'relative spectral'

          """)
  }

  /// Accuracy against the time from training images to test predictions.
  private var accuracyPlot: String? {
    let count = classifiers.map(\.trainingImages).max() ?? 0
    func rows(_ keep: (Classifier) -> Bool) -> [[Double]] {
      classifiers.filter(keep).map { [$0.seconds, $0.accuracy] }
    }
    let exact = rows { $0.method == .exact }
    let few = rows { $0.method == .sketch && $0.trainingImages < count }
    let all = rows { $0.method == .sketch && $0.trainingImages == count }
    let sets = [("exact", exact, "exact kernel"), ("few", few, "sketch, as many images")]
      .filter { !$0.1.isEmpty }
    let points = sets.map { "$\($0.0) using 1:2 with points pt 5 ps 1.4 title '\($0.2)'" }
    return Gnuplot.svg(
      (sets.map { Gnuplot.block($0.0, $0.1) } + [Gnuplot.block("all", all)]).joined()
        + """
        set title 'Test accuracy against time'
        set logscale x
        set xlabel 'seconds from images to predictions'
        set ylabel 'test accuracy'
        set key bottom right
        plot \((points + ["$all using 1:2 with linespoints lw 2 pt 7 title 'sketch, \(count) images'"])
          .joined(separator: ", "))

        """)
  }
}
