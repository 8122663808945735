// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files that are well formed and say what cannot be: networks, points, matrices and targets.

import Foundation
import Sketching
import TestSupport
import Testing

extension BadInputTests {
  @Test func networks() throws {
    for text in [
      "", "input: [4]", "layers: [dense]", "input: [0]\nlayers: [dense]",
      "input: [-1]\nlayers: [dense]", "input: [1e30]\nlayers: [dense]", "input: 4\nlayers: [dense]",
      "input: [4]\nlayers: [unknown]", "input: [4]\nlayers: [dense: {weightStd: nan}]",
      "input: [4]\nlayers: [dense: {biasStd: -1}]", "input: [4]\nlayers: [", "{", "\u{0}",
      "a: &a [*a]", "input: [4]\nlayers: []",
    ] {
      try tool.write(text, to: "bad.yaml")
      for rest in ["kernel --output out/K.npy", "features --dimension 9 --output out/Z.npy"] {
        try tool.refuse("\(rest) --network bad.yaml --x X.npy", naming: "bad.yaml")
      }
    }
    try expectNoOutput()
  }

  @Test func pointsWhoseKernelOverflows() throws {
    try tool.write(try Matrix(rows: [[1e200, 0], [0, 1]]), to: "big.npy")
    for command in [
      "kernel --kernel polynomial --x big.npy --output out/K.npy",
      "kernel --kernel polynomial --diagonal --x big.npy --output out/K.npy",
      "features --kernel polynomial --dimension 5 --x big.npy --output out/Z.npy",
      "sketch --law tensorsketch --dimension 5 --x big.npy --precision double --output out/Z.npy",
      "sketch --law countsketch --dimension 5 --x big.npy --output out/Z.npy",
    ] { try tool.refuse(command, naming: "big.npy") }
    try expectNoOutput()
  }

  @Test func messagesNameTheCulprit() throws {
    try tool.write(try Matrix(rows: [[1, 2], [0, 1]]), to: "asymmetric.npy")
    try tool.write(try Matrix(rows: [[1, 2], [2, 1]]), to: "indefinite.npy")
    try tool.write(try Matrix(rows: [[0, 0], [0, 0]]), to: "zero.npy")
    try tool.write(try Matrix(rows: [[1], [2]]), to: "two.npy")
    try tool.write(Matrix(rowCount: 12, columnCount: 1), to: "constant.npy")
    try tool.write(
      try Matrix(rowCount: 20, columnCount: 20, elements: Array(repeating: 1, count: 400)),
      to: "ones.npy")
    try tool.write(normals(20, 3), to: "twenty.npy")
    try tool.write("input: [4]\nlayers: [dense: {weightStd: 1e300}]", to: "large.yaml")
    try tool.write("input: [4]\nlayers: [relu]", to: "relu.yaml")
    let cases: KeyValuePairs = [
      "verify --features two.npy --exact asymmetric.npy --ridge 1": "asymmetric.npy",
      "verify --features two.npy --exact indefinite.npy --ridge 0.5": "indefinite.npy",
      "verify --features two.npy --exact indefinite.npy --ridge 1e-17": "indefinite.npy",
      "verify --features two.npy --exact zero.npy --ridge 1": "zero.npy",
      "verify --features twenty.npy --exact ones.npy --ridge 1e-16":
        "--ridge: found 1e-16, below the rounding",
      "fit --kernel polynomial --dimension 9 --x X.npy --y constant.npy --model out/m "
        + "--task classification": "constant.npy",
      "kernel --network large.yaml --x X.npy --output out/K": "large.yaml",
      "features --network large.yaml --dimension 9 --x X.npy --output out/Z": "large.yaml",
      "features --network relu.yaml --dimension 9 --x X.npy --output out/Z":
        "relu.yaml: found an NTK that is zero",
      "fit --network relu.yaml --dimension 9 --x X.npy --y y.npy --model out/m":
        "relu.yaml: found an NTK that is zero",
      "kernel --kernel gaussian:length=2 --x X.npy --output out/K":
        "the unknown parameter \"length\"; expected only lengthScale",
      "features --map map.json --seed 0 --x X.npy --output out/Z": "--seed",
      "sketch --law srht --dimension 4 --seed 18446744073709551615 --draws 2 --x X.npy --output out/Z":
        "--seed",
    ]
    for (arguments, culprit) in cases { try tool.refuse(arguments, naming: culprit) }
    try expectNoOutput()
    try tool.succeed(
      "sketch --law srht --dimension 4 --seed 18446744073709551614 --draws 2 --x X.npy --output L")
    try tool.succeed("kernel --network relu.yaml --x X.npy --output zeros")
  }

  @Test func fullDisksNameTheModel() throws {
    let run = try tool.shell(
      """
      trap '' XFSZ
      (ulimit -f 0; sketching fit --kernel polynomial --method exact --ridge 1 --x X.npy --y y.npy \
        --model out/m 2>&1) | cat
      """)
    #expect(run.output.contains("error: out/m: found"), "\(run)")
    #expect(!run.output.contains("unfinished"), "\(run)")
    try expectNoOutput()
  }

  @Test func targetsThatOverflow() throws {
    func targets(_ size: Double) throws -> Matrix<Double> {
      try Matrix(
        rowCount: 12, columnCount: 1, elements: (0..<12).map { $0 % 2 == 0 ? size : -size })
    }
    try tool.write(try targets(1e300), to: "huge.npy")
    for method in ["--method exact --ridge 1", "--method exact", "--dimension 9 --ridge 1"] {
      try tool.refuse(
        "fit --kernel polynomial \(method) --x X.npy --y huge.npy --model out/m",
        naming: "huge.npy")
    }
    try tool.write(try targets(1e100), to: "large.npy")
    try tool.succeed(
      "fit --kernel polynomial --method exact --ridge 1 --x X.npy --y large.npy --model large")
    try tool.refuse("predict --model large --x X.npy --output out/P", naming: "--precision double")
    try expectNoOutput()
    try tool.succeed("predict --model large --x X.npy --precision double --output P.npy")
    #expect(try tool.matrix("P.npy").isFinite)
  }
}
