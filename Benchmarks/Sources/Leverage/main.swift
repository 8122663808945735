// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Times and errors of sampling by leverage, written to OUTPUT.txt and OUTPUT.json.
//
// Usage: Leverage OUTPUT [--only TABLES] [POINTS…], with TABLES some of
// gaussian,ntk,factors,samples,constants,tensors,monomials,fourier, and POINTS files as the command
// `sketching` reads them. Tables already in OUTPUT.json stay unless they are made again.

import Foundation
import Sketching

func run() throws {
  var arguments = Array(CommandLine.arguments.dropFirst())
  var only: [String]?
  if let place = arguments.firstIndex(of: "--only"), place + 1 < arguments.count {
    only = arguments[place + 1].split(separator: ",").map(String.init)
    arguments.removeSubrange(place...place + 1)
  }
  guard let output = arguments.first else {
    print("usage: Leverage OUTPUT [--only TABLES] [POINTS…]")
    exit(2)
  }
  let images = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  guard FileManager.default.fileExists(atPath: images) else {
    print("The data set dataset-fashion-mnist is not installed.")
    exit(1)
  }
  let given = Array(arguments.dropFirst())
  let parts: [(name: String, make: () throws -> [Table])] = [
    ("gaussian", { [try largeScores(images, ofKernel: 0)] }),
    ("ntk", { [try largeScores(images, ofKernel: 1)] }),
    ("factors", { [try scoreFactors([images] + given)] }),
    ("samples", { [try sampleErrors([images] + given)] }),
    ("constants", { [try sampleConstants(given)] }),
    ("tensors", tensorTimes),
    ("monomials", { given.isEmpty ? [] : [try monomialErrors(given)] }),
    ("fourier", { [try fourierErrors([images] + given)] }),
  ]
  var report = try Report(output: output, order: parts.map(\.name))
  for part in parts where only?.contains(part.name) ?? true {
    try report.replace(part.name, by: part.make())
  }
}

try run()
