// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching sketch` against the library.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct SketchCommandTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  private static func map(_ law: String, _ d: Int, _ m: Int, _ seed: UInt64) throws -> any RowMap {
    switch law {
    case "countsketch": try CountSketch(inputDimension: d, outputDimension: m, seed: seed)
    case "gaussian": try GaussianSketch(inputDimension: d, outputDimension: m, seed: seed)
    case "srht": try SRHT(inputDimension: d, outputDimension: m, seed: seed)
    case "tensorsketch:degree=2":
      try TensorSketch(inputDimension: d, degree: 2, outputDimension: m, seed: seed)
    case "tensorsketch":
      try TensorSketch(inputDimension: d, degree: 3, outputDimension: m, seed: seed)
    default: try PolySketch(inputDimension: d, degree: 8, outputDimension: m, seed: seed)
    }
  }

  @Test(arguments: [
    "countsketch", "gaussian", "srht", "tensorsketch", "tensorsketch:degree=2", "polysketch",
    "polysketch:degree=8",
  ])
  func equalsTheLibrary(_ law: String) throws {
    let x = try Goldens.matrix("kernels/X_sparse20x64.npy")
    try tool.write(x, to: "X.npy")
    try tool.writeSparse(x, to: "X.libsvm")
    let text = "sketch --law \(law) --dimension 48"
    try tool.succeed("\(text) --x X.npy --seed 5 --output Z.npy --threads 1")
    try tool.succeed("\(text) --x X.npy --seed 5 --output Z2.npy --threads 2")
    #expect(try tool.bytes("Z.npy") == tool.bytes("Z2.npy"))
    let single = try Self.map(law, 64, 48, 5).images(of: .dense(x.converted(to: Float.self)))
    #expect(try tool.matrix("Z.npy") == single.converted(to: Double.self))
    try tool.succeed("\(text) --x X.libsvm --seed 5 --precision double --output S.npy")
    let double = try Self.map(law, 64, 48, 5).images(of: .dense(x))
    #expect(distance(try tool.matrix("S.npy"), double) < 1e-13)

    try tool.succeed("\(text) --x X.npy --seed 3 --draws 3 --precision double --output D.npy")
    #expect(try tool.shape("D.npy") == [3, 20, 48])
    let draws = try tool.matrix("D.npy")
    for draw in 0..<3 {
      let expected = try Self.map(law, 64, 48, 3 + UInt64(draw)).images(of: .dense(x))
      #expect(draws.row(draw).elementsEqual(expected.elements))
    }
  }

  @Test func manyTiles() throws {
    let x = normals(2500, 6)
    try tool.write(x, to: "X.npy")
    let result = try tool.json(
      "sketch --law gaussian --dimension 5 --x X.npy --output Z.npy --json")
    #expect(result["shape"] as? [Int] == [2500, 5])
    let expected = try GaussianSketch(inputDimension: 6, outputDimension: 5, seed: 0)
      .apply(to: .dense(x.converted(to: Float.self)))
    #expect(try tool.matrix("Z.npy") == expected.converted(to: Double.self))
  }
}
