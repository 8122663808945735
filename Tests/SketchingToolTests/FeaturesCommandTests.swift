// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching features` and `verify`: values, stored maps, interruptions.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct FeaturesCommandTests {
  let tool: Tool
  let x = normals(300, 12)

  static let network = """
    input: [12]
    layers: [dense, relu, {dense: {weightStd: 1.5}}, relu, dense]
    """

  init() throws {
    tool = try Tool()
    try tool.write(x, to: "X.npy")
    try tool.write(Self.network, to: "net.yaml")
  }

  @Test func equalsTheLibrary() throws {
    let kernel = NeuralKernel(network: try Network(yaml: Self.network), type: .nngp)
    let map = try NetworkFeatureMap(kernel, dimension: 200, seed: 9, sample: Rows.dense(x))
    try tool.succeed(
      "features --network net.yaml --type nngp --method sketch --dimension 200 --x X.npy --seed 9 "
        + "--output Z.npy --precision double")
    #expect(try tool.matrix("Z.npy") == map.features(of: Rows.dense(x)))

    let polynomial = try PolynomialFeatureMap(
      PolynomialKernel(degree: 3, scale: 1, offset: 2), dimension: 90, sample: Rows.dense(x))
    let text = "features --kernel polynomial:offset=2 --method sketch --dimension 90 --x X.npy"
    for threads in [1, 2] {
      try tool.succeed("\(text) --threads \(threads) --output \(threads).npy")
    }
    #expect(try tool.bytes("1.npy") == tool.bytes("2.npy"))
    let single = try polynomial.features(of: Rows.dense(x.converted(to: Float.self)))
    #expect(try tool.matrix("1.npy") == single.converted(to: Double.self))
  }

  @Test func equalsTheLibraryForSeries() throws {
    let rows = Rows.dense(x)
    let single = Rows.dense(x.converted(to: Float.self))
    let gaussian = try GaussianSeriesMap(
      GaussianKernel(lengthScale: 5), dimension: 150, seed: 3, sample: rows)
    let exponential = try DotProductFeatureMap(
      ExponentialDotKernel(scale: 0.1), dimension: 150, seed: 3, sample: rows)
    for (kernel, features) in [
      ("gaussian:lengthScale=5", try gaussian.features(of: single)),
      ("exponentialDot:scale=0.1", try exponential.features(of: single)),
    ] {
      try tool.succeed(
        "features --kernel \(kernel) --method sketch --dimension 150 --seed 3 --x X.npy "
          + "--output Z.npy")
      #expect(try tool.matrix("Z.npy") == features.converted(to: Double.self))
      let found = try tool.json("verify --features Z.npy --kernel \(kernel) --x X.npy --ridge 10")
      #expect(found["relativeFrobenius"] as? Double ?? 1 < 0.2)
    }
  }

  /// Points too far apart for any series of degree 64.
  @Test func farPoints() throws {
    for kernel in ["gaussian:lengthScale=0.01", "exponentialDot:scale=10"] {
      try tool.refuse(
        "features --kernel \(kernel) --method sketch --dimension 150 --x X.npy --output Z.npy",
        naming: "scale")
    }
    #expect(!(try tool.folder.contents).contains("Z.npy"))
  }

  @Test(arguments: [
    "--network net.yaml", "--kernel polynomial:degree=4", "--kernel gaussian:lengthScale=4",
    "--kernel exponentialDot:scale=0.1",
  ])
  func storedMaps(_ kernel: String) throws {
    try tool.write(normals(40, 12, seed: 2), to: "Y.npy")
    try tool.writeSparse(normals(40, 12, seed: 2), to: "Y.libsvm")
    let text = "features \(kernel) --method sketch --dimension 120 --fit-x X.npy"
    try tool.succeed("\(text) --x Y.npy --output Z.npy --save map.json")
    try tool.succeed("features --map map.json --x Y.npy --output Z2.npy")
    #expect(try tool.bytes("Z.npy") == tool.bytes("Z2.npy"))
    try tool.succeed("features --map map.json --x Y.libsvm --output S.npy --precision double")
    #expect(distance(try tool.matrix("S.npy"), try tool.matrix("Z.npy")) < 1e-5)
    // The sample shapes the map.
    try tool.succeed(
      "features \(kernel) --method sketch --dimension 120 --x Y.npy --output Y0.npy")
    #expect(try tool.bytes("Y0.npy") != tool.bytes("Z.npy"))
  }

  @Test func damagedMaps() throws {
    let away = try Matrix(rowCount: 300, columnCount: 12, elements: x.elements.map { $0 + 2 })
    try tool.write(away, to: "X.npy")
    let text = "features --network net.yaml --method sketch --dimension 50 --x X.npy --output Z.npy"
    try tool.succeed("\(text) --save map.json")
    let map = String(decoding: try tool.bytes("map.json"), as: UTF8.self)
    for (old, new) in [
      ("\"version\" : 1", "\"version\" : 2"),
      ("\"inputDimension\" : 12", "\"inputDimension\" : 13"),
      ("\"inputDimension\" : 12", "\"inputDimension\" : -1"),
      ("\"degree\" : 2", "\"degree\" : 99"), ("\"degree\" : 2", "\"degree\" : -1"),
      ("\"factor\" : 0", "\"factor\" : 7"), ("\"factor\" : 0", "\"factor\" : -1"),
      ("\"columnCount\" : ", "\"columnCount\" : 9000000000000000"),
      ("\"columnCount\" : ", "\"columnCount\" : -"),
      ("\"series\" : [", "\"series\" : [ -1, "),
      ("\"anchors\" : [", "\"anchors\" : [ 1, 2, 3, 4, "),
      ("\"direction\" : {", "\"direction\" : { \"columns\" : [ 2, 1 ],"),
      ("\"seed\" : 0", "\"seed\" : -3"),
      ("network", "netwrok"), ("}", ""), ("{", "["),
    ] {
      try #require(map.contains(old), "\(old)")
      let range = try #require(map.range(of: old))
      let changed = map.replacingCharacters(in: range, with: new)
      for text in [changed, resealed(changed)] {
        try tool.write(text, to: "bad.json")
        try tool.refuse("features --map bad.json --x X.npy --output Z2.npy", naming: "bad.json")
      }
    }
    #expect(!(try tool.folder.contents).contains("Z2.npy"))
  }

  /// A file in which any character is another is refused, and one without its checksum.
  @Test func changedMaps() throws {
    let text = "features --network net.yaml --method sketch --dimension 20 --x X.npy"
    try tool.succeed("\(text) --output Z.npy --save map.json")
    let map = String(decoding: try tool.bytes("map.json"), as: UTF8.self)
    for place in stride(from: 0, to: map.count, by: max(1, map.count / 40)) {
      let index = map.index(map.startIndex, offsetBy: place)
      let other = map[index] == "1" ? "2" : "1"
      try tool.write(map.replacingCharacters(in: index...index, with: other), to: "bad.json")
      try tool.refuse("features --map bad.json --x X.npy --output Z2.npy", naming: "bad.json")
    }
    let lines = map.split(separator: "\n", omittingEmptySubsequences: false)
    try tool.write((lines.prefix(1) + lines.dropFirst(2)).joined(separator: "\n"), to: "bad.json")
    try tool.refuse("features --map bad.json --x X.npy --output Z2.npy", naming: "checksum")
    try tool.write(resealed(map), to: "same.json")
    #expect(try tool.bytes("same.json") == tool.bytes("map.json"))
  }

  @Test func resumes() throws {
    // Enough rows that a run is stopped in the middle.
    let many = normals(40_000, 12, seed: 3)
    try tool.write(many, to: "M.npy")
    let text = "features --network net.yaml --method sketch --dimension 1024 --x M.npy"
    try tool.succeed("\(text) --output whole.npy")
    for signal in [SIGKILL, SIGINT, SIGTERM] {
      let started = try tool.start("\(text) --output Z.npy --resume --threads 1")
      try waitUntil { tool.size("Z.npy.partial") > 1 << 22 }
      kill(started.process.processIdentifier, signal)
      let run = try tool.finish(started)
      #expect(run.status == (signal == SIGKILL ? -SIGKILL : 128 + signal))
      try #require(try tool.folder.contents.contains("Z.npy.partial"), "killed too late")
      #expect(!(try tool.folder.contents.contains("Z.npy")))
      try tool.refuse("\(text) --output Z.npy --resume --seed 1", naming: "Z.npy.partial")
      let result = try tool.json("\(text) --output Z.npy --resume --json")
      #expect(result["resumedRows"] as? Int ?? 0 >= 1024)
      #expect(try tool.bytes("Z.npy") == tool.bytes("whole.npy"))
      try FileManager.default.removeItem(atPath: tool.folder.file("Z.npy"))
    }
    #expect(try tool.folder.contents == ["M.npy", "X.npy", "net.yaml", "whole.npy"])
  }

  /// All rows were written, but the end did not come: 300 rows are no whole number of tiles.
  @Test(arguments: [0, 1, 8000]) func resumesWholePartialOutputs(extraByteCount: Int) throws {
    let text = "features --network net.yaml --dimension 64 --x X.npy --output Z.npy"
    try tool.succeed("\(text) --save map.json")
    let whole = try tool.bytes("Z.npy")
    // Files may not grow beyond 1 kB here: the state is written, the rows are not.
    let stopped = try tool.shell("trap '' XFSZ; ulimit -f 2; sketching \(text) --resume --quiet")
    #expect(stopped.status == 2, "\(stopped)")
    #expect(stopped.errors.contains("Z.npy"))
    try #require(try tool.folder.contents.contains("Z.npy.partial.json"))
    try tool.folder.write(
      Array(whole) + [UInt8](repeating: 1, count: extraByteCount), to: "Z.npy.partial")
    try tool.folder.write([], to: "Z.npy")
    let result = try tool.json("\(text) --resume --json")
    #expect(result["resumedRows"] as? Int == 300)
    #expect(try tool.bytes("Z.npy") == whole)
    #expect(!(try tool.folder.contents.contains { $0.contains("partial") }))
  }

  @Test func badDataLeaveNothingToResume() throws {
    var many = normals(3000, 12, seed: 3)
    many[2900, 3] = .nan
    try tool.write(many, to: "M.npy")
    try tool.refuse(
      "features --network net.yaml --dimension 64 --fit-x X.npy --x M.npy --output Z.npy --resume",
      naming: "row 2900")
    #expect(try tool.folder.contents == ["M.npy", "X.npy", "net.yaml"])
  }

  @Test(arguments: [
    "features --network net.yaml --method sketch --dimension 4096 --x M.npy --output Z.npy "
      + "--save map.json",
    "sketch --law product-gaussian:degree=3 --dimension 4096 --x M.npy --output Z.npy",
    "kernel --network net.yaml --x M.npy --output Z.npy",
  ])
  func interruptionsLeaveNothing(_ arguments: String) throws {
    try tool.write(normals(20_000, 12, seed: 3), to: "M.npy")
    for signal in [SIGINT, SIGTERM] {
      let started = try tool.start(arguments)
      try waitUntil { try tool.folder.contents.contains { $0.hasSuffix(".unfinished") } }
      kill(started.process.processIdentifier, signal)
      #expect(try tool.finish(started).status == 128 + signal)
      #expect(try tool.folder.contents == ["M.npy", "X.npy", "net.yaml"])
    }
  }

  private func waitUntil(_ condition: () throws -> Bool) throws {
    for _ in 0..<3000 where try !condition() { usleep(5000) }
    try #require(try condition())
  }

  @Test func verification() throws {
    let exact = try PolynomialKernel(degree: 2, scale: 1, offset: 0).matrix(Rows.dense(x))
    let kernel = "--kernel polynomial:degree=2"
    try tool.succeed("features \(kernel) --dimension 60 --x X.npy --output Z.npy")
    try tool.write(exact, to: "K.npy")
    let error = try SpectralError(features: try tool.matrix("Z.npy"), exact: exact, ridge: 30)
    for source in ["--exact K.npy", "\(kernel) --x X.npy"] {
      let found = try tool.json("verify --features Z.npy \(source) --ridge 30")
      #expect(
        Set(found.keys) == [
          "n", "dimension", "ridge", "statisticalDimension", "epsilon", "relativeFrobenius",
          "centredFrobenius", "relativeSpectral",
        ])
      #expect(found["n"] as? Int == 300)
      #expect(found["dimension"] as? Int == error.dimension)
      for (key, value) in [
        ("ridge", 30), ("statisticalDimension", error.statisticalDimension),
        ("epsilon", error.epsilon), ("relativeFrobenius", error.relativeFrobenius),
        ("centredFrobenius", error.centredFrobenius ?? -1),
        ("relativeSpectral", error.relativeSpectral),
      ] {
        #expect(abs((found[key] as? Double ?? .nan) - value) <= 1e-9 * value, "\(key)")
      }
    }
  }

  @Test func verificationOfEqualPoints() throws {
    try tool.write(try Matrix(rows: [[1, 2], [1, 2], [1, 2]]), to: "E.npy")
    let found = try tool.json(
      "verify --features E.npy --kernel polynomial:degree=1 --x E.npy --ridge 1")
    #expect(found["centredFrobenius"] is NSNull)
    #expect(found["epsilon"] as? Double ?? 1 < 1e-12)
  }
}
