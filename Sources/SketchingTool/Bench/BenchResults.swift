// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the benchmark measured, as written to bench.json.

import Sketching

/// The figures of one run; times are wall-clock seconds, on `threads` threads.
struct BenchResults: Encodable {
  /// One method at one dimension: medians over seeds, on points that no map was fitted on.
  struct Measure: Encodable {
    var method: FeatureMethod
    /// The method in words, as chosen.
    var form: String
    var dimension: Int
    /// The columns that the features have; at most `dimension`.
    var columns: Int
    var seeds: Int
    var epsilon: Double
    var relativeFrobenius: Double
    @Nullable var centredFrobenius: Double?
    var fitSeconds: Double
    var rowsPerSecond: Double
    /// How many times as fast as the rows of the exact matrix of the compared points.
    var timesExact: Double
    /// To fit the map and to map all training rows.
    var totalSeconds: Double
    /// Whether no other measure has both a smaller ε and a smaller total time.
    var isOnFront = false
  }

  /// A method that makes no map of so many columns, and why.
  struct Refusal: Encodable {
    var method: FeatureMethod
    var dimension: Int
    var reason: String
  }

  /// Features beside the exact kernel of held-out points.
  struct Comparison: Encodable {
    var points: Int
    /// 10⁻³ of the trace of K.
    var ridge: Double
    var statisticalDimension: Double
    var exactSecondsPerRow: Double
    var measures: [Measure]
    var refusals: [Refusal]
  }

  /// One fitted model and how it predicts the test rows.
  struct Model: Encodable {
    /// The method of its features; null for the exact kernel.
    @Nullable var method: FeatureMethod?
    @Nullable var columns: Int?
    var trainingRows: Int
    var ridge: Double
    /// The accuracy of classes or, for values, the root mean squared error over the standard
    /// deviation.
    var score: Double
    var fitSeconds: Double
    var predictSeconds: Double
  }

  struct DataSet: Encodable {
    var name: String
    var trainingRows: Int
    var testRows: Int
    var columns: Int
    /// In words.
    var kernel: String
    /// Null where there are no targets.
    @Nullable var score: Score?
    var comparison: Comparison
    var models: [Model]
  }

  /// What the scores of models are.
  enum Score: String, Encodable {
    case accuracy
    case normalizedError = "normalised RMSE"
  }

  var command: String
  var processor: String
  var threads: Int
  var seed: UInt64
  var isQuick: Bool
  var ceilings: MachineCeilings
  var dataSets: [DataSet]
  var scaling: [Curves]
  var peers: [PeerFigures.Comparison]
  var innerLoops: [PeerFigures.InnerLoop]
  var peakMegabytes: Int
  var seconds: Double
}

extension [BenchResults.Measure] {
  /// The measures with those marked that no other beats in both time and ε.
  var withFront: [BenchResults.Measure] {
    map { measure in
      var result = measure
      result.isOnFront = !contains {
        $0.totalSeconds <= measure.totalSeconds && $0.epsilon <= measure.epsilon
          && ($0.totalSeconds < measure.totalSeconds || $0.epsilon < measure.epsilon)
      }
      return result
    }
  }
}
