// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Holds the variance over many seeds against the exact one, for every row of a file like
// Tests/Goldens/variances.json, writes a table to the file named, and fails if a score exceeds 5.
//
// A score is the difference over its standard error: the sample's own, or where it is larger the exact
// one of independent columns.
//
// Usage: Variances GOLDENS [OUTPUT] [DRAWS] [LAWS]
//
// With LAWS, such as gaussian,tensorsketch, the lines of all others stay in OUTPUT as they are.

import Foundation
import Sketching

/// ⟨Sx, Sy⟩ of every pair, all of one length, for the sketches of seeds 0, 1, …
func products(
  _ law: Law, _ parameters: PolynomialSketchParameters, _ pairs: [GoldenVariances.Pair], draws: Int
) throws -> [[Double]] {
  let points = Rows.dense(try Matrix(rows: pairs.flatMap { [$0.x, $0.y] }))
  let products = try Matrix<Double>(rowCount: pairs.count, columnCount: draws) { base in
    nonisolated(unsafe) let output = base
    try Parallel.forEachBlock(of: draws, size: 64, on: .allCores) { range, _ in
      for draw in range {
        var parameters = parameters
        parameters.seed = UInt64(draw)
        let z = try law.make(parameters).apply(to: points, on: Execution(threads: 1))
        for pair in 0..<z.rowCount / 2 {
          output[pair * draws + draw] = zip(z.row(2 * pair), z.row(2 * pair + 1))
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
  }
  return (0..<pairs.count).map { Array(products.row($0)) }
}

/// What is found of one law.
struct Summary {
  var (rows, exactRows, weakRows, failures) = (0, 0, 0, 0)
  var (largest, squares) = (0.0, 0.0)

  /// Takes in one row of the file; returns what is wrong with it.
  mutating func add(
    _ values: [Double], mean exact: Double, variance expected: Double, exactError: Double
  ) -> String? {
    guard expected > 0 else {
      exactRows += 1
      let scale = 1e-12 * max(1, abs(exact))
      if values.allSatisfy({ abs($0 - exact) <= scale }) { return nil }
      failures += 1
      return "not exact"
    }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / n
    let fourth = squares.reduce(0) { $0 + $1 * $1 } / n
    let error = max(exactError, (max(0, fourth - variance * variance) / n).squareRoot())
    let score = (variance - expected) / error
    rows += 1
    if error > expected / 3 { weakRows += 1 }
    self.squares += score * score
    largest = max(largest, abs(score))
    if abs(score) < 5 { return nil }
    failures += 1
    return "variance \(variance), not \(expected): score \(score)"
  }

  func line(_ name: String) -> String {
    name.padding(toLength: 18, withPad: " ", startingAt: 0)
      + String(
        format: "%5d  %5d  %4d  %11.2f  %18.2f", rows + exactRows, exactRows, weakRows, largest,
        (squares / Double(max(1, rows))).squareRoot())
  }
}

/// Progress, on standard error.
func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

func run() throws -> Bool {
  let arguments = CommandLine.arguments
  guard arguments.count > 1, let draws = arguments.count > 3 ? Int(arguments[3]) : 20_000 else {
    print("usage: Variances GOLDENS [OUTPUT] [DRAWS] [LAWS]")
    exit(2)
  }
  let goldens = try GoldenVariances(path: arguments[1])
  let wanted = arguments.count > 4 ? arguments[4].split(separator: ",").map(String.init) : nil
  let earlier =
    wanted == nil
    ? [] : try String(contentsOfFile: arguments[2], encoding: .utf8).split(separator: "\n")
  func entryCount(_ row: GoldenVariances.Row) -> Int { goldens.pairs[row.pair]?.x.count ?? 0 }
  var lines = [
    "The variance of ⟨Sx, Sy⟩ over \(draws) seeds beside the exact one, for every row of variances.json:",
    "of variance 0 (exact), the largest score, and how many rows have tails so heavy that the sample",
    "tells their variance to a third at best (weak).", "",
    "law                rows  exact  weak  largest |z|  root mean square z",
  ]
  var failed = false
  let clock = ContinuousClock.now
  for law in Law.all {
    if let wanted, !wanted.contains(law.name) {
      lines += earlier.filter { $0.hasPrefix(law.name + " ") }.map(String.init)
      continue
    }
    var summary = Summary()
    let moments = goldens.pairs.mapValues { ColumnMoments(law.columns, $0.x, $0.y) }
    // Pairs of one length share the sketches.
    let rows = goldens.rows.filter { $0.variances[law.name] != nil }
    let groups = Dictionary(grouping: rows) { [$0.degree, $0.dimension, entryCount($0)] }
    for (key, group) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let parameters = PolynomialSketchParameters(
        inputDimension: key[2], degree: key[0], outputDimension: key[1], seed: 0)
      let pairs = group.compactMap { goldens.pairs[$0.pair] }
      let isExact = group.allSatisfy { $0.variances[law.name] == 0 }
      let values = try products(law, parameters, pairs, draws: isExact ? min(200, draws) : draws)
      for (index, row) in group.enumerated() {
        let error = moments[row.pair]?.varianceError(
          degree: row.degree, columns: law.columnCount(row.dimension), draws: draws)
        let problem = summary.add(
          values[index], mean: row.exact, variance: row.variances[law.name] ?? 0,
          exactError: error ?? 0)
        if let problem {
          failed = true
          let place = "\(law.name), \(row.pair), degree \(row.degree), D = \(row.dimension)"
          lines.append("\(place): \(problem)")
          note(lines.last ?? "")
        }
      }
    }
    lines.append(summary.line(law.name))
    note("\(law.name) done after \(clock.duration(to: .now).components.seconds) s")
  }
  let missing = Set(goldens.rows.flatMap(\.variances.keys)).subtracting(Law.all.map(\.name))
  for name in missing.sorted() { lines.append("\(name): there is no such sketch") }
  let table = lines.joined(separator: "\n") + "\n"
  print(table)
  if arguments.count > 2 {
    try table.write(toFile: arguments[2], atomically: true, encoding: .utf8)
  }
  return !failed
}

if try !run() { exit(1) }
