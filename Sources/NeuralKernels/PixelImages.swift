// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Images side by side, pixel after pixel: their entries, and their deviations at every layer.

import Kernels
import LinearAlgebra

/// Where the numbers of an image lie: each in a row of its own, with an entry for each image.
struct PixelLayout: Sendable {
  let channelCount: Int
  let inputPixelCount: Int
  /// The first row of a slot's deviations; their reciprocals follow.
  private let starts: [Int]
  private let pixelCounts: [Int]
  let rowCount: Int

  init(_ graph: PixelGraph) {
    channelCount = graph.channelCount
    inputPixelCount = graph.nodes[0].pixelCount
    pixelCounts = graph.slots.map { graph.nodes[$0].pixelCount }
    var (starts, total) = ([Int](), channelCount * inputPixelCount)
    for count in pixelCounts {
      starts.append(total)
      total += 2 * count
    }
    (self.starts, rowCount) = (starts, total)
  }

  func values(_ slot: Int) -> Int { starts[slot] }
  func reciprocals(_ slot: Int) -> Int { starts[slot] + pixelCounts[slot] }
}

/// Some images in scratch memory: `layout.rowCount` rows of `count` numbers.
struct PixelImages<Scalar: RealScalar> {
  let layout: PixelLayout
  let count: Int
  let base: UnsafeMutablePointer<Scalar>

  /// The entries of a channel, pixel by pixel.
  func channel(_ channel: Int) -> UnsafeMutablePointer<Scalar> {
    base + channel * layout.inputPixelCount * count
  }

  /// √K(x, x) of every pixel at the input of the node of a slot. Where the node normalises,
  /// √(K(x, x) + ε).
  func values(_ slot: Int) -> UnsafeMutablePointer<Scalar> { base + layout.values(slot) * count }

  /// Their reciprocals, 0 where there is none.
  func reciprocals(_ slot: Int) -> UnsafeMutablePointer<Scalar> {
    base + layout.reciprocals(slot) * count
  }

  /// Fills in the entries of images, given as rows with channels last.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func fill(_ rows: Rows<Scalar>) {
    let channels = layout.channelCount
    rows.dense.withUnsafePointer { entries in
      let dimension = channels * layout.inputPixelCount
      for image in 0..<count {
        for pixel in 0..<layout.inputPixelCount {
          for c in 0..<channels {
            channel(c)[pixel * count + image] = entries[image * dimension + pixel * channels + c]
          }
        }
      }
    }
  }

  /// Takes over the images of another set, from an index on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func store(_ other: PixelImages, at index: Int) {
    guard other.count < count else {
      base.update(from: other.base, count: layout.rowCount * count)
      return
    }
    for row in 0..<layout.rowCount {
      let target = base + row * count + index
      target.update(from: other.base + row * other.count, count: other.count)
    }
  }

  /// Fills this with images of another set, one for each of the `count` indices.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func fill(_ other: PixelImages, _ indices: [Int]) {
    precondition(indices.count == count)
    let isOne = indices.allSatisfy { $0 == indices[0] }
    let isStretch = zip(indices, indices.dropFirst()).allSatisfy { $0 + 1 == $1 }
    guard !isStretch || count < other.count else {
      base.update(from: other.base, count: layout.rowCount * count)
      return
    }
    indices.withUnsafeBufferPointer { indices in
      for row in 0..<layout.rowCount {
        let (target, source) = (base + row * count, other.base + row * other.count)
        if isOne {
          target.update(repeating: source[indices[0]], count: count)
        } else if isStretch {
          target.update(from: source + indices[0], count: count)
        } else {
          for lane in 0..<count { target[lane] = source[indices[lane]] }
        }
      }
    }
  }
}
