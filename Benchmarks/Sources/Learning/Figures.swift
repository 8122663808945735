// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What was measured of learning from the exact kernel, as JSON and as a table.

import Foundation

/// The figures of all parts that have run, in `learning.json` and `learning.txt` of a folder.
struct Figures: Codable {
  /// One fit by conjugate gradients.
  struct Fit: Codable {
    var trainingRows: Int
    /// 0 without preconditioner.
    var landmarks: Int
    var ridge: Double
    var tolerance: Double
    var steps: Int
    var residual: Double
    var fitSeconds: Double
    var peakBytes: Int?
    /// The accuracy on the 10,000 test images, where it was asked for.
    var score: Double?
    var predictSeconds: Double?
  }

  /// ε of features, measured by Lanczos steps.
  struct SpectralError: Codable {
    var rows: Int
    var columns: Int
    var ridge: Double
    var epsilon: Double
    var epsilonBound: Double?
    var failureProbability: Double
    var steps: Int
    var residual: Double
    var seconds: Double
    var peakBytes: Int?
  }

  var dataSet = "fashion-mnist"
  var kernel = "NTK of a network with 3 hidden ReLU layers"
  var threads = ProcessInfo.processInfo.activeProcessorCount
  /// With and without landmarks.
  var steps: [Fit] = []
  /// All images.
  var whole: [Fit] = []
  var epsilon: [SpectralError] = []

  /// What earlier runs left in the folder.
  init(folder: URL) {
    if let data = try? Data(contentsOf: folder.appending(path: "learning.json")),
      let found = try? JSONDecoder().decode(Figures.self, from: data)
    {
      self = found
    }
    threads = ProcessInfo.processInfo.activeProcessorCount
  }

  private init() {}

  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: folder.appending(path: "learning.json"))
    try text.write(
      to: folder.appending(path: "learning.txt"), atomically: true, encoding: .utf8)
  }

  private static func gigabytes(_ bytes: Int?) -> String {
    bytes.map { String(format: "%.2f", Double($0) * 1e-9) } ?? "-"
  }

  var text: String {
    var lines = [
      "\(kernel) on \(dataSet), images of length one, never",
      "stored but for steps without landmarks; entries in single, sums in double precision;",
      "\(threads) threads.",
    ]
    let fits = steps + whole
    if !fits.isEmpty {
      lines += [
        "", "Kernel ridge regression by conjugate gradients, ten outputs:", "",
        "  images  landmarks   ridge  steps  residual  minutes  GB at peak  test accuracy",
      ]
    }
    lines += fits.map { fit in
      String(
        format: "%8d  %9d  %6.3g  %5d  %8.1e  %7.1f  ", fit.trainingRows, fit.landmarks, fit.ridge,
        fit.steps, fit.residual, fit.fitSeconds / 60)
        + Self.padded(Self.gigabytes(fit.peakBytes), 10)
        + (fit.score.map { String(format: "  %11.2f %%", 100 * $0) } ?? "")
    }
    if !epsilon.isEmpty {
      lines += [
        "", "ε of Nyström features by Lanczos steps:", "",
        "  images  columns   ridge  steps  residual        ε    bound  minutes  GB at peak",
      ]
    }
    lines += epsilon.map { error in
      String(
        format: "%8d  %7d  %6.3g  %5d  %8.1e  %7.4f  ", error.rows, error.columns, error.ridge,
        error.steps, error.residual, error.epsilon)
        + Self.padded(error.epsilonBound.map { String(format: "%.3f", $0) } ?? "-", 7)
        + String(format: "  %7.1f  ", error.seconds / 60)
        + Self.padded(Self.gigabytes(error.peakBytes), 10)
    }
    if let error = epsilon.first {
      lines += ["", "ε exceeds the bound with probability \(error.failureProbability) at most."]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
