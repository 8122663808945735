// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Stored sketches are the same maps for ever: their entries, bit for bit.

import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Sketches

@Suite struct GoldenTests {
  /// A sketch as it is stored, and the bits of S, row after row.
  struct Golden: Codable {
    var sketch: String
    var entries: [String]

    init<Sketch: LinearSketch>(_ sketch: Sketch) throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      self.sketch = String(decoding: try encoder.encode(sketch), as: UTF8.self)
      entries = try matrix(of: sketch).elements.map { String($0.bitPattern, radix: 16) }
    }

    /// Checks that what is stored comes back as `sketch`, with these entries.
    func check<Sketch: LinearSketch>(
      _ sketch: Sketch, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let restored = try JSONDecoder().decode(Sketch.self, from: Data(self.sketch.utf8))
      #expect(restored == sketch, "\(Sketch.law)", sourceLocation: sourceLocation)
      let now = try Golden(restored)
      #expect(now.sketch == self.sketch, sourceLocation: sourceLocation)
      #expect(now.entries == entries, "\(Sketch.law)", sourceLocation: sourceLocation)
    }
  }

  /// Calls `body` for one sketch of each law.
  static func forEachLaw(_ body: (String, any LinearSketch) throws -> Void) throws {
    let (d, m, seed) = (6, 5, 0x0123_4567_89AB_CDEF as UInt64)
    let count = try CountSketch(inputDimension: d, outputDimension: m, seed: seed)
    let srht = try SRHT(inputDimension: d, outputDimension: m, seed: seed)
    try body("countSketch", count)
    try body(
      "sparseSign",
      SparseSignEmbedding(inputDimension: d, outputDimension: m, nonzeros: 2, seed: seed))
    try body("gaussian", GaussianSketch(inputDimension: d, outputDimension: m, seed: seed))
    try body("rademacher", RademacherSketch(inputDimension: d, outputDimension: m, seed: seed))
    try body("srht", srht)
    try body("srhtLong", SRHT(inputDimension: 3, outputDimension: 6, seed: seed))
    try body(
      "srhtReplacement",
      SRHT(inputDimension: d, outputDimension: m, replacement: true, seed: seed))
    try body("rowSampling", RowSampling(inputDimension: d, outputDimension: m, seed: seed))
    try body(
      "rowSamplingOnce",
      RowSampling(inputDimension: d, outputDimension: m, replacement: false, seed: seed))
    try body(
      "rowSamplingWeighted",
      RowSampling(weights: [1, 0.5, 3, 0.25, 7, 1], outputDimension: m, seed: seed))
    try body(
      "composed",
      ComposedSketch(
        srht, then: CountSketch(inputDimension: m, outputDimension: 3, seed: seed)))
    try body("directSum", DirectSum(count, srht))
  }

  @Test func sketchesAreAsTheyWere() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Goldens.path("sketches/linear.json")))
    let goldens = try JSONDecoder().decode([String: Golden].self, from: data)
    var names: Set<String> = []
    try Self.forEachLaw { name, sketch in
      names.insert(name)
      let golden = try #require(goldens[name], "\(name) has no golden")
      try golden.check(sketch)
    }
    #expect(names == Set(goldens.keys))
  }
}
