// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The images that networks learn to tell apart.

import Foundation
import Sketching

/// Images with their classes, pixels from 0 to 1.
struct LabelledImages {
  let images: DataFile
  let labels: [Double]

  /// A part of Fashion-MNIST as Debian's package dataset-fashion-mnist installs it, `train` or `t10k`;
  /// nil where it is not installed.
  static func fashion(_ part: String) throws -> LabelledImages? {
    let path = "/usr/share/datasets/fashion-mnist/\(part)-"
    guard FileManager.default.fileExists(atPath: path + "images-idx3-ubyte.gz") else { return nil }
    return LabelledImages(
      images: try DataFile(path: path + "images-idx3-ubyte.gz"),
      labels: try DataFile.labels(path: path + "labels-idx1-ubyte.gz"))
  }

  /// A part of CIFAR-10 (JPEG) in a folder of data, `train-10k` or `test-2k`; nil where it is not there.
  static func colour(_ part: String, in folder: String) throws -> LabelledImages? {
    let path = "\(folder)/cifar10-jpeg-\(part)"
    guard FileManager.default.fileExists(atPath: path + "-X.npy") else { return nil }
    return LabelledImages(
      images: try DataFile(path: path + "-X.npy"),
      labels: try DataFile.labels(path: path + "-y.npy"))
  }

  func points(_ range: Range<Int>) throws -> Rows<Float> {
    var pixels = try images.rows(range, as: Float.self).dense
    let count = pixels.rowCount * pixels.columnCount
    pixels.withUnsafeMutablePointer { p in
      for i in 0..<count { p[i] /= 255 }
    }
    return .dense(pixels)
  }

  func labels(_ range: Range<Int>) throws -> Matrix<Double> {
    try Matrix(rowCount: range.count, columnCount: 1, elements: Array(labels[range]))
  }
}

extension Problem {
  /// The first images of two parts, prepared by `change`.
  init(
    _ training: LabelledImages, _ trainingRange: Range<Int>, _ test: LabelledImages,
    testCount: Int, change: (Rows<Float>) throws -> Rows<Float> = { $0 }
  ) throws {
    self.init(
      training: try change(training.points(trainingRange)),
      targets: try .classification(Array(training.labels[trainingRange])),
      test: try change(test.points(0..<testCount)), truth: try test.labels(0..<testCount))
  }
}

/// The convolutions of Myrtle-5 with the mean of all pixels at the end, or of regions of `region` × `region`
/// every two pixels: for images that are centred, so that places tell something.
func myrtle(_ input: [Int], region: Int? = nil) throws -> NeuralKernel {
  let whole = try Network.myrtle(5, input: input)
  guard let region else { return NeuralKernel(network: whole, type: .ntk) }
  let end: [Layer] = [
    .averagePool(window: [region, region], strides: [2, 2]), .flatten,
    .dense(weightStd: 2.0.squareRoot()),
  ]
  let network = try Network(input: input, layers: whole.layers.dropLast(2) + end)
  return NeuralKernel(network: network, type: .ntk)
}
