// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the demo measured, as written to results.json.

/// The figures of one run of the demo; times are wall-clock seconds.
struct DemoResults: Codable {
  /// How near the features come to the exact kernel on some images.
  struct Approximation: Codable {
    var columns: Int
    var images: Int
    var ridge: Double
    var statisticalDimension: Double
    var epsilon: Double
    var relativeFrobenius: Double
    var centredFrobenius: Double
    var relativeSpectral: Double
    /// Features per second of the map, on all cores.
    var imagesPerSecond: Double
  }

  /// One classifier.
  struct Classifier: Codable {
    enum Method: String, Codable {
      case exact, sketch
    }

    var method: Method
    var trainingImages: Int
    /// The number of features; nil for the exact kernel.
    var columns: Int?
    var ridge: Double
    var accuracy: Double
    /// From training images to a model, the choice of the ridge included.
    var fitSeconds: Double
    var predictSeconds: Double

    var seconds: Double { fitSeconds + predictSeconds }
  }

  /// The classifier on features of a convolutional network's kernel.
  struct Convolutional: Codable {
    var columns: Int
    var trainingImages: Int
    var ridge: Double
    var accuracy: Double
    /// Of the map, to a sample of the images.
    var mapSeconds: Double
    /// From training images to a model: features, their products, the choice of the ridge.
    var fitSeconds: Double
    var predictSeconds: Double
    /// Features per second of the map, on all cores.
    var imagesPerSecond: Double
    /// The pairs of images on which the exact kernel's time was taken.
    var exactPairsMeasured: Int
    var exactSecondsPerPair: Double

    var seconds: Double { mapSeconds + fitSeconds + predictSeconds }

    /// What the exact kernel must compute to train on as many images and to classify `testImages`.
    func exactPairsNeeded(testImages: Int) -> Double {
      let n = Double(trainingImages)
      return n * (n + 1) / 2 + n * Double(testImages)
    }
  }

  /// What the exact kernel would need for all training images, scaled up from the measured fit: n²
  /// for the matrix, n³ for the solution.
  struct Extrapolation: Codable {
    var trainingImages: Int
    var gigabytes: Double
    var seconds: Double
  }

  var command: String
  var processor: String
  var threads: Int
  var seed: UInt64
  var testImages: Int
  var approximations: [Approximation]
  var classifiers: [Classifier]
  var exactOnAll: Extrapolation
  var convolutional: Convolutional
  var peakMegabytes: Int
  var seconds: Double
}
