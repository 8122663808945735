// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The feature map of the demo.

import Foundation
import Sketching

/// NTK features of Fashion-MNIST images, depth 3; nil where the data set is not installed.
func featureMapSpeed(dimension: Int, threads: Int) throws -> Measurement? {
  let path = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  guard FileManager.default.fileExists(atPath: path) else { return nil }
  let images = try UnitRows(DataFile(path: path)).rows(0..<8192, as: Float.self)
  let network = try Network.fullyConnected(inputDimension: images.columnCount, depth: 3)
  let map = try NetworkFeatureMap(
    NeuralKernel(network: network, type: .ntk), dimension: dimension,
    sample: images.rows(0..<2000))
  let execution = Execution(threads: threads)
  let time = try median(5) { _ = try map.features(of: images, on: execution) }
  let speed = Double(images.rowCount) / time
  return Measurement(
    work: "NTK features of Fashion-MNIST, D = \(map.outputDimension)", threads: threads,
    seconds: time, speed: speed, unit: "images/s", yardstick: "8,000 images/s",
    yardstickSeconds: nil, ratio: speed / 8000, wanted: dimension == 2048 ? "≥ 1 on 2 threads" : "")
}
