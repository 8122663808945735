// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Prints how far sketched polynomial kernels lie from the exact ones on Fashion-MNIST, beside what the
// exact variances foretell, and writes it to the file named.
//
// Usage: Accuracy [FILE]

import Foundation
import Sketching

func run() throws {
  let path = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  guard FileManager.default.fileExists(atPath: path) else {
    print("The data set dataset-fashion-mnist is not installed.")
    exit(1)
  }
  let n = 300
  let seeds: Range<UInt64> = 0..<20
  let dimensions = [1024, 3072, 5120]
  let points = try UnitRows(DataFile(path: path)).rows(0..<n, as: Double.self)
  var lines = [
    "Relative Frobenius error of sketched polynomial kernels on \(n) unit rows of Fashion-MNIST: the",
    "mean of \(seeds.count) seeds, and in brackets the root mean square that the exact variance foretells.",
    "",
  ]
  func padded(_ text: String, _ width: Int = 18) -> String {
    text.padding(toLength: width, withPad: " ", startingAt: 0)
  }
  func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  for (name, scale, offset) in [("⟨x, y⟩", 1.0, 0.0), ("(⟨x, y⟩ + 1)/2", 0.5, 0.5)] {
    for degree in [2, 3, 5, 7, 10] {
      let setting = try Setting(points, degree: degree, scale: scale, offset: offset)
      lines.append(
        padded("\(name) to the power \(degree)", 30)
          + dimensions.map { padded("D = \($0)") }.joined())
      // By dimension: the law with the least error, measured and foretold.
      var best = [Int: (measured: (Double, String), foretold: (Double, String))]()
      for law in Law.all {
        var line = padded(law.name, 30)
        for dimension in dimensions {
          let errors = try seeds.map {
            try setting.relativeError(law.make(setting.parameters(dimension: dimension, seed: $0)))
          }
          let mean = errors.reduce(0, +) / Double(errors.count)
          let expected = try setting.expectedError(
            law.make(setting.parameters(dimension: dimension, seed: 0)))
          line += padded(String(format: "%.4f (%.4f)", mean, expected))
          var least = best[dimension] ?? ((.infinity, ""), (.infinity, ""))
          if mean < least.measured.0 { least.measured = (mean, law.name) }
          if expected < least.foretold.0 { least.foretold = (expected, law.name) }
          best[dimension] = least
        }
        lines.append(line)
        note(line)
      }
      for (title, law) in [
        ("least", { best[$0]?.measured.1 }), ("least by theory", { best[$0]?.foretold.1 }),
      ] as [(String, (Int) -> String?)] {
        lines.append(padded(title, 30) + dimensions.map { padded(law($0) ?? "") }.joined())
      }
      lines.append("")
    }
  }
  let table = lines.joined(separator: "\n")
  print(table)
  if CommandLine.arguments.count > 1 {
    try (table + "\n").write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
  }
}

try run()
