// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The table of proofs names theorems, declarations and tests that exist.

import Foundation
import Testing

@Suite("Table of proofs")
struct ProofTableTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What stands for a statement about no code of ours.
  private static let none = "—"

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The cells of each row: statement, formula, theorem, file, declarations, tests.
  private static func rows() throws -> [[String]] {
    let lines = try text("Proofs/README.md").split(separator: "\n").filter { $0.hasPrefix("|") }
    return try lines.dropFirst(2).map { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
      try #require(cells.count == 6 && cells.allSatisfy { !$0.isEmpty }, "\(line)")
      return cells
    }
  }

  /// The names between the backquotes of a cell; none where one of them is missing.
  private static func names(_ cell: String) -> [String] {
    let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
    let between = stride(from: 0, to: parts.count, by: 2).map { parts[$0] }
    guard parts.count % 2 == 1, between.allSatisfy({ $0.allSatisfy { ", ".contains($0) } }) else {
      return []
    }
    return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
  }

  /// What each Swift file under a folder declares.
  private static func declarations(under folder: String) throws -> [Declarations] {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.appending(path: folder).path)
    return try paths.filter { $0.hasSuffix(".swift") }.map {
      Declarations(try text(folder + "/" + $0))
    }
  }

  @Test("every row has a statement, a formula and a theorem of its file")
  func theoremsAreStated() throws {
    let rows = try Self.rows()
    try #require(!rows.isEmpty)
    for row in rows {
      let (theorems, files) = (Self.names(row[2]), Self.names(row[3]))
      try #require(theorems.count == 1 && files.count == 1, "\(row)")
      let isStated = try Self.text("Proofs/" + files[0]).split(separator: "\n").contains {
        let words = $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.count > 1 && ["Theorem", "Corollary"].contains(words[0])
          && words[1] == theorems[0]
      }
      #expect(isStated, "\(theorems[0]) in \(files[0])")
    }
    #expect(Set(rows.map { $0[2] + $0[3] }).count == rows.count)
  }

  @Test("every named declaration is in Sources")
  func declarationsExist() throws {
    let sources = try Self.declarations(under: "Sources")
    for row in try Self.rows() where row[4] != Self.none {
      let names = Self.names(row[4])
      #expect(!names.isEmpty, "\(row)")
      for name in names {
        #expect(sources.contains { $0.declares(name) }, "\(name) of \(row[2])")
      }
    }
  }

  @Test("every named test is in Tests, and code that is proved is tested")
  func testsExist() throws {
    let tests = try Self.declarations(under: "Tests")
    for row in try Self.rows() where row[4...] != [Self.none, Self.none] {
      let names = Self.names(row[5])
      #expect(!names.isEmpty, "\(row)")
      for name in names { #expect(tests.contains { $0.hasTest(name) }, "\(name) of \(row[2])") }
    }
  }
}

/// The names that a Swift file declares, taken from its text.
private struct Declarations {
  private var types: Set<Substring> = []
  private var members: Set<Substring> = []
  private var tests: Set<Substring> = []

  init(_ text: String) {
    var isTest = false
    for line in text.split(separator: "\n") where !line.drop(while: \.isWhitespace).hasPrefix("//")
    {
      if line.contains("@Test") { isTest = true }
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      for (keyword, name) in zip(words, words.dropFirst()) {
        switch keyword {
        case "struct", "enum", "protocol", "extension", "class", "actor": types.insert(name)
        case "func":
          members.insert(name)
          if isTest { tests.insert(name) }
          isTest = false
        case "var", "let", "case": members.insert(name)
        default: break
        }
      }
    }
  }

  /// Whether `Type`, `Type.member` or `function` is declared, the member in a file that declares or
  /// extends its type.
  func declares(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count == 2 else { return types.contains(parts[0]) || members.contains(parts[0]) }
    return types.contains(parts[0]) && members.contains(parts[1])
  }

  /// Whether there is the test `Suite.function`.
  func hasTest(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    return parts.count == 2 && types.contains(parts[0]) && tests.contains(parts[1])
  }
}
