// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How the time of layered features grows with images and with pixels.

import Sketching

func costTable() throws -> Table {
  var table = Table("Time of layered features, D = 512, Myrtle-5 on images of smooth noise")
  func add(side: Int, counts: [Int]) throws {
    let network = try Network.myrtle(5, input: [side, side, 1])
    let images = smoothImages(counts.max() ?? 0, side: side)
    let map = try LayeredFeatureMap(
      NeuralKernel(network: network, type: .ntk), dimension: 512,
      sample: images.rows(0..<min(200, images.rowCount)))
    for count in counts {
      let pace = try speed(map, images.rows(0..<count))
      table.add(
        "\(count) images of \(side) × \(side)",
        [
          Figure("µs per image", 1e6 / pace),
          Figure("ns per pixel", 1e9 / pace / Double(side * side)),
        ])
    }
  }
  for side in [16, 32, 64] { try add(side: side, counts: [512]) }
  try add(side: 28, counts: [512, 2048, 8192])
  return table
}

/// Uniform noise averaged over 3 × 3 pixels.
func smoothImages(_ count: Int, side: Int) -> Rows<Float> {
  var generator = SystemlessGenerator(state: 2)
  var rough = Matrix<Float>(rowCount: count, columnCount: side * side)
  for i in 0..<count {
    for j in 0..<side * side { rough[i, j] = Float.random(in: 0..<1, using: &generator) }
  }
  var result = rough
  for i in 0..<count {
    for y in 1..<side - 1 {
      for x in 1..<side - 1 {
        var sum: Float = 0
        for dy in -1...1 {
          for dx in -1...1 { sum += rough[i, (y + dy) * side + x + dx] }
        }
        result[i, y * side + x] = sum / 9
      }
    }
  }
  return Rows.dense(result).normalized()
}
