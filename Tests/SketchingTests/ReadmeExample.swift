// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The example of the README: what stands there is what compiles and runs here.

// quote
import Sketching

/// Learns labels from the rows of `images` and returns the predictions for `newImages`.
func classify(
  _ images: Matrix<Float>, labels: [Double], _ newImages: Matrix<Float>
) throws -> Matrix<Double> {
  // One description of a network, here with three hidden ReLU layers …
  let network = try Network.fullyConnected(inputDimension: images.columnCount, depth: 3)
  // … is an exact kernel, `NeuralKernel(…).matrix(…)`, and approximate features of it.
  let map = try NetworkFeatureMap(
    NeuralKernel(network: network, type: .ntk), dimension: 2048, sample: .dense(images))
  let targets = try Targets.classification(labels)
  let fit = try RidgeRegression().fit(map, images, targets: targets, as: Float.self)
  let features = try map.features(of: .dense(newImages))
  return targets.task.predictions(from: try fit.model.outputs(for: features))
}
// end of quote
