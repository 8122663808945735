// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The images that maps are measured on.

import Foundation
import Sketching

/// Fashion-MNIST as Debian's package dataset-fashion-mnist installs it, pixels from 0 to 1.
struct FashionMNIST {
  private let trainingImages: DataFile
  private let testImages: DataFile
  let trainingLabels: [Double]
  let testLabels: [Double]

  /// Nil where it is not installed.
  init?() throws {
    let folder = "/usr/share/datasets/fashion-mnist/"
    guard FileManager.default.fileExists(atPath: folder) else { return nil }
    trainingImages = try DataFile(path: folder + "train-images-idx3-ubyte.gz")
    testImages = try DataFile(path: folder + "t10k-images-idx3-ubyte.gz")
    trainingLabels = try DataFile.labels(path: folder + "train-labels-idx1-ubyte.gz")
    testLabels = try DataFile.labels(path: folder + "t10k-labels-idx1-ubyte.gz")
  }

  func training(_ range: Range<Int>) throws -> Rows<Double> {
    try shares(trainingImages, range)
  }

  func test(_ range: Range<Int>) throws -> Rows<Double> {
    try shares(testImages, range)
  }
}

/// Colour images from a folder of data; nil where they are not there.
func colourImages(folder: String, _ range: Range<Int>) throws -> Rows<Double>? {
  let path = folder + "/cifar10-jpeg-train-10k-X.npy"
  guard FileManager.default.fileExists(atPath: path) else { return nil }
  return try shares(DataFile(path: path), range)
}

/// Bytes of pixels as shares of 255.
private func shares(_ images: DataFile, _ range: Range<Int>) throws -> Rows<Double> {
  var pixels = try images.rows(range, as: Double.self).dense
  let count = pixels.rowCount * pixels.columnCount
  pixels.withUnsafeMutablePointer { pixels in
    for i in 0..<count { pixels[i] /= 255 }
  }
  return .dense(pixels)
}

/// SplitMix64, so that runs repeat.
struct SystemlessGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
