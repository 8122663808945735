// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Sparse sketches from the left: whole rows of a matrix added into the rows of its sketch.

import CInnerLoops
import LinearAlgebra

/// The columns that are added up at once apart from their matrix, if so few sums lie so close together
/// that they stay in the cache.
private let stripWidth = 128

extension SignedHash {
  /// Adds T A's part for the rows `offset..<offset + rows.rowCount` of A: each row, with its signs, to
  /// s rows of `sum`, in order.
  ///
  /// Each thread owns some of the sums, so each keeps the order of the rows, however many threads
  /// there are. With one nonzero these are some rows of sums, and each row of A is read by one thread
  /// alone; with more they are the blocks of some nonzeros, or else some columns.
  ///
  /// - Complexity: s additions per entry (nonzero, where sparse) of the rows; per thread, 128m numbers
  ///   of scratch.
  func accumulate<Scalar: RealScalar>(
    _ rows: Rows<Scalar>, at offset: Int, into sum: RowOutput<Scalar>, on execution: Execution
  ) throws {
    nonisolated(unsafe) let sum = sum
    let threads = max(1, execution.threads)
    let height = (bucketCount + threads - 1) / threads
    switch rows {
    case .dense(let dense) where nonzeros == 1:
      try Parallel.forEachBlock(of: bucketCount, size: height, on: execution) { buckets, _ in
        dense.withUnsafePointer {
          add($0, dense.columnCount, dense.rowCount, at: offset, into: sum, buckets: buckets)
        }
      }
    case .dense(let dense):
      let (count, width) = (dense.rowCount, dense.columnCount)
      let groups = nonzeros >= threads ? threads : 1
      let share = groups > 1 ? width : max(16, ((width + threads - 1) / threads + 15) & ~15)
      let parts = max(1, (width + share - 1) / share)
      try Parallel.forEachBlock(of: groups * parts, size: 1, on: execution) { task, workspace in
        let (group, part) = task.lowerBound.quotientAndRemainder(dividingBy: parts)
        let blocks = group * nonzeros / groups..<(group + 1) * nonzeros / groups
        let columns = part * share..<min(width, (part + 1) * share)
        let strip = stripWidth(for: columns.count, blocks, Scalar.self)
        dense.withUnsafePointer { matrix in
          for first in stride(from: columns.lowerBound, to: columns.upperBound, by: strip) {
            let (source, target) = (matrix + first, sum.dropping(first))
            let stripColumns = min(strip, columns.upperBound - first)
            guard strip < columns.count else {
              add(source, width, count, at: offset, blocks, into: target, stripColumns)
              continue
            }
            let buckets = blockStart(blocks.lowerBound)..<blockStart(blocks.upperBound)
            workspace.withScratch(Scalar.self, buckets.count * stripColumns) {
              // Row r of the sums is row r − buckets.lowerBound of the strip.
              let sums = RowOutput(
                base: $0 - buckets.lowerBound * stripColumns, stride: stripColumns)
              copy(target, to: sums, buckets, stripColumns)
              add(source, width, count, at: offset, blocks, into: sums, stripColumns)
              copy(sums, to: target, buckets, stripColumns)
            }
          }
        }
      }
    case .sparse(let sparse):
      try Parallel.forEachBlock(of: bucketCount, size: height, on: execution) { buckets, _ in
        sparse.withUnsafePointers {
          add($0, rowCount: sparse.rowCount, at: offset, into: sum, buckets: buckets)
        }
      }
    }
  }

  /// How many of `count` columns are added up at once: all, unless their sums outgrow the processor's
  /// second cache and those of few fit it and leave a fifth for the rows that pass through.
  private func stripWidth<Scalar: RealScalar>(
    for count: Int, _ blocks: Range<Int>, _ type: Scalar.Type
  ) -> Int {
    let buckets = blockStart(blocks.upperBound) - blockStart(blocks.lowerBound)
    func fits(_ columns: Int) -> Bool {
      5 * buckets * columns * MemoryLayout<Scalar>.stride <= 4 * ProcessorCache.secondLevelSize
    }
    let strip = Sketches.stripWidth
    return isTabulated && count > strip && !fits(count) && fits(strip) ? strip : max(1, count)
  }

  /// Copies `count` columns of some rows.
  private func copy<Scalar: RealScalar>(
    _ source: RowOutput<Scalar>, to target: RowOutput<Scalar>, _ rows: Range<Int>, _ count: Int
  ) {
    for i in rows { target.row(i).update(from: source.row(i), count: count) }
  }

  /// Adds `count` columns of dense rows that lie `stride` apart, for the nonzeros of some blocks.
  private func add<Scalar: RealScalar>(
    _ matrix: UnsafePointer<Scalar>, _ stride: Int, _ rowCount: Int, at offset: Int,
    _ blocks: Range<Int>, into sum: RowOutput<Scalar>, _ count: Int
  ) {
    let vectors = sketching_widest_vectors()
    forEachStretch(of: offset..<offset + rowCount) { range, entries in
      let rows = matrix + (range.lowerBound - offset) * stride
      let own = entries + blocks.lowerBound
      switch Scalar.precision {
      case .single:
        sketching_add_signed_rows_float(
          rows.cast(to: Float.self), stride, range.count, count, own, nonzeros, blocks.count,
          sum.base.cast(to: Float.self), sum.stride, vectors)
      case .double:
        sketching_add_signed_rows_double(
          rows.cast(to: Double.self), stride, range.count, count, own, nonzeros, blocks.count,
          sum.base.cast(to: Double.self), sum.stride, vectors)
      }
    }
  }

  /// Adds what falls into some rows of the sum, each dense row to one.
  private func add<Scalar: RealScalar>(
    _ matrix: UnsafePointer<Scalar>, _ width: Int, _ rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, buckets: Range<Int>
  ) {
    let vectors = sketching_widest_vectors()
    let (first, end) = (Int32(buckets.lowerBound), Int32(buckets.upperBound))
    forEachStretch(of: offset..<offset + rowCount) { range, entries in
      let rows = matrix + (range.lowerBound - offset) * width
      switch Scalar.precision {
      case .single:
        sketching_add_own_rows_float(
          rows.cast(to: Float.self), width, range.count, width, entries, first, end,
          sum.base.cast(to: Float.self), sum.stride, vectors)
      case .double:
        sketching_add_own_rows_double(
          rows.cast(to: Double.self), width, range.count, width, entries, first, end,
          sum.base.cast(to: Double.self), sum.stride, vectors)
      }
    }
  }

  /// Adds what falls into some rows of the sum; empty rows cost a look at their length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add<Scalar: RealScalar>(
    _ matrix: SparseRowPointers<Scalar>, rowCount: Int, at offset: Int,
    into sum: RowOutput<Scalar>, buckets: Range<Int>
  ) {
    withReader { reader in
      for i in 0..<rowCount {
        let positions = matrix.positions(ofRow: i)
        guard !positions.isEmpty else { continue }
        let entries = reader.entries(ofColumn: offset + i)
        for b in 0..<nonzeros {
          let entry = entries[b]
          let bucket = Int(entry ^ (entry >> 31))
          guard buckets.contains(bucket) else { continue }
          let target = sum.row(bucket)
          for position in positions {
            target[Int(matrix.columns[position])] += signed(matrix.values[position], by: entry)
          }
        }
      }
    }
  }
}
