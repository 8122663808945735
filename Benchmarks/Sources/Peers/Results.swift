// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What was measured, as a file of JSON and as a table.

import Foundation

/// One measured row.
struct Result: Codable {
  var title: String
  var unit: Comparison.Unit
  var ours: Figure?
  var peer: String?
  var theirs: Figure?
  var wanted: String
  var isMet: Bool?
  /// Why a figure is missing.
  var notes: [String] = []

  /// Measures both sides: ours before and after the peer, the better of the two.
  init(_ comparison: Comparison, _ tools: Tools) {
    title = comparison.title
    unit = comparison.unit
    peer = comparison.peer?.name
    func measured(_ side: String, _ work: Work, _ notes: inout [String]) -> Figure? {
      do throws(ChildProcess.Failure) {
        return try work.figure(tools)
      } catch {
        let note = "\(side): not measured, \(error.reason)".replacing(tools.inputs + "/", with: "")
        if !notes.contains(note) { notes.append(note) }
        return nil
      }
    }
    let before = measured("ours", comparison.ours, &notes)
    if let peer = comparison.peer {
      theirs = measured(peer.name, peer.work, &notes)
      if let before, let after = measured("ours", comparison.ours, &notes) {
        ours = before.seconds < after.seconds ? before : after
      }
    } else {
      ours = before
    }
    switch comparison.wanted {
    case .ratio(let least):
      wanted = String(format: "≥ %.0f ×", least)
      isMet = ratio.map { $0 >= least }
    case .seconds(let most):
      wanted = "≤ " + comparison.unit.text(of: most)
      isMet = ours.map { $0.seconds <= most }
    case .bytes(let most):
      wanted = String(format: "≤ %.0f MB", most * 1e-6)
      isMet = ours.map { Double($0.peakBytes) <= most }
    case .nothing:
      wanted = ""
    }
  }

  /// How many times as fast as the peer we are.
  var ratio: Double? { ours.flatMap { ours in theirs.map { $0.seconds / ours.seconds } } }

  private func memory(_ figure: Figure?) -> String {
    figure.map { String(format: "%.0f MB", Double($0.peakBytes) * 1e-6) } ?? "-"
  }

  var cells: [String] {
    [
      title, ours.map { unit.text(of: $0.seconds) } ?? "-", peer ?? "",
      theirs.map { unit.text(of: $0.seconds) } ?? "-",
      ratio.map { String(format: $0 < 10 ? "%.1f" : "%.0f", $0) } ?? "", wanted,
      isMet.map { $0 ? "yes" : "no" } ?? "", memory(ours), memory(theirs),
    ]
  }

  static let head = [
    "work", "ours", "peer", "theirs", "ratio", "wanted", "met", "our peak", "theirs",
  ]
}

extension Comparison.Unit {
  /// Seconds of a unit of work in this unit.
  func text(of seconds: Double) -> String {
    let value =
      switch self {
      case .rowsPerSecond: 1 / seconds
      case .milliseconds: 1e3 * seconds
      case .seconds: seconds
      }
    let digits = value < 0.1 ? "%.4f" : value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f"
    return String(format: digits, value) + " " + rawValue
  }
}

/// Results by the names of their rows.
struct Results {
  private let path: String
  private(set) var byName: [String: Result] = [:]

  /// What an earlier run left in the folder, if anything.
  init(folder: String) {
    path = folder + "/peers"
    let data = FileManager.default.contents(atPath: path + ".json") ?? Data()
    byName = (try? JSONDecoder().decode([String: Result].self, from: data)) ?? [:]
  }

  /// Takes in a row and writes both files.
  mutating func add(_ result: Result, name: String, order: [String]) throws {
    byName[name] = result
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(byName).write(to: URL(filePath: path + ".json"))
    try table(order).write(toFile: path + ".txt", atomically: true, encoding: .utf8)
  }

  func table(_ order: [String]) -> String {
    let results = order.compactMap { byName[$0] }
    let rows = [Result.head] + results.map(\.cells)
    let widths = Result.head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { cells in
      cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return [0, 2].contains(column) ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    let notes = results.flatMap { result in result.notes.map { "\(result.title): \($0)" } }
    let note = "Times are medians, on all cores; peaks are those of whole processes.\n"
    return (lines + [""] + notes).joined(separator: "\n") + (notes.isEmpty ? "" : "\n") + note
  }
}
