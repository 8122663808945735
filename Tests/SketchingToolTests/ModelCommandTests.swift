// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching fit` and `predict`: round trips through a stored model.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct ModelCommandTests {
  let tool: Tool
  let x = normals(260, 5)
  let test = normals(70, 5, seed: 2)

  init() throws {
    tool = try Tool()
    for (name, points) in [("X", x), ("T", test)] {
      try tool.write(points, to: name + ".npy")
      try tool.write(Self.values(points), to: name + "-values.npy")
      let labels = Self.labels(points)
      try NumPyWriter.write(labels, to: tool.folder.file(name + "-labels.npy"))
      try tool.writeSparse(points, labels: labels.map { Double($0) }, to: name + ".libsvm")
    }
    try tool.write("input: [5]\nlayers: [dense, relu, dense: {biasStd: 1}]", to: "net.yaml")
  }

  /// Two quadratic functions of a point.
  private static func values(_ x: Matrix<Double>) throws -> Matrix<Double> {
    try Matrix(
      rows: (0..<x.rowCount).map { [x[$0, 0] * x[$0, 1] + 2, x[$0, 2] * x[$0, 2] - x[$0, 3]] })
  }

  /// Three classes with labels −7, 3 and 40.
  private static func labels(_ x: Matrix<Double>) -> [Int] {
    (0..<x.rowCount).map { x[$0, 0] > 0.3 ? 40 : x[$0, 1] + x[$0, 2] > 0 ? 3 : -7 }
  }

  /// A model of more text than fits a small file: landmarks of many coordinates.
  @Test func largeModels() throws {
    let wide = normals(160, 60_000)
    try tool.write(wide, to: "wide.npy")
    try NumPyWriter.write(
      Matrix(rows: (0..<160).map { [wide[$0, 0]] }), to: tool.folder.file("wide-values.npy"))
    let fit = try tool.run(
      "fit --kernel gaussian:lengthScale=300 --method nystrom --dimension 150 --x wide.npy "
        + "--y wide-values.npy --model m")
    #expect(fit.status == 0, "\(fit.errors)")
    let file = tool.folder.file("m/model.json")
    let size = try #require(
      FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    #expect(size > 1 << 26)
    let predict = try tool.run("predict --model m --x wide.npy --output P.npy")
    #expect(predict.status == 0, "\(predict.errors)")
    #expect(try tool.matrix("P.npy").rowCount == 160)
  }

  static let methods = [
    "--method exact", "--method sketch --dimension 80", "--dimension 80",
    "--method nystrom --landmarks uniform --dimension 80",
    "--method hybrid --dimension 80 --fit-x T.npy",
  ]

  @Test(arguments: methods)
  func regression(_ method: String) throws {
    let fit = try tool.json(
      "fit --kernel polynomial:degree=2,offset=1 \(method) --x X.npy --y X-values.npy --model m "
        + "--precision double --json")
    #expect(fit["task"] as? String == "regression")
    let path = try #require(fit["heldOut"] as? [[String: Any]])
    #expect(path.count > 5)
    let errors = path.map { $0["squaredError"] as? Double ?? .infinity }
    let best = errors.indices.filter { errors[$0] == errors.min() }.last.map { path[$0] }
    #expect(best?["ridge"] as? Double == fit["ridge"] as? Double)
    let text = "predict --model m --x T.npy --precision double"
    let score = try tool.json("\(text) --y T-values.npy --output P.npy --json")
    let error = try #require(score["rootMeanSquaredError"] as? Double)
    let (found, truth) = (try tool.matrix("P.npy"), try Self.values(test))
    let squares = zip(found.elements, truth.elements).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    #expect(abs(error - (squares / 140).squareRoot()) < 1e-12)
    #expect(score["rSquared"] as? Double ?? 0 > 0.9)
    if method.contains("exact") { #expect(error < 1e-3) }
    // The format of the points does not matter.
    try tool.succeed("\(text) --output S.npy --x T.libsvm")
    #expect(distance(try tool.matrix("S.npy"), found) < 1e-9)
    try tool.succeed("\(text) --output 1.npy --threads 1")
    try tool.succeed("\(text) --output 2.npy --threads 2")
    #expect(try tool.bytes("1.npy") == tool.bytes("2.npy"))
    try tool.succeed("predict --model m --x T.npy --output F.npy")
    #expect(try tool.bytes("F.npy").count == 128 + 4 * 140)
  }

  @Test(arguments: methods)
  func classification(_ method: String) throws {
    for (points, labels) in [("X.npy", "--y X-labels.npy"), ("X.libsvm", "")] {
      let fit = try tool.run(
        "fit --network net.yaml \(method) --x \(points) \(labels) --model m --normalize --ridge 0.5"
      )
      #expect(fit.status == 0)
      #expect(fit.errors.contains("classification"), "\(fit)")
      #expect(fit.output.contains("ridge 0.5"))
      let score = try tool.json(
        "predict --model m --x T.libsvm --y T-labels.npy --output P.npy --json")
      let accuracy = try #require(score["accuracy"] as? Double)
      let found = try tool.matrix("P.npy").elements.map { Int($0) }
      #expect(Set(found).isSubset(of: [-7, 3, 40]))
      #expect(try tool.bytes("P.npy").range(of: Data("'<i8'".utf8)) != nil)
      let right = zip(found, Self.labels(test)).count { $0 == $1 }
      #expect(abs(accuracy - Double(right) / 70) < 1e-12 && accuracy > 0.7)
      #expect(abs((score["error"] as? Double ?? 0) + accuracy - 1) < 1e-12)
      // Only directions count once rows are normalized.
      let scaled = try Matrix(rowCount: 70, columnCount: 5, elements: test.elements.map { 8 * $0 })
      try tool.write(scaled, to: "scaled.npy")
      try tool.succeed("predict --model m --x scaled.npy --output S.npy")
      #expect(try tool.matrix("S.npy") == tool.matrix("P.npy"))
    }
    #expect(
      try tool.folder.contents.filter { $0.hasPrefix(".") }.isEmpty, "no temporary folder is left")
  }

  @Test func targetDimensions() throws {
    let text = "fit --network net.yaml --method nystrom --x X.npy --y X-labels.npy --model m"
    let fit = try tool.json("\(text) --target-epsilon 0.7 --ridge 1 --json")
    let target = try #require(fit["target"] as? [String: Any])
    #expect(target["epsilon"] as? Double ?? 1 <= 0.7 && target["points"] as? Int == 260)
    #expect((fit["features"] as? String)?.hasPrefix("nystrom") == true)
    #expect(fit["dimension"] as? Int ?? 999 < 260)
    try tool.succeed("predict --model m --x T.npy --output P.npy")
    try tool.refuse("\(text) --target-epsilon 0.7", naming: "--ridge")
    try tool.refuse(
      "fit --network net.yaml --method exact --landmarks kmeans --x X.npy --y X-labels.npy "
        + "--model n", naming: "--landmarks")
  }

  @Test func labelsThatAreNoWholeNumbers() throws {
    try tool.write(
      try Matrix(rowCount: 260, columnCount: 1, elements: Self.labels(x).map { Double($0) / 2 }),
      to: "halves.npy")
    let text = "fit --network net.yaml --method exact --x X.npy --y halves.npy --model m --ridge 1"
    #expect(try tool.json("\(text) --json")["task"] as? String == "regression")
    try tool.succeed("predict --model m --x T.npy --output P.npy")
    #expect(try tool.shape("P.npy") == [70])
    let chosen = try tool.json("\(text) --task classification --json")
    #expect(chosen["classes"] as? Int == 3)
    try tool.succeed("predict --model m --x T.npy --output P.npy")
    #expect(Set(try tool.matrix("P.npy").elements).isSubset(of: [-3.5, 1.5, 20]))
  }

  @Test(arguments: ["exact --x X.npy", "exact --x X.libsvm", "sketch --dimension 50 --x X.npy"])
  func damagedModels(_ method: String) throws {
    try tool.succeed(
      "fit --network net.yaml --method \(method) --y X-labels.npy --model m --ridge 1")
    let names = try FileManager.default.contentsOfDirectory(atPath: tool.folder.file("m"))
    let folder = tool.folder.file("m")
    func refuse(_ culprit: String) throws {
      try tool.refuse("predict --model m --x T.npy --output P.npy", naming: culprit)
    }
    for name in names {
      let path = URL(fileURLWithPath: folder + "/" + name)
      let whole = try Data(contentsOf: path)
      try FileManager.default.removeItem(at: path)
      try refuse(name)
      for damaged in [Data(), whole.prefix(100), whole.dropLast(9), Data("nonsense".utf8)] {
        try damaged.write(to: path)
        try refuse(name)
      }
      try whole.write(to: path)
    }
    for name in names where name.hasSuffix(".npy") {
      let path = folder + "/" + name
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try NumPyWriter.write(normals(3, 2), to: path)
      try refuse("m/")
      try whole.write(to: URL(fileURLWithPath: path))
    }
    let path = folder + "/model.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (old, new) in [
      ("\"version\" : 1", "\"version\" : 9"), ("swift-sketching model", "something else"),
      ("\"ridge\" : 1", "\"ridge\" : 0"), ("\"inputDimension\" : 5", "\"inputDimension\" : 0"),
      ("\"inputDimension\" : 5", "\"inputDimension\" : 6"),
      ("\"labels\" : [", "\"labels\" : [ 9, "), ("\"intercepts\" : [", "\"intercepts\" : [ 9, "),
    ] {
      let range = try #require(text.range(of: old), "\(old)")
      let changed = text.replacingCharacters(in: range, with: new)
      for bad in [changed, resealed(changed)] {
        try bad.write(toFile: path, atomically: false, encoding: .utf8)
        try refuse("model.json")
      }
    }
    #expect(!(try tool.folder.contents).contains("P.npy"))
  }

  @Test func foldersThatAreNoModels() throws {
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("full/sub"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("empty"), withIntermediateDirectories: true)
    let text = "fit --network net.yaml --method exact --x X.npy --y X-labels.npy --ridge 1 --model"
    try tool.refuse("\(text) full", naming: "full")
    try tool.refuse("\(text) X.npy", naming: "X.npy")
    try tool.refuse("\(text) nowhere/m", naming: "nowhere/m")
    try tool.succeed("\(text) empty")
    try tool.succeed("\(text) empty --seed 1")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: tool.folder.file("empty")).sorted()
        == ["coefficients.npy", "model.json", "points.npy"])
  }
}
