// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Outputs in places where none can be, or where another file of the command is, and empty names.

import Foundation
import Sketching
import TestSupport
import Testing

extension BadInputTests {
  static let outputs = [
    "kernel --kernel gaussian --x X.npy --output OUT",
    "sketch --law srht --dimension 5 --x X.npy --output OUT",
    "features --kernel polynomial --dimension 9 --x X.npy --output OUT",
    "features --kernel polynomial --dimension 9 --x X.npy --output out/Z.npy --save OUT",
    "predict --model m --x X.npy --output OUT",
    "fit --kernel polynomial --method exact --x X.npy --y y.npy --ridge 1 --model OUT",
  ]

  @Test(arguments: outputs)
  func places(_ command: String) throws {
    var places = ["nowhere/Z", "X.npy/Z", command.contains("--model OUT") ? "X.npy" : "m"]
    if FileManager.default.fileExists(atPath: "/dev/full") { places.append("/dev/full") }
    for place in places {
      try tool.refuse(command.replacingOccurrences(of: "OUT", with: place), naming: place)
    }
    try expectNoOutput()
  }

  /// Outputs in the place of another file of the command, with what the message names.
  static let sharedPlaces: KeyValuePairs = [
    "features --kernel polynomial --dimension 9 --x X.npy --output out/Z --save X.npy": "--x",
    "features --kernel polynomial --dimension 9 --x X.npy --output out/Z --save ./out/../out/Z":
      "--output",
    "features --kernel polynomial --dimension 9 --x X.npy --output out/Z --save link/Z":
      "--output",
    "features --kernel polynomial --dimension 9 --x X.npy --fit-x K.npy --output out/Z --save K.npy":
      "--fit-x",
    "features --network net.yaml --dimension 9 --x X.npy --output out/Z --save net.yaml":
      "--network",
    "features --map map.json --x X.npy --output map.json": "--map",
    "features --kernel polynomial --dimension 9 --x X.npy --resume --output out/Z "
      + "--save out/Z.partial": "--resume",
    "kernel --network net.yaml --x X.npy --output net.yaml": "--network",
    "kernel --kernel gaussian --x X.npy --y K.npy --output link/../K.npy": "--y",
    "sketch --law srht --dimension 4 --x X.npy --output X.npy": "--x",
    "predict --model m --x X.npy --output m/coefficients.npy": "--model",
    "predict --model m --x X.npy --output m/new.npy": "--model",
    "predict --model m --x X.npy --y y.npy --output y.npy": "--y",
    "fit --kernel polynomial --method exact --ridge 1 --x m/points.npy --y y.npy --model m": "--x",
  ]

  @Test func outputsOverOtherFiles() throws {
    try FileManager.default.createSymbolicLink(
      atPath: tool.folder.file("link"), withDestinationPath: tool.folder.file("out"))
    func state() throws -> [Data] {
      try ["X.npy", "y.npy", "K.npy", "net.yaml", "map.json", "m/points.npy", "m/coefficients.npy"]
        .map(tool.bytes)
    }
    let before = try state()
    for (arguments, culprit) in Self.sharedPlaces { try tool.refuse(arguments, naming: culprit) }
    #expect(try state() == before)
    #expect(try !tool.folder.contents.contains("new.npy"))
    try expectNoOutput()
  }

  @Test(arguments: [
    ("kernel --kernel gaussian --x X.npy --y X.npy --output out/K", ["--x", "--y", "--output"]),
    ("kernel --network net.yaml --x X.npy --output out/K", ["--network"]),
    ("sketch --law srht --dimension 4 --x X.npy --output out/Z", ["--x", "--output"]),
    (
      "features --kernel polynomial --dimension 9 --x X.npy --fit-x X.npy --output out/Z --save out/S",
      ["--x", "--fit-x", "--output", "--save"]
    ),
    ("features --map map.json --x X.npy --output out/Z", ["--map"]),
    ("verify --features Z.npy --exact K.npy --ridge 1", ["--features", "--exact"]),
    (
      "fit --kernel polynomial --dimension 9 --x X.npy --y y.npy --model out/m",
      ["--x", "--y", "--model"]
    ),
    (
      "predict --model m --x X.npy --y y.npy --output out/P", ["--model", "--x", "--y", "--output"]
    ),
    ("demo --data out --output out/demo", ["--data", "--output"]),
  ])
  func emptyNames(_ command: String, _ names: [String]) throws {
    let words = command.split(separator: " ").map(String.init)
    for name in names {
      var changed = words
      changed[try #require(words.firstIndex(of: name)) + 1] = "''"
      let line = "sketching " + changed.joined(separator: " ")
      let run = try tool.shell(line)
      #expect(run.status == 2, "\(line): \(run)")
      #expect(run.errors.contains("error: \(name): found an empty name"), "\(line): \(run)")
    }
    try expectNoOutput()
  }
}
