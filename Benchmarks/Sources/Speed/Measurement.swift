// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Times of our work and of its yardstick, taken in turn.

/// One line of the report: a piece of work, its speed, and what it is held against.
struct Measurement: Codable {
  var work: String
  var threads: Int
  /// Seconds of one run of the work: the median.
  var seconds: Double
  /// The speed in the unit named.
  var speed: Double
  var unit: String
  var yardstick: String
  /// Seconds of the yardstick, or nil where it is a fixed figure.
  var yardstickSeconds: Double?
  /// Speed of the work over that of the yardstick: above 1 is faster.
  var ratio: Double
  var wanted: String
  /// The most memory that one run of the work added to what was there, if it was noted.
  var peakBytes = PeakMemory.take()
}

/// Seconds of one run of `body`.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let time: (seconds: Int64, attoseconds: Int64) = try ContinuousClock().measure(body).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

/// The median of `count` runs after a first one that does not count.
func median(_ count: Int = 9, _ body: () throws -> Void) rethrows -> Double {
  try PeakMemory.note(body)
  return try (0..<count).map { _ in try seconds(body) }.sorted()[count / 2]
}

/// The medians of two pieces of work run in turn, so that a drift of the machine's speed hits both.
func medians(
  _ count: Int = 9, _ first: () throws -> Void, _ second: () throws -> Void
) rethrows -> (Double, Double) {
  try PeakMemory.note(first)
  try second()
  var times: ([Double], [Double]) = ([], [])
  for _ in 0..<count {
    times.0.append(try seconds(first))
    times.1.append(try seconds(second))
  }
  return (times.0.sorted()[count / 2], times.1.sorted()[count / 2])
}
