// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// `sketching features`: every method for every kind of kernel, stored, resumed, and to a target.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct FeatureMethodTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write(normals(120, 6), to: "X.npy")
    try tool.write(normals(30, 6, seed: 2), to: "Y.npy")
    try tool.write("input: [6]\nlayers: [dense, relu, dense]", to: "relu.yaml")
    try tool.write("input: [6]\nlayers: [{dense: {biasStd: 1}}, gelu, dense]", to: "gelu.yaml")
    try Self.writeImages(to: tool)
  }

  private static func images(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var generator = CaseGenerator(seed: seed)
    return (0..<count).flatMap { _ -> [Double] in
      let (a, b) = (0.1 * generator.normal(), 0.1 * generator.normal())
      return (0..<36).map { pixel -> Double in
        let (column, row) = (Double(pixel % 6), Double(pixel / 6))
        return 0.5 + a * column + b * row
      }
    }
  }

  /// Images n × 6 × 6 × 1.
  private static func write(_ pixels: [Double], to name: String, of tool: Tool) throws {
    let writer = try NumPyWriter(
      path: tool.folder.file(name), shape: [pixels.count / 36, 6, 6, 1], precision: .double)
    try writer.append(
      Matrix(rowCount: pixels.count / 36, columnCount: 36, elements: pixels))
    try writer.finish()
  }

  private static func writeImages(to tool: Tool) throws {
    try write(images(60), to: "I.npy", of: tool)
    try write(images(20, seed: 2), to: "J.npy", of: tool)
    let conv = "{conv: {filter: [3, 3], weightStd: 1.4}}"
    try tool.write(
      "input: [6, 6, 1]\nlayers: [\(conv), relu, \(conv), relu, globalAveragePool, dense]",
      to: "conv.yaml")
    try tool.write(
      "input: [6, 6, 1]\nlayers: [\(conv), gelu, flatten, dense]", to: "flat.yaml")
  }

  private static func all(_ kernel: String, _ methods: String..., points: String = "X Y")
    -> [String]
  {
    methods.map { "--method \($0) \(kernel)|\(points)" }
  }

  static let cases: [String] =
    all(
      "--kernel gaussian:lengthScale=2", "auto", "sketch", "random", "nystrom", "hybrid", "leverage"
    )
    + all("--kernel matern:lengthScale=2", "auto", "random", "nystrom", "hybrid")
    + all("--kernel exponential:lengthScale=3", "random")
    + all("--kernel laplace:lengthScale=5", "random", "nystrom", "hybrid")
    + all("--kernel cauchy:lengthScale=3", "auto", "random", "nystrom", "hybrid")
    + all("--kernel exponentialDot:scale=0.02", "sketch", "random", "nystrom", "hybrid")
    + all(
      "--kernel polynomial:degree=2,offset=1", "auto", "sketch", "nystrom", "hybrid", "leverage")
    + all("--kernel arccosine:order=1", "auto", "random", "nystrom", "hybrid")
    + all("--network relu.yaml", "auto", "sketch", "random", "nystrom", "hybrid")
    + all("--network gelu.yaml --type nngp", "auto", "sketch", "random", "nystrom", "hybrid")
    + all("--network conv.yaml", "auto", "sketch", "random", "nystrom", "hybrid", points: "I J")
    + all("--network flat.yaml", "auto", "nystrom", points: "I J")

  /// Few columns, near the kernel; the same bytes from one thread, from two, and from a stored map.
  @Test(arguments: cases) func methods(_ text: String) throws {
    let parts = text.split(separator: "|")
    let (arguments, points) = (parts[0], parts[1].split(separator: " "))
    let (x, y) = ("\(points[0]).npy", "\(points[1]).npy")
    let run = "features \(arguments) --dimension 60 --fit-x \(x) --x \(y)"
    let result = try tool.json("\(run) --output 1.npy --save map.json --threads 1 --json")
    try tool.succeed("\(run) --output 2.npy --threads 2")
    try tool.succeed("features --map map.json --x \(y) --output 3.npy")
    #expect(try tool.bytes("1.npy") == tool.bytes("2.npy"))
    #expect(try tool.bytes("1.npy") == tool.bytes("3.npy"))
    let method = try #require(result["method"] as? String)
    let candidates = try #require(result["candidates"] as? [[String: Any]])
    #expect(candidates[0]["method"] as? String == method)
    let structure = try #require(result["structure"] as? String)
    #expect(structure.contains { $0.isNumber }, "\(structure)")
    let shape = try tool.shape("1.npy")
    #expect(shape[1] <= 60 && shape[1] > 10)
    let kernel = arguments.split(separator: " ").dropFirst(2).joined(separator: " ")
    let error = try tool.json("verify --features 1.npy \(kernel) --x \(y) --ridge 1")
    #expect(error["relativeFrobenius"] as? Double ?? 1 < 0.6, "\(method): \(error)")
  }

  @Test func landmarks() throws {
    let text = "features --kernel laplace --dimension 20 --method nystrom --x X.npy"
    for choice in LandmarkChoice.allCases {
      try tool.succeed("\(text) --landmarks \(choice.rawValue) --output Z.npy --precision double")
      let map = try NystromFeatureMap(
        LaplaceKernel(lengthScale: 1), dimension: 20, choice: choice,
        sample: Rows.dense(normals(120, 6)))
      #expect(try tool.matrix("Z.npy") == map.features(of: Rows.dense(normals(120, 6))))
    }
  }

  /// On images the patches are chosen so: every choice gives other features, near the kernel, and
  /// k-means is the default.
  @Test func patches() throws {
    let text =
      "features --network conv.yaml --dimension 60 --method nystrom --fit-x I.npy --x J.npy"
    var files: [LandmarkChoice: [UInt8]] = [:]
    for choice in LandmarkChoice.allCases {
      try tool.succeed("\(text) --landmarks \(choice.rawValue) --output Z.npy")
      files[choice] = Array(try tool.bytes("Z.npy"))
      let error = try tool.json(
        "verify --features Z.npy --network conv.yaml --x J.npy --ridge 1")
      #expect(error["relativeFrobenius"] as? Double ?? 1 < 0.1, "\(choice): \(error)")
    }
    #expect(Set(files.values).count == LandmarkChoice.allCases.count)
    try tool.succeed("\(text) --output Z.npy")
    #expect(Array(try tool.bytes("Z.npy")) == files[.kMeans])
  }

  /// Sparse points have the features of the same points in dense form.
  @Test(arguments: ["nystrom", "hybrid", "random", "auto"]) func sparsePoints(
    _ method: String
  ) throws {
    let points = normals(60, 40, seed: 7)
    try tool.write(points, to: "D.npy")
    try tool.writeSparse(points, to: "S.libsvm")
    let landmarks = method == "random" ? "" : "--landmarks uniform"
    let text = "features --kernel matern:lengthScale=5 --method \(method) \(landmarks)"
    try tool.succeed("\(text) --dimension 30 --x S.libsvm --output S.npy --save map.json")
    try tool.succeed("features --map map.json --x D.npy --output D2.npy")
    #expect(distance(try tool.matrix("S.npy"), try tool.matrix("D2.npy")) < 1e-3)
    try tool.succeed("\(text) --dimension 30 --x D.npy --output D3.npy")
    let (sparse, dense) = (try tool.matrix("S.npy"), try tool.matrix("D3.npy"))
    #expect(distance(try sparse.outerGram(), try dense.outerGram()) < 1e-3)
    try tool.succeed(
      "features --kernel matern --method nystrom --landmarks kmeans --dimension 9 --x S.libsvm "
        + "--output N.npy")
    #expect(try tool.shape("N.npy") == [try tool.matrix("S.npy").rowCount, 9])
  }

  /// Millions of features, of which few points have any.
  @Test func wideSparsePoints() throws {
    let lines = (1...2000).map { i in "0 1:1 \(i + 1):2 \(5000 * i):1\n" }
    try tool.write(lines.joined(), to: "W.libsvm")
    try tool.succeed(
      "features --kernel matern --method nystrom --dimension 30 --x W.libsvm --output W.npy")
    #expect(try tool.shape("W.npy") == [2000, 30])
  }

  @Test func refusals() throws {
    let rest = "--dimension 20 --x X.npy --output Z.npy"
    for (arguments, culprit) in [
      ("--kernel arccosine --method sketch \(rest)", "hybrid or auto"),
      ("--kernel matern --method sketch \(rest)", "--method: found sketch"),
      ("--network gelu.yaml --method leverage \(rest)", "hybrid or auto"),
      ("--kernel gaussian --method sketch --landmarks kmeans \(rest)", "--landmarks"),
      ("--kernel gaussian --ridge 1 --target-epsilon 1 \(rest)", "--target-epsilon"),
      ("--kernel gaussian --target-epsilon 1 --x X.npy --output Z.npy", "--ridge"),
      ("--kernel gaussian --x X.npy --output Z.npy", "--dimension"),
      ("--network conv.yaml \(rest)", "X.npy"),
      ("--network conv.yaml --method hybrid --dimension 1 --x I.npy --output Z.npy", "--dimension"),
      (
        "--kernel matern --method random --target-epsilon 0.001 --ridge 1e-6 --x Y.npy "
          + "--output Z.npy", "--target-epsilon"
      ),
    ] { try tool.refuse("features \(arguments)", naming: culprit) }
    let before = try tool.bytes("X.npy")
    try tool.succeed("features --kernel gaussian --dimension 9 --x X.npy --output Z.npy --save m")
    for option in ["--landmarks uniform", "--target-epsilon 1 --ridge 1", "--ridge 1"] {
      try tool.refuse("features --map m --x X.npy --output Z.npy \(option)", naming: "--map")
    }
    #expect(try tool.bytes("X.npy") == before)
  }

  /// The measured ε is that of `verify`, within the target, and half as many columns are not.
  @Test(arguments: ["--method nystrom", "--method auto", "--method hybrid --fit-x Y.npy"])
  func targets(_ method: String) throws {
    let kernel = "--kernel gaussian:lengthScale=2"
    let text = "features \(kernel) --x X.npy --output Z.npy \(method)"
    let result = try tool.json("\(text) --target-epsilon 0.6 --ridge 0.5 --json")
    let target = try #require(result["target"] as? [String: Any])
    let epsilon = try #require(target["epsilon"] as? Double)
    #expect(epsilon <= 0.6 && target["points"] as? Int == 120 && target["ridge"] as? Double == 0.5)
    let found = try tool.json("verify --features Z.npy \(kernel) --x X.npy --ridge 0.5")
    #expect(abs((found["epsilon"] as? Double ?? 0) - epsilon) < 1e-3 * (1 + epsilon))
    let trials = try #require(target["trials"] as? [[String: Any]])
    let first = trials.map { $0["epsilon"] as? Double ?? .infinity }.firstIndex { $0 <= 0.6 }
    #expect(first.map { trials[$0]["dimension"] as? Int } == 16 << (first ?? 0))
    let least = trials.filter { $0["epsilon"] as? Double ?? .infinity <= 0.6 }
      .compactMap { $0["dimension"] as? Int }.min()
    #expect(try tool.shape("Z.npy")[1] <= least ?? 0)
  }

  /// A target is that of the features in the file: in single precision some are too coarse for it.
  @Test func targetsOfBothPrecisions() throws {
    let kernel = "--kernel gaussian:lengthScale=2 --ridge 1e-4"
    let text = "features \(kernel) --x X.npy --output Z.npy --method nystrom --target-epsilon 1e-4"
    try tool.refuse(text, naming: "--target-epsilon")
    _ = try tool.json("\(text) --precision double --json")
    let found = try tool.json("verify --features Z.npy \(kernel) --x X.npy")
    #expect(found["epsilon"] as? Double ?? 9 < 1e-4)
  }

  /// Of points that are fitted on, `auto` takes no more columns than landmarks do.
  @Test(arguments: ["dense, relu, dense", "dense, relu, dense, relu, dense"])
  func automaticTargets(_ layers: String) throws {
    try tool.write("input: [6]\nlayers: [\(layers)]", to: "net.yaml")
    let text =
      "features --network net.yaml --x X.npy --output Z.npy --target-epsilon 0.1 --ridge 0.1 "
    _ = try tool.json(text + "--method nystrom --json")
    let landmarks = try tool.shape("Z.npy")[1]
    _ = try tool.json(text + "--json")
    #expect(try tool.shape("Z.npy")[1] <= landmarks)
  }

  /// Of more than 2,000 points, half of them or 2,000 measure, with their share of the ridge.
  @Test func targetsOfManyPoints() throws {
    try tool.write(normals(2600, 3, seed: 5), to: "M.npy")
    let result = try tool.json(
      "features --kernel gaussian:lengthScale=2 --method nystrom --target-epsilon 0.5 --ridge 26 "
        + "--x M.npy --output Z.npy --json")
    let target = try #require(result["target"] as? [String: Any])
    #expect(target["points"] as? Int == 1300 && target["ridge"] as? Double == 13)
    let found = try tool.json(
      "verify --features Z.npy --kernel gaussian:lengthScale=2 --x M.npy --ridge 26")
    #expect(found["epsilon"] as? Double ?? 9 < 0.75)
  }

  /// Images that are zero, constant or all equal have finite features; NaN is refused.
  @Test func degenerateImages() throws {
    let one = Self.images(1)
    let mixed = Self.images(10) + Array(repeating: 0, count: 72) + Array(repeating: 7, count: 72)
    let cases = [
      "equal": (0..<12).flatMap { _ in one }, "constant": Array(repeating: 0.3, count: 36 * 12),
      "mixed": mixed,
    ]
    for (name, pixels) in cases {
      try Self.write(pixels, to: "\(name).npy", of: tool)
      for method in ["nystrom", "hybrid", "auto"] {
        let text = "features --network conv.yaml --method \(method) --dimension 40 --output Z.npy"
        try tool.succeed("\(text) --x \(name).npy")
        #expect(try tool.matrix("Z.npy").isFinite, "\(name), \(method)")
        try tool.succeed("\(text) --fit-x \(name).npy --x I.npy")
        #expect(try tool.matrix("Z.npy").isFinite, "\(name), \(method)")
      }
    }
    try Self.write(Array(repeating: 0, count: 36 * 12), to: "zero.npy", of: tool)
    try tool.succeed(
      "features --network conv.yaml --dimension 40 --fit-x I.npy --x zero.npy --output Z.npy")
    #expect(try tool.matrix("Z.npy").elements.allSatisfy { abs($0) < 1e-3 })
    var bad = mixed
    bad[400] = .nan
    try Self.write(bad, to: "bad.npy", of: tool)
    for points in ["--x bad.npy", "--fit-x bad.npy --x I.npy"] {
      try tool.refuse(
        "features --network conv.yaml --dimension 40 \(points) --output N.npy", naming: "bad.npy")
    }
    #expect(!(try tool.folder.contents.contains("N.npy")))
  }

  @Test(arguments: ["nystrom", "auto"]) func resumesLayeredMaps(_ method: String) throws {
    try Self.write(Self.images(30_000, seed: 3), to: "M.npy", of: tool)
    let text = "features --network conv.yaml --method \(method) --dimension 64 --x M.npy"
    try tool.succeed("\(text) --output whole.npy")
    let started = try tool.start("\(text) --output Z.npy --resume --threads 1")
    for _ in 0..<6000 where tool.size("Z.npy.partial") < 1 << 19 { usleep(5000) }
    kill(started.process.processIdentifier, SIGKILL)
    #expect(try tool.finish(started).status == -SIGKILL)
    try #require(try tool.folder.contents.contains("Z.npy.partial"), "killed too late")
    let result = try tool.json("\(text) --output Z.npy --resume --json")
    #expect(result["resumedRows"] as? Int ?? 0 >= 1024)
    #expect(try tool.bytes("Z.npy") == tool.bytes("whole.npy"))
  }

  /// Models of networks on images, whose targets are the slopes of the images.
  @Test(arguments: ["auto", "nystrom", "hybrid"]) func models(_ method: String) throws {
    for (name, points) in [("I", Self.images(60)), ("J", Self.images(20, seed: 2))] {
      let count = points.count / 36
      let slopes = (0..<count).map { i in points[36 * i + 5] - points[36 * i] }
      try tool.write(
        try Matrix(rowCount: count, columnCount: 1, elements: slopes), to: "\(name)-slopes.npy")
    }
    try tool.succeed(
      "fit --network conv.yaml --method \(method) --dimension 60 --x I.npy --y I-slopes.npy "
        + "--fit-x J.npy --model model")
    let text = "predict --model model --x J.npy"
    let score = try tool.json("\(text) --y J-slopes.npy --output 1.npy --threads 1 --json")
    #expect(score["rSquared"] as? Double ?? 0 > 0.9, "\(score)")
    try tool.succeed("\(text) --output 2.npy --threads 2")
    #expect(try tool.bytes("1.npy") == tool.bytes("2.npy"))
  }

  /// Every number, and every table, of a stored map replaced by a hostile one.
  @Test(arguments: [
    "--network conv.yaml --method hybrid", "--kernel matern --method hybrid",
    "--kernel laplace --method random",
  ])
  func hostileMaps(_ kernel: String) throws {
    let points = kernel.contains("conv") ? "I" : "X"
    try tool.succeed(
      "features \(kernel) --dimension 40 --x \(points).npy --output Z.npy --save map.json")
    let text = String(decoding: try tool.bytes("map.json"), as: UTF8.self)
    for match in text.matches(of: /"(?<key>[A-Za-z]+)" : (?<value>[0-9.]+|"[A-Za-z0-9+\/=()<>]+")/)
    {
      let (key, value) = (String(match.output.key), String(match.output.value))
      for hostile in value.hasPrefix("\"") ? ["\"AAAA\"", "3"] : ["-1", "1e300", "2147483646"] {
        // The seed may be any whole number.
        let changed = text.replacingCharacters(
          in: match.range, with: "\"\(key)\" : \(hostile)")
        try tool.write(resealed(changed), to: "bad.json")
        let run = try tool.run("features --map bad.json --x \(points).npy --output Z2.npy")
        #expect(run.status == 2 || run.status == 0, "\(key): \(value) → \(hostile): \(run)")
        if run.status == 0 { #expect(try tool.matrix("Z2.npy").isFinite) }
      }
    }
  }
}
