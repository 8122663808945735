// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Accuracy of real use: sketched NTKs beside exact ones, random Fourier features and scikit-learn's
// Nystroem, and the time that features save. Written to realuse.txt and realuse.json of a folder.
//
// Usage: RealUse FOLDER [--only TABLES] [--python PYTHON SCRIPTS] [DATA], with TABLES some of
// regression,connected,images,colour,headline-time,headline-accuracy, PYTHON an interpreter that has
// scikit-learn, SCRIPTS the folder of realuse.py, and DATA a folder of regression sets
// (NAME-train-X.npy …) and colour images (cifar10-jpeg-train-10k-X.npy …). Tables already in realuse.json
// stay unless they are made again. The times of neural-tangents come from peers.json of the folder, the
// exact fit of 60,000 images from learning.json.

import Foundation

func run() throws {
  var arguments = Array(CommandLine.arguments.dropFirst())
  func values(of option: String, count: Int) -> [String]? {
    guard let place = arguments.firstIndex(of: option), place + count < arguments.count else {
      return nil
    }
    defer { arguments.removeSubrange(place...place + count) }
    return Array(arguments[place + 1...place + count])
  }
  let only = values(of: "--only", count: 1)?[0].split(separator: ",").map(String.init)
  let scikit = try values(of: "--python", count: 2).flatMap {
    try ScikitLearn(python: $0[0], scripts: $0[1])
  }
  guard let folder = arguments.first, !arguments.contains(where: { $0.hasPrefix("--") }),
    arguments.count <= 2
  else {
    print("usage: RealUse FOLDER [--only TABLES] [--python PYTHON SCRIPTS] [DATA]")
    exit(2)
  }
  let data = arguments.dropFirst().first
  if scikit == nil { print("No --python that has scikit-learn: no columns of it.\n") }
  let tables: [(name: String, make: () throws -> Table?)] = [
    ("regression", { try data.flatMap { try regressionTable($0, scikit) } }),
    ("connected", { try connectedTable(folder, scikit) }),
    ("images", { try imagesTable(scikit) }),
    ("colour", { try data.flatMap { try colourTable($0, scikit) } }),
    ("headline-time", { try headlineTimes(folder) }),
    ("headline-accuracy", { try headlineAccuracies() }),
  ]
  var report = try Report(folder: folder, order: tables.map(\.name))
  for (name, make) in tables where only?.contains(name) ?? true {
    guard let table = try make() else {
      print("No data for \(name): no such table.\n")
      continue
    }
    try report.replace(name, by: table)
  }
}

try run()
