// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Accuracy, speed and predictions of feature maps of networks, beside what was wanted, written to
// features.txt and features.json of a folder, where tables stay until they are made again.
//
// Usage: Features FOLDER [--long] [--only TABLES] [--rows WORDS] [DATA], with DATA a folder of the file
// cifar10-jpeg-train-10k-X.npy, and TABLES some of connected,myrtle,colour,networks,rates,predictions,chosen,
// cost,sparse.
// --rows measures those rows alone of the tables of layered maps whose names contain the words, and leaves the
// others as they were.
// --long takes the split of 400 and 600 images, and 4,096 landmarks more often: hours.

import Foundation

func run() throws {
  var arguments = Array(CommandLine.arguments.dropFirst())
  func flag(_ name: String) -> Bool {
    defer { arguments.removeAll { $0 == name } }
    return arguments.contains(name)
  }
  let isLong = flag("--long")
  let all = [
    "connected", "myrtle", "colour", "networks", "rates", "predictions", "chosen", "cost", "sparse",
  ]
  func value(_ name: String) -> String? {
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else {
      return nil
    }
    defer { arguments.removeSubrange(place...place + 1) }
    return arguments[place + 1]
  }
  let only = value("--only").map { $0.split(separator: ",").map(String.init) } ?? all
  let rows = RowChoice(words: value("--rows"))
  guard let folder = arguments.first else {
    print("usage: Features FOLDER [--long] [--only TABLES] [--rows WORDS] [DATA]")
    exit(2)
  }
  guard let data = try FashionMNIST() else {
    print("The data set dataset-fashion-mnist is not installed.")
    exit(1)
  }
  var report = try Report(folder: folder, order: all)
  func add(_ name: String, _ make: () throws -> [Table]) throws {
    guard only.contains(name) else { return }
    try report.replace(name, by: make(), keepsOthers: rows.words != nil)
  }
  try add("connected") { try fullyConnectedTables(data, isLong: isLong) }
  try add("myrtle") { [try myrtleTable(data, rows)] }
  try add("colour") {
    guard arguments.count > 1, let images = try colourImages(folder: arguments[1], 0..<4000) else {
      print("No folder with cifar10-jpeg-train-10k-X.npy was given: no table of colour images.\n")
      return []
    }
    return [try colourTable(images, rows)]
  }
  try add("networks") { try networkTables(data, rows) }
  try add("rates") { try rateTables(rows) }
  if only.contains("predictions") || only.contains("chosen") {
    let exact = try Predictions(data, isLong: isLong)
    try add("predictions") { [try predictionTable(data, exact, rows)] }
    try add("chosen") { [try chosenPredictionTable(data, exact, rows)] }
  }
  try add("cost") { [try costTable()] }
  try add("sparse") { [try sparseCostTable()] }
}

try run()
