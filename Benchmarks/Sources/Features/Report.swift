// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tables of what was measured of maps, as text and as JSON.

import Foundation

/// A measured number, and what was wanted of it.
struct Figure: Codable {
  enum Wanted: Codable {
    case atMost(Double)
    case atLeast(Double)
  }

  var name: String
  var value: Double
  var wanted: Wanted?

  init(_ name: String, _ value: Double, _ wanted: Wanted? = nil) {
    (self.name, self.value, self.wanted) = (name, value, wanted)
  }

  /// Three digits or so; nothing for NaN.
  static func short(_ value: Double) -> String {
    value.isNaN
      ? ""
      : String(
        format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.2g", value)
  }

  /// The number, with what was wanted behind it, and `!` where it is missed.
  var cell: String {
    let text = Self.short(value)
    switch wanted {
    case nil: return text
    case .atMost(let bound): return text + (value <= bound ? " ≤ " : " ! ≤ ") + Self.short(bound)
    case .atLeast(let bound): return text + (value >= bound ? " ≥ " : " ! ≥ ") + Self.short(bound)
    }
  }
}

/// The rows to be measured: all, or those whose names contain some words.
struct RowChoice {
  var words: String?

  func takes(_ name: String) -> Bool { words.map(name.contains) ?? true }
}

/// Lines with the same figures.
struct Table: Codable {
  struct Row: Codable {
    var name: String
    var figures: [Figure]
  }

  var title: String
  var rows: [Row] = []

  init(_ title: String) { self.title = title }

  mutating func add(_ name: String, _ figures: [Figure]) {
    rows.append(Row(name: name, figures: figures))
    let line = name + ": " + figures.map { "\($0.name) \($0.cell)" }.joined(separator: ", ")
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// This table with the title of another and its rows in place of those of the same names, the first of a
  /// name in place of the first, and so on.
  func replacing(by other: Table) -> Table {
    var result = self
    result.title = other.title
    var seen: [String: Int] = [:]
    for row in other.rows {
      let places = rows.indices.filter { rows[$0].name == row.name }
      let count = seen[row.name, default: 0]
      seen[row.name] = count + 1
      if count < places.count { result.rows[places[count]] = row } else { result.rows.append(row) }
    }
    return result
  }

  var text: String {
    let names = rows.first?.figures.map(\.name) ?? []
    let lines = [[""] + names] + rows.map { [$0.name] + $0.figures.map(\.cell) }
    let widths = (0...names.count).map { column in lines.map { $0[column].count }.max() ?? 0 }
    return title + "\n\n"
      + lines.map { cells in
        zip(cells, widths).enumerated().map { column, cell in
          let space = String(repeating: " ", count: cell.1 - cell.0.count)
          return column == 0 ? cell.0 + space : space + cell.0
        }.joined(separator: "  ")
      }.joined(separator: "\n") + "\n"
  }
}

/// What was measured so far, in `features.txt` and `features.json` of a folder: parts stay until they are
/// measured again.
struct Report {
  private struct Part: Codable {
    var name: String
    var tables: [Table]
  }

  private let folder: URL
  private let order: [String]
  private var parts: [Part] = []

  /// - Parameter order: the names of all parts, as they follow each other.
  init(folder: String, order: [String]) throws {
    self.folder = URL(filePath: folder)
    self.order = order
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    let stored = self.folder.appending(path: "features.json")
    if FileManager.default.fileExists(atPath: stored.path) {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      parts = try decoder.decode([Part].self, from: Data(contentsOf: stored))
    }
  }

  /// Takes in the tables of a part and writes both files.
  ///
  /// - Parameter keepsOthers: whether rows of before stay that are not there any more.
  mutating func replace(_ name: String, by tables: [Table], keepsOthers: Bool) throws {
    guard !tables.isEmpty else { return }
    for table in tables { print(table.text) }
    var tables = tables
    if keepsOthers, let old = parts.first(where: { $0.name == name })?.tables {
      tables =
        zip(old, tables).map { $0.replacing(by: $1) } + tables.dropFirst(old.count)
    }
    parts.removeAll { $0.name == name }
    parts.append(Part(name: name, tables: tables))
    parts.sort { order.firstIndex(of: $0.name) ?? 0 < order.firstIndex(of: $1.name) ?? 0 }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try encoder.encode(parts).write(to: folder.appending(path: "features.json"))
    try parts.flatMap(\.tables).map(\.text).joined(separator: "\n").write(
      to: folder.appending(path: "features.txt"), atomically: true, encoding: .utf8)
  }
}
