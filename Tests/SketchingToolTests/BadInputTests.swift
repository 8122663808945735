// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Hostile arguments and files: status 2, a message that names the culprit, and no output.

import Foundation
import Sketching
import TestSupport
import Testing

@Suite struct BadInputTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    let x = normals(12, 4)
    try tool.write(x, to: "X.npy")
    try tool.write(normals(12, 1), to: "y.npy")
    try tool.write(normals(9, 1), to: "short.npy")
    try tool.write("input: [4]\nlayers: [dense, relu, dense]", to: "net.yaml")
    try tool.succeed("kernel --kernel polynomial --x X.npy --output K.npy")
    try tool.succeed(
      "fit --kernel polynomial --method exact --ridge 1 --x X.npy --y y.npy --model m")
    try tool.succeed(
      "features --kernel polynomial --dimension 20 --x X.npy --output Z.npy --save map.json")
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("out"), withIntermediateDirectories: false)
  }

  func expectNoOutput(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let left = try FileManager.default.contentsOfDirectory(atPath: tool.folder.file("out"))
    #expect(left.isEmpty, sourceLocation: sourceLocation)
  }

  /// Every place where a file is read, with BAD for the file.
  static let readers = [
    "kernel --kernel gaussian --x BAD --output out/K.npy",
    "kernel --kernel gaussian --diagonal --x BAD --output out/K.npy",
    "kernel --kernel gaussian --x X.npy --y BAD --output out/K.npy",
    "kernel --network net.yaml --x BAD --output out/K.npy",
    "sketch --law gaussian --dimension 5 --x BAD --output out/Z.npy",
    "sketch --law polysketch --dimension 5 --draws 2 --x BAD --output out/Z.npy",
    "features --kernel polynomial --dimension 9 --x BAD --output out/Z.npy --save out/map",
    "features --kernel polynomial --dimension 9 --x X.npy --fit-x BAD --output out/Z.npy",
    "features --kernel polynomial --dimension 9 --x X.npy --center BAD --output out/Z.npy",
    "features --map map.json --x BAD --output out/Z.npy",
    "features --map BAD --x X.npy --output out/Z.npy",
    "verify --features BAD --exact K.npy --ridge 1",
    "verify --features Z.npy --exact BAD --ridge 1",
    "verify --features Z.npy --kernel polynomial --x BAD --ridge 1",
    "fit --kernel polynomial --dimension 9 --x BAD --y y.npy --model out/m --ridge 1",
    "fit --kernel polynomial --method exact --x X.npy --y BAD --model out/m --ridge 1",
    "predict --model m --x BAD --output out/P.npy",
    "predict --model m --x X.npy --y BAD --output out/P.npy",
  ]

  /// Files that nobody can read as points, labels or maps.
  private func writeHostileFiles() throws -> [String] {
    func header(_ shape: String, type: String = "<f8", fortran: String = "False") -> [UInt8] {
      let text = "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': \(shape), }\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    }
    func numbers(_ values: Double...) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
    }
    let files: [(String, [UInt8])] = [
      ("truncated.npy", header("(12, 4)") + numbers(1, 2, 3)),
      ("magic.npy", Array("NOTNUMPY, but something else".utf8)),
      ("huge.npy", header("(4611686018427387904, 4)") + numbers(1)),
      ("wide.npy", header("(1, 4611686018427387904)") + numbers(1)),
      ("overflow.npy", header("(99999999999999999999, 4)") + numbers(1)),
      ("negative.npy", header("(-12, 4)") + numbers(1)),
      ("fortran.npy", header("(2, 2)", fortran: "True") + numbers(1, 2, 3, 4)),
      ("objects.npy", header("(2, 2)", type: "|O") + numbers(1, 2, 3, 4)),
      ("nan.npy", header("(2, 1)") + numbers(1, .nan)),
      ("infinite.npy", header("(2, 1)") + numbers(-.infinity, 1)),
      ("zero.npy", header("(0, 4)")),
      ("ragged.csv", Array("1,2,3,4\n5,6\n".utf8)),
      ("words.csv", Array("1,2,3,4\n5,six,7,8\n".utf8)),
      ("zero.libsvm", Array("1 0:1\n".utf8)),
      ("negative.libsvm", Array("1 -1:1\n".utf8)),
      ("unsorted.libsvm", Array("1 3:1 2:1\n".utf8)),
      ("duplicate.libsvm", Array("1 2:1 2:1\n".utf8)),
      ("large.libsvm", Array("1 99999999999999999999:1\n".utf8)),
      ("idx.gz", [0x1f, 0x8b, 8, 0, 0]),
      ("idx.idx", [0, 0, 8, 3, 127, 255, 255, 255, 127, 255, 255, 255, 127, 255, 255, 255]),
      ("broken.npz", Array("PK\u{3}\u{4} and no more".utf8)),
      ("empty.npy", []), ("empty.csv", []), ("empty.libsvm", []), ("empty", []),
      ("unknown.xyz", Array("hello".utf8)),
    ]
    for (name, bytes) in files { try tool.folder.write(bytes, to: name) }
    try FileManager.default.createDirectory(
      atPath: tool.folder.file("folder.npy"), withIntermediateDirectories: false)
    var names = files.map(\.0) + ["folder.npy", "missing.npy", "missing.libsvm"]
    if geteuid() != 0 {
      try tool.folder.write(header("(1, 1)") + numbers(1), to: "secret.npy")
      chmod(tool.folder.file("secret.npy"), 0)
      names.append("secret.npy")
    }
    return names
  }

  @Test(arguments: readers)
  func files(_ command: String) throws {
    for name in try writeHostileFiles() {
      try tool.refuse(command.replacingOccurrences(of: "BAD", with: name), naming: name)
    }
    try expectNoOutput()
  }

  /// An option that refuses some values wherever it stands.
  struct Option: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var values: [String]
    var commands: [String]

    init(_ name: String, _ values: String..., in commands: [String]) {
      testDescription = name
      self.values = values
      self.commands = commands
    }
  }

  static let options = [
    Option(
      "--dimension", "0", "-3", "1000000000000", "1e3", "x", "99999999999999999999", "2147483647",
      in: [
        "sketch --law countsketch --x X.npy --output out/Z.npy",
        "features --network net.yaml --x X.npy --output out/Z.npy",
        "fit --network net.yaml --x X.npy --y y.npy --model out/m", "demo --output out/demo",
      ]),
    Option(
      "--ridge", "0", "-1", "nan", "inf", "-inf", "1e999", "one", "",
      in: [
        "verify --features Z.npy --exact K.npy",
        "fit --kernel polynomial --dimension 9 --x X.npy --y y.npy --model out/m",
      ]),
    Option(
      "--seed", "-1", "1.5", "x", "18446744073709551616",
      in: [
        "kernel --kernel gaussian --x X.npy --output out/K.npy",
        "sketch --law srht --dimension 4 --x X.npy --output out/Z.npy",
        "features --kernel polynomial --dimension 9 --x X.npy --output out/Z.npy",
        "fit --kernel polynomial --dimension 9 --x X.npy --y y.npy --model out/m",
      ]),
    Option(
      "--threads", "0", "-1", "x",
      in: [
        "kernel --kernel gaussian --x X.npy --output out/K.npy",
        "predict --model m --x X.npy --output out/P.npy",
      ]),
    Option(
      "--draws", "0", "-1", "1000000000000",
      in: ["sketch --law srht --dimension 4 --x X.npy --output out/Z.npy"]),
    Option("--train", "0", "-1", "60001", in: ["demo --output out/demo"]),
    Option(
      "--kernel", "gaussian:lengthScale=0", "gaussian:lengthScale=nan", "polynomial:degree=0",
      "polynomial:degree=1.5", "polynomial:degree=1e30", "polynomial:scale=-1",
      "polynomial:offset=-1", "polynomial:degree", "polynomial:degree=2,degree=2",
      "polynomial:x=1", ":", "=",
      in: [
        "kernel --x X.npy --output out/K.npy",
        "features --dimension 9 --x X.npy --output out/Z.npy",
        "verify --features Z.npy --x X.npy --ridge 1",
        "fit --method exact --x X.npy --y y.npy --model out/m",
      ]),
    Option(
      "--law", "tensorsketch:degree=0", "tensorsketch:degree=1e30", "polysketch:degree=-1",
      "polysketch:degree=nan", "polysketch:degree=2000", "srht:degree=1", "unknown",
      in: ["sketch --dimension 5 --x X.npy --output out/Z.npy"]),
  ]

  @Test(arguments: options)
  func values(_ option: Option) throws {
    let name = option.testDescription
    for command in option.commands {
      for value in option.values { try tool.refuse("\(command) \(name) \(value)", naming: name) }
    }
    try expectNoOutput()
  }

  /// Arguments that do not go together, or not with the data, and what the message must name.
  static let combinations: KeyValuePairs<String, String> = [
    "sketch --law srht --dimension 100000 --x X.npy --output out/Z.npy --draws 2000000000": "Z.npy",
    "kernel --x X.npy --output out/K.npy": "--network",
    "kernel --kernel gaussian --network net.yaml --x X.npy --output out/K.npy": "--network",
    "kernel --kernel gaussian --type ntk --x X.npy --output out/K.npy": "--type",
    "kernel --kernel gaussian --diagonal --x X.npy --y X.npy --output out/K.npy": "--diagonal",
    "kernel --kernel gaussian --x X.npy --y y.npy --output out/K.npy": "y.npy",
    "kernel --network net.yaml --x y.npy --output out/K.npy": "y.npy",
    "kernel --kernel gaussian --x X.npy --output out/K.npy --precision half": "--precision",
    "kernel --kernel gaussian --x X.npy": "--output",
    "features --map map.json --dimension 5 --x X.npy --output out/Z.npy": "--dimension",
    "features --map map.json --kernel gaussian --x X.npy --output out/Z.npy": "--map",
    "features --map map.json --x y.npy --output out/Z.npy": "y.npy",
    "features --kernel polynomial --x X.npy --output out/Z.npy": "--dimension",
    "features --kernel polynomial --dimension 9 --x X.npy --fit-x y.npy --output out/Z.npy":
      "y.npy",
    "verify --features short.npy --exact K.npy --ridge 1": "K.npy",
    "verify --features short.npy --kernel polynomial --x X.npy --ridge 1": "X.npy",
    "verify --features Z.npy --ridge 1": "--network",
    "verify --features Z.npy --kernel polynomial --ridge 1": "--x",
    "verify --features Z.npy --exact K.npy --kernel polynomial --ridge 1": "--exact",
    "verify --features Z.npy --exact X.npy --ridge 1": "X.npy",
    "fit --kernel polynomial --dimension 9 --x X.npy --y short.npy --model out/m": "short.npy",
    "fit --kernel polynomial --dimension 9 --x X.npy --model out/m": "--y",
    "fit --kernel polynomial --x X.npy --y y.npy --model out/m": "--dimension",
    "fit --kernel polynomial --method exact --dimension 4 --x X.npy --y y.npy --model out/m":
      "--dimension",
    "fit --kernel polynomial --dimension 9 --x X.npy --y X.npy --task classification --model out/m":
      "X.npy",
    "predict --model m --x y.npy --output out/P.npy": "y.npy",
    "predict --model m --x X.npy --y short.npy --output out/P.npy": "short.npy",
    "predict --model m --x X.npy --y X.npy --output out/P.npy": "X.npy",
    "predict --model out --x X.npy --output P.npy": "out/model.json",
    "demo --data out --output out/demo": "out",
    "demo --precision double --output out/demo": "--precision",
    "paint": "paint", "predict --model m --x X.npy --output out/P.npy --colour red": "--colour",
  ]

  @Test func arguments() throws {
    for (arguments, culprit) in Self.combinations { try tool.refuse(arguments, naming: culprit) }
    try expectNoOutput()
  }
}
