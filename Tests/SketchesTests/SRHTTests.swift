// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception

import LinearAlgebra
import Randomness
import TestSupport
import Testing

@testable import Sketches

@Suite struct SRHTTests {
  /// S from its signs, rows and the definition of H.
  @Test(arguments: [false, true]) func isTheDefinition(replacement: Bool) throws {
    let (d, m) = (13, 40)
    let sketch = try SRHT(
      inputDimension: d, outputDimension: m, replacement: replacement, seed: 3)
    #expect(sketch.blocks.map(\.rows.indices.count) == (replacement ? [40] : [16, 16, 8]))
    let key = RandomKey(seed: 3).child("SRHT")
    var expected: [Double] = []
    for (index, block) in sketch.blocks.enumerated() {
      let stream = key.child("block", index).child("sign").stream
      if !replacement { #expect(Set(block.rows.indices).count == block.rows.indices.count) }
      for row in block.rows.indices {
        expected += (0..<d).map { j in
          let odd = (Int(row) & j).nonzeroBitCount & 1
          let sign = Double(stream.sign(at: UInt64(j))) * (odd == 1 ? -1 : 1)
          return sign * (1 / Double(m)).squareRoot()
        }
      }
    }
    #expect(try matrix(of: sketch) == Matrix(rowCount: m, columnCount: d, elements: expected))
  }

  /// Rows from empty to half full, so that some are transformed whole and some by their nonzeros.
  @Test func fewNonzerosGiveTheBitsOfTheWholeTransform() throws {
    for (d, m) in [(3000, 20), (4096, 3), (70_000, 33), (600, 1)] {
      let sketch = try SRHT(inputDimension: d, outputDimension: m, seed: 4)
      let stream = RandomKey(seed: UInt64(d)).stream
      for count in [0, 1, 2, 3, 7, 30, 100, 300] {
        let columns = try stream.sampleWithoutReplacement(count, from: d).sorted()
        let values = (0..<count).map { Float(stream.normal(at: UInt64(1000 * d + $0))) }
        let sparse = try SparseMatrix(
          columnCount: d, rowOffsets: [0, count], columnIndices: columns.map(Int32.init),
          values: values)
        let whole = try sketch.apply(to: .dense(sparse.dense))
        #expect(try sketch.apply(to: .sparse(sparse)) == whole, "\(count) of \(d)")
        let left = try sketch.applyFromLeft(to: .sparse(sparse.transposed()))
        #expect(left.transposed == whole, "\(count) of \(d) from the left")
      }
    }
  }

  @Test func isExactWithAllRows() throws {
    var generator = CaseGenerator(seed: 1)
    let x = generator.matrix(5, 60, as: Double.self)
    for m in [64, 128] {
      let sketch = try SRHT(inputDimension: 60, outputDimension: m, seed: 2)
      let images = try sketch.apply(to: .dense(x))
      #expect(agree(gram(images), gram(x), .relative(1e-14)))
    }
  }
}
