// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The data of the demo, as Debian's package dataset-fashion-mnist installs them.

import Foundation
import Sketching

/// 60,000 training and 10,000 test images of clothes, 28 × 28 grey pixels, in ten classes.
struct FashionMNIST {
  /// Images as rows of length one: the kernel is homogeneous, so only their direction matters.
  let trainingImages: UnitRows<DataFile>
  let trainingLabels: [Double]
  let testImages: UnitRows<DataFile>
  let testLabels: [Double]

  /// Height, width, channels.
  var imageShape: [Int] { Array(trainingImages.base.shape.dropFirst()) }

  static let defaultFolder = "/usr/share/datasets/fashion-mnist"

  /// - Throws: `InvalidInput` if the folder does not hold the files; `FileError` if one is broken.
  init(folder: String) throws {
    func path(_ name: String) throws -> String {
      let path = folder + "/" + name
      guard FileManager.default.fileExists(atPath: path) else {
        throw InvalidInput(
          "Fashion-MNIST", found: "no file \(path)",
          expected: "Debian's package dataset-fashion-mnist (apt-get install it), or --data FOLDER")
      }
      return path
    }
    trainingImages = UnitRows(try DataFile(path: path("train-images-idx3-ubyte.gz")))
    trainingLabels = try DataFile.labels(path: path("train-labels-idx1-ubyte.gz"))
    testImages = UnitRows(try DataFile(path: path("t10k-images-idx3-ubyte.gz")))
    testLabels = try DataFile.labels(path: path("t10k-labels-idx1-ubyte.gz"))
  }

  /// The share of test images that `outputs` gets wrong.
  func testError(
    _ task: LearningTask, on execution: Execution, _ outputs: (Rows<Float>) throws -> Matrix<Double>
  ) throws -> Double {
    var wrong = 0
    for range in testImages.tiles(of: 2048) {
      let predicted = task.predictions(from: try outputs(testImages.rows(range, as: Float.self)))
      for (row, index) in range.enumerated() where predicted[row, 0] != testLabels[index] {
        wrong += 1
      }
      execution.report(range.upperBound, of: testImages.rowCount)
    }
    return Double(wrong) / Double(testImages.rowCount)
  }
}
