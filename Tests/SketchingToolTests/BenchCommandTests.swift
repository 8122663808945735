// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching bench` on small made-up data.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct BenchCommandTests {
  let tool: Tool

  private static let small = "bench --quick --dimensions 24,8 --points 40 --output out"

  init() throws {
    tool = try Tool()
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("data"), withIntermediateDirectories: false)
  }

  /// Points of three columns of very different scales, with a smooth value or its sign.
  private func writeData(
    _ count: Int, _ name: String, classes: Bool = false, seed: UInt64 = 1
  ) throws {
    var x = normals(count, 3, seed: seed)
    let values = (0..<count).map { sin(x[$0, 0]) + 0.5 * x[$0, 1] * x[$0, 2] }
    for i in 0..<count { x[i, 1] = 1e4 * x[i, 1] + 1e5 }
    try tool.write(x, to: "data/\(name)X.npy")
    let truth = classes ? values.map { $0 > 0 ? 1.0 : 0 } : values
    try tool.write(
      Matrix(rowCount: count, columnCount: 1, elements: truth), to: "data/\(name)y.npy")
  }

  @Test func foldersOfDataSets() throws {
    try writeData(400, "a-train-", classes: true)
    try writeData(100, "a-test-", classes: true, seed: 2)
    try writeData(300, "b-")
    let json = try tool.json("\(Self.small) --data data --seed 3 --json --quiet")
    let stored = try JSONSerialization.jsonObject(with: tool.bytes("out/bench.json"))
    #expect(stored as? NSDictionary == json as NSDictionary)
    #expect(json["seed"] as? Int == 3)
    let sets = try #require(json["dataSets"] as? [[String: Any]])
    #expect(sets.map { $0["name"] as? String } == ["a", "b"])
    #expect(sets.map { $0["score"] as? String } == ["accuracy", "normalised RMSE"])
    #expect(sets[0]["trainingRows"] as? Int == 400 && sets[0]["testRows"] as? Int == 100)
    let split = ["trainingRows", "testRows"].map { sets[1][$0] as? Int ?? 0 }
    #expect(split[0] + split[1] == 300 && split[1] > 30)
    for set in sets {
      let comparison = try #require(set["comparison"] as? [String: Any])
      #expect(comparison["points"] as? Int == 40)
      let measures = try #require(comparison["measures"] as? [[String: Any]])
      #expect(measures.map { $0["dimension"] as? Int }.prefix(2) == [8, 24])
      #expect(
        Set(measures.map { $0["method"] as? String }) == ["sketch", "random", "nystrom", "hybrid"])
      for measure in measures {
        for key in ["epsilon", "relativeFrobenius", "rowsPerSecond", "fitSeconds", "timesExact"] {
          #expect(measure[key] as? Double ?? 0 > 0, "\(key)")
        }
      }
      // Only the front has no measure that is better in both.
      for measure in measures {
        let (time, epsilon) = Self.costs(measure)
        let isBeaten = measures.map(Self.costs).contains { $0.0 < time && $0.1 < epsilon }
        #expect(measure["isOnFront"] as? Bool == !isBeaten)
      }
      let models = try #require(set["models"] as? [[String: Any]])
      #expect(models.count == 5)
      for model in models {
        let score = try #require(model["score"] as? Double)
        if set["score"] as? String == "accuracy" {
          #expect(score > 0.65 && score <= 1, "\(model)")
        } else {
          #expect(score > 0 && score < 0.95, "\(model)")
        }
      }
    }
  }

  private static func costs(_ measure: [String: Any]) -> (Double, Double) {
    (measure["totalSeconds"] as? Double ?? 0, measure["epsilon"] as? Double ?? 0)
  }

  @Test func reportStandsAlone() throws {
    try writeData(120, "a&<b>'-")
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("out"), withIntermediateDirectories: false)
    let peer = """
      {"title": "work & <more>", "unit": "ms", "wanted": "", "notes": [], "peer": "SciPy",
       "ours": {"seconds": 0.5, "peakBytes": 1}, "theirs": {"seconds": 3, "peakBytes": 2}}
      """
    try tool.write("{\"one\": \(peer)}", to: "out/peers.json")
    try tool.write(
      """
      [{"work": "inner loop", "threads": 1, "seconds": 1, "speed": 2, "unit": "GB/s",
        "yardstick": "C loop", "ratio": 1.25, "wanted": ""}]
      """, to: "out/speed.json")
    let run = try tool.succeed("\(Self.small) --data data --methods nystrom")
    for text in ["nystrom", "work & <more>", "inner loop", "test normalised RMSE", "exact kernel"] {
      #expect(run.output.contains(text), "\(text)")
    }
    #expect(run.errors.contains("report.html"))
    let page = String(decoding: try tool.bytes("out/report.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!doctype html>"))
    #expect(page.contains("<h2>a&amp;&lt;b&gt;'</h2>") && page.contains("work &amp; &lt;more&gt;"))
    #expect(!page.contains("<b>") && !page.contains("<more>"))
    // Names of XML are no requests; there is no other address.
    let addresses = page.components(separatedBy: "http").dropFirst()
    #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/") })
    #expect(!page.contains("src=") && !page.contains("@import") && !page.contains("url("))
    let isDrawn = try tool.shell("command -v gnuplot || true").output.isEmpty == false
    #expect(page.contains("<svg") == isDrawn)
    #expect(page.contains("gnuplot was not found") == !isDrawn)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: tool.folder.file("out")).sorted()
        == ["bench.json", "peers.json", "report.html", "speed.json"])
  }

  /// Models of the exact kernel of another program stand beside those of the same data and kernel.
  @Test func exactModelsOfOtherPrograms() throws {
    try writeData(120, "a-")
    try writeData(120, "b-")
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("out"), withIntermediateDirectories: false)
    try tool.write(
      """
      {"dataSet": "a", "kernel": "NTK of a network with 3 hidden ReLU layers", "threads": 2,
       "steps": [], "whole": [{"trainingRows": 7777, "ridge": 0.5, "score": 0.25,
       "fitSeconds": 60, "predictSeconds": 2, "steps": 9}]}
      """, to: "out/learning.json")
    let json = try tool.json("\(Self.small) --data data --methods nystrom --json --quiet")
    let sets = try #require(json["dataSets"] as? [[String: Any]])
    let found = sets.map { set in
      (set["models"] as? [[String: Any]] ?? []).filter { $0["trainingRows"] as? Int == 7777 }
    }
    #expect(found.map(\.count) == [1, 0])
    let model = try #require(found[0].first)
    #expect(model["method"] is NSNull && model["score"] as? Double == 0.25)
    let page = String(decoding: try tool.bytes("out/report.html"), as: UTF8.self)
    #expect(page.contains("7777"))
    try tool.write("{\"dataSet\": 3}", to: "out/learning.json")
    let run = try tool.run("\(Self.small) --data data --methods nystrom")
    #expect(run.status != 0 && run.errors.contains("learning.json"))
  }

  @Test func pointsWithoutTargets() throws {
    try tool.write(normals(90, 4), to: "P.npy")
    let json = try tool.json(
      "\(Self.small) --data P.npy --kernel gaussian:lengthScale=2 --methods random,nystrom "
        + "--seeds 1 --json --quiet")
    let set = try #require((json["dataSets"] as? [[String: Any]])?.first)
    #expect(set["score"] is NSNull && (set["models"] as? [Any])?.isEmpty == true)
    let comparison = try #require(set["comparison"] as? [String: Any])
    let measures = try #require(comparison["measures"] as? [[String: Any]])
    #expect(Set(measures.map { $0["method"] as? String }) == ["random", "nystrom"])
    #expect(measures.allSatisfy { $0["seeds"] as? Int == 1 })
  }

  @Test func badInput() throws {
    try writeData(300, "b-")
    try writeData(30, "few-")
    try tool.write("input: [7]\nlayers: [dense, relu, dense]", to: "net.yaml")
    var hole = normals(80, 2)
    hole[5, 1] = .nan
    try tool.write(hole, to: "hole.npy")
    try tool.write(normals(80, 2), to: "X.npy")
    try tool.write(normals(79, 1), to: "y.npy")
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("empty"), withIntermediateDirectories: false)
    let good = "\(Self.small) --data data/b-X.npy"
    for (arguments, culprit) in [
      ("\(Self.small) --data nowhere", "--data"),
      ("\(Self.small) --data empty", "empty"),
      ("\(Self.small) --data data/few-X.npy", "few-X.npy"),
      ("\(Self.small) --data hole.npy", "hole.npy"),
      ("\(Self.small) --data X.npy", "y.npy"),
      ("\(Self.small) --data net.yaml", "net.yaml"),
      ("\(good) --network net.yaml", "b-X.npy"),
      ("\(good) --methods forest", "nystrom"),
      ("\(good) --kernel polynomial:degree=2 --methods random", "--methods"),
      ("\(good) --methods nystrom,", "--methods"),
      ("\(good) --dimensions 0", "--dimensions"),
      ("\(good) --dimensions 8,x", "--dimensions"),
      ("\(good) --seeds 0", "--seeds"),
      ("\(good) --points 3", "--points"),
      ("\(good) --kernel nothing", "gaussian"),
      ("\(good) --precision double", "--precision"),
      ("bench --data data/b-X.npy --output data/b-y.npy", "b-y.npy"),
    ] { try tool.refuse(arguments, naming: culprit) }
    #expect(tool.size("out/bench.json") == 0 && tool.size("out/report.html") == 0)
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("figures"), withIntermediateDirectories: false)
    try tool.write("[1, 2", to: "figures/peers.json")
    try tool.refuse(
      "bench --data data/b-X.npy --output figures", naming: "figures/peers.json")
  }
}
