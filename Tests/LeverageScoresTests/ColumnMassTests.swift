// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The masses of sparse columns: as their definition says, and the same bits with any vectors.

import CInnerLoops
import LinearAlgebra
import TestSupport
import Testing

@testable import LeverageScores

@Suite struct ColumnMassTests {
  @Test(arguments: [1, 7, 32, 45, 64, 130])
  func masses(width: Int) throws {
    var generator = CaseGenerator(seed: UInt64(width))
    let (count, n) = (23, 19)
    var dense = generator.matrix(count, n, as: Double.self)
    for i in 0..<count {
      for j in 0..<n where (5 * i + 3 * j) % 7 > 2 { dense[i, j] = 0 }
    }
    let columns = SparseMatrix(dense)
    // Every third point is outside the support.
    let support = (0..<Int32(n)).filter { $0 % 3 != 1 }
    let rows = generator.matrix(support.count, width, as: Double.self)
    var slots = [Int32](repeating: -1, count: n)
    for (slot, j) in support.enumerated() { slots[Int(j)] = Int32(slot) }

    let expected = (0..<count).map { i in
      (0..<width).reduce(0) { sum, r in
        let entry = support.enumerated().reduce(0) { entry, place in
          entry + dense[i, Int(place.element)] * rows[place.offset, r]
        }
        return sum + entry * entry
      }
    }
    let found = (0...sketching_widest_vectors().rawValue).map { vectors in
      columns.withUnsafePointers { view in
        rows.withUnsafePointer { rows in
          var masses = [Double](repeating: .nan, count: count)
          sketching_column_masses_double(
            count, view.offsets, view.columns, view.values, slots, width, rows, &masses,
            sketching_vectors(rawValue: vectors))
          return masses
        }
      }
    }
    for masses in found { #expect(masses == found[0]) }
    for (mass, value) in zip(found[0], expected) {
      #expect(abs(mass - value) <= 1e-12 * (1 + value))
    }

    rows.withUnsafePointer { rows in
      let prefix = PrefixProduct(support: support, rows: rows, width: width)
      let part = ColumnScan.columns(5..<count, of: columns, prefix, workspace: Workspace())
      #expect(part == Array(found[0][5...]))
    }
  }
}
