// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Times and errors of sampling by leverage, written to OUTPUT.txt and OUTPUT.json.
//
// Usage: Leverage OUTPUT [scores|factors|tensors|monomials|fourier] [POINTS…], files of points as the
// command `sketching` reads them. Tables already in OUTPUT.json stay unless they are made again.

import Foundation
import Sketching

func run() throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let output = arguments.first ?? "leverage"
  let part = arguments.count > 1 ? arguments[1] : "scores"
  let images = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  let points = [images] + arguments.dropFirst(2)
  let made: [Table]
  switch part {
  case "scores": made = [try largeScores(images)]
  case "factors": made = [try scoreFactors(points)]
  case "tensors": made = try tensorTimes()
  case "monomials": made = [try monomialErrors(Array(points.dropFirst()))]
  case "fourier": made = [try fourierErrors(points)]
  default:
    throw InvalidInput(
      "part", found: part, expected: "scores, factors, tensors, monomials or fourier")
  }
  var tables: [String: [Table]] = [:]
  if let stored = FileManager.default.contents(atPath: output + ".json") {
    tables = try JSONDecoder().decode([String: [Table]].self, from: stored)
  }
  tables[part] = made
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(tables).write(to: URL(filePath: output + ".json"))
  let text = tables.sorted { $0.key < $1.key }.flatMap(\.value).map(\.text)
    .joined(separator: "\n\n")
  try (text + "\n").write(toFile: output + ".txt", atomically: true, encoding: .utf8)
  print(text)
}

try run()
