// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the benchmarks' other programs measured: speeds beside Python libraries and beside plain loops,
// and the exact kernel of more rows than there is time for here.

import Foundation
import Sketching

/// The files peers.json, speed.json and learning.json that the programs in Benchmarks leave in the
/// output folder.
struct PeerFigures {
  /// Work that a library for Python does too.
  struct Comparison: Codable {
    struct Figure: Codable {
      var seconds: Double
      var peakBytes: Int
    }

    var title: String
    var ours: Figure?
    var peer: String?
    var theirs: Figure?

    /// How many times as fast as the peer we are.
    var ratio: Double? {
      ours.flatMap { ours in theirs.map { $0.seconds / ours.seconds } }
    }
  }

  /// An inner loop beside its yardstick.
  struct InnerLoop: Codable {
    var work: String
    var threads: Int
    var speed: Double
    var unit: String
    var yardstick: String
    /// 0 where there is no yardstick.
    var ratio: Double
  }

  /// Kernel ridge regression by iteration.
  private struct Learning: Codable {
    struct Fit: Codable {
      var trainingRows: Int
      var ridge: Double
      var fitSeconds: Double
      var score: Double
      var predictSeconds: Double
    }

    var dataSet: String
    var kernel: String
    var whole: [Fit]
  }

  /// The fastest beside their peers first.
  let comparisons: [Comparison]
  let innerLoops: [InnerLoop]
  private let learning: Learning?

  /// - Throws: `FileError` if a file is there and cannot be understood.
  init(folder: String) throws {
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
      let path = folder + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      return try decodeJSON(type, path: path, "file of figures, as `make bench` writes it")
    }
    comparisons = try (read([String: Comparison].self, "peers.json") ?? [:])
      .sorted { ($1.value.ratio ?? 0, $0.key) < ($0.value.ratio ?? 0, $1.key) }.map(\.value)
    innerLoops = try read([InnerLoop].self, "speed.json") ?? []
    learning = try read(Learning.self, "learning.json")
  }

  /// The data set with the models that another program fitted to more of its rows with its exact kernel.
  func completing(_ set: BenchResults.DataSet) -> BenchResults.DataSet {
    guard let learning, learning.dataSet == set.name, learning.kernel == set.kernel else {
      return set
    }
    var result = set
    let place = set.models.firstIndex { $0.method != nil } ?? set.models.endIndex
    result.models.insert(
      contentsOf: learning.whole.map {
        BenchResults.Model(
          method: nil, columns: nil, trainingRows: $0.trainingRows, ridge: $0.ridge,
          score: $0.score, fitSeconds: $0.fitSeconds, predictSeconds: $0.predictSeconds)
      }, at: place)
    return result
  }
}
