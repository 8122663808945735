// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the benchmarks' other programs measured: speeds beside Python libraries and beside plain loops.

import Foundation
import Sketching

/// The files peers.json and speed.json that `make bench` leaves in the output folder.
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

  /// The fastest beside their peers first.
  let comparisons: [Comparison]
  let innerLoops: [InnerLoop]

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
  }
}
