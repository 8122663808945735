// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tables of what was measured, as text and as JSON.

import Foundation
import Sketching

/// Rows of figures under one title.
struct Table: Codable {
  var title: String
  var columns: [String]
  var rows: [Row] = []

  struct Row: Codable {
    var name: String
    var values: [Double]
  }

  mutating func add(_ name: String, _ values: [Double]) {
    rows.append(Row(name: name, values: values))
    FileHandle.standardError.write(Data((line(rows[rows.count - 1]) + "\n").utf8))
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  private func line(_ row: Row) -> String {
    row.name.padding(toLength: 46, withPad: " ", startingAt: 0)
      + row.values.map { padded(String(format: "%.4g", $0), 12) }.joined()
  }

  var text: String {
    ([title, String(repeating: " ", count: 46) + columns.map { padded($0, 12) }.joined()]
      + rows.map(line)).joined(separator: "\n")
  }
}

/// What was measured so far, in OUTPUT.txt and OUTPUT.json.
struct Report {
  private let output: URL
  private let order: [String]
  private var tables: [String: [Table]] = [:]

  /// - Parameter order: the names of the parts as they follow one another.
  init(output: String, order: [String]) throws {
    self.output = URL(filePath: output)
    self.order = order
    if let stored = FileManager.default.contents(atPath: output + ".json") {
      tables = try JSONDecoder().decode([String: [Table]].self, from: stored)
    }
  }

  /// Puts a part's tables in place of older ones and writes both files.
  mutating func replace(_ part: String, by made: [Table]) throws {
    guard !made.isEmpty else { return }
    tables[part] = made
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(tables).write(to: output.appendingPathExtension("json"))
    let text = order.flatMap { tables[$0] ?? [] }.map(\.text).joined(separator: "\n\n")
    try Data((text + "\n").utf8).write(to: output.appendingPathExtension("txt"))
    print(made.map(\.text).joined(separator: "\n\n") + "\n")
  }
}

/// Seconds that `body` takes, and its result.
func timed<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try body()
  let time = (clock.now - start).components
  return (result, Double(time.seconds) + Double(time.attoseconds) * 1e-18)
}

/// The middle one of some numbers.
func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

/// The λ at which eigenvalues have s_λ = s, by bisection.
func ridge(_ spectrum: [Double], statisticalDimension s: Double) -> Double {
  let trace = spectrum.reduce(0) { $0 + max(0, $1) }
  var (low, high) = (1e-12 * trace, trace)
  for _ in 0..<60 {
    let middle = (low * high).squareRoot()
    let found = spectrum.reduce(0) { $0 + max(0, $1) / (max(0, $1) + middle) }
    if found > s { low = middle } else { high = middle }
  }
  return high
}
