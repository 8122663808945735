// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Holds the measured spectral error ε of all laws against the rule ε ≤ 4 √(v s_λ/D), on the spectra of
// real data, writes a table to the file named, and fails if the rule does.
//
// Usage: Spectral [OUTPUT [POINTS…]], further files of points as the command `sketching` reads them

import Foundation
import Sketching

/// The points of a file, brought to length one.
func unitRows(_ path: String, _ count: Int) throws -> Rows<Double> {
  let file = try DataFile(path: path)
  return try UnitRows(file).rows(0..<min(count, file.rowCount), as: Double.self)
}

/// The λ with s_λ = s for rising eigenvalues, by bisection.
func ridge(_ spectrum: [Double], statisticalDimension s: Double) -> Double {
  var (low, high) = (1e-12, 1e6)
  for _ in 0..<100 {
    let middle = (low * high).squareRoot()
    let found = spectrum.reduce(0) { $0 + $1 / ($1 + middle) }
    if found > s { low = middle } else { high = middle }
  }
  return low
}

func run() throws -> Bool {
  let fashion = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  let paths = [fashion] + CommandLine.arguments.dropFirst(2)
  let n = 400
  let statisticalDimensions = [10.0, 25, 60]
  let dimensions = [512, 2048]
  var lines = [
    "ε of (K + λI)/(1 + ε) ⪯ ZZᵀ + λI ⪯ (1 + ε)(K + λI), K = ⟨x, y⟩^q of \(n) unit rows, for s_λ = 10, 25",
    "and 60, D = 512 and 2048 features, and 3 seeds: the largest c with ε = c √(s_λ/D), and the largest",
    "with ε = c √(v s_λ/D), where v is the sketch's exact variance ratio (at D = 2048). The rule is that",
    "the last is at most 4; CountSketch, and so the leaves of PolySketch, are free of it where few",
    "coordinates carry K.", "",
  ]
  func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: width, withPad: " ", startingAt: 0)
  }
  var holds = true
  for path in paths {
    guard FileManager.default.fileExists(atPath: path) else {
      lines.append("\(path) is not there.")
      continue
    }
    let points = try unitRows(path, n)
    let name = path == fashion ? "Fashion-MNIST" : URL(filePath: path).lastPathComponent
    lines.append(padded(name, 24) + "degree       v    c     c with v")
    for law in Law.all {
      let exact = try PolynomialKernel(degree: law.degree).matrix(points)
      let spectrum = try SymmetricEigen.values(of: exact)
      var (plain, scaled, ratio) = (0.0, 0.0, 0.0)
      for dimension in dimensions {
        for seed in 0..<3 as Range<UInt64> {
          let (map, v) = try law.sketch(points, dimension, seed)
          if seed == 0 { ratio = v }
          let features = try map.images(of: points)
          for s in statisticalDimensions where spectrum.count > Int(2 * s) {
            let epsilon = try spectralEpsilon(
              features: features, exact: exact,
              ridge: ridge(spectrum, statisticalDimension: s))
            let unit = (s / Double(dimension)).squareRoot()
            plain = max(plain, epsilon / unit)
            // A whole SRHT has v = 0 and is exact to rounding.
            if ratio > 0 { scaled = max(scaled, epsilon / (unit * ratio.squareRoot())) }
          }
        }
      }
      if scaled > SpectralRule.constant, law.obeysRule { holds = false }
      lines.append(
        padded(law.name, 24)
          + String(format: "%6d  %6.2f  %4.1f  %9.1f", law.degree, ratio, plain, scaled))
      FileHandle.standardError.write(Data(("\(name): \(lines.last ?? "")\n").utf8))
    }
    lines.append("")
  }
  let table = lines.joined(separator: "\n")
  print(table)
  if CommandLine.arguments.count > 1 {
    try table.write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
  }
  return holds
}

if try !run() { exit(1) }
