// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching demo` on a few made-up images.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct DemoCommandTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("data"), withIntermediateDirectories: false)
  }

  /// Images of 12 × 12 pixels, bright in the third of the rows that their label names.
  private func writeImages(_ count: Int, _ name: String, seed: UInt64) throws {
    var generator = CaseGenerator(seed: seed)
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for _ in 0..<count {
      let label = generator.int(in: 0...2)
      labels.append(UInt8(label))
      for row in 0..<12 {
        for _ in 0..<12 {
          pixels.append(UInt8(generator.int(in: 0...90) + (row / 4 == label ? 60 : 0)))
        }
      }
    }
    let size = [0, 0, UInt8(count / 256), UInt8(count % 256)]
    let side: [UInt8] = [0, 0, 0, 12]
    try tool.folder.write(
      [0, 0, 8, 3] + size + side + side + pixels, to: "data/\(name)-images-idx3-ubyte.gz")
    try tool.folder.write([0, 0, 8, 1] + size + labels, to: "data/\(name)-labels-idx1-ubyte.gz")
  }

  @Test func resultsAndModel() throws {
    try writeImages(400, "train", seed: 1)
    try writeImages(150, "t10k", seed: 2)
    let arguments = "demo --data data --train 300 --dimension 96 --cntk-dimension 64 --seed 4"
    let json = try tool.json("\(arguments) --output a/b --json --quiet")
    let stored = try JSONSerialization.jsonObject(with: tool.bytes("a/b/results.json"))
    #expect(stored as? NSDictionary == json as NSDictionary)
    #expect(json["seed"] as? Int == 4)
    #expect(json["peakMegabytes"] as? Int ?? 0 > 1)
    let classifiers = try #require(json["classifiers"] as? [[String: Any]])
    #expect(classifiers.count == 2)
    let convolutional = try #require(json["convolutional"] as? [String: Any])
    #expect((50...64).contains(convolutional["columns"] as? Int ?? 0))
    #expect(convolutional["trainingImages"] as? Int == 300)
    #expect(convolutional["accuracy"] as? Double ?? 0 > 0.8)
    #expect(convolutional["exactSecondsPerPair"] as? Double ?? 0 > 0)
    let page = String(decoding: try tool.bytes("a/b/report.html"), as: UTF8.self)
    #expect(page.contains("300") && page.hasPrefix("<!doctype html>"))

    let text = try tool.succeed("\(arguments) --output a/b")
    #expect(text.output == String(decoding: try tool.bytes("a/b/table.txt"), as: UTF8.self))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: tool.folder.file("a/b")).sorted()
        == ["model", "report.html", "results.json", "table.txt"])
    // The stored model is the last classifier of the table.
    let score = try tool.json(
      "predict --model a/b/model --x data/t10k-images-idx3-ubyte.gz "
        + "--y data/t10k-labels-idx1-ubyte.gz --output P.npy --json")
    let accuracy = try #require(score["accuracy"] as? Double)
    #expect(abs(accuracy - (classifiers.last?["accuracy"] as? Double ?? 0)) < 1e-12)
    #expect(accuracy > 0.8)
  }
}
