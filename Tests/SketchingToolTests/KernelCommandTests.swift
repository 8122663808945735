// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching kernel` against reference values.

import Foundation
import Sketching
import Synchronization
import TestSupport
import Testing

@Suite struct KernelCommandTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  static let tags = [1, 2, 3, 5].flatMap { depth in
    ["unit", "w1_b0", "w1_b0.1", "ws2_b0", "ws2_b0.1"].map { (depth, $0) }
  }

  @Test(arguments: tags)
  func networks(_ depth: Int, _ parameters: String) throws {
    let archive = Goldens.path("neural/fc_relu.npz")
    let (x, y) = parameters == "unit" ? ("u1", "u2") : ("x1", "x2")
    let weightStd = parameters.contains("ws2") ? "1.4142135623730951" : "1"
    let biasStd = parameters.hasSuffix("b0.1") ? "0.1" : "0"
    let dense = "  - dense: {weightStd: \(weightStd), biasStd: \(biasStd)}\n"
    let hidden = String(repeating: dense + "  - relu\n", count: depth)
    try tool.write("input: [7]\nlayers:\n" + hidden + dense, to: "net.yaml")
    let tag = "d\(depth)_\(parameters)"
    for type in ["ntk", "nngp"] {
      let kernel = "--network net.yaml --type \(type)"
      try tool.succeed("kernel \(kernel) --x \(archive):\(x) --y \(archive):\(y) --output 12.npy")
      let cross = try Goldens.archive("neural/fc_relu.npz", "\(tag)_\(type)_12")
      expect(try tool.matrix("12.npy"), equals: cross, diagonal: 1e-10)
      try tool.succeed("kernel \(kernel) --x \(archive):\(x) --output 11.npy")
      let own = try Goldens.archive("neural/fc_relu.npz", "\(tag)_\(type)_11")
      // The source's own rounding, once for each layer.
      expect(try tool.matrix("11.npy"), equals: own, diagonal: 2e-8)
    }
  }

  private func expect(_ a: Matrix<Double>, equals b: Matrix<Double>, diagonal: Double) {
    #expect(a.rowCount == b.rowCount && a.columnCount == b.columnCount)
    for i in 0..<b.rowCount {
      for j in 0..<b.columnCount {
        #expect(abs(a[i, j] - b[i, j]) <= (i == j ? diagonal : 1e-10) * abs(b[i, j]))
      }
    }
  }

  @Test(arguments: ["gauss20x8", "sparse20x64", "edge8x8"])
  func closedForms(_ input: String) throws {
    for (name, kernel) in [
      ("poly_hom_p3", "polynomial:degree=3"), ("poly_hom_p10", "polynomial:degree=10"),
      ("gaussian_s1", "gaussian:lengthScale=1"),
    ] {
      try tool.succeed(
        "kernel --kernel \(kernel) --x \(Goldens.path("kernels/X_\(input).npy")) --output K.npy")
      let golden = try Goldens.matrix("kernels/K_\(input)_\(name).npy")
      #expect(distance(try tool.matrix("K.npy"), golden) <= 1e-12, "\(name)")
    }
  }

  @Test func diagonalAndShapes() throws {
    let x = normals(1500, 3)
    try tool.write(x, to: "X.npy")
    let kernel = try PolynomialKernel(degree: 2, scale: 0.5, offset: 1)
    let text = "--kernel polynomial:degree=2,scale=0.5,offset=1 --x X.npy"
    try tool.succeed("kernel \(text) --diagonal --output d.npy")
    #expect(try tool.shape("d.npy") == [1500])
    #expect(try tool.matrix("d.npy").elements.elementsEqual(kernel.diagonal(.dense(x))))
    try tool.succeed("kernel \(text) --output K.npy")
    #expect(try tool.matrix("K.npy") == kernel.matrix(.dense(x)))
    let single = try tool.json("kernel \(text) --precision single --output K4.npy --json --quiet")
    #expect(single["shape"] as? [Int] == [1500, 1500])
    #expect(try tool.bytes("K4.npy").count == 128 + 4 * 1500 * 1500)
  }

  @Test func threadsAndSparseRows() throws {
    let x = try Goldens.matrix("kernels/X_sparse20x64.npy")
    try tool.write(x, to: "X.npy")
    try tool.writeSparse(x, to: "X.libsvm")
    // A test file in which the last features do not occur.
    try tool.write("1 1:1 2:3\n", to: "Y.libsvm")
    let text = "kernel --kernel gaussian:lengthScale=2 --output"
    try tool.succeed("\(text) 1.npy --x X.npy --threads 1")
    try tool.succeed("\(text) 2.npy --x X.npy --threads 2")
    #expect(try tool.bytes("1.npy") == tool.bytes("2.npy"))
    try tool.succeed("\(text) s.npy --x X.libsvm")
    #expect(distance(try tool.matrix("s.npy"), try tool.matrix("1.npy")) < 1e-14)
    try tool.succeed("\(text) y.npy --x X.npy --y Y.libsvm")
    #expect(try tool.shape("y.npy") == [20, 1])
  }

  /// Tiles of 1024 rows may take minutes, so progress is told within them.
  @Test func progressWithinTiles() throws {
    let points = Rows.dense(normals(700, 3))
    let told = Mutex<[Int]>([])
    let execution = Execution(
      threads: 2,
      progress: { progress in
        #expect(progress.total == 700)
        told.withLock { $0.append(progress.completed) }
      })
    try GaussianKernel(lengthScale: 1)
      .forEachTile(points, as: Double.self, on: execution) { _, _ in }
    let rows = told.withLock { $0 }
    #expect(rows == rows.sorted() && rows.last == 700)
    #expect(Set(rows).count > 10)
  }
}
