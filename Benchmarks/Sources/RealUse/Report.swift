// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Tables of what was measured, as text and as JSON.

import Foundation

/// A number and how it is shown, or words alone.
struct Cell: Codable {
  var value: Double?
  var text: String

  static func words(_ text: String) -> Cell { Cell(text: text) }

  static func count(_ value: Int?) -> Cell {
    Cell(value: value.map(Double.init), text: value.map(String.init) ?? "")
  }

  static func number(_ value: Double?, _ format: String) -> Cell {
    Cell(value: value, text: value.map { String(format: format, $0) } ?? "-")
  }

  /// An accuracy or an error.
  static func score(_ value: Double?) -> Cell { .number(value, "%.4f") }

  static func seconds(_ value: Double?) -> Cell {
    .number(value, value ?? 0 < 10 ? "%.1f s" : "%.0f s")
  }
}

/// Rows under one title, with remarks below.
struct Table: Codable {
  var title: String
  var columns: [String]
  var rows: [[Cell]] = []
  var notes: [String] = []

  init(_ title: String, columns: [String], notes: [String] = []) {
    (self.title, self.columns, self.notes) = (title, columns, notes)
  }

  /// Adds a row and tells it on standard error.
  mutating func add(_ name: String, _ cells: Cell...) {
    rows.append([.words(name)] + cells)
    let told = zip(columns, cells).map { "\($0) \($1.text)" }
    FileHandle.standardError.write(
      Data("\(name): \(told.joined(separator: ", "))\n".utf8))
  }

  var text: String {
    let lines = [[""] + columns] + rows.map { $0.map(\.text) }
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let body = lines.map { cells in
      zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
    let remarks = notes.isEmpty ? [] : [""] + notes
    return ([title, ""] + body + remarks).joined(separator: "\n")
  }
}

/// What was measured so far, in realuse.txt and realuse.json of a folder.
struct Report {
  let folder: URL
  private let order: [String]
  private var tables: [String: Table] = [:]

  /// - Parameter order: the names of the tables as they follow one another.
  init(folder: String, order: [String]) throws {
    self.folder = URL(filePath: folder)
    self.order = order
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    if let stored = try? Data(contentsOf: self.folder.appending(path: "realuse.json")) {
      tables = try JSONDecoder().decode([String: Table].self, from: stored)
    }
  }

  /// Puts a table in place of an older one and writes both files.
  mutating func replace(_ name: String, by table: Table) throws {
    tables[name] = table
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(tables).write(
      to: folder.appending(path: "realuse.json"), options: .atomic)
    let text = order.compactMap { tables[$0]?.text }.joined(separator: "\n\n") + "\n"
    try text.write(
      to: folder.appending(path: "realuse.txt"), atomically: true, encoding: .utf8)
    print(table.text + "\n")
  }
}
