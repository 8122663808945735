// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `--center`: the direction that features keep exact.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct CentreTests {
  let tool: Tool
  let x: Matrix<Double>
  let centre = [1.5, 1, -1, 0.5, 2, 1]

  init() throws {
    tool = try Tool()
    let noise = normals(60, 6)
    x = Matrix(rowCount: 60, columnCount: 6) { output in
      for i in 0..<60 {
        for j in 0..<6 { output[6 * i + j] = 1 + 0.3 * noise[i, j] }
      }
    }
    try tool.write(x, to: "X.npy")
    try tool.writeSparse(x, to: "X.libsvm")
    try tool.write(Matrix(rows: [centre]), to: "c.npy")
    try tool.write(centre.map { "\($0)" }.joined(separator: ",") + "\n", to: "c.csv")
    try tool.writeSparse(Matrix(rows: [centre]), to: "c.libsvm")
    try tool.write("input: [6]\nlayers: [dense, gelu, dense]", to: "gelu.yaml")
  }

  /// Files of all formats, and words, are the library's centrings.
  @Test func equalsTheLibrary() throws {
    let kernel = try GaussianKernel(lengthScale: 3)
    for (option, centring) in [
      ("", Centring.sample), ("--center sample", .sample), ("--center none", .none),
      ("--center c.npy", .vector(centre)), ("--center c.csv", .vector(centre)),
      ("--center c.libsvm", .vector(centre)),
    ] {
      let map = try GaussianSeriesMap(
        kernel, dimension: 40, centring: centring, sample: Rows.dense(x))
      try tool.succeed(
        "features --kernel gaussian:lengthScale=3 --method sketch --dimension 40 \(option) --x X.npy "
          + "--precision double --output Z.npy --save map.json")
      #expect(try tool.matrix("Z.npy") == map.features(of: Rows.dense(x)), "\(option)")
      try tool.succeed("features --map map.json --x X.npy --precision double --output Z2.npy")
      #expect(try tool.bytes("Z.npy") == tool.bytes("Z2.npy"))
    }
  }

  @Test(arguments: [
    "--kernel polynomial:degree=3,offset=1", "--kernel exponentialDot:scale=0.05",
    "--network gelu.yaml", "--network gelu.yaml --method random",
  ])
  func everyMap(_ kernel: String) throws {
    let method = kernel.contains("--method") ? "" : "--method sketch"
    let text = "features \(kernel) \(method) --dimension 60 --x"
    var seen: Set<Data> = []
    for option in ["sample", "none", "c.npy"] {
      try tool.succeed("\(text) X.npy --center \(option) --output Z.npy")
      #expect(seen.insert(try tool.bytes("Z.npy")).inserted, "\(option)")
      let name = kernel.replacingOccurrences(of: " --method random", with: "")
      let error = try tool.json("verify --features Z.npy \(name) --x X.npy --ridge 1")
      #expect(error["relativeFrobenius"] as? Double ?? 1 < 0.3, "\(option): \(error)")
      try tool.succeed("\(text) X.libsvm --center \(option) --output S.npy")
    }
  }

  /// `auto` leaves out what has no centre; targets and models take one, too.
  @Test func elsewhere() throws {
    let auto = try tool.json(
      "features --kernel gaussian:lengthScale=3 --dimension 40 --center none --x X.npy "
        + "--output Z.npy --json")
    #expect(auto["method"] as? String == "sketch")
    try tool.succeed(
      "features --kernel gaussian:lengthScale=3 --method sketch --target-epsilon 0.5 --ridge 1 "
        + "--center c.npy --x X.npy --output Z.npy")
    let target = try tool.json(
      "features --kernel gaussian:lengthScale=3 --target-epsilon 0.5 --ridge 1 --center none "
        + "--x X.npy --output Z.npy --json")
    #expect(target["method"] as? String == "sketch")
    try tool.write(Matrix(rowCount: 60, columnCount: 1, elements: x.column(0)), to: "y.npy")
    try tool.succeed(
      "fit --kernel gaussian:lengthScale=3 --dimension 40 --center c.npy --x X.npy --y y.npy "
        + "--model m")
    #expect(try tool.succeed("features --help").output.contains("--center"))
  }

  @Test func refusals() throws {
    try tool.write(Matrix(rows: [[1, 2, 3]]), to: "short.npy")
    try tool.write(x, to: "many.npy")
    try tool.write(Matrix<Double>(rowCount: 1, columnCount: 6), to: "zero.npy")
    try tool.write("1,2,nan,4,5,6\n", to: "nan.csv")
    try tool.write(Matrix(rows: [[Double](repeating: 1e9, count: 6)]), to: "far.npy")
    try tool.succeed(
      "features --kernel polynomial --dimension 40 --x X.npy --output Z.npy --save map.json")
    let end = "--dimension 40 --x X.npy --output N.npy"
    let (gaussian, polynomial) = (
      "features --method sketch --kernel gaussian", "features --method sketch --kernel polynomial"
    )
    for bad in ["short.npy", "many.npy", "nan.csv", "missing.npy", "nowhere"] {
      try tool.refuse("\(gaussian) --center \(bad) \(end)", naming: bad)
    }
    try tool.refuse("\(polynomial) --center zero.npy \(end)", naming: "--center zero.npy")
    try tool.refuse("\(gaussian) --center far.npy \(end)", naming: "length scale")
    for method in ["nystrom", "hybrid", "leverage", "random"] {
      for center in ["none", "c.npy"] {
        try tool.refuse(
          "features --kernel gaussian --method \(method) --center \(center) \(end)",
          naming: "--center")
      }
      try tool.succeed(
        "features --kernel gaussian --method \(method) --center sample --dimension 40 --x X.npy "
          + "--output Z.npy")
    }
    try tool.refuse("features --kernel laplace --center none \(end)", naming: "--center")
    try tool.refuse(
      "features --map map.json --center none --x X.npy --output N.npy", naming: "--center")
    try tool.refuse("\(polynomial) --center N.npy \(end)", naming: "--center")
    try tool.refuse(
      "fit --kernel gaussian --method exact --center none --x X.npy --y X.npy --model m",
      naming: "--center")
    #expect(!(try tool.folder.contents.contains("N.npy")))
  }
}

extension Matrix<Double> {
  fileprivate func column(_ j: Int) -> [Double] { (0..<rowCount).map { self[$0, j] } }
}
