// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Images that have as many pixels as a network takes, but other sides.

import Foundation
import TestSupport
import Testing

@Suite struct ImageShapeTests {
  /// Images must have the sides of the network's input, not only as many pixels.
  @Test func imagesOfOtherShapes() throws {
    let tool = try Tool()
    func write(_ shape: String, to name: String) throws {
      let text = "{'descr': '|u1', 'fortran_order': False, 'shape': \(shape), }\n"
      _ = try tool.folder.write(
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
          + (0..<32).map { UInt8($0 * 7 % 31) }, to: name)
    }
    try tool.write(
      "input: [2, 4, 2]\nlayers:\n  - conv: {filter: [3, 3]}\n  - relu\n  - flatten\n  - dense",
      to: "image.yaml")
    try write("(2, 2, 4, 2)", to: "right.npy")
    try write("(2, 16)", to: "rows.npy")
    try write("(2, 4, 2, 2)", to: "wrong.npy")
    let kernel = "kernel --network image.yaml"
    try tool.succeed("\(kernel) --x right.npy --y rows.npy --output K.npy")
    let features = "features --network image.yaml --method nystrom --dimension 4"
    try tool.succeed("\(features) --x right.npy --output Z.npy --save images.json")
    let before = try tool.folder.contents
    for command in [
      "\(kernel) --x wrong.npy --output K2.npy",
      "\(kernel) --x right.npy --y wrong.npy --output K2.npy",
      "\(features) --x wrong.npy --output Z2.npy",
      "\(features) --x right.npy --fit-x wrong.npy --output Z2.npy",
      "features --map images.json --x wrong.npy --output Z2.npy",
      "verify --features Z.npy --network image.yaml --x wrong.npy --ridge 1",
    ] {
      try tool.refuse(command, naming: "wrong.npy")
    }
    #expect(try tool.folder.contents == before)
  }
}
