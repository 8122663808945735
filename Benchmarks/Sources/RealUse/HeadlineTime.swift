// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The time of features of 60,000 images beside that of the exact kernel of all their pairs.

import Foundation
import Sketching

/// How the features of the headline are made, the same where their time and where their accuracy is told, and
/// for how many images.
enum Headline {
  static let dimension = 4096
  static let imageCount = 60_000

  static func map(_ kernel: NeuralKernel, sample: Rows<Float>) throws -> LayeredFeatureMap {
    try LayeredFeatureMap(kernel, dimension: dimension, sample: sample)
  }
}

/// What `Peers` left in the same folder of a pair of images.
private struct PairSeconds: Decodable {
  struct Side: Decodable {
    var seconds: Double
  }

  var theirs: Side?

  static func neuralTangents(folder: String) -> Double? {
    let file = URL(filePath: folder).appending(path: "peers.json")
    guard let data = try? Data(contentsOf: file) else { return nil }
    return (try? JSONDecoder().decode([String: PairSeconds].self, from: data))?["myrtle28"]?
      .theirs?.seconds
  }
}

func headlineTimes(_ folder: String) throws -> Table? {
  guard let images = try LabelledImages.fashion("train") else { return nil }
  let kernel = try myrtle([28, 28, 1])
  let (count, timedCount, side) = (Headline.imageCount, 3000, 24)
  let pairs = Double(count) * Double(count) / 2
  var table = Table(
    "Headline, time: the NTK of Myrtle-5 for \(count) images of Fashion-MNIST, all cores",
    columns: ["measured", "multiplied by", "time", "times features"])

  let (map, mapSeconds) = try timed { try Headline.map(kernel, sample: images.points(0..<2000)) }
  let timedImages = try images.points(0..<timedCount)
  let (_, featureSeconds) = try timed { _ = try map.images(of: timedImages) }
  let factor = count / timedCount
  let total = mapSeconds + Double(factor) * featureSeconds
  table.add(
    "fitting the map to 2000 images", .seconds(mapSeconds), .count(1), .seconds(mapSeconds),
    .words(""))
  table.add(
    "features, D = \(map.outputDimension)",
    .words("\(timedCount) images: \(Cell.seconds(featureSeconds).text)"), .count(factor),
    .seconds(Double(factor) * featureSeconds), .words(""))
  table.add(
    "both", .words(""), .words(""), .seconds(total), .number(1, "%.0f"))

  func addExact(_ name: String, _ pairSeconds: Double, _ measured: String) {
    table.add(
      name, .words(String(format: "%.3g ms a pair", 1e3 * pairSeconds) + measured),
      .number(pairs, "%.3g"), .number(pairs * pairSeconds / 86_400, "%.4g days"),
      .number(pairs * pairSeconds / total, "%.3g"))
  }
  let tests = try images.points(count - 2 * side..<count)
  let (x, y) = (tests.rows(0..<side), tests.rows(side..<2 * side))
  _ = try kernel.matrix(x.rows(0..<2), y.rows(0..<2))
  let rounds = try (0..<10).map { _ in try timed { _ = try kernel.matrix(x, y) }.1 }
  addExact(
    "exact kernel, ours", (rounds.min() ?? 0) / Double(side * side),
    " (\(side * side) pairs, best of \(rounds.count))")
  if let seconds = PairSeconds.neuralTangents(folder: folder) {
    addExact("exact kernel, neural-tangents", seconds, " (peers.json)")
    table.notes = [
      "The exact kernel of all pairs was never computed: its time is that of a pair times 60,000²/2. That of",
      "neural-tangents is from `make bench`, which measures it compiled, at its best batch.",
    ]
  } else {
    table.notes = ["No neural-tangents: the folder has no peers.json, which `make bench` leaves."]
  }
  return table
}
