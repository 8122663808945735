// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Kernel matrices block by block: the bits of whole ones, from any block on.

import Kernels
import LinearAlgebra
import Synchronization
import TestSupport
import Testing
import Validation

@Suite struct KernelMatrixBlockTests {
  let kernel: GaussianKernel

  init() throws { kernel = try GaussianKernel(lengthScale: 1.5) }

  private func points(_ count: Int, seed: UInt64 = 1) -> Rows<Double> {
    var generator = CaseGenerator(seed: seed)
    return .dense(generator.matrix(count, 3, as: Double.self))
  }

  @Test(arguments: [1, 128, 1024, 1025, 2300])
  func symmetricBlocks(_ n: Int) throws {
    let x = points(n)
    let whole = try kernel.matrix(x)
    let none: Rows<Double>? = nil
    let grid = try kernel.matrixGrid(x, none)
    let across = (n + 1023) / 1024
    #expect(grid.count == across * (across + 1) / 2)
    for start in 0...grid.count {
      var seen = 0
      var next = start
      try kernel.forEachBlock(x, none, from: start, as: Double.self) {
        index, rows, columns, block in
        #expect(index == next)
        next += 1
        seen += block.elements.count
        #expect(columns.lowerBound >= rows.lowerBound)
        for (i, row) in rows.enumerated() {
          #expect(block.row(i).elementsEqual(whole.row(row).columns(columns)))
        }
      }
      #expect(next == grid.count)
      #expect(seen == grid.entryCount(ofFirst: grid.count) - grid.entryCount(ofFirst: start))
    }
  }

  @Test func rectangularBlocks() throws {
    let (x, y) = (points(1100), points(2100, seed: 2))
    let whole = try kernel.matrix(x, y)
    let grid = try kernel.matrixGrid(x, y)
    #expect(grid.count == 6)
    for start in [0, 2, 3, 5, 6] {
      var next = start
      try kernel.forEachBlock(x, y, from: start, as: Double.self) { index, rows, columns, block in
        #expect(index == next)
        next += 1
        #expect(rows.lowerBound == index / 3 * 1024 && columns.lowerBound == index % 3 * 1024)
        for (i, row) in rows.enumerated() {
          #expect(block.row(i).elementsEqual(whole.row(row).columns(columns)))
        }
      }
      #expect(next == 6)
    }
    #expect(grid.entryCount(ofFirst: 6) == 1100 * 2100)
  }

  @Test func progressCountsNumbers() throws {
    let told = Mutex<[Int]>([])
    let execution = Execution(
      threads: 2,
      progress: { progress in
        #expect(progress.total == 1100 * 1100 - 76 * 1024)
        told.withLock { $0.append(progress.completed) }
      })
    let none: Rows<Double>? = nil
    try kernel.forEachBlock(points(1100), none, as: Double.self, on: execution) { _, _, _, _ in }
    let numbers = told.withLock { $0 }
    #expect(numbers == numbers.sorted() && numbers.last == 1100 * 1100 - 76 * 1024)
    #expect(Set(numbers).count > 10)
  }

  @Test func refusesWhatDoesNotFit() throws {
    var generator = CaseGenerator(seed: 3)
    let other = Rows.dense(generator.matrix(4, 2, as: Double.self))
    #expect(throws: InvalidInput.self) {
      try kernel.forEachBlock(points(5), other, as: Double.self) { _, _, _, _ in }
    }
    var bad = generator.matrix(1200, 3, as: Double.self)
    bad[1100, 1] = .nan
    let none: Rows<Double>? = nil
    #expect(throws: InvalidInput.self) {
      try kernel.forEachBlock(Rows.dense(bad), none, as: Double.self) { _, _, _, _ in }
    }
  }
}

extension ArraySlice<Double> {
  /// Columns of a row of a matrix, whose indices do not start at 0.
  fileprivate func columns(_ range: Range<Int>) -> ArraySlice<Double> {
    self[startIndex + range.lowerBound..<startIndex + range.upperBound]
  }
}
