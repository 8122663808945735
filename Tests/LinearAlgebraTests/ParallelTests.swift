// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Blocks, workers, scratch memory, and maps of rows over them.

import LinearAlgebra
import Synchronization
import TestSupport
import Testing
import Validation

private struct Failure: Error, Equatable {
  let block: Int
}

/// x ↦ (x₀, Σ xⱼ, the row's place in its block).
private struct Probe: RowMap {
  let inputDimension = 4
  let outputDimension = 3
  let blockRowCount = 32

  func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    for i in 0..<rows.rowCount {
      var row = [Scalar](repeating: 0, count: 4)
      switch rows.entries {
      case .dense(let base, let stride):
        for j in 0..<4 { row[j] = base[i * stride + j] }
      case .sparse(let entries):
        for position in entries.positions(ofRow: i) {
          row[Int(entries.columns[position])] = entries.values[position]
        }
      }
      output.row(i)[0] = row[0]
      output.row(i)[1] = row.reduce(0, +)
      output.row(i)[2] = Scalar(i)
    }
  }
}

@Suite("Parallel work")
struct ParallelTests {
  @Test(
    "every block is worked on once, whatever the number of threads",
    arguments: [(0, 3), (1, 3), (3, 3), (10, 3), (1000, 1), (5, 100)])
  func coverage(count: Int, size: Int) throws {
    for threads in [-1, 1, 2, 3, 8] {
      let seen = Mutex<[Range<Int>]>([])
      let reported = Mutex<[Int]>([])
      let execution = Execution(
        threads: threads,
        progress: { progress in reported.withLock { $0.append(progress.completed) } })
      try Parallel.forEachBlock(of: count, size: size, on: execution) { range, _ in
        seen.withLock { $0.append(range) }
      }
      let expected = stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
      #expect(seen.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } } == expected)
      let reports = reported.withLock { $0 }
      #expect(reports == reports.sorted() && reports.last ?? 0 == count)
    }
  }

  @Test("the first error ends the work and is thrown", arguments: [1, 2, 3])
  func errors(threads: Int) {
    let started = Atomic<Int>(0)
    #expect(throws: Failure(block: 5)) {
      try Parallel.forEachBlock(of: 100_000, size: 1, on: Execution(threads: threads)) { range, _ in
        started.wrappingAdd(1, ordering: .relaxed)
        if range.lowerBound == 5 { throw Failure(block: 5) }
      }
    }
    #expect(started.load(ordering: .relaxed) < 100_000)
  }

  @Test("cancellation ends the work between blocks", arguments: [1, 2])
  func cancellation(threads: Int) {
    let started = Atomic<Int>(0)
    let execution = Execution(
      threads: threads, isCancelled: { started.load(ordering: .relaxed) >= 10 })
    #expect(throws: CancellationError.self) {
      try Parallel.forEachBlock(of: 1000, size: 1, on: execution) { _, _ in
        started.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect((10...12).contains(started.load(ordering: .relaxed)))
  }

  @Test("a cancelled task cancels its work")
  func taskCancellation() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try Parallel.forEachBlock(of: 10, size: 1, on: Execution(threads: 1)) { _, _ in }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("nested scratch memory does not overlap and is taken back")
  func scratch() {
    let workspace = Workspace()
    var places: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<3 {
      workspace.withScratch(Double.self, 100) { a in
        places.insert(a)
        #expect(Int(bitPattern: a) % 64 == 0)
        a.update(repeating: 1, count: 100)
        workspace.withScratch(Float.self, 1_000_000) { b in
          #expect(Int(bitPattern: b) % 64 == 0)
          b.update(repeating: 2, count: 1_000_000)
          workspace.withScratch(UInt8.self, 0) { $0.pointee = 9 }
          workspace.withScratch(UInt8.self, 33) { c in
            c.update(repeating: 3, count: 33)
            workspace.withScratch(UInt8.self, 1) { $0.pointee = 4 }
            #expect((0..<33).allSatisfy { c[$0] == 3 })
          }
          #expect((0..<1_000_000).allSatisfy { b[$0] == 2 })
        }
        #expect((0..<100).allSatisfy { a[$0] == 1 })
      }
    }
    #expect(places.count == 1)
  }

  @Test("scratch memory comes back also when its user throws")
  func scratchThrows() {
    let workspace = Workspace()
    var places: [UnsafeMutablePointer<Int>] = []
    for block in 0..<2 {
      #expect(throws: Failure.self) {
        try workspace.withScratch(Int.self, 10) { place in
          places.append(place)
          throw Failure(block: block)
        }
      }
    }
    #expect(places[0] == places[1])
  }

  @Test("maps of rows: images, tiles, sparse rows and refusals")
  func rowMaps() throws {
    var generator = CaseGenerator(seed: 1)
    let rows = generator.matrix(2100, 4, density: 0.6, as: Double.self)
    let images = try Probe().images(of: .dense(rows))
    for i in [0, 31, 32, 1023, 1024, 2099] {
      #expect(images[i, 0] == rows[i, 0] && images[i, 2] == Double(i % 32))
      #expect(images[i, 1] == rows.row(i).reduce(0, +))
    }
    #expect(try Probe().images(of: .sparse(SparseMatrix(rows))) == images)
    for execution in threadCounts {
      #expect(try Probe().images(of: .dense(rows), on: execution) == images)
    }
    var tiles: [Matrix<Double>] = []
    let reports = Mutex<[Int]>([])
    let execution = Execution(progress: { progress in
      reports.withLock { $0.append(progress.completed) }
    })
    try Probe().forEachTile(of: rows, as: Double.self, on: execution) { _, tile in
      tiles.append(tile)
    }
    #expect(try Matrix.stacked(tiles) == images)
    #expect(reports.withLock { $0 } == [1024, 2048, 2100])
    #expect(throws: InvalidInput.self) {
      try Probe().images(of: .dense(Matrix<Double>(rowCount: 2, columnCount: 5)))
    }
    #expect(throws: InvalidInput.self) {
      try Probe().images(of: .dense(Matrix<Float>(repeating: .nan, rowCount: 1, columnCount: 4)))
    }
  }
}
